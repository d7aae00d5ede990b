"""What is typed after /partner, or alone where commands do not reach us: a word each. Reads no prose."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.notices import DealList, Help, Notice, RegisterForm
from bot.domain.partners import Role
from bot.domain.policy import view
from bot.ports import ChatKind, Disposition, Inbound, IncomingChat
from handlers.helping import HELP_WORDS
from handlers.people import Person, own_deals
from handlers.reply import on_reply
from handlers.rules import asks_for_rules, rules_of
from handlers.services import Services
from handlers.slack_answers import new_place, whisper
from handlers.slack_decisions import decide_by_number
from handlers.slack_registering import own_place
from handlers.understanding import Said

DEALS, REGISTER, DECISIONS = "deals", "register", {"approve": True, "reject": False}
_WITH_NUMBER = 2  # words of "approve REG-1042"


def is_command(chat: IncomingChat, role: Role) -> bool:
    """A command, or a mention or direct message that is just a command's word: slash commands do not reach us from
    people of other workspaces (Slack Connect)."""
    if chat.kind is ChatKind.COMMAND:
        return True
    words = chat.text.casefold().split()
    if not words or not (chat.kind is ChatKind.MENTION or (chat.is_direct and chat.kind is ChatKind.MESSAGE)):
        return False
    if role is Role.MANAGER and words[0] in DECISIONS and len(words) >= _WITH_NUMBER:
        return any(c.isdigit() for c in words[1])
    return " ".join(words) in {DEALS, REGISTER, *HELP_WORDS} or asks_for_rules(chat.text)


async def on_command(services: Services, inbound: Inbound, chat: IncomingChat, person: Person) -> None:
    """Answer it so that only the asker sees the answer. What is no command is answered with the help."""
    word, *rest = chat.text.split(maxsplit=1) or [""]
    word, words = word.casefold(), rest[0] if rest else ""
    if word in DECISIONS and words:
        number, _, reason = words.partition(" ")
        reason = reason.strip().removeprefix("reason").lstrip(": ")
        seen_by = chat.user_id if chat.kind is ChatKind.COMMAND else None
        said = Said(inbound=inbound, person=person, conversation=new_place(inbound, chat, person), text=chat.text)
        said = replace(said, only_for=seen_by)
        return await decide_by_number(services, said, number, yes=DECISIONS[word], reason=reason or None)
    if word == REGISTER and words and person.partner is not None:
        place = own_place(inbound, chat, person)
        return await on_reply(services, Said(inbound=inbound, person=person, conversation=place, text=chat.text))
    notice = await _answer(services, chat, person, word)
    reason = "help" if isinstance(notice, Help) else word
    return await whisper(services, inbound, chat, notice, Disposition.APPLIED, f"command {reason}", person=person)


async def _answer(services: Services, chat: IncomingChat, person: Person, word: str) -> Notice:
    if asks_for_rules(chat.text):
        return rules_of(services.policies.terms, services.policies.motions)
    if person.partner is None:
        return Help()
    if word == DEALS:
        deals = await own_deals(services, person)
        return DealList(partner=person.partner.name, deals=tuple(view(d, services.policies) for d in deals))
    if word == REGISTER:
        return RegisterForm()
    return Help(partner=person.partner.name)
