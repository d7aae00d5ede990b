"""An answer to "is this what you meant?": yes, no, or yes with changes. Applies nothing that was not shown or said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.actions import (
    AnyAction,
    Certainty,
    Extend,
    Lost,
    Question,
    Register,
    Set,
    Undo,
    Won,
)
from bot.language.mood import Mood
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
        return [_with(action, Certainty.APPLY) for action in pending]
    if plain == "no":
        return []
    if plain == "thanks":
        return []
    yes = any(_agrees(view) for view in views[:2])
    no = any(view.clause.has("no") for view in views[:2])
    changes = [action for action in said if not isinstance(action, Question)]
    if changes and all(isinstance(action, Undo) for action in changes):
        return [action for action in said if isinstance(action, Question)]  # "leave it as it was": nothing was done yet
    if changes:
        corrected = any(_same_thing(action, one) for action in pending for one in changes)
        if yes or (corrected and not no):
            return _changed(pending, changes, said, rest=[_with(a, Certainty.APPLY) for a in pending])
        return _changed(pending, changes, said, rest=[] if no else [_with(a, Certainty.CONFIRM) for a in pending])
    return None


def _agrees(view: View) -> bool:
    """Whether a clause says yes now: "perhaps" and "I confirm tomorrow" do not."""
    put_off = any(not one.exact for one in view.clause.dates)
    doubted = view.mood in {Mood.DOUBTED, Mood.CONDITIONAL}
    return view.clause.has("yes", "ok", "c:right") and not (view.clause.has("not") or doubted or put_off)


def _with(action: AnyAction, certainty: Certainty) -> AnyAction:
    """The action this sure; one that still waits for a value stays as it is."""
    return action if action.ask is not None else replace(action, certainty=certainty)


def _changed(
    pending: Sequence[AnyAction], changes: Sequence[AnyAction], said: Sequence[AnyAction], *, rest: Sequence[AnyAction]
) -> list[AnyAction]:
    """Pending with what was changed in its place; of `rest`, what becomes of the pending actions, the others stay."""
    new = list(changes)
    result: list[AnyAction] = []
    for action in pending:
        change = next((one for one in new if _same_thing(action, one)), None)
        if change is not None:
            new.remove(change)
            result.append(_with_deal(change, action))
        elif rest:
            result.append(rest[pending.index(action)])
    result.extend(new)
    result.extend(action for action in said if isinstance(action, Question))
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
        if getattr(change, "value", getattr(change, "until", deal)) is None:
            return replace(action, certainty=Certainty.CONFIRM)  # said to be wrong, and not what is right
        return replace(change, deal=deal, certainty=Certainty.APPLY, ask=None)
    return change
