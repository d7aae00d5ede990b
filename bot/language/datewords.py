"""The words of dates as regular expressions over a folded text. Makes no date.

Month and weekday names come from CLDR (through babel), every other word from the vocabulary's [date] table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from bot.language import cldr
from bot.language.normalise import fold
from bot.language.phrases import expand
from bot.language.schema import Vocabulary

NOTHING = r"(?!)"
_MIN_LETTERS = 3


def any_of(phrases: Iterable[str]) -> str:
    """A regular expression for any of the phrases; one that never matches when there are none."""
    keys = {tuple(fold(word) for word in key) for phrase in phrases for key in expand(phrase)}
    rows = [r"[\s'-]+".join(re.escape(word).replace(r"\*", r"\w*") for word in key) for key in keys]
    return "(?:" + "|".join(sorted(rows, key=len, reverse=True)) + ")" if rows else NOTHING


def key(text: str) -> str:
    """A matched name as it stands in the tables."""
    return re.sub(r"[\s'-]+", " ", text)


def _numbered(rows: Iterable[tuple[int, Iterable[str]]]) -> dict[str, int]:
    return {" ".join(map(fold, row)): number for number, phrases in rows for p in phrases for row in expand(p)}


def _cldr(code: str, field: str, width: str) -> dict[str, int]:
    names: dict[str, int] = {}
    for name, number in cldr.names(code, field, width).items():
        plain = key(fold(name).strip("."))
        if len(plain) >= _MIN_LETTERS:
            names.setdefault(plain, number)
    return names


class DateWords:
    """One language's words for dates: tables from word to number, and patterns for the rest."""

    def __init__(self, vocabulary: Vocabulary, *, short: bool) -> None:
        table = vocabulary.dates
        self.long_months = _cldr(vocabulary.code, "months", "wide")
        self.months = self.long_months
        self.weekdays = _cldr(vocabulary.code, "days", "wide")
        if short:
            self.months = self.months | _cldr(vocabulary.code, "months", "abbreviated")
            self.months = self.months | _numbered(enumerate(table.short_months, start=1))
            self.weekdays = self.weekdays | _numbered(enumerate(table.short_weekdays))
        self.numbers = _numbered(table.numbers.items())
        self.ordinals = _numbered(enumerate(table.ordinals, start=1))
        of, the = any_of(table.of), any_of(table.the)
        self.of = of
        self.the = the
        self.year = rf"(?:,?\s*(?:{of}\s*)?(?P<year>20\d\d|'\d\d))?(?![\w])"
        self.part = "".join(
            (
                r"(?:",
                rf"(?P<begin>{any_of(table.begin)})|(?P<middle>{any_of(table.middle)})|(?P<end>{any_of(table.end)})",
                rf")[\s-]*(?:{of}\s*)?(?:{the}\s*)?",
            )
        )
        self.count = rf"(?P<count>\d{{1,3}}(?=[\s-]*[^\W\d_])|{_names(self.numbers)}(?!\w))"
        self.unit = "|".join(
            f"(?P<{name}>{any_of(phrases)})"
            for name, phrases in (
                ("day", table.day),
                ("week", table.week),
                ("month", table.month),
                ("quarter", table.quarter),
                ("unityear", table.year),
                ("fortnight", table.fortnight),
            )
        )

    def month(self, match: re.Match[str]) -> int:
        """The month that a match's group "name" names."""
        return self.months[key(match["name"])]

    def number(self, match: re.Match[str]) -> int:
        """The number of a match's group "count"."""
        count = match["count"]
        return int(count) if count.isdigit() else self.numbers[key(count)]


def _names(names: Iterable[str]) -> str:
    rows = [re.escape(name).replace(r"\ ", r"[\s'-]+") for name in names]
    return "(?:" + "|".join(sorted(rows, key=len, reverse=True)) + ")" if rows else NOTHING


def names_of(names: Iterable[str]) -> str:
    """A pattern for any of the names of a table, the longest first."""
    return _names(names)


@lru_cache(maxsize=64)
def date_words(vocabulary: Vocabulary, *, short: bool = True) -> DateWords:
    """The date words of a vocabulary, built once; without `short` names of months and weekdays in full only.

    A language that is only read along must not bring its short names: "mon" is French for "my".
    """
    return DateWords(vocabulary, short=short)
