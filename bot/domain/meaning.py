"""What an action about a deal means: the fields it changes and the policy it falls under. Pure; decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.domain.actions import Extend, Field, Lost, Set, Withdraw, Won
from bot.domain.deals import Deal, DealField, FieldChange, FieldValue, Outcome, Pipelines
from bot.domain.heard import DealAction
from bot.domain.policy import Item
from bot.domain.protection import extended, released


def last_word(said: Sequence[DealAction]) -> list[DealAction]:
    """The same thing said twice: the last word wins; won and lost and a stage are the same thing, and
    so are extending and giving back."""
    kept: dict[str, DealAction] = {}
    for action in said:
        match action:
            case Set(field=name):
                kept[name] = action
            case Extend() | Withdraw():
                kept["protection"] = action
            case _:
                kept[Field.STAGE] = action
    return list(kept.values())


def changes_of(action: DealAction, deal: Deal, pipelines: Pipelines) -> list[FieldChange] | None:
    """The field changes an action means; None when the deal's pipeline has no such stage."""
    pipeline = pipelines.get(deal.motion) if deal.motion else None

    def change(name: DealField, new: FieldValue) -> FieldChange:
        return FieldChange(field=name, old=deal.value(name), new=new)

    match action:
        case Won():
            label = pipeline.closing_label(Outcome.WON) if pipeline else None
            return [change(DealField.STAGE, label)] if label else None
        case Lost(reason=reason, competitor=competitor):
            label = pipeline.closing_label(Outcome.LOST) if pipeline else None
            if label is None:
                return None
            extra = [(DealField.LOST_REASON, reason), (DealField.COMPETITOR, competitor)]
            return [change(DealField.STAGE, label), *(change(f, v) for f, v in extra if v)]
        case Extend(until=date() as until):
            return list(extended(deal, until))
        case Withdraw():
            return list(released(deal))
        case Set(field=Field.STAGE, value=str(label)):
            known = pipeline is not None and label in {s.label for s in pipeline.stages}
            return [change(DealField.STAGE, label)] if known else None
        case Extend():
            return []  # asked for its day
        case Set(field=name, value=value):
            return [change(DealField(name.value), value)]


def item_of(action: DealAction) -> Item:
    match action:
        case Set(field=name):
            return Item(name.value)
        case Won():
            return Item.WON
        case Lost():
            return Item.LOST
        case Extend():
            return Item.EXTEND
        case Withdraw():
            return Item.WITHDRAW
