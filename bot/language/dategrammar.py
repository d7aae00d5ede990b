"""The grammar of dates: each rule a pattern with what it makes. Strict: what no rule matches whole is no date.

The meaning of every form is rule 6 of the contract (docs/explain.md).
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from bot.language import calendar as cal
from bot.language.calendar import Months
from bot.language.datefound import DateFound, Found, LengthFound, Reading
from bot.language.datemaking import NTH, Maker, Rule, in_period, on_day, relative, year_of
from bot.language.dateperiods import next_year, periods
from bot.language.datewords import NOTHING, DateWords, any_of, date_words, key, names_of
from bot.language.schema import DateTable, Vocabulary

_TWELVE = 12


@lru_cache(maxsize=64)
def grammar(vocabulary: Vocabulary, *, main: bool) -> tuple[tuple[re.Pattern[str], Maker], ...]:
    """The rules of one language; one that is only read along leaves out short names of months and weekdays."""
    words = date_words(vocabulary, short=main)
    rules = [
        *_named_days(words, vocabulary.dates),
        *_months(words, vocabulary.dates),
        *periods(words, vocabulary.dates),
        *next_year(words, vocabulary.dates),
        *_relative_days(words, vocabulary.dates),
        *_weeks(words, vocabulary.dates),
        *_lengths(words, vocabulary.dates),
    ]
    return tuple((re.compile(r"(?<![\w])(?:" + pattern + r")(?<!\.)"), make) for pattern, make in rules)


# Digits alone.


def _by_number(*, locale_order: bool) -> Maker:
    def make(match: re.Match[str], reading: Reading) -> Found | None:
        day, month = int(match["a"]), int(match["b"])
        if locale_order and reading.month_first:
            day, month = month, day
        if locale_order and month > _TWELVE >= day:  # can be read one way only
            day, month = month, day
        return on_day(match, reading, day=day, month=month, year=year_of(match))

    return make


def _month_of_year(match: re.Match[str], reading: Reading) -> Found | None:
    month = int(match["b"])
    return in_period(match, reading, period=Months(month, 1), year=year_of(match)) if 1 <= month <= _TWELVE else None


_BY_SIGN, _BY_LOCALE = _by_number(locale_order=False), _by_number(locale_order=True)
_EDGE = r"(?<![\w.,/:-])(?<!\d )"
_STOP = r"(?![\w/-]|[.,:]\d)"
_UNIT_AFTER = r"(?! ?(?:k|m|mio|mrd|mil|mila|mille|tsd|%|€|\$|£|eur|usd|gbp|chf|euro)(?!\w)| ?%)"
NUMERIC: tuple[tuple[re.Pattern[str], Maker], ...] = (
    (re.compile(_EDGE + r"(?P<year>20\d\d)([-./])(?P<b>\d{1,2})\2(?P<a>\d{1,2})" + _STOP), _BY_SIGN),
    (re.compile(_EDGE + r"(?P<a>\d{1,2})\. ?(?P<b>\d{1,2})\. ?(?P<year>20\d\d|\d\d)" + _STOP), _BY_SIGN),
    (re.compile(_EDGE + r"(?P<a>\d{1,2})\. ?(?P<b>\d{1,2})\.(?! ?\d)(?!\w)"), _BY_SIGN),
    (re.compile(_EDGE + r"(?P<a>\d{1,2})\.(?P<b>[01]\d)" + _STOP + _UNIT_AFTER), _BY_SIGN),
    (re.compile(_EDGE + r"(?P<a>\d{1,2})([/-])(?P<b>\d{1,2})\2(?P<year>20\d\d|\d\d)" + _STOP), _BY_LOCALE),
    (re.compile(_EDGE + r"(?P<a>\d{1,2})/(?P<b>\d{1,2})" + _STOP), _BY_LOCALE),
    (re.compile(_EDGE + r"(?P<a>\d{1,2})-(?P<b>0[1-9])" + _STOP + _UNIT_AFTER), _BY_SIGN),
    (re.compile(_EDGE + r"(?P<b>0?\d|1[0-2])[/.](?P<year>20\d\d)" + _STOP), _month_of_year),
)  # fmt: skip
_NO_DAY = r"(?!\.?\s+\d{1,2}(?:st|nd|rd|th)?\b)"  # "by March 15" is a day, and not the end of March


def _named_days(words: DateWords, table: DateTable) -> list[Rule]:
    """15 March 2027, March 15th, the 15th."""
    every = names_of(words.months)
    day = rf"(?P<nth>[0-3]?\d){NTH}"
    unit = any_of([*table.day, *table.week, *table.month, *table.quarter, *table.year, *table.half])

    def named(match: re.Match[str], reading: Reading) -> Found | None:
        return on_day(match, reading, day=int(match["nth"]), month=words.month(match), year=year_of(match))

    def day_only(match: re.Match[str], reading: Reading) -> Found | None:
        number, today = int(match["nth"]), reading.today
        months = ((today.year + (today.month - 1 + on) // 12, (today.month - 1 + on) % 12 + 1) for on in range(4))
        days = (cal.day_or_none(year, month, number) for year, month in months)
        coming = next((one for one in days if one is not None and one >= today), None)
        return DateFound(start=match.start(), end=match.end(), day=coming) if coming else None

    return [
        (rf"{day}[\s-]*(?:{words.of}\s*)?(?P<name>{every})\.?{words.year}", named),
        (
            rf"(?P<name>{every})\.?\s*(?:{words.the}\s*)?{day}(?![\d:%]|[.,]\d|\s*(?:k|%|€|\$|eur))\b{words.year}",
            named,
        ),
        (
            rf"(?:{any_of(table.before_day)})\s*{day}(?![\w/%:-]|[.,]\d|\s?[%€$£]|\.?\s+(?:{words.of}\s+)?{every}|\s+{unit})",
            day_only,
        ),
    ]


def _months(words: DateWords, table: DateTable) -> list[Rule]:
    """End of March, mid-June 2027, in May, September 2027, September."""
    every, ambiguous = names_of(words.months), any_of(table.ambiguous_months)
    early = rf"(?:{any_of(table.next)}\s+)?"

    def month(match: re.Match[str], reading: Reading) -> Found | None:
        return in_period(match, reading, period=Months(words.month(match), 1), year=year_of(match))

    return [
        (rf"{words.part}{early}(?P<name>{every}){_NO_DAY}\.?{words.year}", month),
        (rf"(?:{any_of(table.before_month)})\s+{early}(?P<name>{every}){_NO_DAY}\.?{words.year}", month),
        (rf"(?P<name>{every})\.?,?\s+(?:{words.of}\s*)?(?P<year>20\d\d|'\d\d)(?!\w)", month),
        (rf"(?!{ambiguous}(?!\w))(?P<name>{names_of(words.long_months)})(?!\w|\s+\d{{1,2}}\b)", month),
        (rf"(?P<name>{ambiguous})(?=[\s.!,]*$)", month) if table.ambiguous_months else (NOTHING, month),
    ]


def _relative_days(words: DateWords, table: DateTable) -> list[Rule]:
    """Today, tomorrow, Friday, next Friday, in two weeks, a month from now."""
    weekday = rf"(?P<weekday>{names_of(words.weekdays)})\.?"
    before, after = rf"(?:(?:{any_of([*table.this, *table.next])})\s+)?", any_of([*table.next, *table.this])

    def days_on(days: int) -> Maker:
        return lambda match, reading: relative(match, cal.add_days(reading.today, days))

    def on_weekday(match: re.Match[str], reading: Reading) -> Found | None:
        return relative(match, cal.next_weekday(reading.today, words.weekdays[key(match["weekday"])]))

    def hence(match: re.Match[str], reading: Reading) -> Found | None:
        length = _length(match, words)
        return replace(relative(match, length.from_day(reading.today)), length=length) if length else None

    length = rf"{words.count}[\s-]*(?:{words.unit})"
    return [
        (rf"(?:{any_of(table.today)})(?!\w)", days_on(0)),
        (rf"(?:{any_of(table.tomorrow)})(?!\w)", days_on(1)),
        (rf"(?:{any_of(table.day_after_tomorrow)})(?!\w)", days_on(2)),
        (rf"(?:{any_of(table.yesterday)})(?!\w)", days_on(-1)),
        (rf"{before}{weekday}(?:\s+{after})?(?!\w)", on_weekday),
        (rf"(?:{any_of(table.within)})\s*{length}(?!\w)", hence),
        (rf"{length}\s+(?:{any_of(table.from_now)})(?!\w)", hence),
    ]


def _weeks(words: DateWords, table: DateTable) -> list[Rule]:
    """Next week, this week, KW 12, week 12 of 2028."""
    week = any_of(table.week)
    part = rf"(?:(?:{any_of([*table.begin, *table.middle, *table.end])})\s*(?:{words.of}\s*)?(?:{words.the}\s*)?)?"

    def weeks_on(weeks: int) -> Maker:
        return lambda match, reading: relative(match, cal.friday_of_week(reading.today, weeks_on=weeks))

    def numbered(match: re.Match[str], reading: Reading) -> Found | None:
        number, year = int(match["number"]), year_of(match)
        if year is not None:
            day = cal.friday_of_iso_week(number, year)
        else:
            day = cal.to_come(lambda y: cal.friday_of_iso_week(number, y), reading.today)
        start, end = match.span()
        return DateFound(start=start, end=end, day=day, year_said=year is not None, exact=False)

    label = any_of(table.week_label)
    slash = r"(?:\s?/\s?(?=20\d\d))?"
    return [
        (rf"{part}(?:{any_of(table.next)})\s+{week}(?!\w)", weeks_on(1)),
        (rf"{part}{week}\s+(?:{any_of(table.next)})(?!\w)", weeks_on(1)),
        (rf"{part}(?:{any_of(table.this)})\s+{week}(?!\w)", weeks_on(0)),
        (rf"(?:{any_of(table.week_end)})(?!\w)", weeks_on(0)),
        (rf"{part}(?:{label})\.?\s?(?P<number>[0-5]?\d)(?!\d|[.,]\d){slash}{words.year}", numbered),
        (rf"(?P<number>[0-5]?\d)\.\s?(?:{label}){words.year}", numbered),
    ]


def _lengths(words: DateWords, table: DateTable) -> list[Rule]:
    """30 days, a month, two weeks later, three weeks earlier."""
    later, earlier = any_of(table.later), any_of(table.earlier)

    def length(match: re.Match[str], reading: Reading) -> Found | None:
        del reading
        return _length(match, words)

    return [
        (
            rf"{words.count}[\s-]*(?:{any_of(table.more)}\s*)?(?:{words.unit})(?!\w)(?:\s+(?:(?P<later>{later})|(?P<earlier>{earlier}))(?!\w))?",
            length,
        ),
        (rf"(?P<count>(?!))?(?P<fortnight>{any_of(table.fortnight)})(?!\w)", length),
    ]


def _length(match: re.Match[str], words: DateWords) -> LengthFound | None:
    groups = match.groupdict()
    number = words.number(match) if groups.get("count") else 1
    sign = 1 if groups.get("later") else -1 if groups.get("earlier") else 0
    days, months = 0, 0
    if groups.get("month"):
        months = number
    elif groups.get("quarter"):
        months = 3 * number
    elif groups.get("unityear"):
        months = 12 * number
    elif groups.get("week"):
        days = 7 * number
    else:
        days = 14 * number if groups.get("fortnight") else number
    return LengthFound(start=match.start(), end=match.end(), days=days, months=months, sign=sign)
