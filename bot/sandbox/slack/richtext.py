"""What Slack's composer makes of typed words: escaping, links, mentions, a rich_text block. Knows no channels."""

from __future__ import annotations

import re
from html import unescape

from bot.sandbox.slack.state import Json

_TOKEN = re.compile(
    r"(?P<mention><@[UW][A-Z0-9]+>)"
    r"|(?P<url>https?://[^\s<>|]+[^\s<>|.,;:!?)\]])"
    r"|(?P<email>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<domain>\b(?:[a-z0-9-]+\.)+(?:com|net|org|io|de|fr|co\.uk|example)\b)"
)


def typed(words: str, block_id: str) -> tuple[str, Json]:
    """A message's `text` and its rich_text block, as Slack stores what a person typed.

    `&`, `<` and `>` are escaped in the text and not in the block; addresses and links become `<mailto:…|…>` and
    `<https://…>`, a bare domain `<http://x.example|x.example>`; `<@U…>` in the words is a mention.
    """
    text, elements, at = "", list[Json](), 0
    for match in _TOKEN.finditer(words):
        if plain := words[at : match.start()]:
            text += escape(plain)
            elements.append({"type": "text", "text": plain})
        piece, element = _token(match)
        text += piece
        elements.append(element)
        at = match.end()
    if rest := words[at:]:
        text += escape(rest)
        elements.append({"type": "text", "text": rest})
    section = {"type": "rich_text_section", "elements": elements}
    return text, {"type": "rich_text", "block_id": block_id, "elements": [section]}


def escape(words: str) -> str:
    """Slack's three escapes (docs.slack.dev/messaging/formatting-message-text, 2026-11)."""
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain(text: str) -> str:
    """A message's `text` as a person reads it: links by their label, without escapes."""
    return unescape(re.sub(r"<(?:[^<>|]+\|)?([^<>|]+)>", r"\1", text))


def _token(match: re.Match[str]) -> tuple[str, Json]:
    words = match.group()
    match match.lastgroup:
        case "mention":
            return words, {"type": "user", "user_id": words[2:-1]}
        case "url":
            return f"<{escape(words)}>", {"type": "link", "url": words}
        case "email":
            return f"<mailto:{words}|{words}>", {"type": "link", "url": f"mailto:{words}", "text": words}
        case _:
            return f"<http://{words}|{words}>", {"type": "link", "url": f"http://{words}", "text": words}
