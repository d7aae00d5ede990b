"""A deal is registered by the form in Slack: the typed values are the claim, and nothing has to be understood."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.actions import Certainty, Register
from bot.domain.notices import Answer
from bot.domain.partners import Channel, Role
from bot.domain.registration_form import chosen_motion, draft_of
from bot.ports import Conversation, Disposition, Inbound, IncomingChat
from handlers.people import Person, manager_of
from handlers.registering import admitted, record
from handlers.services import Services
from handlers.slack_answers import seen_only_by
from handlers.speak import answer_to, conversation_id, say
from handlers.understanding import Said

REGISTER = "register"


def own_place(inbound: Inbound, chat: IncomingChat, person: Person) -> Conversation:
    """Where this partner hears of the registration: in their channel, or else in a direct message."""
    channel = person.partner.slack_channel if person.partner else None
    return Conversation(
        id=conversation_id(f"inbound:{inbound.id}"),
        role=Role.PARTNER,
        partner_id=person.partner.id if person.partner else None,
        contact_id=person.id,
        deal_id=None,
        subject="",
        slack_channel=channel or chat.user_id,
    )


async def on_register_form(services: Services, inbound: Inbound, chat: IncomingChat, person: Person) -> None:
    """Store the claim and acknowledge it where the form was opened. Idempotent by the form's disposition."""
    register = Register(certainty=Certainty.APPLY, draft=draft_of(chat.values))
    words = "; ".join(f"{name}: {value}" for name, value in chat.values.items())
    said = Said(inbound=inbound, person=person, conversation=own_place(inbound, chat, person), text=words)
    manager = await manager_of(services, person.partner)
    async with services.store.unit() as unit:
        if not await unit.dispose(
            inbound.id,
            Disposition.APPLIED,
            "registered by form",
            sender=person.email,
            conversation_id=said.conversation.id,
            now=services.now(),
        ):
            return
        await unit.save_conversation(said.conversation)
        name = manager.name if manager else None
        let_in = await admitted(unit, services, said, (register,))
        registered = await record(unit, services, said, let_in.registers, name, motion=chosen_motion(chat.values))
        conversation = replace(said.conversation, about=registered.about)
        await unit.save_conversation(conversation)
        refused = ("too_many_registrations",) if let_in.too_many else ()
        answer = Answer(manager=name, claimed=registered.claimed, refused=refused)
        key = f"answer:{inbound.id}"
        if conversation.slack_channel == chat.user_id:
            await answer_to(unit, services, key=key, notice=answer, conversation=conversation, person=person)
            return
        await say(
            unit,
            services,
            key=key,
            notice=answer,
            conversation=conversation,
            channel=Channel.SLACK,
            to=chat.channel,
            to_name=person.name,
            language=person.language,
            inbound_id=inbound.id,
            extra=seen_only_by(chat),
        )
