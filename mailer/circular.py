"""One text to many as bytes: assembled once, each reader's own put in. Sends nothing, decides nothing.

The text and the HTML are encoded piece by piece around their slots (RFC 2045, 6.7: a soft line break may stand
anywhere), so that a mail to one reader costs a join, not an encoding.
"""

from __future__ import annotations

import binascii
from email.utils import format_datetime
from hashlib import blake2b
from html import escape

from bot.ports import NAME_SLOT, REPLY_SLOT, Circular, Letter
from mailer.compose import address_field, further_field, is_id, text_field
from mailer.fields import clean_name
from mailer.mail import Mailbox

_SLOTS = (NAME_SLOT, REPLY_SLOT)
_SOFT_BREAK = b"=\r\n"
#: RFC 3834 section 5 and RFC 2076 section 3.9: no machine should answer a circular.
_HEADERS = {"Auto-Submitted": "auto-generated", "Precedence": "bulk", "X-Auto-Response-Suppress": "All"}


class Pattern:
    """A circular's bytes with its slots open. The same letter always gives the same bytes."""

    def __init__(self, circular: Circular, sender: Mailbox) -> None:
        """Raises ValueError when a header cannot stand in a mail, or the date is naive."""
        if circular.sent_at.tzinfo is None:
            raise ValueError("circular: the date has no time zone")
        self._sender = sender
        fields = [
            address_field("From", sender),
            text_field("Subject", circular.subject),
            "Date: " + format_datetime(circular.sent_at),
            *(further_field(name, value) for name, value in {**_HEADERS, **circular.headers}.items()),
            "MIME-Version: 1.0",
        ]
        content = circular.text + circular.html
        boundary = "=_" + blake2b(content.encode("utf-8", "replace"), digest_size=15).hexdigest()
        kind = f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n'
        self._head = ("\r\n".join(fields) + f"\r\n{kind}").encode("ascii")
        pieces: list[bytes | str] = []
        for subtype, text in (("plain", circular.text), ("html", circular.html)):
            part = f"\r\n--{boundary}\r\nContent-Type: text/{subtype}; charset=utf-8\r\n"
            pieces += [f"{part}Content-Transfer-Encoding: quoted-printable\r\n\r\n".encode("ascii")]
            pieces += _pieces(text, subtype)
        self._pieces = [*pieces, f"\r\n--{boundary}--\r\n".encode("ascii")]

    def message(self, letter: Letter) -> bytes:
        """The mail to one reader: RFC 5322 bytes, CRLF, 7-bit. Raises ValueError for an address or an id that cannot
        stand in a header."""
        if not is_id(letter.message_id):
            raise ValueError(f"circular: {letter.message_id!r} is no message id")
        name = clean_name(letter.to_name, letter.to_address)
        own = [
            address_field("To", Mailbox(name=name, address=letter.to_address)),
            address_field("Reply-To", Mailbox(name=self._sender.name, address=letter.reply_to)),
            f"Message-ID: <{letter.message_id}>",
            *_unsubscribing(letter.unsubscribe),
        ]
        values = {
            f"plain:{NAME_SLOT}": _encoded(name),
            f"html:{NAME_SLOT}": _encoded(escape(name)),
            f"plain:{REPLY_SLOT}": _encoded(letter.reply_to),
            f"html:{REPLY_SLOT}": _encoded(escape(letter.reply_to)),
        }
        body = b"".join(piece if isinstance(piece, bytes) else values[piece] for piece in self._pieces)
        return "\r\n".join(own).encode("ascii") + b"\r\n" + self._head + body


def _unsubscribing(urls: tuple[str, ...]) -> list[str]:
    """RFC 2369 section 3.2, and RFC 8058 section 3.1 where there is a URL that can be posted to."""
    if not urls:
        return []
    fields = [further_field("List-Unsubscribe", ", ".join(f"<{url}>" for url in urls))]
    if any(url.startswith("https:") for url in urls):
        fields.append("List-Unsubscribe-Post: List-Unsubscribe=One-Click")
    return fields


def _pieces(text: str, subtype: str) -> list[bytes | str]:
    """The encoded text, its slots by name."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    pieces: list[bytes | str] = []
    rest = text if text.endswith("\n") else text + "\n"
    while rest:
        found = [(at, slot) for slot in _SLOTS if (at := rest.find(slot)) >= 0]
        at, slot = min(found, default=(len(rest), ""))
        pieces.append(_encoded(rest[:at], is_last=not slot))
        if slot:
            pieces.append(f"{subtype}:{slot}")
        rest = rest[at + len(slot) :]
    return pieces


def _encoded(text: str, *, is_last: bool = False) -> bytes:
    """Quoted-printable; a piece that another one follows ends in a soft line break."""
    raw = text.encode("utf-8", "replace")
    encoded = binascii.b2a_qp(raw, istext=True).replace(b"\n", b"\r\n")
    return encoded if is_last or not encoded else encoded + _SOFT_BREAK
