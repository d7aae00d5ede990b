"""Calendar arithmetic of the contract's date rule. Knows no words and no clock."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, auto

BEGINNING_DAY = 5
MIDDLE_DAY = 15
FRIDAY = 4


class Part(Enum):
    """Which day stands for a period: "beginning of": the 5th; "mid": the 15th; else its last day."""

    BEGINNING = auto()
    MIDDLE = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class Months:
    """A period of whole months in some year: a month, a quarter, a half or the year; `first` is 1 to 12."""

    first: int
    length: int


def last_day(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year, month, calendar.monthrange(year, month)[1])


def day_of(period: Months, year: int, part: Part) -> date:
    """The day that stands for a part of a period: its first month's 5th, its middle month's 15th, its last day."""
    if part is Part.BEGINNING:
        return date(year, period.first, BEGINNING_DAY)
    if part is Part.MIDDLE:
        return date(year, period.first + period.length // 2, MIDDLE_DAY)
    return last_day(year, period.first + period.length - 1)


def to_come(make: Callable[[int], date | None], today: date) -> date | None:
    """The first of `make(year)` that is not past; five years are tried, for the 29th of February."""
    for year in range(today.year, today.year + 5):
        day = make(year)
        if day is not None and day >= today:
            return day
    return None


def day_or_none(year: int, month: int, day: int) -> date | None:
    """The date, or None when the calendar has no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def add_months(day: date, months: int) -> date | None:
    """The same day some months on; one that would overrun the month ends on its last day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if not date.min.year <= year <= date.max.year:
        return None
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def add_days(day: date, days: int) -> date | None:
    """Some days on, or None beyond the calendar."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return None


def friday_of_week(today: date, *, weeks_on: int) -> date | None:
    """The Friday of this week (0), of next week (1) …"""
    return add_days(today, FRIDAY - today.weekday() + 7 * weeks_on)


def friday_of_iso_week(week: int, year: int) -> date | None:
    """The Friday of an ISO 8601 calendar week, or None when the year has no such week."""
    try:
        return date.fromisocalendar(year, week, FRIDAY + 1)
    except ValueError:
        return None


def next_weekday(today: date, weekday: int) -> date | None:
    """The next one to come, today excluded; Monday is 0."""
    return add_days(today, (weekday - today.weekday() - 1) % 7 + 1)


def full_year(digits: str) -> int:
    """2027 from "2027" or "27"."""
    return int(digits) + (2000 if len(digits) == 2 else 0)  # noqa: PLR2004
