"""Matches what can be meant against a clause. Knows no guard and no value: see guards and fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.language.segments import Clause


@dataclass(frozen=True, slots=True)
class Match:
    """An intent that a clause matches, and the places of the tokens that say so."""

    name: str
    places: frozenset[int]


def matches(clause: Clause) -> Mapping[str, Match]:
    """All intents whose every group stands in the clause, in any order."""
    found: dict[str, Match] = {}
    tags = clause.tags
    if not tags:
        return found
    for vocabulary in clause.reading.vocabularies:
        for intent in vocabulary.intents:
            if all(not group.isdisjoint(tags) for group in intent.groups):
                earlier = found[intent.name].places if intent.name in found else frozenset()
                found[intent.name] = Match(intent.name, earlier | _places(clause, intent.groups))
    return found


def _places(clause: Clause, groups: tuple[frozenset[str], ...]) -> frozenset[int]:
    wanted = frozenset().union(*groups)
    return frozenset(
        place for phrase in clause.phrases if phrase.tags & wanted for place in range(phrase.first, phrase.last)
    )
