"""A deal moved in the CRM: its partner's people are told, each once. Writes nothing to the CRM."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import structlog

from bot.domain.codec import from_json, to_json
from bot.domain.credits import WHOLE
from bot.domain.deals import Deal, DealField, FieldChange, FieldValue, ObservedChange, same
from bot.domain.motions import criteria, gate
from bot.domain.notices import DealChanged, DealView, GateSkipped
from bot.domain.policy import view
from bot.domain.registrations import Registration, State
from bot.domain.sharing import changes_seen, seen_by, sides
from bot.domain.terms import Terms
from bot.ports import Job, Unit
from handlers.people import manager_of
from handlers.services import Services
from handlers.settle import settle
from handlers.speak import tell_manager
from handlers.telling import tell_partner

log = structlog.get_logger()
CURSOR = "cursor:crm"


async def poll(services: Services) -> int:
    """Look for changes once; returns how many were new. Idempotent: what was seen is not seen again."""
    async with services.store.unit() as unit:
        stored = await unit.recall(CURSOR)
    page = await services.crm.changes_since(stored["at"] if stored else None, services.now())
    if stored is not None and page.cursor == stored["at"] and not page.changes:
        return 0
    async with services.store.unit() as unit:
        fresh = await on_changes(unit, services, page.changes)
        await unit.remember(CURSOR, {"at": page.cursor}, now=services.now())
    return fresh


async def on_changes(unit: Unit, services: Services, changes: Sequence[ObservedChange]) -> int:
    """Turn what the CRM reports into one happening a deal, leaving out repeats and our own writes."""
    now = services.now()
    by_deal: dict[str, list[ObservedChange]] = {}
    for change in changes:
        if not await unit.once(f"seen:{change.key}", now=now):
            continue
        if await unit.is_ours(change.deal_id, change.change, change.at):
            continue
        by_deal.setdefault(change.deal_id, []).append(change)
    for deal_id, observed in by_deal.items():
        ref = f"{deal_id}:{observed[0].key}"
        net = [to_json(c) for c in net_changes([o.change for o in observed])]
        await unit.remember(f"happening:{ref}", {"deal": deal_id, "changes": net}, now=now)
        await unit.enqueue(Job(kind="deal_changed", ref=ref))
    return sum(len(o) for o in by_deal.values())


def net_changes(changes: Sequence[FieldChange]) -> tuple[FieldChange, ...]:
    """Several changes of one field become one, from the first old to the last new; a round trip disappears."""
    net: dict[DealField, FieldChange] = {}
    for change in changes:
        first = net.get(change.field, change)
        net[change.field] = FieldChange(field=change.field, old=first.old, new=change.new)
    return tuple(c for c in net.values() if not same(c.old, c.new))


def without_birth(changes: Sequence[FieldChange], claim: Registration, terms: Terms) -> tuple[FieldChange, ...]:
    """What is news on the deal of a registration: what we made it with its partner hears with the decision. Pure."""
    draft = claim.draft
    made: dict[DealField, FieldValue] = {
        DealField.AMOUNT: draft.amount,
        DealField.CURRENCY: draft.currency or terms.currency,
        DealField.CLOSE_DATE: draft.close_date,
        DealField.SHARE: claim.share or WHOLE,
    }

    def born(change: FieldChange) -> bool:
        if change.old is not None:
            return False
        return change.field is DealField.STAGE or (change.field in made and same(change.new, made[change.field]))

    return tuple(c for c in changes if not born(c))


async def on_deal_changed(services: Services, ref: str) -> None:
    """Tell everybody whom this happening concerns. Idempotent by the messages' keys."""
    async with services.store.unit() as unit:
        happening = await unit.recall(f"happening:{ref}")
    if happening is None:
        return
    changes: tuple[FieldChange, ...] = tuple(from_json(c) for c in happening["changes"])
    author = happening.get("author")
    deal = await services.crm.deal(happening["deal"])
    if deal is None or deal.partner_id is None:
        return
    if author is None:
        await _tell_of_a_gate(services, deal, changes, ref)
    for seen in sides(deal):
        if seen.partner_id != author:
            await _tell_a_side(services, seen, changes, ref)
    for change in changes:
        for former in formerly(deal, change):
            await _tell_who_lost_its_share(services, deal, former, ref)


