"""A complete registration is judged: the CRM and the other claims say what stands in its way. Then policy or the
managers decide. Idempotent: a registration that is no longer undecided is left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.clocks import due
from bot.domain.companies import Match, same_claim, same_company
from bot.domain.credits import Offer
from bot.domain.deals import Deal
from bot.domain.eligibility import (
    POLICY,
    Facts,
    Verdict,
    approvers,
    findings,
    offer,
    overtaken,
    verdict,
)
from bot.domain.notices import RegistrationDecided, RegistrationRequest
from bot.domain.partners import Manager, Partner
from bot.domain.protection import holds, latest_day
from bot.domain.registrations import Effect, Event, HistoryEntry, Registration, State, after
from bot.errors import PermanentError
from bot.ports import Job, Unit
from handlers.people import Person, as_contact, for_managers, manager_by_email, manager_of, today_for
from handlers.registering import (
    ADDED,
    CLAIMED,
    SLA_ESCALATION,
    SLA_REMINDER,
    hold_company,
    lane_of,
    let_go,
    note_history,
    promise_of,
    timer,
)
from handlers.requests import settle_requests
from handlers.services import Services
from handlers.settle import settle
from handlers.speak import answer_to, tell_manager


async def on_claim(services: Services, ref: str) -> None:
    """Judge one registration; `ref` is its id, and what made it be judged again."""
    async with services.store.unit() as unit:
        claim = await unit.registration(int(ref.partition(":")[0]))
    if claim is None or claim.state is not State.SUBMITTED:
        return
    person = await claimant(services, claim)
    if person is None or person.partner is None:
        raise PermanentError(f"{claim.number}: whoever claimed it is no partner's contact any more: decide by hand")
    facts = await gather(services, claim, person)
    steps = approvers(claim, facts, services.policies.terms)
    manager = await approver(services, steps[min(claim.step, len(steps) - 1)], person.partner)
    async with services.store.unit() as unit:
        await hold_company(unit, claim)
        claim = await unit.registration(claim.id)
        if claim is None or claim.state is not State.SUBMITTED:
            return
        facts = replace(facts, claims=await other_claims(unit, claim))
        found = findings(claim, facts, services.policies.terms)
        claim = replace(claim, findings=found)
        match verdict(claim, found, services.policies.terms):
            case Verdict.REFUSE:
                await refuse(
                    unit, services, claim, person, by=POLICY, reason=None, cause=f"{POLICY}:{promise_of(claim)}"
                )
            case Verdict.APPROVE:
                await approve(unit, services, claim, by=POLICY, reason=None)
                await judge_again(unit, services, facts.claims, claim, "was approved")
            case Verdict.MANAGER:
                await unit.save_registration(claim)
                offered = offer(claim, facts, services.policies.terms)
                await ask(unit, services, claim, person, manager, len(steps), offered)
                behind = overtaken(claim, facts, services.policies.terms)
                await judge_again(unit, services, behind, claim, "comes before it")


async def claimant(services: Services, claim: Registration) -> Person | None:
    """Who claimed it, while they are a partner's contact."""
    contact = await services.crm.contact(claim.contact_id)
    person = await as_contact(services, contact) if contact is not None else None
    return person if person is not None and person.partner is not None else None


async def gather(services: Services, claim: Registration, person: Person) -> Facts:
    """What the CRM says about the claimed company and whoever has a part in it."""
    accounts = await services.crm.accounts_like(domain=claim.domain, name=claim.draft.company or "")
    matched = [(same_company(claim, account), account) for account in accounts]
    async with services.store.unit() as unit:
        others = await other_claims(unit, claim)
    held = [await _catch_up(services, other) for other in others]
    rivals = {c.partner_id for c in others}
    sure = tuple(a for match, a in matched if match.is_sure)
    rivals |= {d.partner_id for a in sure for d in a.deals if d.partner_id is not None}
    partners: dict[str, Partner] = {}
    for rival in sorted(rivals - {claim.partner_id}):
        if (partner := await services.crm.partner(rival)) is not None:
            partners[rival] = partner
    if person.partner is None:
        raise ValueError(f"{claim.number}: its contact belongs to no partner")
    day = latest_day(services.now())
    held += [d for a in sure for d in a.deals if holds(d, today=day)]
    return Facts(
        partner=person.partner,
        today=today_for(services, person),
        latest_day=day,
        held=next((d for d in held if d is not None and d.partner_id not in {None, claim.partner_id}), None),
        accounts=sure,
        alike=tuple(a for match, a in matched if match is Match.ALIKE),
        partners=partners,
    )


