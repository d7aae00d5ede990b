"""Builds whole mails from their parts, the same bytes every time. Judges nothing and reads no clock.

The line ends are LF; the tests try CRLF and CR too.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from email.header import Header
from email.utils import formataddr

from mailer.classify import Kind

TOKEN = "aaaaaaaaaaaakkdl4q7wnsyb2v5xhrgj3e6tmfo"  # of no key that anybody uses
US = f"partners+{TOKEN}@vendor.example"
US_NAMED = f"Vendor Partner Team <{US}>"
ENVELOPE = f"bounce+{TOKEN}@vendor.example"
OUR_ID = f"n1.{TOKEN}@vendor.example"
DATE = "Tue, 24 Nov 2026 10:01:00 +0100"

Field = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A mail and what it is. `id` is unique in the corpus."""

    id: str
    kind: Kind
    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One MIME part; `body` as it stands after decoding, LF line ends."""

    type: str
    body: str
    headers: Sequence[Field] = ()


def mail(
    id_: str, *, from_: str, subject: str, body: str | Sequence[Part], headers: Sequence[Field] = (), html: bool = False
) -> bytes:
    """A mail to us: one text, or several parts under the Content-Type that `headers` gives (or multipart/mixed).

    A field in `headers` takes the place of the one that would be made; an empty value leaves it out.
    """
    given = {name.lower() for name, _ in headers}
    made: list[Field] = [
        ("From", from_),
        ("To", US_NAMED),
        ("Subject", subject),
        ("Date", DATE),
        ("Message-ID", f"<{zlib.crc32(id_.encode()):08x}@mx.brandt-it.example>"),
        ("MIME-Version", "1.0"),
    ]
    top = [(name, value) for name, value in headers if value and name.lower() != "content-type"]
    fields = [*(field for field in made if field[0].lower() not in given), *top]
    if isinstance(body, str):
        kind = "text/html" if html else "text/plain"
        typed: list[Field] = [("Content-Type", f"{kind}; charset=utf-8"), ("Content-Transfer-Encoding", "8bit")]
        content = body
    else:
        boundary = f"=_{zlib.crc32(id_.encode()):08x}"
        wanted = next((value for name, value in headers if name.lower() == "content-type"), "multipart/mixed")
        typed = [("Content-Type", f'{wanted}; boundary="{boundary}"')]
        content = _parts(body, boundary)
    return "\n".join([*(_line(*field) for field in (*fields, *typed)), "", content, ""]).encode()


def _parts(parts: Sequence[Part], boundary: str) -> str:
    lines: list[str] = []
    for part in parts:
        kind = part.type + ("; charset=utf-8" if part.type.startswith("text/") and "charset" not in part.type else "")
        encoding = "8bit" if part.type.startswith(("text/", "message/")) else "base64"
        lines += [f"--{boundary}", f"Content-Type: {kind}", f"Content-Transfer-Encoding: {encoding}"]
        lines += [*(_line(*field) for field in part.headers), "", part.body, ""]
    return "\n".join([*lines, f"--{boundary}--"])


def _line(name: str, value: str) -> str:
    if value.isascii():
        return f"{name}: {value}"
    if name in {"From", "To", "Cc", "Sender"} and "<" in value:
        shown, _, address = value.rpartition("<")
        return f"{name}: {formataddr((shown.strip().strip(chr(34)), address.rstrip('>')), 'utf-8')}"
    return f"{name}: {Header(value, 'utf-8', header_name=name).encode(linesep=chr(10))}"
