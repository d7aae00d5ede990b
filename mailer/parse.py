"""Raw bytes to a `Mail`: total, bounded, read once with the standard library's compat32 parser.

Refuses to look inside enclosed messages (they are attachments, never the reply), to re-serialise what was
received, and to raise: what cannot be read is named in `Mail.problems`.
"""

from __future__ import annotations

import re
from email import message_from_bytes
from email.message import Message
from email.parser import BytesHeaderParser
from itertools import islice

from mailer.fields import decode_words, mailboxes, message_ids, one_line, sent_at, tidy_address
from mailer.mail import Headers, Mail
from mailer.parts import TOLERANT, Parts, fields_of, read_parts

MAX_MAIL_BYTES = 40 * 2**20
MAX_HEADER_BYTES = 256 * 2**10
MAX_MULTIPARTS = 250  # each may be nested in the one before, where the parser's time grows with the square
_MAX_PARAMETERS_BYTES = 8 * 2**10

_HEADER_END = re.compile(rb"\r?\n\r?\n|\r\r")
_FIELD = re.compile(rb"[!-9;-~]+[ \t]*:")
_WELL_KNOWN = re.compile(
    rb"(?:from|to|subject|date|message-id|mime-version|content-type|content-transfer-encoding)[ \t]*:",
    re.IGNORECASE,
)
_MULTIPART = re.compile(rb"content-type:\s*multipart/", re.IGNORECASE)
# The parser's time grows with the square of the parameters of one Content-* field.
_LONG_CONTENT_FIELD = re.compile(
    rb"^(content-[a-z-]{4,30}):[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*", re.IGNORECASE | re.MULTILINE
)


def parse(raw: bytes) -> Mail:
    """Reads a received mail. Never raises; a broken or hostile mail gives a poorer `Mail` with `problems`.

    At most 40 MiB, 256 KiB of header, 20 levels, 500 parts and 1 MB of text a body are read. About 0.2 ms for
    an ordinary answer; above a few MiB run it in a thread.
    """
    parts = Parts()
    bounded = _bounded(raw, parts)
    message = _message(bounded, parts)
    headers = fields_of(message)
    read_parts(message, parts)
    if len(headers.all("from")) > 1:
        parts.problem("several_from")
    return Mail(
        headers=headers,
        message_id=next(iter(message_ids(headers.all("message-id")[:1])), None),
        in_reply_to=message_ids(headers.all("in-reply-to")),
        references=message_ids(headers.all("references")),
        subject=one_line(decode_words(headers.first("subject") or ""))[:2_000],
        sent_at=sent_at(headers.first("date")),
        from_=mailboxes(headers.all("from")),
        sender=mailboxes(headers.all("sender")),
        reply_to=mailboxes(headers.all("reply-to")),
        to=mailboxes(headers.all("to")),
        cc=mailboxes(headers.all("cc")),
        return_path=_return_path(headers),
        text=parts.text,
        html=parts.html,
        attachments=tuple(parts.attachments),
        content_type=parts.content_type,
        report_type=parts.report_type,
        reports=tuple(parts.reports),
        calendar_method=parts.calendar_method,
        protection=parts.protection,
        size_bytes=len(raw),
        problems=tuple(parts.problems),
        raw=raw,
    )


def _return_path(headers: Headers) -> str | None:
    value = headers.first("return-path")
    return None if value is None else tidy_address(value.strip("<> "))


def _bounded(raw: bytes, parts: Parts) -> bytes:
    """Cuts what is over the limits and mends the two faults of a header that would hide the rest of it."""
    if len(raw) > MAX_MAIL_BYTES:
        parts.problem("too_big")
        raw = raw[:MAX_MAIL_BYTES]
    raw = raw.lstrip(b"\r\n")
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    end = _HEADER_END.search(raw)
    head, rest = (raw, b"") if end is None else (raw[: end.start()], raw[end.start() :])
    if len(head) > MAX_HEADER_BYTES:
        parts.problem("header_too_big")
        head = head[:MAX_HEADER_BYTES]
    mended = _mend(head)
    if mended != head:
        parts.problem("header_repaired")
    bounded = mended + rest

    def shortened(field: re.Match[bytes]) -> bytes:
        if len(field[0]) <= _MAX_PARAMETERS_BYTES:
            return field[0]
        parts.problem("parameters_too_long")
        return field[0][:_MAX_PARAMETERS_BYTES].rpartition(b";")[0] or field[1] + b":"

    return _LONG_CONTENT_FIELD.sub(shortened, bounded)


def _mend(head: bytes) -> bytes:
    """A line without a colon ends the header for every parser and turns what follows into the body; where a
    well-known field still follows, the line is the tail of a fold that lost its blank."""
    lines = head.splitlines(keepends=True)
    last = next((at for at in range(len(lines) - 1, 0, -1) if _WELL_KNOWN.match(lines[at])), 0)
    for at in range(1, last):
        if lines[at][:1] not in b" \t" and not _FIELD.match(lines[at]):
            lines[at] = b" " + lines[at]
    return b"".join(lines)


def _message(raw: bytes, parts: Parts) -> Message:
    """The parsed structure; the header with the body as one text where the structure cannot be parsed."""
    if sum(1 for _ in islice(_MULTIPART.finditer(raw), MAX_MULTIPARTS + 1)) <= MAX_MULTIPARTS:
        try:
            return message_from_bytes(raw, policy=TOLERANT)
        except Exception:  # noqa: BLE001 - RecursionError, IndexError, TypeError, UnicodeError …
            parts.problem("unreadable_structure")
    else:
        parts.problem("unreadable_structure")
    try:
        return BytesHeaderParser(policy=TOLERANT).parsebytes(raw)
    except Exception:  # noqa: BLE001 - total: whatever it is, the mail stays in the store and a person looks
        parts.problem("unreadable_header")
        return Message(policy=TOLERANT)
