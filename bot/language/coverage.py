"""Whether the words that carry an action are wholly understood. What is not known is not trusted.

An unknown word is harmless only behind the words that carry the action, inside a phrase that a preposition opens
("signed by their new finance lady"), or, where the caller allows it, as the noun of a subject ("the finance lady
signed"). Everything else could turn the meaning, so the action is shown before it is done.
"""

from __future__ import annotations

from collections.abc import Collection

from bot.domain.actions import Certainty
from bot.language.governed import is_governed
from bot.language.lexicon import Tags
from bot.language.mood import Mood
from bot.language.segments import Clause
from bot.language.text import Shape

OBJECTS = frozenset(
    {"c:deal", "c:contract", "c:registration", "c:time", "c:rival", "c:rival_noun", "c:because", "c:reason"}
)
"""What can be signed, won, lost, extended or withdrawn, and what stands there without being an object."""
_ATTACHING = frozenset({"preposition", "about_deal", "determiner", "c:deal", "c:them"})
_REACH = 4
_TOLERATED = 4


def certainty(
    clause: Clause,
    mood: Mood,
    carriers: Collection[int],
    *,
    subject: bool = True,
    obj: bool = True,
    known: Collection[int] = (),
) -> Certainty:
    """APPLY when a clause is stated and wholly understood, else CONFIRM.

    Args:
        clause: the clause.
        mood: how it is meant.
        carriers: places of the tokens that carry the action (trigger and values).
        subject: whether unknown nouns before the carriers are harmless.
        obj: whether unknown words right behind the carriers are harmless when a determiner opens them.
        known: places of words that another slot explains, such as a reason.
    """
    case = clause.reading.case
    if mood is not Mood.STATED and mood is not Mood.ASKED:
        return Certainty.CONFIRM
    if carriers and is_governed(clause, min(carriers), max(carriers)):
        return Certainty.CONFIRM
    if not case.cut_is_certain or loose_ends(clause, carriers, subject=subject, obj=obj, known=known):
        return Certainty.CONFIRM
    return Certainty.APPLY


def loose_ends(
    clause: Clause,
    carriers: Collection[int],
    *,
    subject: bool = True,
    obj: bool = True,
    known: Collection[int] = (),
) -> list[int]:
    """The places of unknown words that could turn the meaning."""
    last = max(carriers, default=clause.first)
    unknown = [place for place in clause.unknown if place not in known]
    told = _told_from(clause, min(carriers, default=clause.first))
    loose = [p for p in unknown if p < told or not _harmless(clause, p, last, subject=subject, obj=obj)]
    return loose or (unknown if len(unknown) > _TOLERATED else [])


def _told_from(clause: Clause, fact: int) -> int:
    """Where a fact begins, at the deal that is its subject ("the press has it Acme signed"): what is unknown before it
    may turn it."""
    subjects = [deal.first for deal in clause.deals if deal.first < fact and not _is_attached(clause, deal.first)]
    return max(subjects, default=clause.first)


def _is_attached(clause: Clause, place: int) -> bool:
    """Whether a name belongs to the word before it: "the lady at Acme", "the Acme team", "das Projekt Acme"."""
    if place - 1 not in clause.unknown:
        return place == clause.first or bool(tags_at(clause, place - 1) & _ATTACHING)
    opened = opened_by(clause, place - 1) == "determiner" or bool(tags_at(clause, place - 3) & _ATTACHING)
    noun = opened and place - 2 not in clause.unknown  # "their sister shop Acme"
    return noun or clause.reading.text.tokens[place - 1].capital


def _harmless(clause: Clause, place: int, last: int, *, subject: bool, obj: bool) -> bool:
    tokens = clause.reading.text.tokens
    if len(tokens[place].fold) == 1:
        return True
    opened = opened_by(clause, place)
    if place > last:
        return opened == "preposition" or (obj and opened == "determiner")
    return subject and (
        opened in {"determiner", "preposition"} or (clause.reading.language == "de" and tokens[place].capital)
    )


def opened_by(clause: Clause, place: int) -> str | None:
    """Whether a preposition or a determiner opens the phrase that a word stands in; the nearest one counts."""
    determiner = False
    for at in range(place - 1, max(clause.first, place - _REACH) - 1, -1):
        phrase = clause.reading.phrase_at[at]
        if phrase is None:
            if at in clause.unknown or clause.reading.taken[at]:
                continue
            break
        if phrase.tags & {"preposition", "about_deal"}:
            return "preposition"
        if "determiner" in phrase.tags:
            determiner = True
            continue
        if "filler" not in phrase.tags:
            break
    return "determiner" if determiner else None


def has_other_object(clause: Clause, place: int) -> bool:
    """Whether a determiner and a noun that is neither deal, contract nor time begin at a place."""
    if "determiner" not in tags_at(clause, place):
        return False
    nouns = range(place + 1, min(place + 3, clause.last))
    if (
        place + 2 in nouns
        and clause.reading.text.tokens[place + 1].shape is Shape.WORD
        and not clause.reading.taken[place + 1]
        and not tags_at(clause, place + 1) & (OBJECTS | {"determiner"})
        and _begins_a_span(clause, place + 2)
    ):
        return True  # "renewed the lease 30 days"
    return bool(nouns) and not any(clause.reading.taken[at] or tags_at(clause, at) & OBJECTS for at in nouns)


def _begins_a_span(clause: Clause, place: int) -> bool:
    """Whether a date, a length of time or a number begins at a token."""
    at = clause.reading.text.tokens[place].start
    return any(start == at for start, _ in clause.spans_of_time) or any(one.start == at for one in clause.numbers)


def tags_at(clause: Clause, place: int) -> Tags:
    """The tags of the phrase that a token stands in."""
    phrase = clause.reading.phrase_at[place] if clause.first <= place < clause.last else None
    return phrase.tags if phrase is not None else frozenset()
