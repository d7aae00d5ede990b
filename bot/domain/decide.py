"""From what was understood to what happens: the one place where a partner's words become changes or questions.

Pure. Refuses to decide anything about a deal that it was not given: an unseen deal is `deal_unknown`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from bot.domain.actions import Action, AnyAction, Certainty, Extend, Field, Lost, Register, Set, Withdraw, Won
from bot.domain.deals import Deal, DealField, FieldChange, FieldValue, Outcome, Pipelines, same
from bot.domain.heard import DealAction, Heard
from bot.domain.policy import Item, Policies, Rule, is_open, strictest
from bot.domain.protection import extended, extension_rule, released


@dataclass(frozen=True, slots=True, kw_only=True)
class DealDecision:
    """What happens to one deal. `conflict` marks confirmations caused by somebody else's change meanwhile."""

    deal: Deal
    apply: tuple[FieldChange, ...] = ()
    confirm: tuple[FieldChange, ...] = ()
    manager: tuple[FieldChange, ...] = ()
    unchanged: tuple[FieldChange, ...] = ()
    refused: tuple[tuple[FieldChange, str], ...] = ()
    conflict: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """`pending` are the actions that wait for a yes or an answer, in the order they were said. `given_back`,
    `claims_asked` and `claims_told` (what is said of them is for a person) are numbers of registrations that have no
    deal in the CRM yet."""

    deals: tuple[DealDecision, ...] = ()
    asked: tuple[AnyAction, ...] = ()
    pending: tuple[AnyAction, ...] = ()
    routed: tuple[str, ...] = ()
    status: tuple[Deal, ...] = ()
    status_asked: bool = False
    undo: bool = False
    registers: tuple[Register, ...] = ()
    given_back: tuple[str, ...] = ()
    claims_asked: tuple[str, ...] = ()
    claims_told: tuple[str, ...] = ()

    def is_empty(self) -> bool:
        return self == Decision()


def decide(
    actions: Sequence[AnyAction],
    *,
    deals: Sequence[Deal],
    pipelines: Pipelines,
    policies: Policies,
    role: str,
    today: date,
    pending: Sequence[AnyAction] = (),
    shown: Mapping[str, Mapping[DealField, FieldValue]] | None = None,
    claims: Collection[str] = (),
) -> Decision:
    """Decide what the actions of one message do.

    Args:
        actions: What was understood.
        deals: The deals this person may see, freshly read.
        pipelines: The stages of each motion.
        policies: The programme's rules.
        role: The contact's role in the programme.
        today: The day in the person's time zone.
        pending: What the person had been asked to confirm; repeating it needs no second yes.
        shown: The values the person was last told, by deal; a value that differs now was changed by somebody
            else meanwhile, and is confirmed instead of overwritten.
        claims: Numbers of the partner's registrations that have no deal yet. Their numbers stand in actions where
            else a deal's id does: they can be given back and asked about; whatever else is for a person.
    """
    heard = Heard({d.id: d for d in deals}, tuple(claims))
    for action in actions:
        heard.hear(action)
    waiting: list[AnyAction] = list(heard.asked)
    decisions: list[DealDecision] = []
    for deal_id, said in heard.per_deal.items():
        told = (shown or {}).get(deal_id, {})
        scope = _Scope(heard.deals[deal_id], pipelines, policies, role, today, pending, told)
        decision, unconfirmed = _decide_deal(said, scope)
        decisions.append(decision)
        waiting += unconfirmed
    return Decision(
        deals=tuple(decisions),
        asked=tuple(heard.asked),
        pending=tuple(waiting),
        routed=tuple(dict.fromkeys(t for t in heard.routed if t)),
        status=tuple(heard.status),
        status_asked=heard.status_asked,
        undo=heard.undo,
        registers=tuple(heard.registers),
        given_back=tuple(dict.fromkeys(heard.given_back)),
        claims_asked=tuple(dict.fromkeys(heard.claims_asked)),
        claims_told=tuple(dict.fromkeys(heard.claims_told)),
    )


@dataclass(frozen=True, slots=True)
class _Scope:
    deal: Deal
    pipelines: Pipelines
    policies: Policies
    role: str
    today: date
    pending: Sequence[AnyAction]
    shown: Mapping[DealField, FieldValue]


