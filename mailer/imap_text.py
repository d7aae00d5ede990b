"""IMAP's text forms: names quoted, answers read. Performs no I/O; never raises on what a server says."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_FETCH = re.compile(rb"\d+ FETCH \(", re.IGNORECASE)
_TOKEN = re.compile(
    rb'(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<open>\()|(?P<close>\))|\{(?P<literal>\d+)\}|(?P<atom>[^\s()"{]+)'
)
_UIDVALIDITY = re.compile(rb"\[UIDVALIDITY (\d+)\]", re.IGNORECASE)
_NOT_PLAIN = re.compile(r"[^\x20-\x7e]+|&")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What one FETCH answer says of one message; None for what it does not say."""

    uid: int
    size_bytes: int | None = None
    internal_date: datetime | None = None
    body: bytes | None = None


def quoted(text: str) -> str:
    """An IMAP quoted string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def folder_name(name: str) -> str:
    """A folder's name as IMAP4rev1 writes it: modified UTF-7 (RFC 3501 5.1.3), quoted."""

    def encoded(found: re.Match[str]) -> str:
        if found[0] == "&":
            return "&-"
        code = base64.b64encode(found[0].encode("utf-16-be")).rstrip(b"=").replace(b"/", b",")
        return f"&{code.decode('ascii')}-"

    return quoted(_NOT_PLAIN.sub(encoded, name))


def uid_set(uids: Sequence[int]) -> str:
    """Ascending UIDs as a sequence set, runs joined: [1, 2, 3, 7] is "1:3,7"."""
    runs: list[list[int]] = []
    for uid in uids:
        if runs and uid == runs[-1][1] + 1:
            runs[-1][1] = uid
        else:
            runs.append([uid, uid])
    return ",".join(str(a) if a == b else f"{a}:{b}" for a, b in runs)


def uid_validity(lines: Iterable[bytes]) -> int | None:
    """UIDVALIDITY from the answer to SELECT."""
    found = next((m for line in lines if (m := _UIDVALIDITY.search(line))), None)
    return None if found is None else int(found[1])


def search_result(lines: Iterable[bytes], after: int) -> list[int]:
    """UIDs above `after`, ascending: "n:*" names the last message even if its UID is less (RFC 3501 9)."""
    found = {int(word) for line in lines for word in line.split() if word.isdigit()}
    return sorted(uid for uid in found if uid > after)


def fetch_items(lines: Iterable[bytes | bytearray]) -> Iterator[Item]:
    """The messages of a FETCH answer: its lines without "* ", each literal a bytearray after its line.

    Answers without a UID (flags changed by somebody else) are left out.
    """
    message: list[bytes | bytearray] = []
    for line in lines:
        if isinstance(line, bytes) and _FETCH.match(line):
            yield from _item(message)
            message = [_FETCH.sub(b"", line, count=1)]
        elif message:
            message.append(line)
    yield from _item(message)


def _item(message: list[bytes | bytearray]) -> Iterator[Item]:
    values = {name: value for name, kind, value in _pairs(message) if kind != "atom" or b"[" not in name}
    uid = values.get(b"UID")
    if uid is None or not uid.isdigit():
        return
    size = values.get(b"RFC822.SIZE")
    date = values.get(b"INTERNALDATE")
    body = next((value for name, value in values.items() if name.startswith(b"BODY[")), None)
    yield Item(
        uid=int(uid),
        size_bytes=int(size) if size is not None and size.isdigit() else None,
        internal_date=None if date is None else _internal_date(date),
        body=body,
    )


def _pairs(message: list[bytes | bytearray]) -> Iterator[tuple[bytes, str, bytes]]:
    """Names (upper case), kinds and values at the top level; NIL and nested lists have none."""
    depth = 0
    name: bytes | None = None
    for kind, value in _tokens(message):
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth -= 1
            if depth < 0:
                return
            name = name if depth > 0 else None
        elif depth > 0:
            continue
        elif name is None:
            name = value.upper()
        else:
            if kind != "atom" or value.upper() != b"NIL":
                yield name, kind, value
            name = None


def _tokens(message: list[bytes | bytearray]) -> Iterator[tuple[str, bytes]]:
    for piece in message:
        if isinstance(piece, bytearray):
            yield "literal", bytes(piece)
            continue
        for found in _TOKEN.finditer(piece):
            kind = found.lastgroup or ""
            if kind == "quoted":
                yield kind, re.sub(rb"\\(.)", rb"\1", found[0][1:-1])
            elif kind != "literal":  # its bytes follow as a piece of their own
                yield kind, found[0]


def _internal_date(text: bytes) -> datetime | None:
    """An INTERNALDATE, in English whatever the locale; UTC where the zone is "-0000"."""
    try:
        date = parsedate_to_datetime(text.decode("ascii"))
    except (ValueError, UnicodeDecodeError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
