"""A text, its shadows and its tokens. Holds no words of any language."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from bot.language.normalise import fold, lower

_TOKEN = re.compile(r"[^\W\d_]+|\d+(?:[.,'’]\d+)*|\n|[^\w\s]|_", re.UNICODE)
_NO_WORDS = frozenset({"-", "'", "\n"})


class Shape(Enum):
    """What a token is made of."""

    WORD = auto()
    NUMBER = auto()
    SIGN = auto()  # one punctuation mark, symbol or emoji
    BREAK = auto()  # a line end


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `start` and `end` are character offsets into the text, `glued` says that no blank stands before."""

    lower: str
    fold: str
    start: int
    end: int
    shape: Shape
    capital: bool
    glued: bool


class Text:
    """A cleaned text with its shadows (`lower`, `fold`, both of equal length) and tokens."""

    __slots__ = ("_starts", "fold", "lower", "raw", "tokens")

    def __init__(self, raw: str) -> None:
        self.raw = raw
        self.lower = lower(raw)
        self.fold = fold(raw)
        self.tokens: tuple[Token, ...] = tuple(self._tokenise())
        self._starts = [token.start for token in self.tokens]

    def _tokenise(self) -> list[Token]:
        tokens: list[Token] = []
        end = 0
        for found in _TOKEN.finditer(self.fold):
            start, stop = found.span()
            word = found[0]
            tokens.append(
                Token(
                    lower=self.lower[start:stop],
                    fold=word,
                    start=start,
                    end=stop,
                    shape=_shape(word),
                    capital=self.raw[start].isupper(),
                    glued=bool(tokens) and start == end and tokens[-1].shape is not Shape.BREAK,
                )
            )
            end = stop
        return tokens

    def place(self, at: int) -> int:
        """The place of the first token that begins at or behind a character."""
        return bisect_left(self._starts, at)

    def words(self, start: int, end: int) -> str:
        """The partner's own words between two character offsets, without blanks or dangling signs around."""
        return self.raw[start:end].strip().strip(",;:-–•*>|\n ").strip()


def _shape(written: str) -> Shape:
    if written == "\n":
        return Shape.BREAK
    if written[0].isdecimal():
        return Shape.NUMBER
    return Shape.WORD if written[0].isalnum() else Shape.SIGN


def key_of(phrase: str) -> tuple[str, ...]:
    """A phrase as the tokens it is compared by (lower case, accents kept); hyphens and apostrophes fall away."""
    return tuple(word for word in _TOKEN.findall(lower(phrase)) if word not in _NO_WORDS)


def keys_of(phrases: Iterable[str]) -> list[tuple[str, ...]]:
    """The keys of many phrases without a line end, read in one go."""
    keys: list[tuple[str, ...]] = []
    key: list[str] = []
    for word in _TOKEN.findall(lower("".join(f"{phrase}\n" for phrase in phrases))):
        if word == "\n":
            keys.append(tuple(key))
            key = []
        elif word not in _NO_WORDS:
            key.append(word)
    return keys


def words_of(text: str) -> set[str]:
    """The words of which the keys of a text's phrases are made."""
    return set(_TOKEN.findall(lower(text))) - _NO_WORDS
