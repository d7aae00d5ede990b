"""A yes to some of what was pending and a no to the rest: "the amount yes, the date no". Guesses nothing unnamed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.actions import AnyAction, Certainty, Field, Set
from bot.language.guards import Mood
from bot.language.view import View

_NOUNS = {
    ":wrong_amount:": Field.AMOUNT,
    ":wrong_date:": Field.CLOSE_DATE,
    ":wrong_stage:": Field.STAGE,
    ":wrong_currency:": Field.CURRENCY,
}
"""The patterns whose first group names a field: "amount", "close date", "stage", "currency"."""


def partial(pending: Sequence[AnyAction], views: Sequence[View]) -> list[AnyAction] | None:
    """What becomes of several pending actions when each clause speaks of one field; None when it is no such answer.

    A field said yes to is applied, one said no to is dropped. What is not named is dropped behind "only the amount",
    else it still waits for a yes.
    """
    if len(pending) < 2 or any(view.clause.has_slot or view.clause.unknown for view in views):  # noqa: PLR2004
        return None
    said: dict[Field, bool] = {}
    only = False
    for view in views:
        fields = _fields(view)
        if not fields:
            continue
        answer = _answer(view)
        if len(fields) > 1 or answer is None:
            return None
        said[fields.pop()] = answer
        only = only or view.clause.has("c:some")
    named = {action.field for action in pending if isinstance(action, Set)} & said.keys()
    if not named or named != said.keys():
        return None
    kept: list[AnyAction] = []
    for action in pending:
        if isinstance(action, Set) and action.field in said:
            kept.extend([_sure(action, Certainty.APPLY)] if said[action.field] else [])
        elif not only:
            kept.append(_sure(action, Certainty.CONFIRM))
    return kept


def _fields(view: View) -> set[Field]:
    tags = [tag for tag in view.clause.tags if tag.endswith(":0")]
    return {field for noun, field in _NOUNS.items() if any(noun in tag for tag in tags)}


def _answer(view: View) -> bool | None:
    """Yes, no, or None where neither or both are said."""
    if view.mood not in {Mood.STATED, Mood.DENIED}:
        return None
    yes = view.clause.has("yes", "ok", "c:right", "c:some")
    no = view.clause.has("no", "not", "c:wrong")
    return yes if yes != no else None


def _sure(action: AnyAction, certainty: Certainty) -> AnyAction:
    """The action this sure; one that still waits for a value stays as it is."""
    return action if action.ask is not None else replace(action, certainty=certainty)
