"""Linking a Slack user to a contact: an address is claimed in Slack, a code goes there by mail, the code comes back.

Slack does not show us the addresses of people from other organisations, so nothing else proves who they are.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta

from bot.domain.notices import LinkCode, Linked
from bot.domain.partners import Channel, Contact, Role
from bot.ports import Conversation, Disposition, Inbound, IncomingChat
from handlers.limits import within
from handlers.people import as_contact
from handlers.services import Services
from handlers.slack_answers import whisper
from handlers.speak import conversation_id, say

_CLAIM = re.compile(r"^\W*link\s+(?:<mailto:)?([^\s<>|]+@[^\s<>|]+)", re.IGNORECASE)
_CODE = re.compile(r"^\W*(?:code\s+)?(\d{6})\W*$", re.IGNORECASE)
MAX_TRIES = 5


async def on_link_word(services: Services, inbound: Inbound, chat: IncomingChat) -> bool:
    """Handle "link julia@brandt-it.example" and the six-digit code; False when it is neither."""
    if (claim := _CLAIM.match(chat.text)) is not None:
        await _on_claim(services, inbound, chat, claim[1])
        return True
    if (code := _CODE.match(chat.text)) is not None:
        async with services.store.unit() as unit:
            claimed = await unit.recall(_key(chat))
        if claimed is not None:
            await _on_code(services, inbound, chat, code[1])
            return True
    return False


def _key(chat: IncomingChat) -> str:
    return f"claim:{chat.team_id}:{chat.user_id}"


async def _on_claim(services: Services, inbound: Inbound, chat: IncomingChat, address: str) -> None:
    """The answer in Slack is the same whether the address is known or not."""
    if services.post is None:
        notice = Linked(state="not_here")
        return await whisper(services, inbound, chat, notice, Disposition.REFUSED, "no mail to send a code by")
    contacts = [c for c in await services.crm.contacts_by_email(address) if c.active and c.partner_id]
    if len(contacts) == 1:
        await _send_code(services, inbound, chat, contacts[0])
    notice = Linked(state="code_sent", email=address)
    return await whisper(services, inbound, chat, notice, Disposition.ASKED, "link claimed")


async def _send_code(services: Services, inbound: Inbound, chat: IncomingChat, contact: Contact) -> None:
    person = await as_contact(services, contact)
    now = services.now()
    conversation = Conversation(
        id=conversation_id(f"link:{inbound.id}"),
        role=Role.PARTNER,
        partner_id=contact.partner_id,
        contact_id=contact.id,
        deal_id=None,
        subject="link",
    )
    code = f"{int(hashlib.sha256(services.addressing.token(conversation).encode()).hexdigest(), 16) % 1_000_000:06d}"
    minutes = services.programme.link_minutes
    async with services.store.unit() as unit:
        if not await within(unit, f"link-code:{contact.id}:{now:%Y-%m-%dT%H}", 5, now=now):
            return
        claim = {
            "contact": contact.id,
            "code": code,
            "until": (now + timedelta(minutes=minutes)).isoformat(),
            "tries": 0,
        }
        await unit.remember(_key(chat), claim, now=now)
        await unit.save_conversation(conversation)
        await say(
            unit,
            services,
            key=f"link:{inbound.id}",
            notice=LinkCode(code=code, minutes=minutes, slack_name=chat.user_id),
            conversation=conversation,
            channel=Channel.EMAIL,
            to=contact.email,
            to_name=contact.name,
            language=person.language,
        )


async def _on_code(services: Services, inbound: Inbound, chat: IncomingChat, code: str) -> None:
    """A right code in time links; a wrong one counts, and after five the claim is gone."""
    now = services.now()
    contact_id = None
    async with services.store.unit() as unit:
        claim = await unit.recall(_key(chat)) or {}
        valid = bool(claim) and claim["tries"] < MAX_TRIES and now <= datetime.fromisoformat(claim["until"])
        if valid and claim["code"] == code:
            contact_id = claim["contact"]
            await unit.link(chat.team_id, chat.user_id, contact_id, now=now)
            await unit.remember(_key(chat), {**claim, "tries": MAX_TRIES}, now=now)
        elif claim:
            await unit.remember(_key(chat), {**claim, "tries": claim["tries"] + 1}, now=now)
    contact = await services.crm.contact(contact_id) if contact_id else None
    if contact is None:
        await whisper(services, inbound, chat, Linked(state="wrong_code"), Disposition.REFUSED, "wrong code")
        return
    person = await as_contact(services, contact)
    notice = Linked(state="linked", contact=contact.name, email=contact.email)
    await whisper(services, inbound, chat, notice, Disposition.APPLIED, "linked", person=person)
