"""A deal's partner is told something: each contact once, over the channels they wish. Writes nothing to the CRM."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.codec import to_json
from bot.domain.deals import Deal, DealField
from bot.domain.notices import Notice
from bot.domain.partners import Channel, Partner, Role
from bot.domain.policy import Hearer, language_of, who_hears
from bot.ports import Conversation, Unit
from handlers.people import as_contact
from handlers.services import Services
from handlers.speak import conversation_id, say


async def tell_partner(services: Services, deal: Deal, *, key: str, notice: Notice, kind: str) -> tuple[int, list[str]]:
    """Tell the people of the deal's partner. Idempotent by `key`; `kind` is what an answer would be about. Returns how
    many are told, and why others are not."""
    partner = await services.crm.partner(deal.partner_id) if deal.partner_id is not None else None
    if partner is None:
        return 0, ["no partner"]
    contacts = await services.crm.contacts_of(deal)
    async with services.store.unit() as unit:
        users = {c.id: user[1] for c in contacts if (user := await unit.slack_user_of(c.id)) is not None}
    doors = {Channel.EMAIL: services.post, Channel.SLACK: services.chat}
    ways = {channel for channel, door in doors.items() if door is not None}
    hearers, skipped = who_hears(partner, contacts, services.policies, users, ways)
    people = [await _addressee(services, hearer, partner) for hearer in hearers]
    async with services.store.unit() as unit:
        for addressee in people:
            await _tell(unit, services, deal, addressee, key, notice, kind)
    return len(people), [s.reason for s in skipped]


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
    unit: Unit, services: Services, deal: Deal, to: _Addressee, key: str, notice: Notice, kind: str
) -> None:
    contact = to.hearer.contact
    in_slack = to.hearer.channel is Channel.SLACK
    if not in_slack and await unit.suppressed(to.to) is not None:
        return
    key = f"{key}:{contact.id if contact else to.to}:{to.hearer.channel}"
    conversation = Conversation(
        id=conversation_id(key),
        role=Role.PARTNER,
        partner_id=deal.partner_id,
        contact_id=contact.id if contact else None,
        deal_id=deal.id,
        subject="",
        about={"kind": kind, "deal": deal.id, "shown": {deal.id: shown_values(deal)}},
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
