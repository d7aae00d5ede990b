"""The parts of a MIME message, sorted into body, attachments and reports. Never raises, never opens an enclosed
message."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_string
from email.message import Message
from email.policy import Compat32
from itertools import islice
from typing import TypeVar

from mailer.attached import file_name, uuencoded
from mailer.charset import decode
from mailer.fields import decode_words, one_line, unfold
from mailer.flowed import unflow
from mailer.mail import Attachment, Headers, Protection, Report

MAX_PARTS = 500
MAX_DEPTH = 20
MAX_TEXT_CHARS = 1_000_000
MAX_FIELDS = 2_000

_PLAIN_ENCODINGS = frozenset({"", "7bit", "8bit", "binary", "quoted-printable", "base64"})
_UUENCODED = frozenset({"x-uuencode", "uuencode", "x-uue", "uue"})
_REPORTS = frozenset({
    "message/delivery-status", "message/global-delivery-status", "message/feedback-report",
    "message/disposition-notification", "text/rfc822-headers", "message/rfc822-headers", "message/global-headers",
})  # fmt: skip
_PKCS7 = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_TNEF = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_PGP_SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----"
_PGP_SIGNATURE = "-----BEGIN PGP SIGNATURE-----"
_PGP_ENCRYPTED = "-----BEGIN PGP MESSAGE-----"
_LINE_ENDS = re.compile(r"\r\n?")

T = TypeVar("T")
U = TypeVar("U")


class _Tolerant(Compat32):
    """compat32 whose values are unfolded text at once: it would replace raw 8-bit bytes by U+FFFD."""

    def header_fetch_parse(self, name: str, value: str) -> str:  # noqa: ARG002 - the policy's interface
        return unfold(value)


TOLERANT = _Tolerant()


@dataclass(slots=True)
class Parts:
    """What has been found so far; `read_parts` fills it."""

    texts: list[str] = field(default_factory=list)
    htmls: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    content_type: str = "text/plain"
    report_type: str | None = None
    calendar_method: str | None = None
    protection: Protection = Protection.NONE
    count: int = 0

    @property
    def text(self) -> str | None:
        return "\n".join(self.texts) if self.texts else None

    @property
    def html(self) -> str | None:
        return "\n".join(self.htmls) if self.htmls else None

    def problem(self, name: str) -> None:
        """Notes a static string once."""
        if name not in self.problems:
            self.problems.append(name)


def read_parts(message: Message, parts: Parts) -> None:
    """Walks the message depth first and sorts every part."""
    parts.content_type = _content_type(message)
    if parts.content_type == "multipart/report":
        parts.report_type = _parameter(message, "report-type")
    _visit(message, parts, depth=0, alternatives=None)


def _visit(part: Message, parts: Parts, *, depth: int, alternatives: set[str] | None) -> None:
    """`alternatives` holds the types already taken of the multipart/alternative that this part belongs to."""
    parts.count += 1
    if parts.count > MAX_PARTS or depth > MAX_DEPTH:
        parts.problem("too_many_parts" if parts.count > MAX_PARTS else "too_deep")
        return
    content_type = _content_type(part)
    payload: object = attempt(part.get_payload, "")
    if content_type in _REPORTS or content_type.startswith("message/"):
        _report(part, content_type, parts)
    elif isinstance(payload, list):
        _protection(part, content_type, parts)
        taken: set[str] | None = set() if content_type == "multipart/alternative" else None
        for child in payload:
            if isinstance(child, Message):
                _visit(child, parts, depth=depth + 1, alternatives=taken)
            if parts.count > MAX_PARTS:
                return
    else:
        _leaf(part, content_type, parts, depth=depth, alternatives=alternatives)


def _leaf(part: Message, content_type: str, parts: Parts, *, depth: int, alternatives: set[str] | None) -> None:
    disposition = _disposition(part)
    name = _name(part)
    if content_type.startswith("multipart/"):
        parts.problem("no_boundary")
        content_type = "text/plain"
    if content_type == "text/calendar":
        parts.calendar_method = parts.calendar_method or _calendar_method(part)
    _protection(part, content_type, parts)
    if content_type in _TNEF:
        parts.problem("tnef")
    is_body = (
        content_type in {"text/plain", "text/html"} and disposition != "attachment" and (name is None or depth == 0)
    )
    if not is_body:
        _attach(part, name, content_type, disposition, parts)
    elif alternatives is None or content_type not in alternatives:
        if alternatives is not None:
            alternatives.add(content_type)
        _body(part, content_type, parts)


def _body(part: Message, content_type: str, parts: Parts) -> None:
    encoding = str(part.get("Content-Transfer-Encoding") or "").strip().lower()
    if encoding not in _PLAIN_ENCODINGS and encoding not in _UUENCODED:
        parts.problem("transfer_encoding")
    text = decode(_content(part)[: 4 * MAX_TEXT_CHARS], _parameter(part, "charset"))
    if len(text) > MAX_TEXT_CHARS:
        parts.problem("text_too_long")
        text = text[:MAX_TEXT_CHARS]
    if content_type == "text/html":
        parts.htmls.append(text)
        return
    text = _LINE_ENDS.sub("\n", text)
    if (_parameter(part, "format") or "").lower() == "flowed":
        text = unflow(text, delete_space=(_parameter(part, "delsp") or "").lower() == "yes")
    parts.texts.append(_without_armour(_without_uuencoded(text, parts), parts))


def _without_uuencoded(text: str, parts: Parts) -> str:
    if "begin " not in text:
        return text
    text, files = uuencoded(text)
    for name, size_bytes in files:
        _add(parts, name=name, content_type="application/octet-stream", size_bytes=size_bytes)
    return text


def _without_armour(text: str, parts: Parts) -> str:
    """Takes PGP's inline signature lines away (RFC 9580, section 7) and recognises inline encryption."""
    if "-----BEGIN PGP " not in text:
        return text
    if text.lstrip().startswith(_PGP_ENCRYPTED):
        parts.protection = Protection.ENCRYPTED
        return text
    before, marked, rest = text.partition(_PGP_SIGNED)
    if not marked or _PGP_SIGNATURE not in rest:
        return text
    parts.protection = Protection.SIGNED
    signed, _, tail = rest.partition(_PGP_SIGNATURE)
    signed = signed.partition("\n\n")[2]  # the armour's own header, "Hash: SHA512"
    after = tail.partition("-----END PGP SIGNATURE-----")[2]
    return before + re.sub(r"(?m)^- ", "", signed) + after.lstrip("\n")


