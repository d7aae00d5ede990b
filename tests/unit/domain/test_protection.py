"""How long a deal is protected: each warning once, an end that is nobody's loss, and what extends it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.deals import Deal, DealField, Outcome, RegistrationStatus
from bot.domain.policy import Rule
from bot.domain.protection import (
    days_on_earth,
    extended,
    extension_rule,
    latest_day,
    over,
    released,
    standing,
    warning,
    warnings_on_earth,
)
from bot.domain.registrations import State
from bot.domain.terms import Terms
from tests.unit.domain.registering import DEAL

END = date(2027, 3, 28)  # clocks are put forward in Europe on this day
TERMS = Terms()
HELD = replace(DEAL, protected_until=END, registration_status="protected")

days = st.integers(-120, 60).map(lambda n: END + timedelta(days=n))
statuses = st.none() | st.sampled_from([s.value for s in RegistrationStatus])
held = st.builds(
    lambda until, status, outcome, renewals: replace(
        DEAL, protected_until=until, registration_status=status, outcome=outcome, renewals=renewals
    ),
    st.none() | days,
    statuses,
    st.sampled_from(Outcome),
    st.none() | st.integers(0, 4).map(Decimal),
)
thresholds = st.lists(st.integers(0, 60), max_size=5).map(tuple)


@given(thresholds, st.lists(st.integers(-100, 5), max_size=60))
def test_every_warning_is_told_at_most_once_and_never_a_farther_one_after_a_nearer_one(warnings, looks):
    """Looks at any days, with gaps and repetitions, as time goes by; told is what the keys of messages are made of."""
    terms = Terms(warning_days=warnings)
    told = [warning(HELD, terms, today=END + timedelta(days=n)) for n in sorted(looks)]
    changes = [day for n, day in enumerate(told) if day is not None and day not in told[:n]]
    heard = [day for day in told if day is not None]
    assert heard == sorted(heard, reverse=True)
    assert len(changes) <= len(set(warnings))
    assert set(changes) <= set(warnings)


@given(thresholds)
def test_with_a_look_a_day_every_warning_is_told(warnings):
    terms = Terms(warning_days=warnings)
    told = {warning(HELD, terms, today=END - timedelta(days=n)) for n in range(61)}
    assert told - {None} == set(warnings)


zones = st.sampled_from(sorted(available_timezones())).map(ZoneInfo)
moments = st.datetimes(datetime(2026, 9, 1), datetime(2027, 12, 31)).map(lambda moment: moment.replace(tzinfo=UTC))  # noqa: DTZ001


@given(zones, moments)
def test_wherever_a_partner_is_its_day_is_looked_at(zone, now):
    here = now.astimezone(zone).date()
    everywhere = days_on_earth(now)
    assert here in everywhere
    assert everywhere[0] == latest_day(now)
    assert 2 <= len(everywhere) <= 3
    deal = replace(HELD, protected_until=here + timedelta(days=7))
    assert 7 in warnings_on_earth(deal, TERMS, now)


@given(zones, st.integers(0, 400), st.integers(0, 59))
def test_by_the_partners_clocks_each_warning_begins_with_its_day_whatever_the_clocks_do(zone, after, minute):
    """Hourly looks over 40 days, through every change of the clocks: the day counts, not hours."""
    end = date(2027, 1, 20) + timedelta(days=after)
    start = datetime(2026, 12, 20, 0, minute, tzinfo=UTC) + timedelta(days=after)
    first: dict[int, date] = {}
    for hour in range(33 * 24):
        here = (start + timedelta(hours=hour)).astimezone(zone).date()
        days = warning(replace(HELD, protected_until=end), TERMS, today=here)
        if days is not None:
            first.setdefault(days, here)
    assert first == {days: end - timedelta(days=days) for days in TERMS.warning_days}


@given(held, days)
def test_a_deal_is_warned_of_or_over_but_never_both(deal, today):
    assert warning(deal, TERMS, today=today) is None or not over(deal, today=today)


@given(held, days)
def test_what_is_over_does_not_stand_and_what_is_warned_of_does(deal, today):
    if over(deal, today=today):
        assert standing(deal, today=today) is State.EXPIRED
    if warning(deal, TERMS, today=today) is not None:
        assert standing(deal, today=today) is State.APPROVED


@given(held, days)
def test_what_has_been_flagged_is_not_found_over_again(deal, today):
    for change in ("expired", "released"):
        assert not over(replace(deal, registration_status=change), today=today)


@given(held, days, days)
def test_a_partner_extends_alone_only_what_still_stands(deal, until, today):
    if extension_rule(deal, until, TERMS, today=today) is Rule.APPLY:
        assert deal.outcome is Outcome.OPEN
        assert deal.protected_until is not None
        assert deal.protected_until >= today
        assert timedelta(0) < until - deal.protected_until <= timedelta(days=TERMS.extension_days)
        assert (deal.renewals or 0) < TERMS.extensions


def applied(deal: Deal, changes: tuple[object, ...]) -> Deal:
    return replace(deal, **{c.field.value: c.new for c in changes})  # type: ignore[attr-defined]


@given(held, days)
def test_an_extended_deal_stands_until_the_last_day(deal, until):
    after = applied(replace(deal, outcome=Outcome.OPEN), extended(deal, until))
    assert standing(after, today=until) is State.APPROVED
    assert standing(after, today=until + timedelta(days=1)) is State.EXPIRED
    stood = deal.protected_until == until and deal.registration_status in {None, "protected"}
    assert after.renewals == (deal.renewals if stood else (deal.renewals or 0) + 1)


def test_until_the_day_that_stands_already_nothing_is_extended():
    assert applied(HELD, extended(HELD, END)) == HELD
    over_by_status = replace(HELD, registration_status=RegistrationStatus.EXPIRED.value)
    assert applied(over_by_status, extended(over_by_status, END)).renewals == 1


@given(held, days)
def test_a_released_deal_is_released_whatever_the_day(deal, today):
    after = applied(replace(deal, outcome=Outcome.OPEN), released(deal))
    assert standing(after, today=today) is State.RELEASED
    assert warning(after, TERMS, today=today) is None
    assert not over(after, today=today)


@given(held, days)
def test_what_was_released_or_has_expired_is_extended_by_a_manager_only(deal, today):
    for status in (RegistrationStatus.RELEASED, RegistrationStatus.EXPIRED):
        gone = replace(deal, registration_status=status.value)
        assert extension_rule(gone, END, TERMS, today=today) is Rule.MANAGER


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "Europe/Berlin", "UTC", "America/Los_Angeles", "Etc/GMT+12"])
@given(minutes=st.integers(0, 3 * 24 * 60))
def test_no_zone_loses_an_hour_of_its_last_day(zone, minutes):
    now = datetime.combine(END, datetime.min.time(), UTC) - timedelta(days=1) + timedelta(minutes=minutes)
    if over(HELD, today=latest_day(now)):
        assert now.astimezone(ZoneInfo(zone)).date() > END


def test_it_is_over_everywhere_at_noon_utc():
    noon = datetime(2027, 3, 29, 12, tzinfo=UTC)
    assert over(HELD, today=latest_day(noon))
    assert not over(HELD, today=latest_day(noon - timedelta(minutes=1)))


def test_an_extension_names_its_three_fields_with_their_old_values():
    wanted = {c.field: (c.old, c.new) for c in extended(HELD, END + timedelta(days=30))}
    assert wanted == {
        DealField.PROTECTED_UNTIL: (END, END + timedelta(days=30)),
        DealField.RENEWALS: (None, Decimal(1)),
        DealField.REGISTRATION_STATUS: ("protected", "protected"),
    }