async def _catch_up(services: Services, claim: Registration) -> Deal | None:
    """An approved claim counts as long as its deal in the CRM says so. Returns the deal that it still holds."""
    deal = await services.crm.deal(claim.deal_id) if claim.deal_id is not None else None
    if deal is None:
        return None
    async with services.store.unit() as unit:
        claim = await settle(unit, services, await unit.registration(claim.id) or claim, deal)
    return deal if claim.state is State.APPROVED else None


async def other_claims(unit: Unit, claim: Registration) -> tuple[Registration, ...]:
    """The live registrations that are surely of the same company."""
    near = await unit.claims_on(claim.company_key, claim.domain)
    return tuple(c for c in near if c.id != claim.id and same_claim(claim, c).is_sure)


async def approver(services: Services, who: str, partner: Partner | None) -> Manager | None:
    """The manager whom a route names; "owner", and somebody who is gone, is the partner's own."""
    named = None if who == "owner" else await manager_by_email(services, who)
    return named or await manager_of(services, partner)


async def ask(
    unit: Unit,
    services: Services,
    claim: Registration,
    person: Person,
    manager: Manager | None,
    steps: int,
    offered: Offer | None,
) -> None:
    """Ask the manager of this step, and set the clock. A claim that would share another partner's deal says so."""
    terms, draft = services.policies.terms, claim.draft
    notice = RegistrationRequest(
        number=claim.number,
        kind=claim.kind.value,
        partner=person.partner.name if person.partner else "",
        tier=person.partner.tier if person.partner else None,
        contact=person.name,
        contact_email=person.email,
        company=draft.company or "",
        domain=claim.domain,
        customer_contact=", ".join(filter(None, (draft.contact_name, draft.contact_email))) or None,
        motion=(claim.motion or terms.default_motion).value,
        amount=draft.amount,
        currency=draft.currency or terms.currency,
        close_date=draft.close_date,
        need=draft.need,
        claimed_at=for_managers(services, claim.claimed_at),
        decide_by=for_managers(services, claim.due_at) if claim.due_at else None,
        findings=tuple((f.rule, f.internal or f.shown) for f in claim.findings),
        step=claim.step + 1,
        steps=steps,
        share=offered.share if offered else None,
        share_left=offered.left if offered else None,
        text=in_own_words(services, await unit.history(claim.id)),
    )
    await tell_manager(
        unit,
        services,
        key=f"registration:{claim.id}:{claim.step}:{promise_of(claim)}",
        notice=notice,
        manager=manager,
        about={"kind": "approval_request", "registration": claim.number, "claim": claim.id, "step": claim.step},
        partner_id=claim.partner_id,
    )
    asked = manager.name if manager else "the managers' channel"
    await note_history(unit, services, claim, "asked", POLICY, f"{asked} decides, by {claim.due_at:%Y-%m-%d %H:%M} UTC")
    if claim.due_at is not None:
        reminder = due(services.now(), terms.hours_to_remind(claim.motion), terms.office_hours)
        await unit.enqueue(timer(claim, SLA_REMINDER, min(reminder, claim.due_at)))
        await unit.enqueue(timer(claim, SLA_ESCALATION, claim.due_at))


