"""From a decision to the one answer, and to what the conversation is about afterwards. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.domain.actions import AnyAction, Ask, Certainty, Start
from bot.domain.codec import to_json
from bot.domain.deals import Deal, DealField, FieldChange, Pipelines
from bot.domain.decide import DealDecision, Decision
from bot.domain.motions import criteria
from bot.domain.notices import Answer, Asked, ChangeResult, DealView, Held, Proposed, Wished
from bot.domain.policy import Policies, is_open, view
from bot.ports import Change, ChangeState

APPLIED, UNCHANGED, UNVERIFIED = "applied", "unchanged", "unverified"


def answer_from(
    decision: Decision, deals: Sequence[Deal], pipelines: Pipelines, policies: Policies, manager: str | None
) -> Answer:
    """Everything the answer says that is known at decision time; what the CRM does is added by completed()."""
    return Answer(
        results=tuple(_result(d, policies) for d in decision.deals if d.unchanged or d.refused or d.manager or d.apply),
        proposed=tuple(
            Proposed(deal=view(d.deal, policies), changes=d.confirm, conflict=d.conflict)
            for d in decision.deals
            if d.confirm
        ),
        held=tuple(
            Held(
                deal=view(d.deal, policies),
                stage=d.target,
                missing=d.held,
                criteria=criteria(d.deal, d.target, pipelines, policies.motions),
            )
            for d in decision.deals
            if d.held
        ),
        asked=tuple(_asked(a, deals, pipelines, policies) for a in decision.asked),
        status=tuple(view(d, policies) for d in decision.status),
        status_asked=decision.status_asked,
        wished=tuple(Wished(topic=w.topic, wanted=isinstance(w, Start)) for w in decision.wishes),
        passed_on=decision.routed,
        manager=manager,
    )


def _result(decision: DealDecision, policies: Policies) -> ChangeResult:
    return ChangeResult(
        deal=view(decision.deal, policies),
        unchanged=decision.unchanged,
        refused=decision.refused,
        awaiting_manager=decision.manager,
    )


def _asked(action: AnyAction, deals: Sequence[Deal], pipelines: Pipelines, policies: Policies) -> Asked:
    deal_id = getattr(action, "deal", None)
    deal = next((d for d in deals if d.id == deal_id), None)
    pipeline = pipelines.get(deal.motion) if deal and deal.motion else None
    offers = action.ask in {Ask.WHICH_DEAL, Ask.DEAL_UNKNOWN}
    return Asked(
        what=action.ask.value if action.ask else "",
        because=action.because,
        deal=view(deal, policies) if deal else None,
        deals=tuple(view(d, policies) for d in deals if is_open(d)) if offers else (),
        stages=pipeline.open_labels() if pipeline and action.ask is Ask.STAGE else (),
        missing=tuple(getattr(action, "missing", ())),
    )


def completed(answer: Answer, changes: Sequence[Change], views: Mapping[str, DealView]) -> Answer:
    """The answer with what the CRM took and refused of these changes, once they are finished."""
    undo = any(c.undo_of is not None for c in changes)
    by_deal = {r.deal.id: r for r in answer.results}
    undone: list[ChangeResult] = []
    proposed = list(answer.proposed)
    for change in changes:
        result = result_of(change, views[change.deal_id])
        if undo:
            undone.append(result)
            continue
        conflicts = tuple(c for c, reason in result.refused if reason == "conflict")
        if conflicts:
            proposed.append(Proposed(deal=result.deal, changes=conflicts, conflict=True))
        known = by_deal.get(change.deal_id, ChangeResult(deal=result.deal))
        by_deal[change.deal_id] = replace(
            known,
            deal=result.deal,
            applied=known.applied + result.applied,
            unchanged=known.unchanged + result.unchanged,
            refused=known.refused + tuple(r for r in result.refused if r[1] != "conflict"),
            unverified=known.unverified + result.unverified,
        )
    results = tuple(r for r in by_deal.values() if _says_something(r))
    return replace(
        answer,
        results=results,
        proposed=tuple(proposed),
        undone=tuple(undone),
        can_undo=any(r.applied and not r.deal.is_shared for r in results),
    )


def _says_something(result: ChangeResult) -> bool:
    return result != ChangeResult(deal=result.deal)


def result_of(change: Change, deal: DealView) -> ChangeResult:
    """What became of one finished change, field by field."""
    if change.state is ChangeState.REJECTED:
        return ChangeResult(deal=deal, refused=tuple((c, "not_approved") for c in change.changes))
    applied = tuple(c for c in change.changes if change.results.get(c.field) == APPLIED)
    shown: dict[str, Any] = {c.field.value: c.new for c in applied if hasattr(deal, c.field.value)}
    return ChangeResult(
        deal=replace(deal, **shown),
        applied=applied,
        unchanged=tuple(c for c in change.changes if change.results.get(c.field) == UNCHANGED),
        refused=tuple(
            (c, change.results[c.field])
            for c in change.changes
            if change.results.get(c.field, APPLIED) not in {APPLIED, UNCHANGED, UNVERIFIED}
        ),
        unverified=tuple(c for c in change.changes if change.results.get(c.field) == UNVERIFIED),
    )


def about_after(
    about: Mapping[str, Any], decision: Decision, inbound_id: int, now_known: Sequence[Deal], *, dropped: bool
) -> dict[str, Any]:
    """What the conversation is about after this answer: what is pending, what an undo would take back, and the
    values its reader has been told. Questions that go unanswered are counted. A reply that proposes nothing (a
    question, thanks) leaves waiting what waited, unless it said no (`dropped`)."""
    changed = [d for d in decision.deals if d.apply]
    deal_ids = [d.deal.id for d in decision.deals]
    after = dict(about)
    if decision.deals or decision.asked or dropped:
        after["pending"] = [to_json(a) for a in decision.pending]
        after["asks"] = int(about.get("asks", 0)) + 1 if decision.asked else 0
    if len(deal_ids) == 1:
        after["deal"] = deal_ids[0]
    if changed:
        after["kind"], after["inbound"] = "receipt", inbound_id
    shown = dict(about.get("shown", {}))
    for deal in now_known:
        if deal.id in shown or deal.id in deal_ids:
            shown[deal.id] = _shown_after(deal, next((d.apply for d in decision.deals if d.deal.id == deal.id), ()))
    after["shown"] = shown
    return after


def words_of_receipt(decision: Decision, said: Sequence[AnyAction]) -> dict[str, Any]:
    """What the receipt reports, as it was said: an undo says of these words that they were misunderstood."""
    applied = {d.deal.id for d in decision.deals if d.apply}
    told = [a for a in said if a.certainty is Certainty.APPLY and getattr(a, "deal", None) in applied]
    return {"told": [to_json(a) for a in told]} if applied else {}


def _shown_after(deal: Deal, applied: Sequence[FieldChange]) -> dict[str, Any]:
    values = {f.value: to_json(deal.value(f)) for f in DealField}
    return values | {c.field.value: to_json(c.new) for c in applied}
