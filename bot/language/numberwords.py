"""Finds numbers of a thousand and more that are written in words. What text2num cannot read is no number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from text_to_num import text2num

_LEAST = 1_000
_LONGEST = 6  # words: one hundred and twenty five thousand
_WORD = re.compile(r"[^\W\d_]+")
_DIGIT_BEFORE = re.compile(r"\d[\s.,]*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelled:
    """A number in words at characters start..end; `bare` when it is nothing but "thousand"."""

    start: int
    end: int
    value: int
    bare: bool


def find_spelled(text: str, multiplier: re.Pattern[str], codes: Sequence[str]) -> Iterator[Spelled]:
    """All numbers in a folded text that end in a word for a thousand or more, left to right.

    Args:
        text: the folded text.
        multiplier: matches a word that is or ends in a multiplier ("sechzigtausend").
        codes: the languages to read by, the main one first.
    """
    ends = [match for match in multiplier.finditer(text) if not _follows_digits(text, match.start())]
    words = [match.span() for match in _WORD.finditer(text)] if ends else []
    places = {end: place for place, (_, end) in enumerate(words)}
    done = 0
    for match in ends:
        last = places.get(match.end())
        if last is None or match.start() < done:
            continue
        for first in range(max(0, last - _LONGEST), last + 1):
            start = words[first][0]
            value = None if start < done or _follows_digits(text, start) else _value(text[start : match.end()], codes)
            if value is not None:
                yield Spelled(start=start, end=match.end(), value=value, bare=first == last and value == _LEAST)
                done = match.end()
                break


def _follows_digits(text: str, start: int) -> bool:
    """Whether digits stand right before: "60 thousand" is digits with a multiplier."""
    return _DIGIT_BEFORE.search(text[max(0, start - 4) : start]) is not None


def _value(words: str, codes: Sequence[str]) -> int | None:
    for code in codes:
        try:
            value = int(text2num(re.sub(r"[\s-]+", " ", words), code))
        except ValueError:
            continue
        if value >= _LEAST:
            return value
    return None