def in_own_words(services: Services, history: Sequence[HistoryEntry]) -> str:
    """All that the partner wrote to claim and to complete it, in order; where it was more than one message, each with
    its time and writer. Pure."""
    said = [entry for entry in history if entry.event in {CLAIMED, ADDED}]
    if len(said) == 1:
        return said[0].text
    dated = [(for_managers(services, entry.at), entry) for entry in said]
    return "\n\n".join(f"{at:%Y-%m-%d %H:%M}, {entry.by}:\n{entry.text}" for at, entry in dated)


async def refuse(
    unit: Unit,
    services: Services,
    claim: Registration,
    person: Person,
    *,
    by: str,
    reason: str | None,
    cause: str,
) -> None:
    """Refuse it and tell the partner why and whom to turn to, in the conversation where they claimed it."""
    state = after(claim.state, Event.REFUSED)
    if state is None:
        return
    rules = tuple((f.rule, f.shown) for f in claim.findings if f.effect is Effect.REFUSE) if by == POLICY else ()
    why = reason or ", ".join(rule for rule, _ in rules)
    claim = replace(claim, state=state, decided_at=services.now(), decided_by=by, reason=why or None)
    await unit.save_registration(claim)
    await let_go(unit, services, claim)
    await settle_requests(unit, claim.number, f"{state}:{cause}")
    internal = "; ".join(f"{f.rule}: {f.internal or f.shown}" for f in claim.findings)
    await note_history(unit, services, claim, "refused", by, ". ".join(filter(None, (why, internal))))
    await tell(unit, services, claim, person, reason=reason, rules=rules, cause=cause)


async def approve(unit: Unit, services: Services, claim: Registration, *, by: str, reason: str | None) -> None:
    """Approve it; the partner hears of it once the CRM has it: a deal of its own, or its credit on another's."""
    state = after(claim.state, Event.APPROVED)
    if state is None:
        return
    claim = replace(claim, state=state, decided_at=services.now(), decided_by=by, reason=reason)
    await unit.save_registration(claim)
    part = f"{claim.share} % as {claim.source}" if claim.credit else ""
    await note_history(unit, services, claim, "approved", by, ". ".join(filter(None, (part, reason))))
    await settle_requests(unit, claim.number, f"{state}:{promise_of(claim)}")
    if claim.shares_deal is not None:
        await unit.enqueue(Job(kind="share", ref=str(claim.id), lane=claim.shares_deal))
    else:
        await unit.enqueue(Job(kind="protect", ref=str(claim.id), lane=lane_of(claim)))


async def judge_again(
    unit: Unit, services: Services, others: Sequence[Registration], claim: Registration, why: str
) -> None:
    """Whoever else waits for the same company is judged by the rules once more."""
    for other in others:
        if other.state is State.SUBMITTED:
            ref = f"{other.id}:{claim.id}:{claim.state}:{promise_of(claim)}"
            await unit.enqueue(Job(kind="claim", ref=ref, lane=lane_of(other)))
            await note_history(unit, services, other, "judged_again", POLICY, f"{claim.number} {why}")


async def tell(
    unit: Unit,
    services: Services,
    claim: Registration,
    person: Person,
    *,
    reason: str | None,
    rules: tuple[tuple[str, str], ...],
    cause: str,
) -> None:
    conversation = await unit.conversation(claim.conversation_id)
    if conversation is None:
        return
    about = {**conversation.about, "kind": "registration_decided", "registration": claim.number, "draft": None}
    conversation = replace(conversation, about=about)
    await unit.save_conversation(conversation)
    await answer_to(
        unit,
        services,
        key=f"decided:registration:{claim.id}:{claim.state}:{cause}",  # an objection may be refused again
        notice=RegistrationDecided(
            decision=claim.state.value,
            number=claim.number,
            company=claim.draft.company or "",
            reason=reason,
            rules=rules,
            objections_to=services.policies.terms.objections_to,
        ),
        conversation=conversation,
        person=person,
    )
