"""What a receiving mail server writes on a mail, and the notice it sends when it cannot deliver. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.parser import BytesHeaderParser
from email.utils import format_datetime, getaddresses

SERVER = "mx.sandbox.test"

_HEADER_LINE = re.compile(rb"(?:[^\r\n]|\r\n[ \t]|\r[ \t]|\n[ \t])*(?:\r\n|\r|\n|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """How a mail came in: `helo` and `user` as the client said and proved, `received` an aware time."""

    sender: str
    recipient: str
    helo: str
    user: str | None
    number: int
    received: datetime


def stamped(mail: bytes, arrival: Arrival, delivered_to: str, *, authentic: bool) -> bytes:
    """The mail with our headers on top, newest first, and without what pretends to be ours (RFC 8601 5)."""
    protocol = "ESMTPA" if arrival.user else "ESMTP"
    verdict = "pass" if authentic else "fail"
    top = (
        f"Delivered-To: {delivered_to}\r\n"
        f"Return-Path: <{arrival.sender}>\r\n"
        f"Authentication-Results: {SERVER};\r\n"
        f" dmarc={verdict} header.from={from_domain(mail) or 'none'}\r\n"
        f"Received: from {arrival.helo} by {SERVER} with {protocol} id {arrival.number:06d}\r\n"
        f" for <{arrival.recipient}>; {format_datetime(arrival.received)}\r\n"
    )
    return top.encode("utf-8", "surrogateescape") + without_forged_results(mail)


def without_forged_results(mail: bytes) -> bytes:
    """The mail without Authentication-Results that name us, however they are folded."""
    kept, position = [], 0
    while position < len(mail) and (line := _HEADER_LINE.match(mail, position)) and line[0].strip():
        name, _, value = line[0].partition(b":")
        ours = name.strip().lower() == b"authentication-results" and SERVER.encode() in value.lower()
        if not ours:
            kept.append(line[0])
        position = line.end()
    return b"".join(kept) + mail[position:]


def from_domain(mail: bytes) -> str | None:
    """The domain of the one author; None when there is none or more than one (RFC 7489 6.6.1)."""
    fields = BytesHeaderParser().parsebytes(_head(mail)).get_all("From", [])
    addresses = [address for _, address in getaddresses([str(field) for field in fields]) if address]
    if len(fields) != 1 or len(addresses) != 1 or "@" not in addresses[0]:
        return None
    domain = addresses[0].rpartition("@")[2].lower()
    return domain if re.fullmatch(r"[a-z0-9.-]+", domain) else None


def non_delivery(mail: bytes, arrival: Arrival, status: str) -> bytes:
    """The notice to the envelope sender that an address took no mail (RFC 3464); `status` as "5.1.1"."""
    boundary = f"={arrival.number:06d}={SERVER}"
    date = format_datetime(arrival.received)
    lines = [
        f"From: Mail Delivery System <MAILER-DAEMON@{SERVER}>",
        f"To: <{arrival.sender}>",
        "Subject: Undelivered Mail Returned to Sender",
        f"Date: {date}",
        f"Message-ID: <{arrival.number:06d}.bounce@{SERVER}>",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type=delivery-status; boundary="{boundary}"',
        "",
        f"--{boundary}",
        "Content-Type: text/plain; charset=us-ascii",
        "",
        f"Your message could not be delivered to <{arrival.recipient}>: the address does not exist.",
        "",
        f"--{boundary}",
        "Content-Type: message/delivery-status",
        "",
        f"Reporting-MTA: dns; {SERVER}",
        f"Arrival-Date: {date}",
        "",
        f"Final-Recipient: rfc822; {arrival.recipient}",
        "Action: failed",
        f"Status: {status}",
        f"Diagnostic-Code: smtp; 550 {status} User unknown",
        "",
        f"--{boundary}",
        "Content-Type: text/rfc822-headers",
        "",
    ]
    head = "\r\n".join([*lines, ""]).encode("utf-8", "surrogateescape")
    return head + _head(mail) + f"\r\n--{boundary}--\r\n".encode()


def _head(mail: bytes) -> bytes:
    end = re.search(rb"\r\n\r\n|\n\n", mail)
    return mail if end is None else mail[: end.start()] + b"\r\n"


def split_address(address: str) -> tuple[str, str]:
    """An address as its base and its detail, lower case: "Bot+Tok@x.test" is ("bot@x.test", "tok")."""
    local, _, domain = address.lower().rpartition("@")
    base, _, detail = local.partition("+")
    return f"{base}@{domain}", detail


def domains(addresses: Iterable[str]) -> frozenset[str]:
    """The domains of some addresses."""
    return frozenset(address.rpartition("@")[2].lower() for address in addresses)
