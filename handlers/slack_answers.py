"""Short answers in Slack that only the asker sees, and ends without an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.domain.notices import Notice
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
    notice: Notice,
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
            extra=seen_only_by(chat),
        )


def seen_only_by(chat: IncomingChat) -> Mapping[str, Any]:
    """How an answer travels that only the asker sees, where they asked."""
    return {"thread_ts": chat.thread_ts, "only_for": None if chat.is_direct else chat.user_id}


def new_place(inbound: Inbound, chat: IncomingChat, person: Person) -> Conversation:
    """A thread that starts with this message."""
    return Conversation(
        id=conversation_id(f"inbound:{inbound.id}"),
        role=person.role,
        partner_id=person.partner.id if person.partner else None,
        contact_id=person.id,
        deal_id=None,
        subject="",
        slack_channel=chat.channel,
        slack_ts=chat.thread_ts or chat.ts or None,
    )
