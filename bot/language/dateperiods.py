"""The rules for months, quarters, halves and years as periods. Holds no rule for single days."""

from __future__ import annotations

import re

from bot.language.calendar import Months
from bot.language.datefound import Found, Reading
from bot.language.datemaking import NTH, Maker, Rule, in_period, relative, year_of
from bot.language.datewords import DateWords, any_of, key, names_of
from bot.language.schema import DateTable

_YEAR = 12  # months


def periods(words: DateWords, table: DateTable) -> list[Rule]:
    """Q3, end of the third quarter, H2 2027, the end of the year, next month, this quarter, end of 2027."""
    return [*_numbered_periods(words, table), *_current_periods(words, table)]


def _numbered_periods(words: DateWords, table: DateTable) -> list[Rule]:
    """Q3, end of the third quarter, H2 2027, end of 2027."""
    quarter, half, part = any_of(table.quarter), any_of(table.half), f"(?:{words.part})?"
    nth = rf"(?:(?P<digit>[1-4]){NTH}|(?P<ordinal>{names_of(words.ordinals)}))"
    behind = any_of([label for label in table.quarter_label if label != "k"])  # "2k" is a sum
    glued = r"(?P<ordinal>(?!))?"
    return [
        (rf"{part}(?:{any_of(table.quarter_label)})\s?(?P<digit>[1-4]){glued}(?!\w){words.year}", _part(words, 3)),
        (rf"{part}(?P<digit>[1-4])\s?(?:{behind}){glued}(?!\w){words.year}", _part(words, 3)),
        (rf"{part}{nth}\s*{quarter}{words.year}", _part(words, 3)),
        (rf"{part}(?:{any_of(table.half_label)})\s?(?P<digit>[12]){glued}(?!\w){words.year}", _part(words, 6)),
        (rf"{part}{nth}\s*{half}{words.year}", _part(words, 6)),
        (rf"{words.part}(?P<year>20\d\d)(?!\w)", _in_year),
    ]


def _part(words: DateWords, months: int) -> Maker:
    """The numbered part of a year that is so many months long; a third half is none."""

    def make(match: re.Match[str], reading: Reading) -> Found | None:
        number = int(match["digit"]) if match["digit"] else words.ordinals[key(match["ordinal"])]
        if number * months > _YEAR:
            return None
        return in_period(match, reading, period=Months(months * (number - 1) + 1, months), year=year_of(match))

    return make


def _in_year(match: re.Match[str], reading: Reading) -> Found | None:
    return in_period(match, reading, period=Months(1, 12), year=year_of(match))


def _current_periods(words: DateWords, table: DateTable) -> list[Rule]:
    """This and next month, quarter and year, and their ends."""
    part, this, following = f"(?:{words.part})?", any_of(table.this), any_of(table.next)

    def current(*, months: int, on: int) -> Maker:
        def make(match: re.Match[str], reading: Reading) -> Found | None:
            index = reading.today.year * 12 + reading.today.month - 1
            first_year, first = divmod((index // months + on) * months, 12)
            found = in_period(match, reading, period=Months(first + 1, months), year=first_year)
            return relative(match, found.day)

        return make

    rules: list[Rule] = []
    spans = ((table.month, 1, table.month_end), (table.quarter, 3, table.quarter_end), (table.year, 12, table.year_end))
    for nouns, months, whole in spans:
        noun = any_of(nouns)
        rules += [
            (rf"{part}(?:{following})\s+{noun}(?!\w)", current(months=months, on=1)),
            (rf"{part}{noun}\s+(?:{following})(?!\w)", current(months=months, on=1)),
            (rf"{part}(?:{this})\s+{noun}(?!\w)", current(months=months, on=0)),
            (rf"{words.part}{noun}(?!\w)", current(months=months, on=0)),
            (rf"(?:{any_of(whole)})(?!\w)", current(months=months, on=0)),
        ]
    rules.append((rf"(?:{any_of(table.year_end)})\s+(?P<year>20\d\d)(?!\w)", _in_year))
    return rules


def next_year(words: DateWords, table: DateTable) -> list[Rule]:
    """Q1 next year, the first quarter of next year, next year in March."""
    following, year, part = any_of(table.next), any_of(table.year), f"(?:{words.part})?"

    def in_next_year(match: re.Match[str], reading: Reading) -> Found | None:
        groups, coming = match.groupdict(), reading.today.year + 1
        if groups.get("name"):
            return in_period(match, reading, period=Months(words.month(match), 1), year=coming)
        number = int(groups["digit"]) if groups.get("digit") else words.ordinals[key(match["ordinal"])]
        return in_period(match, reading, period=Months(3 * number - 2, 3), year=coming)

    parts = [
        rf"(?:{any_of(table.quarter_label)})\s?(?P<digit>[1-4])(?!\w)",
        rf"(?P<digit>[1-4]){NTH}\s*{any_of(table.quarter)}",
        rf"(?P<ordinal>{names_of(words.ordinals)})\s*{any_of(table.quarter)}",
        rf"(?P<name>{names_of(words.months)})\.?",
    ]
    next_year = rf"(?:(?:{following})\s+{year}|{year}\s+(?:{following}))(?!\w)"
    within = rf"(?:(?:{any_of(table.before_month)}|{words.the})\s*)?"
    return [
        *((rf"{part}{one},?\s+(?:{words.of}\s*)?(?:{words.the}\s*)?{next_year}", in_next_year) for one in parts),
        *((rf"{next_year},?\s+{within}{part}{one}", in_next_year) for one in parts),
    ]
