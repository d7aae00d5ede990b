"""A deal moved in the CRM: its partner's people are told, each once. Writes nothing to the CRM."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from bot.domain.codec import from_json, to_json
from bot.domain.deals import Deal, DealField, FieldChange, ObservedChange, same
from bot.domain.notices import DealChanged
from bot.domain.partners import Channel, Partner, Role
from bot.domain.policy import Hearer, language_of, view, who_hears
from bot.ports import Conversation, Job, Unit
from handlers.people import as_contact
from handlers.services import Services
from handlers.speak import conversation_id, say

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


async def on_deal_changed(services: Services, ref: str) -> None:
    """Tell everybody whom this happening concerns. Idempotent by the messages' keys."""
    async with services.store.unit() as unit:
        happening = await unit.recall(f"happening:{ref}")
    if happening is None:
        return
    changes: tuple[FieldChange, ...] = tuple(from_json(c) for c in happening["changes"])
    visible = tuple(c for c in changes if c.field in services.policies.shown)
    deal = await services.crm.deal(happening["deal"])
    if deal is None or deal.partner_id is None or not visible:
        return
    partner = await services.crm.partner(deal.partner_id)
    if partner is None:
        return
    contacts = await services.crm.contacts_of(deal)
    async with services.store.unit() as unit:
        users = {c.id: user[1] for c in contacts if (user := await unit.slack_user_of(c.id)) is not None}
    doors = {Channel.EMAIL: services.post, Channel.SLACK: services.chat}
    ways = {channel for channel, door in doors.items() if door is not None}
    hearers, skipped = who_hears(partner, contacts, services.policies, users, ways)
    log.info("deal.told", deal=deal.id, hearers=len(hearers), skipped=[s.reason for s in skipped])
    people = [await _addressee(services, hearer, partner) for hearer in hearers]
    async with services.store.unit() as unit:
        for addressee in people:
            await _tell(unit, services, ref, deal, visible, addressee)


@dataclass(frozen=True, slots=True)
class _Addressee:
    """A hearer with everything that sending needs."""

    hearer: Hearer
    to: str
    name: str
    language: str


async def _addressee(services: Services, hearer: Hearer, partner: Partner) -> _Addressee:
    if hearer.contact is None:
        programme = services.programme
        language = language_of(None, partner.language, programme.languages, programme.default_language)
        return _Addressee(hearer, hearer.slack_channel or "", partner.name, language)
    person = await as_contact(services, hearer.contact)
    return _Addressee(hearer, hearer.slack_channel or person.email, person.name, person.language)


async def _tell(
    unit: Unit, services: Services, ref: str, deal: Deal, changes: tuple[FieldChange, ...], to: _Addressee
) -> None:
    contact = to.hearer.contact
    in_slack = to.hearer.channel is Channel.SLACK
    if not in_slack and await unit.suppressed(to.to) is not None:
        return
    key = f"deal_changed:{ref}:{contact.id if contact else to.to}:{to.hearer.channel}"
    notice = DealChanged(deal=view(deal, services.policies.shown), changes=changes, outcome=deal.outcome.value)
    conversation = Conversation(
        id=conversation_id(key),
        role=Role.PARTNER,
        partner_id=deal.partner_id,
        contact_id=contact.id if contact else None,
        deal_id=deal.id,
        subject="",
        about={"kind": "status_changed", "deal": deal.id, "shown": {deal.id: shown_values(deal)}},
        slack_channel=to.to if in_slack else None,
    )
    if await unit.conversation(conversation.id) is None:
        await unit.save_conversation(conversation)
    await say(
        unit,
        services,
        key=key,
        notice=notice,
        conversation=conversation,
        channel=to.hearer.channel,
        to=to.to,
        to_name=to.name,
        language=to.language,
    )


def shown_values(deal: Deal) -> dict[str, object]:
    """The values a person has now been told, as JSON, to notice later that somebody else changed them."""
    return {f.value: to_json(deal.value(f)) for f in DealField}
