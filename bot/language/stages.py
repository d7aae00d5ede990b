"""Finds stage labels in words and places a stage among a motion's stages. Never invents a label."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.language.slips import slips
from bot.language.text import Shape, Text, Token

_LINKS = frozenset({"&", "/", "-", "and", "und", "et", "en", "y", "e", "+"})
_MIN_PART = 5
_FUZZY = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class StageFound:
    """Tokens `first` up to, not including, `last` name one of these labels; `whole` when it is the whole label."""

    first: int
    last: int
    labels: tuple[str, ...]
    whole: bool


class StageNames:
    """The labels of some motions, prepared for finding."""

    def __init__(self, labels: Iterable[str]) -> None:
        self._wholes: list[tuple[tuple[str, ...], str]] = []
        self._parts: dict[str, set[str]] = {}
        for label in labels:
            words = _words(label)
            self._wholes.append((words, label))
            for word in words:
                if len(word) >= _MIN_PART:
                    self._parts.setdefault(word, set()).add(label)
        self._wholes.sort(key=lambda whole: -len(whole[0]))

    def find(self, text: Text, *, taken: Sequence[bool]) -> list[StageFound]:
        """All mentions, left to right, the longest at each place; tokens that are taken name no stage."""
        tokens = text.tokens
        found: list[StageFound] = []
        at = 0
        while at < len(tokens):
            one = None if taken[at] or tokens[at].shape is not Shape.WORD else self._at(tokens, at)
            if one is not None:
                found.append(one)
            at = one.last if one is not None else at + 1
        return found

    def _at(self, tokens: Sequence[Token], at: int) -> StageFound | None:
        for words, label in self._wholes:
            end = _reach(tokens, at, words)
            if end > at:
                return StageFound(first=at, last=end, labels=(label,), whole=True)
        labels = self._parts.get(tokens[at].fold)
        if not labels:
            return None
        return StageFound(first=at, last=at + 1, labels=tuple(sorted(labels)), whole=False)


def _words(label: str) -> tuple[str, ...]:
    return tuple(token.fold for token in Text(label).tokens if token.shape is Shape.WORD and token.fold not in _LINKS)


def _reach(tokens: Sequence[Token], at: int, words: tuple[str, ...]) -> int:
    place = at
    for number, word in enumerate(words):
        while number and place < len(tokens) and tokens[place].fold in _LINKS:
            place += 1
        if place >= len(tokens) or not _same(tokens[place].fold, word):
            return at
        place += 1
    return place if words else at


def _same(written: str, word: str) -> bool:
    if written == word:
        return True
    if len(word) < _FUZZY or not written or written[0] != word[0]:
        return False
    return slips(written, word, most=1) == 1


def label_among(labels: Iterable[str], stages: Sequence[str]) -> str | None:
    """The one of `labels` that is among a motion's stages; None when none or several are."""
    wanted = {label.lower() for label in labels}
    here = [stage for stage in stages if stage.lower() in wanted]
    return here[0] if len(here) == 1 else None


def step(stages: Sequence[str], present: str, by: int) -> str | None:
    """The stage some places on (or back); None beyond the first or last, or when the present one is unknown."""
    if present not in stages:
        return None
    place = list(stages).index(present) + by
    return stages[place] if 0 <= place < len(stages) else None


def all_labels(stages: Mapping[str, Sequence[str]]) -> list[str]:
    """The labels of all motions, once each."""
    return list(dict.fromkeys(label for labels in stages.values() for label in labels))