def _attach(part: Message, name: str | None, content_type: str, disposition: str, parts: Parts) -> None:
    payload: object = attempt(part.get_payload, "")
    size_bytes = len(payload) if isinstance(payload, str) else 0
    if isinstance(payload, str) and str(part.get("Content-Transfer-Encoding") or "").strip().lower() == "base64":
        digits = size_bytes - payload.count("\n") - payload.count("\r") - payload[-8:].count("=")
        size_bytes = digits * 3 // 4
    is_inline = disposition == "inline" or (disposition != "attachment" and part.get("Content-ID") is not None)
    _add(parts, name=name, content_type=content_type, size_bytes=size_bytes, is_inline=is_inline)


def _add(parts: Parts, *, name: str | None, content_type: str, size_bytes: int, is_inline: bool = False) -> None:
    used = {attachment.file_name for attachment in parts.attachments}
    parts.attachments.append(
        Attachment(
            name=name[:300] if name else None,
            file_name=file_name(name, content_type, used),
            content_type=content_type,
            size_bytes=size_bytes,
            is_inline=is_inline,
        )
    )


def _report(part: Message, content_type: str, parts: Parts) -> None:
    """Keeps the fields of a report or of an enclosed message's header, and counts an enclosed message as a file."""
    payload: object = attempt(part.get_payload, "")
    if isinstance(payload, list):
        blocks = tuple(fields_of(block) for block in payload[:100] if isinstance(block, Message))
        size_bytes = sum(len(str(one.get_payload())) for one in payload[:100] if isinstance(one, Message))
    else:
        text = decode(_content(part)[:100_000], _parameter(part, "charset"))
        blocks = tuple(fields_of(message_from_string(block, policy=TOLERANT)) for block in _blocks(text))
        size_bytes = len(text)
    parts.reports.append(Report(content_type=content_type, blocks=blocks))
    if content_type in {"message/rfc822", "message/global"}:
        subject = one_line(decode_words(blocks[0].first("subject") or "")) if blocks else ""
        name = _name(part) or (f"{subject[:100]}.eml" if subject else None)
        _add(parts, name=name, content_type=content_type, size_bytes=size_bytes)


def _blocks(text: str) -> list[str]:
    blocks = re.split(r"\n[ \t]*\n", _LINE_ENDS.sub("\n", text).strip())
    return [block.lstrip() for block in blocks[:100] if block.strip()]


def _protection(part: Message, content_type: str, parts: Parts) -> None:
    if content_type == "multipart/encrypted":
        parts.protection = Protection.ENCRYPTED
    elif content_type == "multipart/signed" and parts.protection is Protection.NONE:
        parts.protection = Protection.SIGNED
    elif content_type in _PKCS7:
        kind = (_parameter(part, "smime-type") or "").lower()
        is_signed = kind == "signed-data" or (_name(part) or "").lower().endswith(".p7s")
        parts.protection = Protection.OPAQUE if is_signed else Protection.ENCRYPTED


def _content(part: Message) -> bytes:
    """The bytes of a leaf, its transfer encoding undone; whatever can be saved of a broken one."""
    content: object = attempt(lambda: part.get_payload(decode=True), None)
    return content if isinstance(content, bytes) else b""


def _calendar_method(part: Message) -> str | None:
    method = _parameter(part, "method")
    if not method:
        content = attempt(lambda: part.get_payload(decode=True), b"")
        line = re.search(rb"(?im)^METHOD:([A-Z]{1,20})", content[:20_000] if isinstance(content, bytes) else b"")
        method = line[1].decode("ascii") if line else None
    return method.upper() if method else None


def _content_type(part: Message) -> str:
    return attempt(part.get_content_type, "text/plain")


def _disposition(part: Message) -> str:
    return str(part.get("Content-Disposition") or "").partition(";")[0].strip().lower()


def _parameter(part: Message, name: str) -> str | None:
    """A parameter of Content-Type; RFC 2231 values are decoded, broken ones are None."""
    value = attempt(lambda: part.get_param(name), None)
    if isinstance(value, tuple):
        return decode(value[2].encode("latin-1", "replace"), value[0])
    return value


def _name(part: Message) -> str | None:
    name = attempt(part.get_filename, None)
    return (one_line(decode_words(name))[:2_000] or None) if name else None


def fields_of(message: Message) -> Headers:
    """The fields of a part, unfolded; at most MAX_FIELDS."""
    return Headers(tuple((name, str(value)) for name, value in islice(message.items(), MAX_FIELDS)))


def attempt(read: Callable[[], T], otherwise: U) -> T | U:
    """What `read` gives, or `otherwise`: the standard library's accessors raise a dozen different errors on
    broken parameters (IndexError, TypeError, UnicodeError, LookupError, …), none of which says more."""
    try:
        return read()
    except Exception:  # noqa: BLE001 - that is its purpose
        return otherwise
