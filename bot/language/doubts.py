"""Doubts and denials that reach back to what was said before them: "Signed. Well, nearly.", "my mistake". Sets no mood
of the clause that says them: see guards."""

from __future__ import annotations

from collections.abc import Sequence

from bot.language.intents import matches
from bot.language.mood import Mood
from bot.language.segments import Clause

LIGHT = frozenset(
    {"filler", "determiner", "preposition", "please", "thanks", "ok", "and", "name", "greeting", "signoff"}
)


def is_light(clause: Clause) -> bool:
    """Whether a clause says nothing at all: thanks, please, names, little words."""
    return not clause.unknown and not clause.has_slot and all(phrase.tags & LIGHT for phrase in clause.phrases)


def taken_back(clauses: Sequence[Clause]) -> list[Clause]:
    """What stands before "I got that wrong" or "don't quote me"."""
    found: list[Clause] = []
    for place, clause in enumerate(clauses):
        spoken = [phrase.first for phrase in clause.places("mistaken")]
        if not spoken or any("undo" in matches(one) for one in clauses[: place + 1]):
            continue  # "undo that, I got it wrong" takes back what was written, and means it
        found += clauses[:place]
        if not _says_better(clause, max(spoken)):
            found.append(clause)
    return found


def _says_better(clause: Clause, place: int) -> bool:
    """Whether a value stands behind the words that take one back: "my mistake it is 60k"."""
    place_of = clause.reading.text.place
    starts = [*(one.start for one in clause.numbers), *(one.start for one in clause.dates)]
    return any(place_of(start) > place for start in starts) or any(one.first > place for one in clause.stages)


def _is_alone(clause: Clause) -> bool:
    return not clause.has_slot and not clause.has_trigger and not clause.unknown


def is_bare_denial(clause: Clause) -> bool:
    """Whether a clause is a "not" alone, which takes back what stands before it: "Acme signed - not"."""
    if not clause.has("not") or clause.asked or not _is_alone(clause) or clause.numbers:
        return False
    return all("not" in phrase.tags or phrase.tags <= {"filler", "not", "no"} for phrase in clause.phrases)


def doubt_behind(clauses: Sequence[Clause], found: dict[Clause, Mood]) -> None:
    """A sentence of doubt alone also holds for what stands before it: "It is signed. Well, nearly."."""
    for place, clause in enumerate(clauses):
        if not place or found[clause] is not Mood.DOUBTED or not says_doubt_alone(clause):
            continue
        opens = [one for one in clauses[:place] if one.sentence == clause.sentence]
        if not all(says_doubt_alone(one) or is_light(one) for one in opens):
            continue
        last = max((one.sentence for one in clauses[:place] if one.sentence < clause.sentence), default=None)
        for one in clauses[:place]:
            if one.sentence == last and found[one] is Mood.STATED:
                found[one] = Mood.DOUBTED


def says_doubt_alone(clause: Clause) -> bool:
    """Whether nothing but a doubt, and words that open a sentence, stand in a clause."""
    doubts = ("maybe", "reported", "nearly")
    opening = {*doubts, "ok", "but", "correction", "yes", "no", "thanks", "and"}
    return (
        clause.has(*doubts)
        and not clause.unknown
        and not clause.has_slot
        and not clause.deals
        and all(phrase.tags & opening for phrase in clause.phrases)
    )
