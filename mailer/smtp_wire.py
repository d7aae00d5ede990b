"""One mail's bytes on the wire: envelope commands and dotted body. Refuses what this server cannot carry."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import idna

from mailer.refusal import Blame, RefusedError

_UNFIT = r"\x00-\x1f\x7f\ud800-\udfff"  # controls, and bytes that were no UTF-8
_ADDRESS = re.compile(rf'(?:"(?:[^"\\{_UNFIT}]|\\[^{_UNFIT}])*"|[^\s<>"@{_UNFIT}]+)@[^\s<>"@{_UNFIT}]+')
_HEAD_LIMIT_BYTES = 1 << 20
_ADDRESS_LIMIT = 254  # RFC 3696 erratum 1690
_BARE_LINE_END = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """MAIL and RCPT as this server wants them, without line ends."""

    mail: bytes
    rcpt: bytes


def envelope(sender: str, to: str, message: bytes, extensions: Mapping[str, str], server: str) -> Envelope:
    """The commands for one recipient; `extensions` are EHLO's keywords in lower case with their parameters.

    Raises RefusedError where the message needs what the server does not offer: 8BITMIME (RFC 6152), SMTPUTF8
    (RFC 6531) or a larger SIZE (RFC 1870); and where an address is none.
    """
    if sender:
        sender = _wire_address(sender, Blame.SETUP, server)
    to = _wire_address(to, Blame.RECIPIENT, server)
    parameters = []
    if not message.isascii():
        if "8bitmime" not in extensions:
            raise _cannot(server, "554 5.6.1", "the message holds 8-bit bytes and the server takes 7-bit mail only")
        parameters.append("BODY=8BITMIME")
    if "size" in extensions:
        limit = int(extensions["size"]) if extensions["size"].isdecimal() else 0
        if 0 < limit < len(message):
            raise _cannot(server, "552 5.3.4", f"{len(message)} bytes are more than its {limit}")
        parameters.append(f"SIZE={len(message)}")
    if not (sender.isascii() and to.isascii() and _head(message).isascii()):
        if "smtputf8" not in extensions:
            raise _cannot(server, "553 5.6.7", "an address or header is not ASCII, which it does not support")
        parameters.append("SMTPUTF8")
    mail = " ".join([f"MAIL FROM:<{sender}>", *parameters])
    return Envelope(mail=mail.encode(), rcpt=f"RCPT TO:<{to}>".encode())


def _cannot(server: str, code: str, why: str) -> RefusedError:
    return RefusedError(f"smtp: {server} cannot take the message ({code}): {why}", blame=Blame.MESSAGE, code=code)


def _head(message: bytes) -> bytes:
    end = message.find(b"\r\n\r\n", 0, _HEAD_LIMIT_BYTES)
    return message[: end if end >= 0 else _HEAD_LIMIT_BYTES]


def _wire_address(address: str, blame: Blame, server: str) -> str:
    """The address with its domain in A-labels (IDNA 2008): a foreign domain alone then needs no SMTPUTF8."""
    if len(address) > _ADDRESS_LIMIT or not _ADDRESS.fullmatch(address):
        raise RefusedError(f"smtp: {server} was not asked: this is no mail address", blame=blame, code="553 5.1.3")
    local, _, domain = address.rpartition("@")
    if domain.isascii() or not local.isascii():
        return address
    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode('ascii')}"
    except idna.IDNAError as exc:
        message = f"smtp: {server} was not asked: this is no domain name: {exc}"
        raise RefusedError(message, blame=blame, code="553 5.1.2") from exc


def body_pieces(message: bytes, size_bytes: int = 128 * 1024) -> Iterator[bytes]:
    """The message for DATA without the final dot: CRLF throughout, leading dots doubled (RFC 5321 4.5.2).

    A lone CR or LF becomes CRLF, so that nothing in a mail can be taken for its end ("SMTP smuggling"). It comes in
    pieces of whole lines, at least `size_bytes` each but the last, so that a large mail keeps nobody waiting.
    """
    start = 0
    while len(message) - start > size_bytes and (end := message.find(b"\n", start + size_bytes) + 1):
        yield _dotted(message[start:end])
        start = end
    if start < len(message) or not message:
        yield _dotted(message[start:])


def _dotted(message: bytes) -> bytes:
    ends = message.count(b"\r\n")
    if message.count(b"\n") != ends or message.count(b"\r") != ends:
        message = _BARE_LINE_END.sub(b"\r\n", message)
    if b"\n." in message:
        message = message.replace(b"\r\n.", b"\r\n..")
    if message.startswith(b"."):
        message = b"." + message
    return message if message.endswith(b"\r\n") else message + b"\r\n"
