"""A manager decides a registration in Slack: by button, by form, or by its number. Somebody else is told that it is not
theirs.
"""

from __future__ import annotations

from dataclasses import replace

from bot.domain.partners import Role
from bot.domain.registrations import Registration
from bot.ports import ChatKind, IncomingChat
from handlers.deciding import NOT_YOURS, UNKNOWN, ask_back, decide_nothing, decide_registration
from handlers.manager_reply import close_approval
from handlers.services import Services
from handlers.understanding import Said

APPROVE, REJECT, ASK = "approve", "reject", "ask"


def is_decision(chat: IncomingChat) -> bool:
    return chat.kind in {ChatKind.ACTION, ChatKind.FORM} and chat.action in {APPROVE, REJECT, ASK}


async def on_decision(services: Services, said: Said, chat: IncomingChat) -> None:
    """A button below a request, or the form that it opened."""
    change = chat.value.removeprefix("CHG-")
    if chat.kind is ChatKind.ACTION and change.isdigit() and said.person.role is Role.MANAGER:
        await close_approval(services, said, int(change), approve=chat.action == APPROVE, reason=None)
    elif chat.action == ASK:
        said = replace(said, text=chat.values.get("question", ""))
        if (claim := await _theirs(services, said, chat.value)) is not None:
            await ask_back(services, said, claim.id)
    else:
        reason = chat.values.get("reason", "").strip() or None
        await decide_by_number(services, said, chat.value, yes=chat.action == APPROVE, reason=reason)


async def decide_by_number(services: Services, said: Said, number: str, *, yes: bool, reason: str | None) -> None:
    """Carry out a yes or no to the registration with that number."""
    if (claim := await _theirs(services, said, number)) is not None:
        await decide_registration(services, said, claim.id, yes=yes, reason=reason)


async def _theirs(services: Services, said: Said, number: str) -> Registration | None:
    """The registration, for one of the vendor's people; all others are told the same whether there is one or not."""
    number = number[:40]
    if said.person.role is not Role.MANAGER:
        await decide_nothing(services, said, number, NOT_YOURS)
        return None
    async with services.store.unit() as unit:
        claim = await unit.registration_by_number(number)
        if claim is not None and await unit.conversation(said.conversation.id) is None:
            await unit.save_conversation(said.conversation)
    if claim is None:
        await decide_nothing(services, said, number, UNKNOWN)
    return claim