@dataclass(slots=True)
class _Sorted:
    """The changes to one deal, sorted by what happens to them."""

    by_rule: dict[Rule, list[FieldChange]] = field(default_factory=lambda: {r: [] for r in Rule})
    unchanged: list[FieldChange] = field(default_factory=list)
    refused: list[tuple[FieldChange, str]] = field(default_factory=list)
    unconfirmed: list[AnyAction] = field(default_factory=list)
    conflict: bool = False


def _decide_deal(said: Sequence[DealAction], scope: _Scope) -> tuple[DealDecision, list[AnyAction]]:
    out = _Sorted()
    together = any(isinstance(a, Won | Lost) for a in said)  # a deal's end and its value go together
    judged = [(a, _changes(a, scope), _why_careful(a, scope)) for a in _last_word(said)]
    shared = strictest([rule for _, _, rule in judged]) if together else None
    for action, changes, rule in judged:
        if changes is None:
            wanted = FieldChange(
                field=DealField.STAGE, old=scope.deal.stage, new=str(getattr(action, "value", "") or "")
            )
            out.refused.append((wanted, "unknown_stage"))
            continue
        fresh = [c for c in changes if not same(c.old, c.new)]
        if not (fresh and isinstance(action, Extend | Withdraw)):  # their changes are one thing to whoever said it
            out.unchanged += [c for c in changes if same(c.old, c.new)]
        if not fresh:
            continue
        meanwhile = _changed_meanwhile(fresh, scope) and not _was_confirmed(action, scope.pending)
        effective = shared or rule
        if meanwhile and effective is Rule.APPLY:
            effective, out.conflict = Rule.CONFIRM, True
        out.by_rule[effective] += fresh
        if effective is Rule.CONFIRM:
            out.unconfirmed.append(replace(action, certainty=Certainty.CONFIRM))
    refused = out.refused + [(c, "not_allowed") for c in out.by_rule[Rule.NEVER]]
    decision = DealDecision(
        deal=scope.deal,
        apply=tuple(out.by_rule[Rule.APPLY]),
        confirm=tuple(out.by_rule[Rule.CONFIRM]),
        manager=tuple(out.by_rule[Rule.MANAGER]),
        unchanged=tuple(out.unchanged),
        refused=tuple(refused),
        conflict=out.conflict,
    )
    return decision, out.unconfirmed


def _last_word(said: Sequence[DealAction]) -> list[DealAction]:
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


def _changes(action: DealAction, scope: _Scope) -> list[FieldChange] | None:
    """The field changes an action means; None when the deal's pipeline has no such stage."""
    deal = scope.deal
    pipeline = scope.pipelines.get(deal.motion) if deal.motion else None

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


def _why_careful(action: DealAction, scope: _Scope) -> Rule:
    """The strictest of what the words, the policy and the deal itself demand."""
    rule = scope.policies.rule(scope.role, _item(action))
    if isinstance(action, Extend) and action.until is not None:
        rule = strictest([rule, extension_rule(scope.deal, action.until, scope.policies.terms, today=scope.today)])
    if not is_open(scope.deal):
        rule = strictest([rule, Rule.MANAGER])  # a closed deal is changed by a person's decision only
    if action.certainty is Certainty.CONFIRM and rule is not Rule.NEVER:
        return Rule.CONFIRM  # a manager is asked only after the partner has said yes
    if rule is Rule.CONFIRM and _was_confirmed(action, scope.pending):
        return Rule.APPLY
    return rule


def _item(action: DealAction) -> Item:
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


def _was_confirmed(action: Action, pending: Sequence[AnyAction]) -> bool:
    """Whether the person answers a question about just this: same deal, same thing."""
    return action.certainty is Certainty.APPLY and any(_slot(action) == _slot(p) for p in pending)


def _slot(action: Action) -> tuple[object, ...]:
    return (type(action), getattr(action, "deal", None), getattr(action, "field", None))


def _changed_meanwhile(changes: Sequence[FieldChange], scope: _Scope) -> bool:
    return any(c.field in scope.shown and not same(scope.shown[c.field], c.old) for c in changes)
