"""The clock looks at quiet deals and at meetings that are over: whoever owes the next step is asked for it, in time and
not too often. Writes nothing to the CRM.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from bot.domain.deals import Deal, Pipelines
from bot.domain.notices import FollowUpDue, Nudge
from bot.domain.partners import Manager, Partner
from bot.domain.policy import is_open, view
from bot.domain.protection import warnings_on_earth
from bot.domain.rhythm import Nudged, What, is_partners_step, nudge
from bot.ports import ChangeState, Job, Meeting, Unit
from handlers.answering import APPLIED
from handlers.limits import within
from handlers.people import for_managers, manager_of
from handlers.services import Services
from handlers.speak import tell_manager
from handlers.telling import tell_partner

log = structlog.get_logger()

#: Meetings that were over for longer when somebody first looked are nobody's business any more.
_LATEST = timedelta(days=7)
#: How far back the store is asked who set a next step.
_LONGEST = timedelta(days=400)


async def on_nudge_sweep(services: Services, tick: str) -> None:
    """Look at every quiet deal and at the meetings of late; `tick` is the time of the look (ISO 8601)."""
    now = datetime.fromisoformat(tick)
    nudged = await _nudge_quiet_deals(services, now)
    followed = await _ask_for_follow_ups(services, now)
    log.info("nudges.swept", nudges=nudged, follow_ups=followed)


# ---- quiet deals ------------------------------------------------------------------------------------------


async def _nudge_quiet_deals(services: Services, now: datetime) -> int:
    shortest = services.policies.rhythm.shortest()
    if shortest is None:
        return 0
    deals = await services.crm.quiet_deals(since=now - shortest)
    pipelines = await services.crm.pipelines() if deals else {}
    async with services.store.unit() as unit:
        await unit.hold("nudges")
        return sum([await _nudge_if_due(unit, services, deal, pipelines, now) for deal in deals])


async def _nudge_if_due(unit: Unit, services: Services, deal: Deal, pipelines: Pipelines, now: datetime) -> bool:
    """Note that the deal is nudged, and have it done, in one transaction: so it is once, whoever looks again."""
    if warnings_on_earth(deal, services.policies.terms, now) != {None}:
        return False  # the warning of its protection's end asks the same
    memory, rhythm = f"nudged:{deal.id}", services.policies.rhythm
    last = await unit.recall(memory)
    what = nudge(
        deal,
        rhythm,
        now=now,
        is_first_stage=_is_first_stage(deal, pipelines),
        last=Nudged(what=What(last["what"]), at=datetime.fromisoformat(last["at"])) if last else None,
    )
    if what is None or not await within(unit, f"nudges:{deal.partner_id}:{now:%Y-%m-%d}", rhythm.per_day, now=now):
        return False
    await unit.remember(memory, {"what": what.value, "at": now.isoformat()}, now=now)
    await unit.enqueue(Job(kind="nudge", ref=f"{deal.id}:{what}:{now:%Y%m%dT%H%M%S}", lane=deal.id))
    return True


def _is_first_stage(deal: Deal, pipelines: Pipelines) -> bool:
    pipeline = pipelines.get(deal.motion) if deal.motion else None
    return pipeline is not None and pipeline.stages[0].label == deal.stage


async def on_nudge(services: Services, ref: str) -> None:
    """`ref` is "<deal>:<what>:<when it was found due>". Left alone when somebody has touched the deal since."""
    deal_id, what, _ = ref.split(":")
    rhythm, now = services.policies.rhythm, services.now()
    deal, span = await services.crm.deal(deal_id), rhythm.span(What(what))
    if deal is None or span is None or not is_open(deal) or now - deal.updated_at < span:
        return
    is_the_partners = what != What.ACTION_CYCLE or await _is_partners_step(services, deal)
    tell = _nudge_partner if is_the_partners else _nudge_owner
    await tell(services, deal, what=what, days=(now - deal.updated_at).days, key=f"nudge:{ref}")


async def _is_partners_step(services: Services, deal: Deal) -> bool:
    async with services.store.unit() as unit:
        changes = await unit.changes_under_way([deal.id], since=services.now() - _LONGEST)
    done = (c for c in changes if c.state is ChangeState.DONE)
    return is_partners_step(deal, [one for c in done for one in c.changes if c.results.get(one.field) == APPLIED])


async def _nudge_partner(services: Services, deal: Deal, *, what: str, days: int, key: str) -> None:
    notice = Nudge(deal=view(deal, services.policies), what=what, days=days)
    await tell_partner(services, deal, key=key, notice=notice, kind="update_request")


async def _nudge_owner(services: Services, deal: Deal, *, what: str, days: int, key: str) -> None:
    partner = await _partner_of(services, deal)
    seen = view(deal, services.policies, for_manager=True)
    notice = Nudge(deal=seen, what=what, days=days, partner=partner.name if partner else "")
    owner = await _owner(services, deal.owner_id, partner)
    async with services.store.unit() as unit:
        await _tell_owner(unit, services, deal, owner, key=key, notice=notice)


# ---- meetings ---------------------------------------------------------------------------------------------


async def _ask_for_follow_ups(services: Services, now: datetime) -> int:
    hours = services.policies.rhythm.follow_up_hours
    if not hours:
        return 0
    before = now - timedelta(hours=hours)
    meetings = await services.crm.meetings_ended(after=before - _LATEST, before=before)
    return sum([await _ask_for_follow_up(services, meeting) for meeting in meetings if not meeting.followed_up])


async def _ask_for_follow_up(services: Services, meeting: Meeting) -> bool:
    key = f"follow_up:{meeting.id}:{meeting.deal_id}"
    async with services.store.unit() as unit:
        if await unit.recall(key) is not None:
            return False
    deal = await services.crm.deal(meeting.deal_id)
    if deal is None:
        return False
    partner = await _partner_of(services, deal)
    owner = await _owner(services, meeting.owner_id or deal.owner_id, partner)
    notice = FollowUpDue(
        deal=view(deal, services.policies, for_manager=True),
        title=meeting.title,
        ended_at=for_managers(services, meeting.ended_at),
        partner=partner.name if partner else "",
        owner=owner.name if owner else None,
    )
    async with services.store.unit() as unit:
        await _tell_owner(unit, services, deal, owner, key=key, notice=notice)
        await unit.remember(key, {}, now=services.now())
    return True


# ---- owners -----------------------------------------------------------------------------------------------


async def _partner_of(services: Services, deal: Deal) -> Partner | None:
    return await services.crm.partner(deal.partner_id) if deal.partner_id is not None else None


async def _owner(services: Services, owner_id: str | None, partner: Partner | None) -> Manager | None:
    """Who owes the step on the vendor's side: the owner, else the partner's manager."""
    owner = await services.crm.manager(owner_id) if owner_id is not None else None
    return owner if owner is not None and owner.active else await manager_of(services, partner)


async def _tell_owner(
    unit: Unit, services: Services, deal: Deal, owner: Manager | None, *, key: str, notice: Nudge | FollowUpDue
) -> None:
    await tell_manager(
        unit,
        services,
        key=key,
        notice=notice,
        manager=owner,
        about={"kind": "for_manager", "deal": deal.id},
        partner_id=deal.partner_id,
        deal_id=deal.id,
    )
