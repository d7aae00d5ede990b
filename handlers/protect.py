"""An approved registration is put into the CRM, and only then the partner is told. Idempotent by its number."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from bot.domain.accounts import Account
from bot.domain.deals import Deal
from bot.domain.eligibility import motion_of
from bot.domain.notices import RegistrationDecided
from bot.domain.partners import Partner
from bot.domain.policy import view
from bot.domain.registrations import HistoryEntry, Registration, State
from bot.errors import PermanentError, TransientError
from bot.ports import NewDeal, Unit
from handlers.claim import gather
from handlers.people import Person, as_contact, manager_of, today_for
from handlers.registering import note_history
from handlers.services import Services
from handlers.speak import answer_to

SOURCED, WHOLE = "sourced", Decimal(100)


async def on_protect(services: Services, ref: str) -> None:
    """Make the deal of one approved registration. Raises RefusedFieldsError when the CRM takes a value not."""
    key = f"protect:{ref}"
    async with services.store.unit() as unit:
        claim = await unit.registration(int(ref))
        if claim is None or claim.state is not State.APPROVED or claim.deal_id is not None:
            return
        tried = await unit.recall(key) is not None
        await unit.remember(key, {}, now=services.now())
    contact = await services.crm.contact(claim.contact_id)
    person = await as_contact(services, contact) if contact is not None else None
    if person is None or person.partner is None:
        raise PermanentError(
            f"{claim.number}: whoever claimed it is no partner's contact any more: make its deal by hand"
        )
    facts = await gather(services, claim, person)
    wanted = await _new_deal(services, claim, person, facts.accounts)
    deal_id = await services.crm.create_deal(wanted, look=tried)
    if (deal := await services.crm.deal(deal_id)) is None:
        raise TransientError(
            f"{claim.number}: its new deal {deal_id} cannot be read yet", retry_after=timedelta(seconds=2)
        )
    await put_history_on_the_timeline(services, claim, deal)
    next_stage = await _next_stage(services, deal)
    async with services.store.unit() as unit:
        now_stored = await unit.registration(claim.id) or claim
        claim = replace(now_stored, deal_id=deal_id, protected_until=wanted.protected_until)
        await unit.save_registration(claim)
        await note_history(unit, services, claim, "protected", "policy", f"until {claim.protected_until}")
        notice = RegistrationDecided(
            decision=claim.state.value,
            number=claim.number,
            company=claim.draft.company or "",
            reason=claim.reason,
            deal=view(deal, services.policies),
            protected_until=claim.protected_until,
            next_stage=next_stage,
        )
        await tell_approval(unit, services, claim, person, notice)


async def tell_approval(
    unit: Unit, services: Services, claim: Registration, person: Person, notice: RegistrationDecided
) -> None:
    """Tell whoever claimed it, in the thread of the claim, which is about the deal in the CRM from now on."""
    conversation = await unit.conversation(claim.conversation_id)
    if conversation is None or notice.deal is None:
        return
    about = {
        **conversation.about,
        "kind": "registration_decided",
        "registration": claim.number,
        "deal": notice.deal.id,
        "draft": None,
    }
    conversation = replace(conversation, about=about)
    await unit.save_conversation(conversation)
    key = f"decided:registration:{claim.id}:{claim.state}"
    await answer_to(unit, services, key=key, notice=notice, conversation=conversation, person=person)


async def _new_deal(services: Services, claim: Registration, person: Person, accounts: Sequence[Account]) -> NewDeal:
    terms, draft = services.policies.terms, claim.draft
    motion = motion_of(claim, terms)
    pipeline = (await services.crm.pipelines()).get(motion)
    if pipeline is None:
        raise PermanentError(
            f"{claim.number}: [crm.hubspot.pipelines] names none for {motion}: add it, make the deal by hand"
        )
    owner = await manager_of(services, person.partner)
    partner = person.partner
    return NewDeal(
        registration=claim.number,
        name=draft.company or claim.number,
        partner_id=claim.partner_id,
        motion=motion,
        stage=pipeline.open_labels()[0],
        company=draft.company or claim.number,
        domain=claim.domain,
        account_id=accounts[0].id if accounts else None,
        contact_name=draft.contact_name,
        contact_email=draft.contact_email,
        amount=draft.amount,
        currency=draft.currency or terms.currency,
        close_date=draft.close_date,
        protected_until=today_for(services, person) + timedelta(days=terms.protection_days),
        source=SOURCED,
        share=WHOLE,
        tier=partner.tier if partner else None,
        certification=certification_of(partner, terms.certifications.get(motion)),
        need=draft.need,
        owner_id=owner.id if owner else None,
        partner_contact_id=person.id,
    )


def certification_of(partner: Partner | None, demanded: str | None) -> str | None:
    """The certification that a deal carries: the one its motion demands, if its partner holds it, else none; where the
    motion demands none, all that the partner holds. Pure."""
    held = partner.certifications if partner is not None else ()
    counts = [name for name in held if demanded is None or name.casefold() == demanded.casefold()]
    return "; ".join(counts) or None


async def _next_stage(services: Services, deal: Deal) -> str | None:
    pipeline = (await services.crm.pipelines()).get(deal.motion) if deal.motion else None
    labels = pipeline.open_labels() if pipeline else ()
    place = labels.index(deal.stage) + 1 if deal.stage in labels else len(labels)
    return labels[place] if place < len(labels) else None


async def put_history_on_the_timeline(services: Services, claim: Registration, deal: Deal) -> None:
    """What happened to the registration so far, as one note in plain words; a repeated call writes it once."""
    async with services.store.unit() as unit:
        history = await unit.history(claim.id)
    key = hashlib.sha256(f"registration:{claim.id}".encode()).hexdigest()[:16]
    body = "\n".join([f"Registration {claim.number}", "", *map(history_line, history)])
    await services.crm.note(deal, body, at=services.now(), key=key, contact_id=claim.contact_id, look=True)


def history_line(entry: HistoryEntry) -> str:
    """One thing that happened, in plain words; UTC. Pure."""
    said = f": {entry.text}" if entry.text else ""
    return f"{entry.at:%Y-%m-%d %H:%M} UTC {entry.event.replace('_', ' ')} by {entry.by}{said}"
