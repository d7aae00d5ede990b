"""Yes to some of what was shown and no to the rest: "the amount is right, the date isn't". Leaves unsaid parts open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.actions import AnyAction, Certainty, Extend, Field, Set
from bot.language.mood import Mood
from bot.language.phrases import expand
from bot.language.segments import Clause
from bot.language.view import View


def answer(pending: Sequence[AnyAction], views: Sequence[View]) -> list[AnyAction] | None:
    """The pending actions that were said yes to, and those that nothing was said of; None when no part is named."""
    if len(pending) < 2 or any(view.mood is Mood.ASKED or view.clause.has_slot for view in views):  # noqa: PLR2004
        return None
    said: dict[int, bool] = {}
    rest: bool | None = None
    for view in views:
        parts, yes = _parts(view.clause, pending), _polarity(view.clause)
        if parts and yes is not False and view.clause.has("c:some"):
            yes, rest = True, False  # "only the amount"
        if parts and yes is None:
            return None
        if yes is not None and parts:
            said.update(dict.fromkeys(parts, yes))
            rest = False if view.clause.has("c:some", "c:only") else rest  # "only the amount"
        elif yes is not None:
            rest = yes
    if not said:
        return None
    result: list[AnyAction] = []
    for place, action in enumerate(pending):
        yes = said.get(place, rest)
        if yes is not False:
            certainty = Certainty.APPLY if yes and action.ask is None else action.certainty
            result.append(replace(action, certainty=certainty))
    return result


def _polarity(clause: Clause) -> bool | None:
    """True for a yes, False for a no, None when neither or both are said."""
    if clause.has("maybe", "if", "reported"):
        return None
    if clause.has("no", "not", "c:wrong"):
        return False if not clause.has("yes") else None
    return True if clause.has("yes", "ok", "c:right", "c:some", "c:only") else None


def _parts(clause: Clause, pending: Sequence[AnyAction]) -> list[int]:
    """The places of the pending actions that a clause names, by their field or their number in the list."""
    fields = {
        Field.AMOUNT: ("c:value", "wrong_amount"),
        Field.CLOSE_DATE: ("c:closing", "wrong_date"),
        Field.STAGE: ("c:stage", "wrong_stage"),
        Field.CURRENCY: ("c:currency", "wrong_currency"),
    }
    named: list[int] = []
    for place, action in enumerate(pending):
        if (isinstance(action, Set) and action.field in fields and _names(clause, *fields[action.field])) or (
            isinstance(action, Extend) and clause.has("c:registration")
        ):
            named.append(place)
    if named:
        return named
    words = {token.fold for token in clause.reading.text.tokens[clause.first : clause.last]}
    ordinals = clause.reading.vocabularies[0].dates.ordinals
    return [
        place
        for place, phrases in enumerate(ordinals[: len(pending)])
        if any(len(key) == 1 and key[0] in words for phrase in phrases for key in expand(phrase))
    ]


def _names(clause: Clause, concept: str, intent: str) -> bool:
    nouns = f":{intent}:0:0"
    return clause.has(concept) or any(tag.endswith(nouns) for tag in clause.tags)
