"""Somebody wrote or pressed a button in Slack: find out who and in which thread, and hand it on."""

from __future__ import annotations

from bot.domain.notices import DealList, Help, Linked
from bot.domain.partners import Role
from bot.domain.policy import view
from bot.ports import ChatKind, Conversation, Disposition, Inbound, IncomingChat
from handlers.deciding import decide_registration
from handlers.helping import HELP_WORDS
from handlers.link import on_link_word
from handlers.manager_reply import close_approval, on_manager_reply
from handlers.people import Person, as_contact, as_manager, manager_by_email, own_deals, why_not_heard
from handlers.reply import on_reply
from handlers.services import Services
from handlers.slack_answers import end, whisper
from handlers.speak import conversation_id
from handlers.understanding import Said
from handlers.undo import on_undo

DEALS = "deals"
#: What a button stands for, in words that are read like any other answer.
BUTTON_WORDS = {"confirm": "yes", "decline": "no"}


async def on_chat(services: Services, inbound: Inbound) -> None:
    """Handle one thing done in Slack; ends it in its disposition unless it raises."""
    chat = services.chat_reader.read(inbound.raw)
    if chat.kind is not ChatKind.ACTION and await on_link_word(services, inbound, chat):
        return None
    conversation = await _conversation(services, chat)
    if conversation is None and chat.kind is ChatKind.MESSAGE and not chat.is_direct:
        return await end(services, inbound, Disposition.IGNORED, "not addressed to us")
    person = await _person(services, chat)
    if person is None:
        return await whisper(services, inbound, chat, Linked(state="unknown_person"), Disposition.REFUSED, "not linked")
    if (reason := why_not_heard(person)) is not None:
        return await end(services, inbound, Disposition.REFUSED, reason)
    if chat.kind is ChatKind.COMMAND or _is_command_word(chat):
        return await _on_command(services, inbound, chat, person)
    if conversation is not None and not _may_speak_here(person, conversation):
        return await end(services, inbound, Disposition.IGNORED, "another party's thread")
    said = Said(
        inbound=inbound,
        person=person,
        conversation=conversation or _new_place(inbound, chat, person),
        text=BUTTON_WORDS.get(chat.action, chat.text),
    )
    if chat.kind is ChatKind.ACTION and chat.action == "undo":
        return await on_undo(services, said, int(chat.value) if chat.value.isdigit() else None)
    if person.role is Role.MANAGER:
        return await _on_manager(services, chat, said)
    return await on_reply(services, said)


async def _on_manager(services: Services, chat: IncomingChat, said: Said) -> None:
    """A manager's button decides what its thread is about; words are read."""
    if chat.kind is not ChatKind.ACTION or chat.action not in {"approve", "reject"}:
        return await on_manager_reply(services, said)
    yes, claim_id = chat.action == "approve", said.conversation.about.get("claim")
    if claim_id is not None:
        return await decide_registration(services, said, int(claim_id), yes=yes, reason=None)
    number = chat.value.removeprefix("CHG-")
    change_id = int(number) if number.isdigit() else 0
    return await close_approval(services, said, change_id, approve=yes, reason=None)


async def _conversation(services: Services, chat: IncomingChat) -> Conversation | None:
    async with services.store.unit() as unit:
        for ts in (chat.thread_ts, chat.ts if chat.kind is ChatKind.ACTION else None):
            if ts is not None and (found := await unit.conversation_in_slack(chat.channel, ts)) is not None:
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


def _new_place(inbound: Inbound, chat: IncomingChat, person: Person) -> Conversation:
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


def _is_command_word(chat: IncomingChat) -> bool:
    """A mention or a direct message that is just a command's word: slash commands do not reach us from people of
    other workspaces (Slack Connect)."""
    word = chat.text.strip().casefold()
    return (chat.kind is ChatKind.MENTION or chat.is_direct) and (word == DEALS or word in HELP_WORDS)


async def _on_command(services: Services, inbound: Inbound, chat: IncomingChat, person: Person) -> None:
    """`/partner deals` and `/partner help`; whatever else is typed is answered with the help."""
    word = chat.text.strip().casefold().split(" ")[0]
    partner = person.partner.name if person.partner else None
    notice: DealList | Help = Help(partner=partner)
    if word == DEALS and person.partner is not None:
        deals = await own_deals(services, person)
        shown = tuple(view(d, services.policies.shown) for d in deals)
        notice = DealList(partner=person.partner.name, deals=shown)
    await whisper(services, inbound, chat, notice, Disposition.APPLIED, f"command {word or 'help'}", person=person)
