"""From what was understood to what happens: the one place where a partner's words become changes or questions.

Pure. Refuses to decide anything about a deal that it was not given: an unseen deal is `deal_unknown`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from bot.domain.actions import Action, AnyAction, Certainty, Extend, Lost, Register, Start, Stop, Withdraw, Won
from bot.domain.deals import Deal, DealField, FieldChange, FieldValue, Pipelines, same
from bot.domain.gating import asks, has_no_stages, is_stale, resumed, target_of, verdict, waits
from bot.domain.heard import DealAction, Heard
from bot.domain.meaning import changes_of, item_of, last_word
from bot.domain.policy import Policies, Rule, is_open, strictest
from bot.domain.protection import extension_rule
from bot.domain.sharing import may_change


@dataclass(frozen=True, slots=True, kw_only=True)
class DealDecision:
    """What happens to one deal. `conflict` marks confirmations caused by somebody else's change meanwhile. `held` names
    the fields that the partner has to give before the deal moves to the stage `target`; `lacks` those that a gate
    misses and only a person can fill: its manager decides. `given_back`: its partner, a further one, gives its share
    back; `routed` are words about it that only a person can do."""

    deal: Deal
    apply: tuple[FieldChange, ...] = ()
    confirm: tuple[FieldChange, ...] = ()
    manager: tuple[FieldChange, ...] = ()
    unchanged: tuple[FieldChange, ...] = ()
    refused: tuple[tuple[FieldChange, str], ...] = ()
    conflict: bool = False
    target: str = ""
    held: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    given_back: bool = False
    routed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """`pending` are the actions that wait for a yes or an answer, in the order they were said. `given_back`,
    `claims_asked` and `claims_told` (what is said of them is for a person) are numbers of registrations that have no
    deal in the CRM yet. `motionless` are deals that were to move and have no motion: their manager is told."""

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
    motionless: tuple[Deal, ...] = ()
    wishes: tuple[Stop | Start, ...] = ()

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
        if has_no_stages(action, heard.deals, pipelines):
            heard.without_motion(action)
        elif not is_stale(action, pending):
            heard.hear(resumed(action, pending))
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
        routed=tuple(dict.fromkeys(t for t in [*heard.routed, *(t for d in decisions for t in d.routed)] if t)),
        status=tuple(heard.status),
        status_asked=heard.status_asked,
        undo=heard.undo,
        registers=tuple(heard.registers),
        given_back=tuple(dict.fromkeys(heard.given_back)),
        claims_asked=tuple(dict.fromkeys(heard.claims_asked)),
        claims_told=tuple(dict.fromkeys(heard.claims_told)),
        motionless=tuple(heard.motionless.values()),
        wishes=tuple(heard.wishes),
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
    target: str = ""
    held: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    given_back: bool = False
    routed: list[str] = field(default_factory=list)

    def gives_back(self, action: Withdraw, *, allowed: bool) -> None:
        """A further partner gives its part back, or a person is told that they want to."""
        self.given_back = allowed
        self.routed += [] if allowed else [action.because]

    def decision(self, deal: Deal) -> DealDecision:
        return DealDecision(
            deal=deal,
            apply=tuple(self.by_rule[Rule.APPLY]),
            confirm=tuple(self.by_rule[Rule.CONFIRM]),
            manager=tuple(self.by_rule[Rule.MANAGER]),
            unchanged=tuple(self.unchanged),
            refused=(*self.refused, *((c, "not_allowed") for c in self.by_rule[Rule.NEVER])),
            conflict=self.conflict,
            target=self.target,
            held=self.held,
            lacks=self.lacks,
            given_back=self.given_back,
            routed=tuple(self.routed),
        )


@dataclass(slots=True)
class _Judged:
    """One action, the changes it means that are not so already, and what happens to them; None: no such stage."""

    action: DealAction
    fresh: list[FieldChange] | None
    rule: Rule
    conflict: bool = False
    missing: tuple[str, ...] = ()


def _decide_deal(said: Sequence[DealAction], scope: _Scope) -> tuple[DealDecision, list[AnyAction]]:
    out = _Sorted()
    together = any(isinstance(a, Won | Lost) for a in said)  # a deal's end and its value go together
    judged = [_judge(action, scope, out) for action in last_word(said)]
    if together and judged:
        shared = strictest([one.rule for one in judged])
        judged = [replace(one, rule=shared) for one in judged]
    for one in judged:
        if one.fresh and one.rule is Rule.APPLY and _changed_meanwhile(one.action, one.fresh, scope):
            one.rule, one.conflict = Rule.CONFIRM, True
    _at_the_gate(judged, scope, together=together)
    for one in judged:
        _sort(one, scope, out)
    return out.decision(scope.deal), out.unconfirmed


def _judge(action: DealAction, scope: _Scope, out: _Sorted) -> _Judged:
    changes = changes_of(action, scope.deal, scope.pipelines)
    fresh = None if changes is None else [c for c in changes if not same(c.old, c.new)]
    if not (fresh and isinstance(action, Extend | Withdraw)):  # their changes are one thing to whoever said it
        out.unchanged += [c for c in changes or () if same(c.old, c.new)]
    return _Judged(action, fresh, _why_careful(action, scope))


def _at_the_gate(judged: Sequence[_Judged], scope: _Scope, *, together: bool) -> None:
    """Let a stage change that would be written wait for what its gate misses."""

    def of(rule: Rule) -> list[FieldChange]:
        return [c for one in judged if one.rule is rule for c in one.fresh or ()]

    for one in judged:
        target = target_of(one.action, one.fresh or ())
        if target is None or one.rule is not Rule.APPLY:
            continue
        found = verdict(
            scope.deal,
            target,
            applied=of(Rule.APPLY),
            proposed=of(Rule.CONFIRM),
            pipelines=scope.pipelines,
            policies=scope.policies,
            role=scope.role,
        )
        one.missing = found.missing
        for other in judged if together else [one]:
            other.rule = strictest([other.rule, found.rule])


def _sort(one: _Judged, scope: _Scope, out: _Sorted) -> None:
    if one.fresh is None:
        wanted = FieldChange(
            field=DealField.STAGE, old=scope.deal.stage, new=str(getattr(one.action, "value", "") or "")
        )
        out.refused.append((wanted, "unknown_stage"))
    elif scope.deal.is_shared and isinstance(one.action, Withdraw) and one.rule is not Rule.CONFIRM:
        out.gives_back(one.action, allowed=one.rule is Rule.APPLY)
    elif one.missing and one.rule is Rule.APPLY:
        out.held, out.target = one.missing, target_of(one.action, one.fresh) or ""
        out.unconfirmed += [one.action, *asks(scope.deal.id, one.missing)]
    elif one.fresh:
        out.by_rule[one.rule] += one.fresh
        out.conflict = out.conflict or one.conflict
        if one.rule is Rule.CONFIRM:
            out.unconfirmed.append(replace(one.action, certainty=Certainty.CONFIRM))
        if one.rule is Rule.MANAGER:
            out.lacks = one.missing or out.lacks


def _why_careful(action: DealAction, scope: _Scope) -> Rule:
    """The strictest of what the words, the policy, the partner's part in the deal and the deal itself demand."""
    rule = may_change(scope.deal, action, scope.policies.rule(scope.role, item_of(action)))
    if isinstance(action, Extend) and action.until is not None:
        rule = strictest([rule, extension_rule(scope.deal, action.until, scope.policies.terms, today=scope.today)])
    if not is_open(scope.deal):
        rule = strictest([rule, Rule.MANAGER])  # a closed deal is changed by a person's decision only
    if action.certainty is Certainty.CONFIRM and rule is not Rule.NEVER:
        return Rule.CONFIRM  # a manager is asked only after the partner has said yes
    if rule is Rule.CONFIRM and _was_confirmed(action, scope.pending):
        return Rule.APPLY
    return rule


def _was_confirmed(action: Action, pending: Sequence[AnyAction]) -> bool:
    """Whether the person answers a question about just this: same deal, same thing."""
    return action.certainty is Certainty.APPLY and any(_slot(action) == _slot(p) for p in pending)


def _slot(action: Action) -> tuple[object, ...]:
    return (type(action), getattr(action, "deal", None), getattr(action, "field", None))


def _changed_meanwhile(action: DealAction, changes: Sequence[FieldChange], scope: _Scope) -> bool:
    """Whether somebody else wrote what this overwrites, and the person has not said yes to it since."""
    if _was_confirmed(action, scope.pending) and not waits(action, scope.pending):
        return False
    return any(c.field in scope.shown and not same(scope.shown[c.field], c.old) for c in changes)
