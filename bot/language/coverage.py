"""Whether the words that carry an action are wholly understood. What is not known is not trusted.

An unknown word is harmless only behind the words that carry the action, inside a phrase that a preposition opens
("signed by their new finance lady"), or, where the caller allows it, as the noun of a subject ("the finance lady
signed"). Everything else could turn the meaning, so the action is shown before it is done.
"""

from __future__ import annotations

from collections.abc import Collection

from bot.domain.actions import Certainty
from bot.language.guards import Mood
from bot.language.segments import Clause

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
    loose = [place for place in unknown if not _harmless(clause, place, last, subject=subject, obj=obj)]
    return loose or (unknown if len(unknown) > _TOLERATED else [])


def _harmless(clause: Clause, place: int, last: int, *, subject: bool, obj: bool) -> bool:
    tokens = clause.reading.text.tokens
    if len(tokens[place].fold) == 1:
        return True
    if any(last < phrase.first < place for phrase in clause.places("c:because")):
        return True  # why it is so does not change that it is so
    opened = _opened_by(clause, place)
    if place > last:
        return opened == "preposition" or (obj and opened == "determiner")
    return subject and (
        opened in {"determiner", "preposition"} or (clause.reading.language == "de" and tokens[place].capital)
    )


def _opened_by(clause: Clause, place: int) -> str | None:
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
