"""A further partner's part in a deal is put into the CRM, or taken out again, and then whoever it concerns is told.

Idempotent: the deal itself says who has a part in it. Refuses to write over credits that nobody can read, and more
than is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.credits import UnreadableError, given_back, granted, left
from bot.domain.deals import Deal, FieldChange
from bot.domain.notices import Claimed, RegistrationClosed, RegistrationDecided
from bot.domain.policy import view
from bot.domain.registrations import Event, Registration, State, after
from bot.domain.sharing import seen_by
from bot.errors import PermanentError
from bot.ports import Job, Unit
from handlers.people import Person, as_contact, manager_of
from handlers.protect import put_history_on_the_timeline, tell_approval
from handlers.registering import claimed_view, note_history
from handlers.services import Services
from handlers.speak import tell_manager
from handlers.understanding import Said

RELEASED = "released"


async def on_share(services: Services, ref: str) -> None:
    """Give one approved registration its part in another partner's deal. Raises PermanentError for a person to see
    to: less is left than was approved, or nobody can read who shares it."""
    async with services.store.unit() as unit:
        claim = await unit.registration(int(ref))
    credit = claim.credit if claim is not None else None
    if claim is None or credit is None or claim.state is not State.APPROVED or claim.deal_id is not None:
        return
    contact = await services.crm.contact(claim.contact_id)
    person = await as_contact(services, contact) if contact is not None else None
    deal = await services.crm.deal(claim.shares_deal or "")
    if person is None or person.partner is None or deal is None:
        raise PermanentError(f"{claim.number}: its contact or the deal it shares is gone: divide the credit by hand")
    try:
        changes = granted(deal, credit, services.policies.terms.split)
    except UnreadableError as exc:
        raise PermanentError(f"{claim.number}: the credits of deal {deal.id} cannot be read: {exc}") from exc
    if changes is None:
        raise PermanentError(f"{claim.number}: of deal {deal.id} less than {credit.share} % is left: divide it by hand")
    shared = await _write(services, deal, changes)
    await services.crm.add_partner(deal.id, claim.partner_id, contact_id=claim.contact_id)
    await put_history_on_the_timeline(services, claim, deal)
    async with services.store.unit() as unit:
        claim = replace(await unit.registration(claim.id) or claim, deal_id=deal.id)
        await unit.save_registration(claim)
        await note_history(unit, services, claim, "shared", "policy", f"{credit.share} % of deal {deal.id}")
        await _tell(unit, services, claim, person, seen_by(shared, claim.partner_id) or shared)


async def _write(services: Services, deal: Deal, changes: Sequence[FieldChange]) -> Deal:
    """The deal with the new shares, once they are written."""
    if changes:
        await services.crm.write(deal.id, changes)
    return replace(deal, **{c.field.value: c.new for c in changes})  # type: ignore[arg-type]


async def _tell(unit: Unit, services: Services, claim: Registration, person: Person, seen: Deal) -> None:
    notice = RegistrationDecided(
        decision=claim.state.value,
        number=claim.number,
        company=claim.draft.company or "",
        deal=view(seen, services.policies),
        share=claim.share,
        source=claim.source.value if claim.source else None,
    )
    await tell_approval(unit, services, claim, person, notice)


# ---- giving it back ---------------------------------------------------------------------------------------


async def give_share_back(unit: Unit, services: Services, said: Said, seen: Deal) -> Claimed:
    """A further partner gives its part in the deal, which is as it sees it, back; the CRM follows."""
    ref = f"{seen.id}:{seen.partner_id}:{seen.registration or ''}:{said.inbound.id}"
    await unit.enqueue(Job(kind="unshare", ref=ref, lane=seen.id))
    claim = await unit.registration_by_number(seen.registration) if seen.registration else None
    if claim is None or claim.partner_id != seen.partner_id:
        return Claimed(number=seen.registration or seen.name, company=seen.company, state=RELEASED)
    state = after(claim.state, Event.GIVEN_BACK)
    if state is not None:
        claim = replace(claim, state=state)
        await unit.save_registration(claim)
        await note_history(unit, services, claim, Event.GIVEN_BACK, said.person.name, said.text.strip())
    return claimed_view(claim, said.person, (), None)


async def on_unshare(services: Services, ref: str) -> None:
    """Take a partner's part out of a deal; `ref` is "<deal>:<partner>:<number>:<cause>". The manager hears of it."""
    deal_id, partner_id, number, _ = ref.split(":")
    deal = await services.crm.deal(deal_id)
    if deal is None:
        return
    try:
        changed = await _write(services, deal, given_back(deal, partner_id))
        free = left(changed, services.policies.terms.split)
    except UnreadableError as exc:
        raise PermanentError(f"the credits of deal {deal.id} cannot be read: {exc}: take {partner_id} out") from exc
    await services.crm.remove_partner(deal.id, partner_id)
    manager = await manager_of(services, await services.crm.partner(partner_id))
    async with services.store.unit() as unit:
        await tell_manager(
            unit,
            services,
            key=f"unshared:{ref}",
            notice=RegistrationClosed(number=number, decision="given_back", company=deal.company, share=free),
            manager=manager,
            about={"kind": "for_manager", "deal": deal.id},
            partner_id=partner_id,
            deal_id=deal.id,
        )
