"""Phrases that a partner confirmed or corrected are counted, without names and values, for `offportal phrases`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.actions import Action, AnyAction, Certainty, Lost, Set, Won
from bot.language.case import Case
from bot.language.learning import Learnt, learnt
from bot.ports import PhraseOutcome, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A phrase and what the partner said of how it was understood."""

    learnt: Learnt
    outcome: PhraseOutcome


def lessons(
    pending: Sequence[AnyAction], said: Sequence[AnyAction], case: Case, *, answered: bool | None
) -> tuple[Lesson, ...]:
    """What a reply teaches about what had been asked: a yes confirms it, the same thing said otherwise corrects it.

    Args:
        pending: what the partner had been asked to confirm.
        said: what this reply was understood to propose.
        case: the case this reply was read in.
        answered: True for a plain yes, False for a plain no, None for anything else. A plain no alone teaches
            nothing: it may be the deal that changed.
    """
    asked = [one for one in pending if one.certainty is Certainty.CONFIRM]
    if answered:
        return _taught(asked, case, PhraseOutcome.CONFIRMED)
    return _taught([one for one in asked if any(_corrects(new, one) for new in said)], case, PhraseOutcome.CORRECTED)


def taken_back(actions: Iterable[AnyAction], case: Case) -> tuple[Lesson, ...]:
    """What an undo teaches about the words that had been applied."""
    return _taught(actions, case, PhraseOutcome.CORRECTED)


async def collect(unit: Unit, taught: Iterable[Lesson], *, now: datetime) -> None:
    """Count what was taught."""
    for one in taught:
        found = one.learnt
        await unit.count_phrase(
            language=found.language, kind=found.kind, words=found.words, outcome=one.outcome, now=now
        )


def _taught(actions: Iterable[AnyAction], case: Case, outcome: PhraseOutcome) -> tuple[Lesson, ...]:
    found = (learnt(action, case) for action in actions)
    return tuple(Lesson(learnt=one, outcome=outcome) for one in dict.fromkeys(found) if one is not None)


def _corrects(new: Action, old: Action) -> bool:
    """Whether the same thing of the same deal was now said otherwise."""
    if getattr(new, "deal", None) != getattr(old, "deal", None):
        return False
    match new, old:
        case Set(field=field, value=value), Set(field=before, value=earlier):
            return field == before and value is not None and value != earlier
        case (Won(), Lost()) | (Lost(), Won()):
            return True
    return False
