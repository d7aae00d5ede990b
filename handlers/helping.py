"""Somebody asks what they can say: they are told, in the thread. Changes nothing."""

from __future__ import annotations

from bot.domain.notices import Help, Notice
from bot.ports import Disposition
from handlers.services import Services
from handlers.speak import answer_to
from handlers.understanding import Said

HELP_WORDS = frozenset({"?", "help", "hilfe", "aide", "hulp", "ayuda", "aiuto", "ajuda"})


def asks_for_help(text: str) -> bool:
    """Whether the words are nothing but a call for help, in any language we speak."""
    return text.strip().strip(".!/ ").casefold() in HELP_WORDS


async def on_help(services: Services, said: Said) -> None:
    """Answer with what can be said. Idempotent by the message's disposition."""
    partner = said.person.partner
    await tell_once(services, said, Help(partner=partner.name if partner else None, commands=False), "help")


async def tell_once(services: Services, said: Said, notice: Notice, reason: str) -> None:
    """Answer words that only want to be told something, in their own thread. Idempotent by their disposition."""
    async with services.store.unit() as unit:
        if not await unit.dispose(
            said.inbound.id,
            Disposition.APPLIED,
            reason,
            sender=said.person.email,
            conversation_id=said.conversation.id,
            now=services.now(),
        ):
            return
        if await unit.conversation(said.conversation.id) is None:
            await unit.save_conversation(said.conversation)
        await answer_to(
            unit,
            services,
            key=f"answer:{said.inbound.id}",
            notice=notice,
            conversation=said.conversation,
            person=said.person,
            inbound_id=said.inbound.id,
            mail_id=said.mail_id,
        )
