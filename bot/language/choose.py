"""Chooses the value that is meant among several dates or numbers of a clause. Several that compete stay several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from bot.language.lexicon import Phrase
from bot.language.segments import Clause
from bot.language.text import Shape


class Spanned(Protocol):
    """Something found at characters start..end."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


_Found = TypeVar("_Found", bound=Spanned)
_ARROWS = frozenset("→>")


def meant(clause: Clause, found: Sequence[_Found]) -> list[_Found]:
    """The values left when "from A", "instead of A", "not A" and what a correction takes back are left out."""
    rest = [one for one in found if not _is_old(clause, one, found)]
    if len(rest) > 1:
        rest = _after_correction(clause, rest)
    if len(rest) > 1:
        marked = [one for one in rest if before(clause, one.start, "c:total", reach=4)]
        rest = marked if len(marked) == 1 else rest
    return rest


def before(clause: Clause, at: int, *tags: str, reach: int = 2) -> bool:
    """Whether one of the `reach` phrases before a character carries one of the tags; values lie in between not."""
    return any(phrase.tags & set(tags) for phrase in phrases_before(clause, at, reach))


def after(clause: Clause, at: int, *tags: str, reach: int = 1) -> bool:
    """Whether a phrase that begins within `reach` tokens behind a character carries one of the tags."""
    first = clause.reading.text.place(at)
    for place in range(first, min(first + reach, clause.last)):
        phrase = clause.reading.phrase_at[place]
        if phrase is not None and phrase.tags & set(tags):
            return True
    return False


def phrases_before(clause: Clause, at: int, reach: int) -> list[Phrase]:
    """The last phrases before a character; a value or an unknown word between ends the search."""
    last = min(clause.reading.text.place(at), clause.last)
    found: list[Phrase] = []
    for place in range(last - 1, max(clause.first, last - 2 * reach - 2) - 1, -1):
        phrase = clause.reading.phrase_at[place]
        if clause.reading.taken[place] or (phrase is None and clause.reading.text.tokens[place].shape is Shape.WORD):
            break
        if phrase is not None and phrase not in found:
            found.append(phrase)
    return found[:reach]


def _is_old(clause: Clause, one: Spanned, found: Sequence[Spanned]) -> bool:
    if before(clause, one.start, "c:old", reach=1):
        return True
    if len(found) < 2:  # noqa: PLR2004
        return False
    if before(clause, one.start, "c:from", "c:instead", "not"):
        return True
    tokens = clause.reading.text.tokens
    behind = clause.reading.text.place(one.end)
    return behind < clause.last and tokens[behind].shape is Shape.SIGN and tokens[behind].fold in _ARROWS


def _after_correction(clause: Clause, found: Sequence[_Found]) -> list[_Found]:
    """The values behind the last correction ("50k, sorry, 60k")."""
    tokens = clause.reading.text.tokens
    corrections = [tokens[phrase.first].start for phrase in clause.places("correction")]
    kept = [one for one in found if any(at < one.start for at in corrections) and one.start > min(corrections)]
    return kept[-1:] if kept else list(found)
