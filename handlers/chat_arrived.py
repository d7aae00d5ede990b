"""Somebody wrote, pressed a button or sent a form in Slack: find out who and in which thread, and hand it on."""

from __future__ import annotations

from bot.domain.notices import Linked
from bot.domain.partners import Role
from bot.ports import ChatKind, Conversation, Disposition, Inbound, IncomingChat
from handlers.link import on_link_word
from handlers.manager_reply import on_manager_reply
from handlers.people import Person, as_contact, as_manager, manager_by_email, why_not_heard
from handlers.reply import on_reply
from handlers.services import Services
from handlers.slack_answers import end, new_place, whisper
from handlers.slack_commands import is_command, on_command
from handlers.slack_decisions import is_decision, on_decision
from handlers.slack_registering import REGISTER, on_register_form
from handlers.understanding import Said
from handlers.undo import on_undo

#: What a button stands for, in words that are read like any other answer.
BUTTON_WORDS = {"confirm": "yes", "decline": "no"}


async def on_chat(services: Services, inbound: Inbound) -> None:
    """Handle one thing done in Slack; ends it in its disposition unless it raises."""
    chat = services.chat_reader.read(inbound.raw)
    if chat.kind not in {ChatKind.ACTION, ChatKind.FORM} and await on_link_word(services, inbound, chat):
        return None
    conversation = await _conversation(services, chat)
    if conversation is None and chat.kind is ChatKind.MESSAGE and not chat.is_direct:
        return await end(services, inbound, Disposition.IGNORED, "not addressed to us")
    person = await _person(services, chat)
    if person is None:
        return await whisper(services, inbound, chat, Linked(state="unknown_person"), Disposition.REFUSED, "not linked")
    if (reason := why_not_heard(person)) is not None:
        return await end(services, inbound, Disposition.REFUSED, reason)
    if is_command(chat, person.role):
        return await on_command(services, inbound, chat, person)
    if chat.kind is ChatKind.FORM and chat.action == REGISTER and person.role is Role.PARTNER:
        return await on_register_form(services, inbound, chat, person)
    return await _on_words(services, inbound, chat, person, conversation)


async def _on_words(
    services: Services, inbound: Inbound, chat: IncomingChat, person: Person, conversation: Conversation | None
) -> None:
    """A thread's words, a button below a message, or a form that a button opened."""
    if conversation is not None and not _may_speak_here(person, conversation):
        return await end(services, inbound, Disposition.IGNORED, "another party's thread")
    said = Said(
        inbound=inbound,
        person=person,
        conversation=conversation or new_place(inbound, chat, person),
        text=BUTTON_WORDS.get(chat.action, chat.text),
    )
    if chat.kind is ChatKind.ACTION and chat.action == "undo":
        return await on_undo(services, said, int(chat.value) if chat.value.isdigit() else None)
    if is_decision(chat):
        return await on_decision(services, said, chat)
    if chat.kind is ChatKind.FORM:
        return await end(services, inbound, Disposition.REFUSED, f"no form of theirs: {chat.action}")
    if person.role is Role.MANAGER:
        return await on_manager_reply(services, said)
    return await on_reply(services, said)


async def _conversation(services: Services, chat: IncomingChat) -> Conversation | None:
    async with services.store.unit() as unit:
        for ts in (chat.thread_ts, chat.ts if chat.kind in {ChatKind.ACTION, ChatKind.FORM} else None):
            if ts and (found := await unit.conversation_in_slack(chat.channel, ts)) is not None:
                return found
    return None


async def _person(services: Services, chat: IncomingChat) -> Person | None:
    """Who it is: a linked contact, or one of the vendor's own people whose address Slack shows us."""
    async with services.store.unit() as unit:
        contact_id = await unit.linked(chat.team_id, chat.user_id)
    if contact_id is not None and (contact := await services.crm.contact(contact_id)) is not None:
        return await as_contact(services, contact)
    known = await services.chat.person(chat.team_id, chat.user_id) if services.chat else None
    if known is None or not known.is_ours or known.email is None:
        return None
    manager = await manager_by_email(services, known.email)
    return as_manager(services, manager) if manager else None


def _may_speak_here(person: Person, conversation: Conversation) -> bool:
    """A thread is its partner's, or the managers'; a manager's chat in a partner's thread is not for us."""
    if conversation.role == Role.MANAGER or person.role is Role.MANAGER:
        return conversation.role == person.role
    return person.partner is not None and conversation.partner_id == person.partner.id
