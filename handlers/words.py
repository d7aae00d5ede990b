"""The words of a stored message, whichever way it came. Reads only."""

from __future__ import annotations

from bot.domain.partners import Channel
from bot.ports import ChatKind, Inbound
from handlers.services import Services


def words_of(services: Services, inbound: Inbound) -> str:
    """What the person wrote, with what they forwarded and attached; a pressed button is named."""
    if inbound.channel is Channel.SLACK:
        chat = services.chat_reader.read(inbound.raw)
        return f"[{chat.action}]" if chat.kind is ChatKind.ACTION else chat.text
    mail = services.mail_reader.read(inbound.raw)
    parts = [mail.text.strip()]
    if mail.forwarded:
        parts.append(f"[forwarded]\n{mail.forwarded.strip()}")
    if mail.attachments:
        parts.append(f"[attached: {', '.join(mail.attachments)}]")
    return "\n\n".join(p for p in parts if p)
