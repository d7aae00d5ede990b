"""Finds which of the speaker's deals are named. Never guesses: a name that several deals share stays several.

A deal is named by its name, its company (without legal form), its registration number, or a clear part of these.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.language.case import CaseDeal
from bot.language.normalise import name_key
from bot.language.slips import slips
from bot.language.text import Shape, Text, Token

_LEGAL_FORMS = frozenset(
    {
        "gmbh", "ag", "kg", "kgaa", "ug", "ohg", "gbr", "mbh", "se", "eg", "ev", "ltd", "limited", "llc", "llp",
        "plc", "inc", "corp", "co", "company", "bv", "nv", "vof", "sa", "sas", "sarl", "sasu", "eurl", "srl",
        "spa", "snc", "sl", "slu", "lda", "ltda", "eireli", "sca", "scrl", "cv", "ab", "oy", "as", "aps", "sro",
        "spzoo", "zoo", "group", "holding", "gruppe", "groupe", "gruppo", "grupo", "und", "and", "et", "en", "y",
        "e", "i", "de", "du", "des", "di", "del", "della", "van", "von", "der", "the", "le", "la", "les", "el",
        "los", "il", "lo", "do", "da", "&", "u",
    }
)  # fmt: skip
_MIN_PART = 3
_FUZZY_ONE = 5
_FUZZY_TWO = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class DealFound:
    """Tokens `first` up to, not including, `last` name these deals; several ids: a name they share."""

    first: int
    last: int
    ids: tuple[str, ...]
    whole: bool = False  # the whole name or company, or a registration number


@dataclass(frozen=True, slots=True)
class _Name:
    deal: str
    keys: tuple[str, ...]


class DealNames:
    """The names of some deals, prepared for finding."""

    def __init__(self, deals: Sequence[CaseDeal]) -> None:
        self._wholes: list[_Name] = []
        self._parts: dict[str, set[str]] = {}
        self._registrations: dict[str, str] = {}
        self._prefixes: set[str] = set()
        for deal in deals:
            self._add(deal)
        self._wholes.sort(key=lambda name: -len(name.keys))

    def _add(self, deal: CaseDeal) -> None:
        for name in (deal.name, deal.company):
            keys = _keys(name)
            for whole in {keys, tuple(key for key in keys if key not in _LEGAL_FORMS)}:
                if whole:
                    self._wholes.append(_Name(deal.id, whole))
            for key in keys:
                if len(key) >= _MIN_PART and key not in _LEGAL_FORMS:
                    self._parts.setdefault(key, set()).add(deal.id)
        if deal.registration:
            key = _registration_key(deal.registration)
            self._registrations[key] = deal.id
            self._prefixes.add(re.sub(r"\d.*", "", key))

    def find(self, text: Text, *, ordinary: Iterable[str]) -> list[DealFound]:
        """All mentions, left to right. `ordinary` are folded words of the language: alone they name no deal."""
        words = frozenset(ordinary)
        keys = [name_key(token.fold) if token.shape is not Shape.BREAK else "" for token in text.tokens]
        found: list[DealFound] = []
        at = 0
        while at < len(keys):
            one = (
                self._registration(text, at)
                or self._whole(text.tokens, keys, at, words)
                or self._part(text.tokens, keys, at, words)
            )
            if one is not None:
                found.append(one)
            at = one.last if one is not None else at + 1
        return found

    def is_registration_prefix(self, word: str) -> bool:
        """Whether a folded word begins the registration numbers of these deals ("reg")."""
        return word in self._prefixes

    def _registration(self, text: Text, at: int) -> DealFound | None:
        tokens = text.tokens
        if tokens[at].fold not in self._prefixes:
            return None
        last = at + 1
        while last < len(tokens) and tokens[last].fold in {"-", "#", ":", "."} and last < at + 3:
            last += 1
        if last >= len(tokens) or tokens[last].shape is not Shape.NUMBER:
            return None
        deal = self._registrations.get(tokens[at].fold + re.sub(r"\D", "", tokens[last].fold))
        return DealFound(first=at, last=last + 1, ids=(deal,) if deal else (), whole=True)

    def _whole(self, tokens: Sequence[Token], keys: Sequence[str], at: int, words: frozenset[str]) -> DealFound | None:
        best: tuple[int, set[str]] = (at, set())
        for name in self._wholes:
            end = _reach(keys, at, name.keys)
            if end > best[0]:
                best = (end, {name.deal})
            elif end == best[0] > at:
                best[1].add(name.deal)
        end, ids = best
        if end == at:
            return None
        if end - at == 1 and tokens[at].fold in words and not tokens[at].capital:
            return None
        return DealFound(first=at, last=end, ids=tuple(sorted(ids)), whole=True)

    def _part(self, tokens: Sequence[Token], keys: Sequence[str], at: int, words: frozenset[str]) -> DealFound | None:
        """A run of words that are all parts of one deal's name; linking words between them are stepped over."""
        ids = self._deals_with(keys[at], tokens[at], words)
        if not ids:
            return None
        last = place = at + 1
        distinctive = tokens[at].fold not in words
        while place < len(keys):
            if keys[place] in _LEGAL_FORMS or tokens[place].fold in {"-", "&"}:
                place += 1
                continue
            both = ids & self._parts.get(keys[place], set())
            if not both:
                break
            ids, last = both, place + 1
            distinctive = distinctive or tokens[place].fold not in words
            place += 1
        if not distinctive:
            return None
        return DealFound(first=at, last=last, ids=tuple(sorted(ids)))

    def _deals_with(self, key: str, token: Token, words: frozenset[str]) -> set[str]:
        if token.shape is not Shape.WORD or len(key) < _MIN_PART:
            return set()
        for spelled in (key, key.removesuffix("s")):
            if spelled in self._parts:
                return self._parts[spelled]
        if token.fold in words or len(key) < _FUZZY_ONE:
            return set()
        allowed = 2 if len(key) >= _FUZZY_TWO else 1
        ids: set[str] = set()
        for part, deals in self._parts.items():
            close = part[0] == key[0] and len(part) >= _FUZZY_ONE
            if (close and slips(part, key, most=allowed) <= allowed) or _is_tail(part, key):
                ids |= deals
        return ids


def _is_tail(part: str, key: str) -> bool:
    """Whether a word is what a compound of the name ends in: "Spital" of "Kantonsspital"."""
    return len(part) - len(key) >= _MIN_PART and part.endswith(key)


def _keys(name: str) -> tuple[str, ...]:
    return tuple(name_key(token.fold) for token in Text(name).tokens if token.shape in {Shape.WORD, Shape.NUMBER})


def _registration_key(number: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name_key(number))


def _reach(keys: Sequence[str], at: int, name: tuple[str, ...]) -> int:
    """Where a name that begins at `at` ends, or `at`; hyphens and "&" between its words do not matter."""
    place = at
    for number, part in enumerate(name):
        while number and place < len(keys) and keys[place] in {"-", "&", "'", "."}:
            place += 1
        last = number == len(name) - 1
        if place >= len(keys) or not (keys[place] == part or (last and keys[place] == part + "s")):
            return at
        place += 1
    return place
