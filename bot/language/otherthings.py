"""Whether something else than a deal was won, signed or lost: trust, time, a person, an order of leaflets. Proposes
nothing."""

from __future__ import annotations

from bot.language.coverage import OBJECTS, has_other_object, tags_at
from bot.language.segments import Clause
from bot.language.view import View

INFLECTED = frozenset({"fr", "es", "it", "pt"})


def is_about_something_else(view: View, places: frozenset[int]) -> bool:
    """Whether the trigger has an object that is no deal: "won their trust", "den Pitch gewonnen", "lost two weeks"."""
    clause = view.clause
    place_of = clause.reading.text.place
    if any(place_of(one.start) - 1 in places or place_of(one.end) in places for one in clause.lengths):
        return True
    behind = max(places) + 1
    if _is_person(clause, behind) or _is_of_something_else(clause, places):
        return True
    return has_other_object(clause, behind) or (clause.has("c:we") and _is_other_before(clause, min(places)))


def _is_person(clause: Clause, place: int) -> bool:
    """Whether it is a person that was won or lost: "ganamos a su CTO"; a capitalised name may be a rival."""
    tokens = clause.reading.text.tokens
    if place >= clause.last or tokens[place].fold not in clause.reading.vocabularies[0].lists.get("personal", ()):
        return False
    noun = place + 1
    while "determiner" in tags_at(clause, noun):
        noun += 1
    if noun >= clause.last or clause.reading.taken[noun] or tags_at(clause, noun) & OBJECTS:
        return False
    word = clause.reading.text.raw[tokens[noun].start : tokens[noun].end]
    return not tags_at(clause, noun) & {"c:them"} and (not tokens[noun].capital or word.isupper())


def _is_of_something_else(clause: Clause, places: frozenset[int]) -> bool:
    """Whether the order or contract is for something that nothing explains: "the order for leaflets has come"."""
    tokens = clause.reading.text.tokens
    for phrase in clause.places("c:contract"):
        at = phrase.last
        inflected = clause.reading.language in INFLECTED and "about_deal" in tags_at(clause, at)
        other = at + 1 in clause.unknown or tags_at(clause, at + 1) & {"c:document", "c:event", "c:side_paper"}
        if (
            inflected
            and other
            and not tokens[at + 1].capital
            and not places.isdisjoint(range(phrase.first - 1, phrase.last))
        ):
            return True
    return False


def _is_other_before(clause: Clause, end: int) -> bool:
    """The same right before the trigger, where German and Dutch put it; behind a preposition it is no object."""
    for at in range(end - 1, max(clause.first, end - 7) - 1, -1):
        tags = tags_at(clause, at)
        if clause.reading.taken[at] or (tags & OBJECTS and "determiner" not in tags):
            return False
        if "determiner" in tags and at < end - 1 and not tags_at(clause, at - 1) & {"preposition", "about_deal"}:
            return True
    return False
