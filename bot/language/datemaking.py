"""What the rules of dates make: the day that a match means. Knows no words."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from bot.language import calendar as cal
from bot.language.calendar import Months, Part
from bot.language.datefound import DateFound, Found, Reading

_TWELVE = 12

Maker = Callable[[re.Match[str], Reading], Found | None]
Rule = tuple[str, Maker]
NTH = r"(?:st|nd|rd|th|er|re|eme|ste|de|e|\.|º)?"
"""What may follow the digits of an ordinal."""


def on_day(match: re.Match[str], reading: Reading, *, day: int, month: int, year: int | None) -> DateFound | None:
    start, end = match.span()
    if not (1 <= month <= _TWELVE and 1 <= day <= 31):  # noqa: PLR2004
        return None
    if year is not None:
        return DateFound(start=start, end=end, day=cal.day_or_none(year, month, day), year_said=True)
    coming = cal.to_come(lambda y: cal.day_or_none(y, month, day), reading.today)
    return DateFound(start=start, end=end, day=coming)


def in_period(
    match: re.Match[str], reading: Reading, *, period: Months, year: int | None, part: Part | None = None
) -> DateFound:
    start, end = match.span()
    part = part or part_of(match)
    if year is not None:
        return DateFound(start=start, end=end, day=cal.day_of(period, year, part), year_said=True, exact=False)
    day = cal.to_come(lambda y: cal.day_of(period, y, part), reading.today)
    return DateFound(start=start, end=end, day=day, exact=False)


def relative(match: re.Match[str], day: date | None) -> DateFound:
    return DateFound(start=match.start(), end=match.end(), day=day, exact=False)


def part_of(match: re.Match[str]) -> Part:
    groups = match.groupdict()
    if groups.get("begin"):
        return Part.BEGINNING
    return Part.MIDDLE if groups.get("middle") else Part.END


def year_of(match: re.Match[str]) -> int | None:
    year = match.groupdict().get("year")
    return cal.full_year(year.strip("'")) if year else None
