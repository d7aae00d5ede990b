"""Header fields to values: words, mailboxes, message ids, dates. Never raises; linear in the input."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from mailer.charset import decode
from mailer.mail import Mailbox

MAX_MAILBOXES = 500
MAX_IDS = 500
_EARLIEST_YEAR = 1990

_ENCODED_WORD = re.compile(r"=\?([^?\s*]{1,60})(?:\*[^?\s]{0,30})?\?([bBqQ])\?([^?]*)\?=")
_HEX = re.compile(rb"=([0-9A-Fa-f]{2})")
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]")
_LINE_ENDS = re.compile(r"[\r\n\0]+[ \t]*")
_BLANKS = re.compile(r"\s+")
# C0/C1 controls, zero-width and bidirectional signs: nothing that a name or subject needs, all used to deceive.
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_ADDRESS_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|<[^<>]*>|[(),;:]|[^"<(),;:]+|["<]', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_MAILTO = re.compile(r"^mailto:", re.IGNORECASE)
_ADDRESS_IN_NAME = re.compile(r"[^\s<>()\[\],;:\"'@]{1,80}@[^\s<>()\[\],;:\"'@]{1,255}")


def unfold(value: str) -> str:
    """One line of a raw header value: folds undone, raw 8-bit bytes (surrogates) decoded, NULs dropped."""
    if not value.isascii():
        value = decode(value.encode("utf-8", "surrogateescape"), None)
    if "\n" in value or "\r" in value or "\0" in value:
        value = _LINE_ENDS.sub(" ", value)
    return value.strip()


def decode_words(value: str) -> str:
    """Decodes RFC 2047 words in an unfolded value; bytes of neighbours in one charset are joined first,
    since many clients cut inside a character."""
    if "=?" not in value:
        return value
    out: list[str] = []
    charset, pending, end = "", b"", 0
    for word in _ENCODED_WORD.finditer(value):
        between = value[end : word.start()]
        if between.strip() or word[1].lower() != charset:
            out.append(decode(pending, charset))
            pending = b""
            if between.strip() or not charset:
                out.append(between)
        charset, end = word[1].lower(), word.end()
        pending += _word_bytes(word[2], word[3])
    out += [decode(pending, charset), value[end:]]
    return _LINE_ENDS.sub(" ", "".join(out))


def _word_bytes(encoding: str, text: str) -> bytes:
    if encoding in "qQ":
        raw = text.replace("_", " ").encode("utf-8", "replace")
        return _HEX.sub(lambda code: bytes((int(code[1], 16),)), raw)
    digits = _NOT_BASE64.sub("", text)
    digits = digits[:-1] if len(digits) % 4 == 1 else digits  # one digit alone carries no byte
    return binascii.a2b_base64(digits + "=" * (-len(digits) % 4))


def one_line(text: str) -> str:
    """Text for showing in one line: no line ends, no invisible or direction-changing signs, blanks collapsed."""
    return _BLANKS.sub(" ", _INVISIBLE.sub("", _LINE_ENDS.sub(" ", text))).strip()


def clean_name(name: str, address: str = "") -> str:
    """A display name as it may be shown beside `address`: an address inside the name that is not the mailbox's
    own is taken out, so that nobody reads `"ceo@bank.example" <x@evil.example>` as the bank."""
    shown = one_line(decode_words(name)).strip("'\" ")
    if "@" in shown:
        shown = _ADDRESS_IN_NAME.sub(lambda found: found[0] if found[0].lower() == address.lower() else "", shown)
        shown = "" if shown.lower() == address.lower() else _BLANKS.sub(" ", shown).strip("'\"<>() ")
    return shown[:200]


def mailboxes(values: Iterable[str]) -> tuple[Mailbox, ...]:
    """The mailboxes of unfolded address headers, at most MAX_MAILBOXES.

    Split before RFC 2047 words are decoded, so an encoded comma or angle makes no second address. Groups give
    their members, comments are dropped, `Doe, John <j@x>` is one mailbox, `<>` and group names alone are none.
    """
    found: list[Mailbox] = []
    for value in values:
        awaiting = ""  # the part of an unquoted name that stood before a comma
        for phrase, angle, comment in _entries(value[:100_000]):
            if angle is None and "@" not in phrase:
                awaiting = f"{awaiting}, {phrase}" if awaiting else phrase
                continue
            address = tidy_address(phrase if angle is None else angle)
            name = comment if angle is None else f"{awaiting}, {phrase}" if awaiting else phrase
            awaiting = ""
            if address:
                found.append(Mailbox(address=address, name=clean_name(name, address)))
            if len(found) >= MAX_MAILBOXES:
                return tuple(found)
    return tuple(found)


def _entries(value: str) -> Iterator[tuple[str, str | None, str]]:
    """Cuts an address list into (text outside angles, text inside angles or None, text of comments)."""
    phrase, angle, comment, depth = "", None, "", 0
    for piece in _ADDRESS_PIECE.findall(value):
        if piece in "()":
            depth = max(0, depth + (1 if piece == "(" else -1))
        elif depth:
            comment += piece
        elif piece in ",;":
            yield phrase.strip(), angle, comment.strip()
            phrase, angle, comment = "", None, ""
        elif piece == ":" and "@" not in phrase and phrase.strip().lower() != "mailto":
            phrase = ""  # it was the name of a group
        elif piece[0] == "<" and piece[-1] == ">":
            angle = piece[1:-1].strip()
        else:
            phrase += _ESCAPED.sub(r"\1", piece[1:-1]) if piece[0] == '"' == piece[-1] else piece
    yield phrase.strip(), angle, comment.strip()


def tidy_address(text: str) -> str:
    """An address without the rubbish clients put around it: `mailto:`, quotes, stray angles, blanks, a source
    route; "" when no address is left. Case is kept."""
    address = _MAILTO.sub("", text.strip().strip("<>'\" \t"))
    address = _BLANKS.sub("", _INVISIBLE.sub("", address)).strip("<>'\".,;")
    if address.startswith("@") and ":" in address:
        address = address.partition(":")[2]
    local, at, domain = address.rpartition("@")
    return f"{local}@{domain}" if at and local and domain and len(address) <= 320 else ""  # noqa: PLR2004 - RFC 3696


def message_ids(values: Iterable[str]) -> tuple[str, ...]:
    """The ids of Message-ID, In-Reply-To or References values, in order, without angle brackets or doubles.

    Blanks inside an id (a fold) are dropped; ids without angles are taken when they hold an @. Of more than
    MAX_IDS the first one and the last MAX_IDS - 1 are kept: the thread's root and its newest ancestors.
    """
    found: list[str] = []
    for value in values:
        inside = [piece.partition(">")[0] for piece in value.split("<")[1:]]
        loose = [] if inside else [word for word in re.split(r"[\s,;]+", value) if "@" in word]
        found += [_BLANKS.sub("", piece) for piece in inside or loose]
    ids = tuple(dict.fromkeys(one_id for one_id in found if one_id and len(one_id) <= 998))  # noqa: PLR2004 - RFC 5322, 2.1.1
    return ids if len(ids) <= MAX_IDS else ids[:1] + ids[1 - MAX_IDS :]


def sent_at(value: str | None) -> datetime | None:
    """The Date header as an aware datetime; None when missing, unreadable or before 1990 (RFC 5322, 3.3)."""
    if not value:
        return None
    try:
        claimed = parsedate_to_datetime(value[:100])
        aware = claimed if claimed.tzinfo else claimed.replace(tzinfo=UTC)
        aware.astimezone(UTC)  # near the ends of the calendar the offset overflows
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return aware if aware.year >= _EARLIEST_YEAR else None