def formerly(deal: Deal, change: FieldChange) -> tuple[Deal, ...]:
    """The deal as those see it who have no part in it any more. Pure."""
    if change.field is not DealField.CREDITS:
        return ()
    before = replace(deal, credits=str(change.old or ""))
    return tuple(seen for seen in sides(before) if seen.is_shared and seen_by(deal, seen.partner_id) is None)


async def _tell_who_lost_its_share(services: Services, deal: Deal, former: Deal, ref: str) -> None:
    """A person took a partner out: it hears so, and no more of the deal. Who gave its share back knows."""
    async with services.store.unit() as unit:
        claim = await unit.registration_by_number(former.registration) if former.registration else None
        if claim is not None and claim.state is State.RELEASED:
            return
        if claim is not None and claim.partner_id == former.partner_id:
            await settle(unit, services, claim, deal)
    view_ = DealView(id=former.id, name=former.name, company=former.company, stage="", registration=former.registration)
    gone = FieldChange(field=DealField.SHARE, old=former.share, new=None)
    key = f"deal_changed:{ref}:{former.partner_id}:left"
    notice = DealChanged(deal=view_, changes=(gone,))
    await tell_partner(services, former, key=key, notice=notice, kind="status_changed")


async def _tell_a_side(services: Services, seen: Deal, changes: Sequence[FieldChange], ref: str) -> None:
    """Tell one partner what of it is for its eyes; `seen` is the deal as that partner sees it."""
    shown = services.policies.shown_on(seen)
    visible = tuple(c for c in changes_seen(seen, changes) if c.field in shown)
    async with services.store.unit() as unit:
        claim = await unit.registration_by_number(seen.registration) if seen.registration else None
    if claim is not None:
        visible = without_birth(visible, claim, services.policies.terms)
    if not visible:
        return
    notice = DealChanged(deal=view(seen, services.policies), changes=visible, outcome=seen.outcome.value)
    key = f"deal_changed:{ref}" + (f":{seen.partner_id}" if seen.is_shared else "")
    told, skipped = await tell_partner(services, seen, key=key, notice=notice, kind="status_changed")
    log.info("deal.told", deal=seen.id, hearers=told, skipped=skipped)


async def _tell_of_a_gate(services: Services, deal: Deal, changes: Sequence[FieldChange], ref: str) -> None:
    """The manager hears, once, of a stage change that skipped a gate. It is not undone: a person decided it."""
    moved = next((c for c in changes if c.field is DealField.STAGE), None)
    if moved is None or deal.partner_id is None:
        return
    before, target = replace(deal, stage=str(moved.old)), str(moved.new)
    pipelines, motions = await services.crm.pipelines(), services.policies.motions
    missing = gate(before, target, pipelines, motions)
    if not missing:
        return
    partner = await services.crm.partner(deal.partner_id)
    notice = GateSkipped(
        deal=view(deal, services.policies, for_manager=True),
        partner=partner.name if partner else "",
        old=before.stage,
        new=target,
        missing=missing,
        criteria=criteria(before, target, pipelines, motions),
    )
    manager = await manager_of(services, partner)
    async with services.store.unit() as unit:
        await tell_manager(
            unit,
            services,
            key=f"gate_skipped:{ref}",
            notice=notice,
            manager=manager,
            about={"kind": "for_manager", "deal": deal.id},
            partner_id=deal.partner_id,
            deal_id=deal.id,
        )
    log.info("gate.skipped", deal=deal.id, missing=len(missing))
