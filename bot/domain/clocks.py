"""When something that was promised in hours is due, by the clock or by the hours when the office is open. Pure.
Refuses to know the time of day: each moment is given.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_WORKING_DAYS = frozenset({1, 2, 3, 4, 5})


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """When an office is open: on `days` (ISO, Monday is 1) from `opens` to `closes` by the clocks of `timezone` (IANA
    name), except on `holidays` (days there). 00:00 to 00:00 is the whole day. Raises ValueError when it never opens,
    ZoneInfoNotFoundError for a zone that is none."""

    timezone: str
    days: frozenset[int] = _WORKING_DAYS
    opens: time = time(9)
    closes: time = time(17)
    holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if not self.days or not self.days <= set(range(1, 8)):
            raise ValueError(f"calendar: days must be some of 1 (Monday) to 7, not {sorted(self.days)}")
        if self.opens >= self.closes and self.closes != time(0):
            raise ValueError(f"calendar: it opens at {self.opens} and closes at {self.closes} of the same day")
        ZoneInfo(self.timezone)


def due(start: datetime, hours: int, calendar: Calendar | None) -> datetime:
    """The moment when that many hours (one or more) have passed since `start`, in UTC. Without a calendar every hour
    counts. With one, only those when the office is open: two days of eight hours are 16, and what is due when it
    closes is due then, not when it opens again. An hour is an hour, also on the day when clocks are changed."""
    if start.tzinfo is None:
        raise ValueError(f"clocks: {start!r} has no time zone")
    if hours < 1:
        raise ValueError(f"clocks: {hours} is no number of hours to wait")
    left, moment = timedelta(hours=hours), start.astimezone(UTC)
    if calendar is None:
        return moment + left
    for opens, closes in _open(calendar, moment):
        begins = max(opens, moment)
        if begins + left <= closes:
            return begins + left
        left -= max(closes - begins, timedelta(0))
    raise AssertionError("a calendar goes on for ever")


def _open(calendar: Calendar, since: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The times, in UTC, when the office is open, beginning with the day of `since`."""
    zone = ZoneInfo(calendar.timezone)
    day = since.astimezone(zone).date()
    while True:
        following = day + timedelta(days=1)
        if day.isoweekday() in calendar.days and day not in calendar.holidays:
            until = following if calendar.closes == time(0) else day
            yield (
                datetime.combine(day, calendar.opens, zone).astimezone(UTC),
                datetime.combine(until, calendar.closes, zone).astimezone(UTC),
            )
        day = following
