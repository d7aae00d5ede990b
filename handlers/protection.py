"""The clock looks at the protection of deals: partners are warned before it ends and told when it has, each once.

The deal in the CRM says until when; a day that was changed starts anew.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import structlog

from bot.domain.deals import Deal, DealField, FieldChange, RegistrationStatus
from bot.domain.notices import ProtectionEnded, ProtectionEnding
from bot.domain.policy import Rule, view
from bot.domain.protection import extension_rule, latest_day, over, warning, warnings_on_earth
from bot.errors import PermanentError
from bot.ports import Job
from handlers.people import manager_of, today_at
from handlers.services import Services
from handlers.speak import tell_manager
from handlers.telling import tell_partner

log = structlog.get_logger()
ENDED = "ended"


async def on_protection_sweep(services: Services, tick: str) -> None:
    """Look at every deal whose protection ends soon or has ended; `tick` is the time of the look (ISO 8601)."""
    at = datetime.fromisoformat(tick)
    today = at.date()
    terms = services.policies.terms
    ahead = max((*terms.warning_days, 0)) + 1  # it is tomorrow already somewhere
    deals = await services.crm.protected_deals(until=today + timedelta(days=ahead))
    due = [job for deal in deals if (job := await _due(services, deal, at)) is not None]
    async with services.store.unit() as unit:
        for job in due:
            await unit.enqueue(job)
    log.info("protection.swept", deals=len(deals), due=len(due))


async def _due(services: Services, deal: Deal, at: datetime) -> Job | None:
    """What is to be told of a deal. Where its partner is, is looked up only while that makes a difference: a job that
    was done is not done again under the same name."""
    what = ENDED if over(deal, today=latest_day(at)) else None
    if what is None:
        terms = services.policies.terms
        found = warnings_on_earth(deal, terms, at)
        days = found.pop() if len(found) == 1 else warning(deal, terms, today=await today_at(services, deal, at))
        what = str(days) if days is not None else None
    return Job(kind="protection", ref=f"{deal.id}:{deal.protected_until}:{what}", lane=deal.id) if what else None


async def on_protection(services: Services, ref: str) -> None:
    """`ref` is "<deal>:<protected until>:<days of the warning, or ended>". Left alone when the deal has moved on."""
    deal_id, until, what = ref.rsplit(":", 2)
    deal = await services.crm.deal(deal_id)
    if deal is None or deal.protected_until is None or deal.protected_until.isoformat() != until:
        return
    if what == ENDED:
        await _end(services, deal, deal.protected_until)
    else:
        await _warn(services, deal, deal.protected_until, what)


async def _warn(services: Services, deal: Deal, until: date, what: str) -> None:
    terms, today = services.policies.terms, await today_at(services, deal, services.now())
    if str(warning(deal, terms, today=today)) != what:
        return  # it is another day there, or it is told late and the next look finds a nearer one
    longest = until + timedelta(days=terms.extension_days)
    notice = ProtectionEnding(
        deal=view(deal, services.policies),
        until=until,
        days=(until - today).days,
        extension_days=terms.extension_days,
        needs_manager=extension_rule(deal, longest, terms, today=today) is Rule.MANAGER,
    )
    key = f"protection:{deal.id}:{until}:{what}"
    await tell_partner(services, deal, key=key, notice=notice, kind="protection_ending")


async def _end(services: Services, deal: Deal, until: date) -> None:
    """Flag it in the CRM, then tell partner and manager. The flag keeps the next look from finding it."""
    if not over(deal, today=latest_day(services.now())):
        return
    expired = RegistrationStatus.EXPIRED.value
    flag = FieldChange(field=DealField.REGISTRATION_STATUS, old=deal.registration_status, new=expired)
    terms = services.policies.terms
    partner = await services.crm.partner(deal.partner_id) if deal.partner_id else None
    manager = await manager_of(services, partner)
    key = f"protection:{deal.id}:{until}:{ENDED}"
    notice = ProtectionEnded(deal=view(deal, services.policies), ended_on=until, extension_days=terms.extension_days)
    await tell_partner(services, deal, key=key, notice=notice, kind="protection_ending")
    async with services.store.unit() as unit:
        await tell_manager(
            unit,
            services,
            key=f"{key}:manager",
            notice=ProtectionEnded(
                deal=view(deal, services.policies, for_manager=True),
                ended_on=until,
                partner=partner.name if partner else "",
            ),
            manager=manager,
            about={"kind": "for_manager", "deal": deal.id},
            partner_id=deal.partner_id,
            deal_id=deal.id,
        )
    try:
        await services.crm.write(deal.id, [flag])
    except PermanentError as exc:
        log.warning("protection.not_flagged", deal=deal.id, error=str(exc))
        raise
    async with services.store.unit() as unit:
        await unit.enqueue(Job(kind="settle", ref=f"{deal.id}:{until}:{ENDED}"))
