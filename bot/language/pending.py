"""An answer to "is this what you meant?": yes, no, or yes with changes. Applies nothing that was not shown or said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.actions import (
    AnyAction,
    Certainty,
    Extend,
    Lost,
    Register,
    Set,
    Won,
)
from bot.language.view import View


def answer(
    pending: Sequence[AnyAction], said: Sequence[AnyAction], views: Sequence[View], plain: str | None
) -> list[AnyAction] | None:
    """The actions that follow from an answer to `pending`; None when it is no answer to it.

    Args:
        pending: what was shown.
        said: what the reply itself proposes, read as if nothing were pending.
        views: the reply's clauses.
        plain: its plain yes or no, when it is nothing else.
    """
    if plain in {"yes", "ok"}:
        return [action if action.ask is not None else _applied(action) for action in pending]
    if plain == "no":
        return []
    if plain == "thanks":
        return []
    yes = any(view.clause.has("yes", "ok", "c:right") and not view.clause.has("not") for view in views[:2])
    no = any(view.clause.has("no") for view in views[:2])
    changes = [action for action in said if not _is_question(action)]
    if changes:
        return _changed(pending, changes, said, keep=yes or not no)
    return None


def _is_question(action: AnyAction) -> bool:
    return type(action).__name__ == "Question"


def _applied(action: AnyAction) -> AnyAction:
    return replace(action, certainty=Certainty.APPLY, ask=None)


def _changed(
    pending: Sequence[AnyAction], changes: Sequence[AnyAction], said: Sequence[AnyAction], *, keep: bool
) -> list[AnyAction]:
    """Pending with what was changed in its place; without a yes only what the change replaces falls away."""
    rest = list(changes)
    result: list[AnyAction] = []
    for action in pending:
        change = next((one for one in rest if _same_thing(action, one)), None)
        if change is not None:
            rest.remove(change)
            result.append(_with_deal(change, action))
        elif keep:
            result.append(action if action.ask is not None else _applied(action))
    result.extend(rest)
    result.extend(action for action in said if _is_question(action))
    return result


def _same_thing(first: AnyAction, second: AnyAction) -> bool:
    """Whether two actions are about the same field of the same deal; an unnamed deal is the pending one."""
    if type(first) is not type(second):
        return isinstance(first, Won | Lost) and isinstance(second, Won | Lost)
    if isinstance(first, Set) and isinstance(second, Set):
        return first.field is second.field and second.deal in {first.deal, None}
    if isinstance(first, Extend) and isinstance(second, Extend):
        return second.deal in {first.deal, None}
    return isinstance(first, Register) or getattr(first, "deal", None) == getattr(second, "deal", None)


def _with_deal(change: AnyAction, action: AnyAction) -> AnyAction:
    if isinstance(change, Set | Extend | Won | Lost) and change.deal is None:
        deal: str | None = getattr(action, "deal", None)
        return replace(change, deal=deal, certainty=Certainty.APPLY, ask=None)
    return change
