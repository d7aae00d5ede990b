"""The clock looks at a registration: an incomplete one is asked about once more and dropped at last, an undecided one
is brought to the manager's mind and then to somebody else's. Nothing happens where it has moved on.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.domain.eligibility import Facts, approvers, missing
from bot.domain.notices import RegistrationDropped, RegistrationIncomplete, RegistrationLate
from bot.domain.registrations import Event, Registration, State, after
from bot.ports import Unit
from handlers.claim import approver
from handlers.people import Person, as_contact, for_managers, today_for
from handlers.registering import (
    DRAFT_DROP,
    DRAFT_REMINDER,
    SLA_ESCALATION,
    SLA_REMINDER,
    hold_company,
    let_go,
    note_history,
    promise_of,
)
from handlers.services import Services
from handlers.speak import answer_to, tell_manager

CLOCK = "clock"


async def on_registration_timer(services: Services, ref: str) -> None:
    """`ref` is "<registration>:<what>:<step>:<promise>"."""
    number, what, step, promise = ref.split(":")
    async with services.store.unit() as unit:
        claim = await unit.registration(int(number))
    if claim is None or claim.step != int(step) or (promise and promise != promise_of(claim)):
        return
    contact = await services.crm.contact(claim.contact_id)
    person = await as_contact(services, contact) if contact is not None else None
    if person is None:
        return
    if what in {SLA_REMINDER, SLA_ESCALATION} and claim.state is State.SUBMITTED:
        await _late(services, claim, person, what)
    elif what in {DRAFT_REMINDER, DRAFT_DROP}:
        async with services.store.unit() as unit:
            draft = await unit.registration(claim.id)  # it may have been completed since
            if draft is not None and draft.state is State.DRAFT:
                await (_remind if what == DRAFT_REMINDER else _drop)(unit, services, draft, person)


async def _remind(unit: Unit, services: Services, claim: Registration, person: Person) -> None:
    terms = services.policies.terms
    left = timedelta(days=terms.draft_days - terms.draft_reminder_days)
    notice = RegistrationIncomplete(
        number=claim.number,
        company=claim.draft.company or "",
        missing=missing(claim, terms),
        drops_on=today_for(services, person) + left,
    )
    await _say(unit, services, claim, person, notice, DRAFT_REMINDER)
    await note_history(unit, services, claim, "reminded", CLOCK, ", ".join(notice.missing))


async def _drop(unit: Unit, services: Services, claim: Registration, person: Person) -> None:
    await hold_company(unit, claim)
    claim = replace(claim, state=after(claim.state, Event.DROPPED) or claim.state)
    await unit.save_registration(claim)
    await let_go(unit, services, claim)
    await note_history(unit, services, claim, "dropped", CLOCK, "never completed")
    notice = RegistrationDropped(number=claim.number, company=claim.draft.company or "")
    await _say(unit, services, claim, person, notice, DRAFT_DROP)


async def _say(
    unit: Unit,
    services: Services,
    claim: Registration,
    person: Person,
    notice: RegistrationIncomplete | RegistrationDropped,
    what: str,
) -> None:
    conversation = await unit.conversation(claim.conversation_id)
    if conversation is not None:
        key = f"{what}:{claim.id}"
        await answer_to(unit, services, key=key, notice=notice, conversation=conversation, person=person)


async def _late(services: Services, claim: Registration, person: Person, what: str) -> None:
    """The approver is reminded; when the promised time has passed, the one to escalate to is told, and it is kept."""
    terms = services.policies.terms
    if claim.due_at is None or person.partner is None:
        return
    steps = approvers(claim, Facts(partner=person.partner, today=today_for(services, person)), terms)
    who = steps[min(claim.step, len(steps) - 1)]
    deciding = await approver(services, who, person.partner)
    escalated = what == SLA_ESCALATION
    told = await approver(services, terms.escalate_to, person.partner) if escalated and terms.escalate_to else deciding
    async with services.store.unit() as unit:
        await tell_manager(
            unit,
            services,
            key=f"{what}:{claim.id}:{claim.step}:{promise_of(claim)}",
            notice=RegistrationLate(
                what="escalation" if escalated else "reminder",
                number=claim.number,
                company=claim.draft.company or "",
                partner=person.partner.name,
                decide_by=for_managers(services, claim.due_at),
                manager=deciding.name if deciding else None,
            ),
            manager=told,
            about={"kind": "approval_request", "registration": claim.number, "claim": claim.id, "step": claim.step},
            partner_id=claim.partner_id,
        )
        await note_history(unit, services, claim, "late" if escalated else "reminded", CLOCK, "no decision yet")
