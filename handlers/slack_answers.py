"""Short answers in Slack that only the asker sees, and ends without an answer."""

from __future__ import annotations

from bot.domain.notices import DealList, Help, Linked
from bot.domain.partners import Channel, Role
from bot.ports import Conversation, Disposition, Inbound, IncomingChat
from handlers.people import Person
from handlers.services import Services
from handlers.speak import conversation_id, say


async def end(services: Services, inbound: Inbound, disposition: Disposition, reason: str) -> None:
    async with services.store.unit() as unit:
        await unit.dispose(inbound.id, disposition, reason, now=services.now())


async def whisper(
    services: Services,
    inbound: Inbound,
    chat: IncomingChat,
    notice: Linked | DealList | Help,
    disposition: Disposition,
    reason: str,
    *,
    person: Person | None = None,
) -> None:
    """Answer so that only the asker sees it, once."""
    partner_id = person.partner.id if person and person.partner else None
    conversation = Conversation(
        id=conversation_id(f"whisper:{inbound.id}"),
        role=person.role if person else Role.PARTNER,
        partner_id=partner_id,
        contact_id=person.id if person else None,
        deal_id=None,
        subject="",
    )
    async with services.store.unit() as unit:
        if not await unit.dispose(
            inbound.id, disposition, reason, sender=person.email if person else None, now=services.now()
        ):
            return
        await unit.save_conversation(conversation)
        await say(
            unit,
            services,
            key=f"answer:{inbound.id}",
            notice=notice,
            conversation=conversation,
            channel=Channel.SLACK,
            to=chat.channel,
            to_name=person.name if person else "",
            language=person.language if person else services.programme.default_language,
            inbound_id=inbound.id,
            extra={"thread_ts": chat.thread_ts, "only_for": None if chat.is_direct else chat.user_id},
        )
