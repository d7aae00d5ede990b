"""What is promised in hours is due when those hours have passed, whatever the clocks on the wall do."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.clocks import Calendar, due

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = Calendar(timezone="Europe/Berlin", holidays=frozenset({date(2026, 12, 25), date(2027, 1, 1)}))
AROUND_THE_CLOCK = Calendar(timezone="Europe/Berlin", days=frozenset(range(1, 8)), opens=time(0), closes=time(0))


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        pytest.param("2026-11-24 10:00", 4, "2026-11-24 14:00", id="the same day"),
        pytest.param("2026-11-24 10:00", 7, "2026-11-24 17:00", id="when it closes, not when it opens"),
        pytest.param("2026-11-24 16:00", 2, "2026-11-25 10:00", id="overnight"),
        pytest.param("2026-11-24 06:00", 1, "2026-11-24 10:00", id="before it opens"),
        pytest.param("2026-11-24 17:00", 1, "2026-11-25 10:00", id="just closed"),
        pytest.param("2026-11-27 16:30", 1, "2026-11-30 09:30", id="over a weekend"),
        pytest.param("2026-11-28 12:00", 8, "2026-11-30 17:00", id="on a Saturday"),
        pytest.param("2026-11-24 09:00", 48, "2026-12-01 17:00", id="six days of eight hours"),
        pytest.param("2026-12-24 16:00", 2, "2026-12-28 10:00", id="over Christmas"),
        pytest.param("2026-12-31 16:59", 1, "2027-01-04 09:59", id="over New Year"),
        pytest.param("2027-03-26 16:00", 2, "2027-03-29 10:00", id="over the change to summer time"),
        pytest.param("2027-10-29 16:00", 2, "2027-11-01 10:00", id="over the change to winter time"),
    ],
)
def test_only_open_hours_count(start: str, hours: int, end: str):
    assert due(berlin(start), hours, OFFICE) == berlin(end)


def test_without_a_calendar_every_hour_counts():
    assert due(berlin("2027-03-27 20:00"), 48, None) == berlin("2027-03-29 21:00")  # one hour was skipped


def test_a_day_without_its_night_hour_is_shorter():
    """On 2027-03-28 clocks go from 02:00 to 03:00, on 2027-10-31 from 03:00 back to 02:00."""
    nights = Calendar(timezone="Europe/Berlin", days=frozenset({7}), opens=time(0), closes=time(4))
    assert due(berlin("2027-03-28 00:00"), 3, nights) == berlin("2027-03-28 04:00")
    assert due(berlin("2027-10-31 00:00"), 5, nights) == berlin("2027-10-31 04:00")


def test_an_office_that_would_open_in_the_skipped_hour_only_has_no_time_that_day():
    skipped = Calendar(timezone="Europe/Berlin", days=frozenset({7}), opens=time(2), closes=time(3))
    assert due(berlin("2027-03-27 12:00"), 1, skipped) == berlin("2027-04-04 03:00")


def test_each_office_has_its_own_clock():
    tokyo = Calendar(timezone="Asia/Tokyo")
    assert due(datetime(2026, 11, 23, 23, 0, tzinfo=UTC), 2, tokyo) == datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
    assert due(berlin("2026-11-24 10:00"), 2, tokyo) == datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "wrong",
    [
        {"days": frozenset()},
        {"days": frozenset({0})},
        {"days": frozenset({8})},
        {"opens": time(17), "closes": time(9)},
        {"opens": time(9), "closes": time(9)},
    ],
)
def test_a_calendar_that_never_opens_is_refused(wrong):
    with pytest.raises(ValueError, match="calendar: "):
        Calendar(timezone="Europe/Berlin", **wrong)


def test_a_place_that_nobody_knows_is_refused():
    with pytest.raises(ZoneInfoNotFoundError):
        Calendar(timezone="Europe/Atlantis")


def test_a_moment_without_a_zone_and_no_hours_are_refused():
    with pytest.raises(ValueError, match="no time zone"):
        due(datetime(2026, 11, 24), 1, None)  # noqa: DTZ001
    with pytest.raises(ValueError, match="no number of hours"):
        due(berlin("2026-11-24 10:00"), 0, OFFICE)


zones = st.sampled_from(
    ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia", "UTC"]
)
moments = st.datetimes(datetime(2010, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
hours = st.integers(1, 60)


@st.composite
def calendars(draw) -> Calendar:
    opens, closes = sorted(draw(st.lists(st.integers(0, 23), min_size=2, max_size=2, unique=True)))
    return Calendar(
        timezone=draw(zones),
        days=draw(st.frozensets(st.integers(1, 7), min_size=1)),
        opens=time(opens, draw(st.sampled_from([0, 30]))),
        closes=draw(st.sampled_from([time(closes, 30), time(0)])),
        holidays=draw(st.frozensets(st.dates(date(2011, 12, 20), date(2012, 1, 10)), max_size=4)),
    )


@given(moments, hours, hours, calendars())
@example(datetime(2011, 12, 29, tzinfo=UTC), 30, 30, Calendar(timezone="Pacific/Apia", opens=time(0), closes=time(0)))
def test_waiting_twice_is_waiting_for_the_sum(start, first, second, calendar):
    """Pacific/Apia had no 30 December 2011 at all."""
    assert due(due(start, first, calendar), second, calendar) == due(start, first + second, calendar)


@given(moments, hours, calendars(), st.integers(0, 10**6))
def test_who_starts_later_is_not_due_earlier(start, number, calendar, later):
    assert due(start, number, calendar) <= due(start + timedelta(seconds=later), number, calendar)


@given(moments, hours, calendars())
def test_it_is_due_while_the_office_is_open_and_no_sooner_than_by_the_clock(start, number, calendar):
    end = due(start, number, calendar)
    assert end >= due(start, number, None)
    just_before = (end - timedelta(microseconds=1)).astimezone(ZoneInfo(calendar.timezone))
    assert just_before.isoweekday() in calendar.days
    assert just_before.date() not in calendar.holidays


@given(moments, hours)
def test_an_office_that_never_closes_is_a_clock(start, number):
    assert due(start, number, AROUND_THE_CLOCK) == due(start, number, None)


@given(moments, hours, calendars(), zones)
def test_it_does_not_matter_in_which_zone_the_start_is_written(start, number, calendar, zone):
    assert due(start.astimezone(ZoneInfo(zone)), number, calendar) == due(start, number, calendar)
