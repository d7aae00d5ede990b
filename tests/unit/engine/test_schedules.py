"""When something that repeats is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine import Cron, Every

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)).map(  # noqa: DTZ001
    lambda at: at.replace(tzinfo=UTC)
)
rhythms = st.one_of(
    st.timedeltas(timedelta(seconds=1), timedelta(days=9)).map(lambda some: Every(interval=some)),
    st.builds(
        Cron,
        expression=st.sampled_from(["* * * * *", "0 9 * * 1-5", "30 2 * * *", "17 3 1 * *", "*/20 1-3 * * 0"]),
        timezone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"]),
    ),
)


@given(rhythm=rhythms, now=moments)
def test_now_lies_between_the_last_tick_and_the_next(rhythm: Every | Cron, now: datetime):
    last, following = rhythm.last(now), rhythm.next(now)
    assert last <= now < following
    assert rhythm.last(following) == following
    assert rhythm.last(last) == last


@pytest.mark.parametrize(
    ("expression", "zone", "now", "last"),
    [
        pytest.param("0 9 * * *", "Europe/Berlin", "2026-11-24T07:59:59Z", "2026-11-23T08:00Z", id="just before"),
        pytest.param("0 9 * * *", "Europe/Berlin", "2026-11-24T08:00:00Z", "2026-11-24T08:00Z", id="on time"),
        pytest.param("0 9 * * *", "Europe/Berlin", "2026-07-01T07:00:00Z", "2026-07-01T07:00Z", id="in summer"),
        pytest.param("30 2 * * *", "Europe/Berlin", "2026-03-29T01:30Z", "2026-03-29T01:00Z", id="missing hour"),
        pytest.param("30 2 * * *", "Europe/Berlin", "2026-10-25T12:00Z", "2026-10-25T00:30Z", id="double hour"),
    ],
)
def test_a_time_of_day_is_the_zone_s_own(expression: str, zone: str, now: str, last: str):
    rhythm = Cron(expression=expression, timezone=zone)
    assert rhythm.last(datetime.fromisoformat(now)) == datetime.fromisoformat(last)


def test_nothing_happens_twice_when_an_hour_comes_twice():
    rhythm, at, seen = Cron(expression="30 2 * * *", timezone="Europe/Berlin"), NOW.replace(month=10, day=24), []
    for _ in range(3):
        at = rhythm.next(at)
        seen.append(at.isoformat())
    assert seen == ["2026-10-25T00:30:00+00:00", "2026-10-26T01:30:00+00:00", "2026-10-27T01:30:00+00:00"]


@pytest.mark.parametrize("expression", ["", "* * * *", "61 * * * *", "every day", "0 0 30 2 *"])
def test_an_expression_that_never_comes_or_is_none_is_refused(expression: str):
    with pytest.raises(ValueError, match="no crontab expression"):
        Cron(expression=expression)


def test_nothing_can_happen_all_the_time():
    with pytest.raises(ValueError, match="nothing happens every"):
        Every(interval=timedelta())
