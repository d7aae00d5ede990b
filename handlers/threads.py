"""Which conversation a mail belongs to. A token counts only when it was signed for that conversation."""

from __future__ import annotations

from bot.ports import Conversation, IncomingMail
from handlers.services import Services


async def conversation_of(services: Services, mail: IncomingMail) -> Conversation | None:
    """The conversation whose signed token a header of the mail carries; a token that does not match is nothing."""
    async with services.store.unit() as unit:
        for seen in mail.tokens:
            conversation = await unit.conversation(seen.conversation_id)
            if conversation is not None and services.addressing.matches(seen, conversation):
                return conversation
    return None
