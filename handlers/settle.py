"""An approved registration follows its deal: what the CRM says of its protection is kept in its history."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.deals import Deal
from bot.domain.notices import ProtectionEnded
from bot.domain.policy import view
from bot.domain.protection import HAPPENED, latest_day, standing, standing_of_part
from bot.domain.registrations import Registration, State, after
from bot.ports import Unit
from handlers.people import manager_of
from handlers.registering import note_history
from handlers.services import Services
from handlers.speak import tell_manager


async def on_settle(services: Services, ref: str) -> None:
    """Bring the registration of one deal up to date; `ref` is "<deal>:<cause>". The manager hears of a release."""
    deal = await services.crm.deal(ref.partition(":")[0])
    if deal is None or deal.registration is None:
        return
    partner = await services.crm.partner(deal.partner_id) if deal.partner_id else None
    manager = await manager_of(services, partner)
    async with services.store.unit() as unit:
        claim = await unit.registration_by_number(deal.registration)
        if claim is not None:
            claim = await settle(unit, services, claim, deal)
        if deal.registration_status == "released" and (claim is None or claim.state is State.RELEASED):
            await tell_manager(
                unit,
                services,
                key=f"released:{ref}",
                notice=ProtectionEnded(
                    deal=view(deal, services.policies, for_manager=True),
                    ended_on=services.now().date(),
                    why="released",
                    partner=partner.name if partner else "",
                ),
                manager=manager,
                about={"kind": "for_manager", "deal": deal.id},
                partner_id=deal.partner_id,
                deal_id=deal.id,
            )


async def settle(unit: Unit, services: Services, claim: Registration, deal: Deal) -> Registration:
    """The registration as its deal says it stands, stored with what happened. Idempotent. A part in another partner's
    deal stands as long as the CRM shows it, and protects nothing."""
    if claim.shares_deal is not None:
        stands, renewed = standing_of_part(deal, claim.partner_id), False
    else:
        stands = standing(deal, today=latest_day(services.now()))
        renewed = stands is State.APPROVED and deal.protected_until != claim.protected_until
    if stands is claim.state and not renewed:
        return claim
    event = HAPPENED[stands]
    state = after(claim.state, event)
    if state is None:
        return claim
    if claim.shares_deal is None:
        claim = replace(claim, protected_until=deal.protected_until or claim.protected_until)
    claim = replace(claim, state=state)
    await unit.save_registration(claim)
    until = "" if claim.shares_deal is not None else f"protected until {deal.protected_until or 'never'}"
    await note_history(unit, services, claim, event.value, "CRM", until)
    return claim
