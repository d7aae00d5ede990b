"""The words of a stored message, whichever way it came. Reads only."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.partners import Channel
from bot.ports import ChatKind, Inbound
from handlers.services import Services
from handlers.understanding import Said


def words_of(services: Services, inbound: Inbound) -> str:
    """What the person wrote, with what they forwarded and attached; a pressed button is named."""
    if inbound.channel is Channel.SLACK:
        chat = services.chat_reader.read(inbound.raw)
        return f"[{chat.action}]" if chat.kind is ChatKind.ACTION else chat.text
    mail = services.mail_reader.read(inbound.raw)
    return _together(mail.text, mail.forwarded, mail.attachments)


def whole_words(said: Said) -> str:
    """The same of words that are being handled, forms in Slack included. Pure."""
    return _together(said.text, said.forwarded, said.attachments)


def _together(text: str, forwarded: str | None, attachments: Sequence[str]) -> str:
    parts = [text.strip()]
    if forwarded:
        parts.append(f"[forwarded]\n{forwarded.strip()}")
    if attachments:
        parts.append(f"[attached: {', '.join(attachments)}]")
    return "\n\n".join(p for p in parts if p)
