"""A mailbox as the page shows it, and the answer a person writes. Pure: sends nothing and trusts no mail's HTML."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr, parsedate_to_datetime
from functools import lru_cache
from typing import Any

Shown = dict[str, Any]


@lru_cache(maxsize=1024)
def parsed(raw: bytes) -> EmailMessage:
    """A mail of this world, which writes only well-formed ones."""
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)  # noqa: S101  policy.default makes nothing else
    return message


def part(message: EmailMessage, kind: str) -> str:
    """The mail's "plain" or "html" body; empty when it has none."""
    body = message.get_body((kind,))
    return "" if body is None else str(body.get_content())


def received(address: str, inbox: Iterable[bytes]) -> list[Shown]:
    """A mailbox, oldest first. `number` counts from 0 and names the mail in other calls."""
    return [
        {"key": f"{address}/{number}", "number": number, "box": address, "direction": "in"} | _shown(raw)
        for number, raw in enumerate(inbox)
    ]


def sent(desk: Iterable[bytes], people: Iterable[str]) -> list[Shown]:
    """What these people wrote to the desk, oldest first, without what they quoted."""
    own = {address.lower() for address in people}
    found = []
    for number, raw in enumerate(desk):
        author = _shown(raw)["author"]
        if author in own:
            shown = _shown(raw) | {"text": own_words(_shown(raw)["text"]), "has_html": False}
            found.append({"key": f"desk/{number}", "box": author, "direction": "out"} | shown)
    return found


def own_words(text: str) -> str:
    """What stands above the quote, without the line that introduces it."""
    lines = text.splitlines()
    first = next((at for at, line in enumerate(lines) if line.startswith(">")), len(lines))
    above = lines[:first]
    while above and not above[-1].strip():
        above.pop()
    if first < len(lines) and above and above[-1].rstrip().endswith(":"):
        above.pop()
    return "\n".join(above).strip()


def reply_to(message: EmailMessage, words: str, *, author: str, address: str, now: datetime) -> EmailMessage:
    """An answer above the whole quoted mail, as a phone writes it.

    `now` is aware; its microseconds make the Message-ID, so that two answers differ.
    """
    quoted = "\n".join(f"> {line}" for line in part(message, "plain").splitlines())
    desk = parseaddr(str(message["From"]))[0]
    reply = EmailMessage()
    reply["From"] = f"{author} <{address}>"
    reply["To"] = message["Reply-To"] or message["From"]
    subject = str(message["Subject"])
    reply["Subject"] = subject if subject.lower().startswith("re:") else f"Re: {subject}"
    reply["Date"] = format_datetime(now)
    reply["Message-ID"] = f"<{now.astimezone(UTC):%Y%m%d%H%M%S.%f}@{address.rpartition('@')[2]}>"
    reply["In-Reply-To"] = message["Message-ID"]
    reply["References"] = f"{message.get('References', '')} {message['Message-ID']}".strip()
    reply.set_content(f"{words}\n\nOn {now:%d %b %Y, at %H:%M}, {desk} wrote:\n\n{quoted}\n")
    return reply


@lru_cache(maxsize=1024)
def _shown(raw: bytes) -> Shown:
    """What does not depend on where the mail lies; shared, so never changed."""
    message = parsed(raw)
    name, author = parseaddr(str(message["From"]))
    own = str(message["Message-ID"]).strip()
    date = message["Date"]
    return {
        "id": own,
        "thread": (str(message.get("References", "")).split() or [own])[0],
        "from": name or author,
        "author": author.lower(),
        "to": parseaddr(str(message["To"]))[1],
        "subject": str(message["Subject"]),
        "text": part(message, "plain"),
        "has_html": bool(part(message, "html")),
        "at": "" if date is None else parsedate_to_datetime(str(date)).astimezone(UTC).isoformat(),
    }
