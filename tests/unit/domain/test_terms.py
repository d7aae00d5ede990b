"""The hours that a programme promises, by motion."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.partners import Motion
from bot.domain.terms import Terms

HOURS = st.integers(min_value=1, max_value=1000)


@pytest.mark.parametrize(
    ("motion", "decided", "reminded"),
    [(None, 48, 24), (Motion.RESELLER, 48, 24), (Motion.REFERRAL, 24, 12)],
)
def test_a_referral_is_decided_within_a_day_and_all_else_within_two(motion, decided, reminded):
    terms = Terms()
    assert (terms.hours_to_decide(motion), terms.hours_to_remind(motion)) == (decided, reminded)


def test_a_claim_without_a_motion_has_the_default_ones_promise():
    assert Terms(default_motion=Motion.REFERRAL).hours_to_decide(None) == 24


@given(HOURS, HOURS, HOURS)
def test_the_reminder_comes_before_the_promised_hour_wherever_there_is_time_for_it(usual, referral, reminder):
    terms = Terms(decision_hours=usual, decision_hours_by_motion={Motion.REFERRAL: referral}, reminder_hours=reminder)
    for motion in (Motion.REFERRAL, Motion.RESELLER):
        promised = terms.hours_to_decide(motion)
        assert 1 <= terms.hours_to_remind(motion) <= max(promised - 1, 1)
