"""Quiet deals are nudged in time, once, and never more often than weekly, however often anybody looks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.deals import Deal, DealField, FieldChange, Outcome
from bot.domain.rhythm import WEEK, Nudged, Rhythm, What, is_partners_step, nudge

TOUCHED = datetime(2027, 3, 1, 9, 30, tzinfo=UTC)
USUAL = Rhythm()
QUIET = Deal(
    id="D1", name="Acme", company="Acme GmbH", partner_id="P1", motion=None, stage="Qualification", updated_at=TOUCHED
)
STEP = replace(QUIET, next_step="Demo with the CTO")
HOURS = st.lists(st.integers(min_value=0, max_value=24 * 200), max_size=60)
RHYTHMS = st.builds(
    Rhythm,
    stalled_days=st.integers(min_value=0, max_value=60),
    notes_days=st.integers(min_value=0, max_value=30),
    action_days=st.integers(min_value=0, max_value=30),
)


def due(deal: Deal, days: float, rhythm: Rhythm = USUAL, *, first: bool = False, last: Nudged | None = None):
    return nudge(deal, rhythm, now=TOUCHED + timedelta(days=days), is_first_stage=first, last=last)


def told(deal: Deal, rhythm: Rhythm, hours: list[int]) -> list[Nudged]:
    """What is told when somebody looks after these hours, each nudge being remembered."""
    given_: list[Nudged] = []
    for hour in hours:
        now = TOUCHED + timedelta(hours=hour)
        what = nudge(deal, rhythm, now=now, is_first_stage=False, last=given_[-1] if given_ else None)
        if what is not None:
            given_.append(Nudged(what=what, at=now))
    return given_


@pytest.mark.parametrize(
    ("deal", "days", "what"),
    [
        pytest.param(QUIET, 6.99, None, id="not yet a week"),
        pytest.param(QUIET, 7, What.STALE_NOTES, id="a week without a word"),
        pytest.param(QUIET, 30, What.STALLED, id="stalled wins over notes"),
        pytest.param(STEP, 6.99, None, id="the step has its week"),
        pytest.param(STEP, 7, What.ACTION_CYCLE, id="a week after the step"),
        pytest.param(STEP, 30, What.STALLED, id="stalled wins over the step"),
        pytest.param(replace(QUIET, outcome=Outcome.WON), 40, None, id="won"),
        pytest.param(replace(QUIET, outcome=Outcome.LOST), 40, None, id="lost"),
    ],
)
def test_a_quiet_deal_earns_one_nudge(deal, days, what):
    assert due(deal, days) is what


def test_a_deal_in_its_first_stage_owes_no_notes_but_stalls():
    assert due(QUIET, 10, first=True) is None
    assert due(QUIET, 30, first=True) is What.STALLED
    assert due(STEP, 10, first=True) is What.ACTION_CYCLE


@pytest.mark.parametrize(
    ("rhythm", "deal", "left"),
    [
        (Rhythm(stalled_days=0), QUIET, What.STALE_NOTES),
        (Rhythm(notes_days=0), replace(QUIET, updated_at=TOUCHED + timedelta(days=20)), None),
        (Rhythm(action_days=0), replace(STEP, updated_at=TOUCHED + timedelta(days=20)), None),
        (Rhythm(stalled_days=0, notes_days=0, action_days=0), QUIET, None),
    ],
)
def test_each_nudge_can_be_switched_off(rhythm, deal, left):
    assert due(deal, 40, rhythm) is left


def test_the_shortest_span_finds_every_deal_that_may_be_nudged():
    assert USUAL.shortest() == timedelta(days=7)
    assert Rhythm(notes_days=0, action_days=0).shortest() == timedelta(days=30)
    assert Rhythm(stalled_days=0, notes_days=0, action_days=0).shortest() is None


def test_looked_at_hourly_a_deal_is_nudged_weekly_and_once_stalled_every_thirty_days():
    days = [(one.what, (one.at - TOUCHED).days) for one in told(QUIET, USUAL, list(range(24 * 100)))]
    assert days == [
        (What.STALE_NOTES, 7),
        (What.STALE_NOTES, 14),
        (What.STALE_NOTES, 21),
        (What.STALE_NOTES, 28),
        (What.STALLED, 35),
        (What.STALLED, 65),
        (What.STALLED, 95),
    ]


@given(RHYTHMS, HOURS, st.sampled_from([QUIET, STEP]))
def test_no_order_of_looks_nudges_twice_in_a_week_or_the_same_twice_in_its_span(rhythm, hours, deal):
    nudges = told(deal, rhythm, sorted(hours))
    for one, following in pairwise(nudges):
        assert following.at - one.at >= WEEK
        span = rhythm.span(following.what)
        assert span is not None
        assert one.what is not following.what or following.at - one.at >= span
    assert told(deal, rhythm, sorted(hours + hours)) == nudges


@given(HOURS)
def test_looks_that_go_back_in_time_tell_nothing(hours):
    nudges = told(QUIET, USUAL, hours)
    assert [n.at for n in nudges] == sorted(n.at for n in nudges)


@given(
    st.sampled_from(["Europe/Berlin", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    st.integers(min_value=0, max_value=24 * 400),
)
def test_neither_time_zones_nor_a_change_of_clocks_move_a_nudge(zone, hours):
    now = TOUCHED + timedelta(hours=hours)
    there = replace(QUIET, updated_at=TOUCHED.astimezone(ZoneInfo(zone)))
    expected = nudge(QUIET, USUAL, now=now, is_first_stage=False, last=None)
    for deal, moment in ((there, now), (QUIET, now.astimezone(ZoneInfo(zone)))):
        assert nudge(deal, USUAL, now=moment, is_first_stage=False, last=None) is expected


def test_a_week_over_the_change_of_clocks_is_a_week_of_hours():
    berlin = ZoneInfo("Europe/Berlin")
    deal = replace(QUIET, updated_at=datetime(2027, 3, 24, 9, tzinfo=berlin))
    early, later = (datetime(2027, 3, 31, hour, tzinfo=berlin) for hour in (9, 10))
    assert nudge(deal, USUAL, now=early, is_first_stage=False, last=None) is None
    assert nudge(deal, USUAL, now=later, is_first_stage=False, last=None) is What.STALE_NOTES


def test_the_next_step_is_the_partners_while_the_deal_has_what_they_wrote():
    def wrote(text: str | None) -> FieldChange:
        return FieldChange(field=DealField.NEXT_STEP, old=None, new=text)

    other = FieldChange(field=DealField.STAGE_NOTES, old=None, new="Demo with the CTO")
    assert is_partners_step(STEP, [wrote("Call them"), wrote("Demo with the CTO "), other])
    assert not is_partners_step(STEP, [wrote("Demo with the CTO"), wrote("Call them")])
    assert not is_partners_step(STEP, [other])
    assert not is_partners_step(STEP, [])
