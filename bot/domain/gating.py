"""A stage change at a gate: whether it goes on, waits for the partner's values, or goes to a person. Pure.

A stage change that waits stays among the pending actions with Certainty.APPLY: it was said plainly, and only values are
missing. What else is pending has a lesser certainty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.actions import AnyAction, Ask, Certainty, Field, Lost, Set, Won
from bot.domain.deals import Deal, DealField, FieldChange, Outcome, Pipelines
from bot.domain.motions import gate
from bot.domain.policy import Item, Policies, Rule

_ASKS = {
    "amount": (Field.AMOUNT, Ask.AMOUNT),
    "currency": (Field.CURRENCY, Ask.CURRENCY),
    "close_date": (Field.CLOSE_DATE, Ask.CLOSE_DATE),
    "next_step": (Field.NEXT_STEP, Ask.NEXT_STEP),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the gate says of a stage change: the rule that holds now, and what is missing. With Rule.APPLY and
    something missing it waits for the partner; with Rule.MANAGER a person has to see to it."""

    rule: Rule = Rule.APPLY
    missing: tuple[str, ...] = ()


def verdict(
    deal: Deal,
    target: str,
    *,
    applied: Sequence[FieldChange],
    proposed: Sequence[FieldChange],
    pipelines: Pipelines,
    policies: Policies,
    role: str,
) -> Verdict:
    """Whether a stage change that policy allows passes its gate. `applied` are the changes that the same message
    brings: they count; those it only proposes (`proposed`) count once they are confirmed, so both wait for one yes."""
    missing = gate(_with(deal, applied), target, pipelines, policies.motions)
    own = _own(missing, policies, role)
    if not missing:
        return Verdict()
    if not own:
        return Verdict(rule=Rule.MANAGER, missing=missing)
    sure_to_come = {c.field.value for c in proposed}
    return Verdict(rule=Rule.CONFIRM) if set(own) <= sure_to_come else Verdict(missing=own)


def has_no_stages(action: AnyAction, deals: Mapping[str, Deal], pipelines: Pipelines) -> bool:
    """Whether an action would move a deal that has no motion, or one without a pipeline: only a person can move it,
    and to ask its partner for a stage would lead nowhere."""
    deal = deals.get(getattr(action, "deal", None) or "")
    moves = _is_stage(action) or isinstance(action, Lost)
    return moves and deal is not None and (deal.motion is None or deal.motion not in pipelines)


def resumed(action: AnyAction, pending: Sequence[AnyAction]) -> AnyAction:
    """The action as it was said, when it is the stage change that waits at a gate: whatever the answer brings, it
    needs no second yes."""
    return replace(action, certainty=Certainty.APPLY) if waits(action, pending) else action


def waits(action: AnyAction, pending: Sequence[AnyAction]) -> bool:
    """Whether this stage change waits at a gate."""
    return _is_stage(action) and replace(action, certainty=Certainty.APPLY) in pending


def is_stale(action: AnyAction, pending: Sequence[AnyAction]) -> bool:
    """Whether this question belongs to a stage change that waits: the gate asks again for what is still missing."""
    deal = getattr(action, "deal", None)
    held = any(waits(p, pending) and getattr(p, "deal", None) == deal for p in pending)
    return held and action.certainty is Certainty.ASK and action in pending


def lacking(deal: Deal, target: str, pipelines: Pipelines, policies: Policies, role: str) -> tuple[str, ...]:
    """What its partner has to give before the deal as it stands may move to the stage `target`."""
    return _own(gate(deal, target, pipelines, policies.motions), policies, role)


def waiting_stage(pending: Sequence[AnyAction], deal_id: str, deal: Deal | None, pipelines: Pipelines) -> str | None:
    """The stage to which a deal waits to move; None when nothing waits for it or it is there already."""
    pipeline = pipelines.get(deal.motion) if deal is not None and deal.motion is not None else None
    action = next((a for a in pending if waits(a, pending) and getattr(a, "deal", None) == deal_id), None)
    if deal is None or pipeline is None or action is None:
        return None
    stage = pipeline.closing_label(Outcome.WON) if isinstance(action, Won) else str(getattr(action, "value", ""))
    return stage if stage and stage != deal.stage else None


def released(pending: Sequence[AnyAction], deal_id: str) -> tuple[AnyAction, ...]:
    """What is pending without the stage change of that deal and the questions that belong to it."""

    def belongs(action: AnyAction) -> bool:
        return getattr(action, "deal", None) == deal_id and (waits(action, pending) or is_stale(action, pending))

    return tuple(a for a in pending if not belongs(a))


def asks(deal_id: str, missing: Sequence[str]) -> list[Set]:
    """The questions that an answer can complete with a bare value."""
    return [Set(certainty=Certainty.ASK, deal=deal_id, field=_ASKS[name][0], ask=_ASKS[name][1]) for name in missing]


def target_of(action: AnyAction, changes: Sequence[FieldChange]) -> str | None:
    """The stage that an action moves its deal to; None for one that moves nothing."""
    if not _is_stage(action):
        return None
    return next((str(c.new) for c in changes if c.field is DealField.STAGE), None)


def _is_stage(action: AnyAction) -> bool:
    return isinstance(action, Won) or (isinstance(action, Set) and action.field is Field.STAGE)


def _own(missing: Sequence[str], policies: Policies, role: str) -> tuple[str, ...]:
    return tuple(name for name in missing if _may_fill(name, policies, role))


def _may_fill(name: str, policies: Policies, role: str) -> bool:
    return name in _ASKS and policies.rule(role, Item(name)) in {Rule.APPLY, Rule.CONFIRM}


def _with(deal: Deal, changes: Sequence[FieldChange]) -> Deal:
    values = {c.field.value: c.new for c in changes if c.field is not DealField.STAGE}
    return replace(deal, **values)  # type: ignore[arg-type]
