"""Finds dates and lengths of time. Strict: what is not wholly in the grammar is no date."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bot.language.cldr import month_first
from bot.language.datefound import DateFound, Found, LengthFound, Reading
from bot.language.dategrammar import NUMERIC, grammar
from bot.language.datemaking import Maker
from bot.language.schema import Vocabulary
from bot.language.spans import Spans

__all__ = ["DateFound", "Found", "LengthFound", "Reading", "find_dates", "month_first"]


def find_dates(text: str, vocabularies: Iterable[Vocabulary], reading: Reading) -> list[Found]:
    """All dates and lengths in a folded text, left to right, none overlapping; the longest wins."""
    found = (make(match, reading) for match, make in _matches(text, vocabularies))
    chosen: list[Found] = []
    taken = Spans(len(text))
    for one in sorted((one for one in found if one is not None), key=lambda each: (each.start - each.end, each.start)):
        if not taken.overlaps(one.start, one.end):
            chosen.append(one)
            taken.add(one.start, one.end)
    return sorted(chosen, key=lambda one: one.start)


def _matches(text: str, vocabularies: Iterable[Vocabulary]) -> Iterator[tuple[re.Match[str], Maker]]:
    for pattern, make in (
        *NUMERIC,
        *(rule for at, vocabulary in enumerate(vocabularies) for rule in grammar(vocabulary, main=at == 0)),
    ):
        for match in pattern.finditer(text):
            yield match, make
