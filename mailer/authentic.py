"""Who really sent it, by the verdict of the server that received it (RFC 8601).

Refuses to verify again what the server has verified, and to believe a verdict that it did not write.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from mailer.address import normalise_address, trusted_fields
from mailer.fields import mailboxes
from mailer.mail import Mail, Mailbox

_AUTHSERV = re.compile(r"([^\s;=()\"]+)(?: \d+)?")
_RESULT = re.compile(r"([\w-]+)(?:/\d+)? ?= ?([\w-]+)(.*)", re.DOTALL)
_PROPERTY = re.compile(r"([\w-]+\.[\w-]+) ?= ?(\"[^\"]*\"|[^\s;]+)")
_MAX_VALUE_CHARS = 16_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One result of an Authentication-Results field, such as dmarc=pass header.from=partner.example."""

    method: str
    result: str
    properties: dict[str, str]


def authenticated_domain(
    mail: Mail, trusted_authserv_ids: Collection[str], own_received_by: re.Pattern[str] | None = None
) -> str | None:
    """The domain of From when the receiving server says that DMARC passed for it; None is "unproven".

    Only the topmost Authentication-Results with a trusted authserv-id counts, only above the first Received
    that our own servers did not stamp, only with exactly one `dmarc=` result, and only when the mail has one
    From with one address whose domain is the one that passed. `spf=pass` and `dkim=pass` prove nothing about
    From and are not read. The server must strip foreign fields on entry (RFC 8601, 5).

    Args:
        mail: the received mail.
        trusted_authserv_ids: names the receiving server signs with, lower case; "" is Microsoft 365, which
            writes none.
        own_received_by: matches the Received values of our own servers; None: only the last one is ours.
    """
    if len(mail.headers.all("from")) != 1 or len(mail.from_) != 1:
        return None
    domain = normalise_address(mail.from_[0].address).rpartition("@")[2]
    for name, value in trusted_fields(mail.headers, own_received_by):
        if name.lower() != "authentication-results":
            continue
        authserv_id, verdicts = read_verdicts(value)
        if authserv_id not in trusted_authserv_ids:
            continue
        dmarc = [verdict for verdict in verdicts if verdict.method == "dmarc"]
        if len(dmarc) != 1 or dmarc[0].result != "pass":
            return None
        passed = normalise_address("x@" + dmarc[0].properties.get("header.from", "")).rpartition("@")[2]
        return domain if domain and passed == domain else None
    return None


def read_verdicts(value: str) -> tuple[str, tuple[Verdict, ...]]:
    """The authserv-id ("" where none is written, as Microsoft 365 does) and the results of one field."""
    pieces = [piece.strip() for piece in _without_comments(value[:_MAX_VALUE_CHARS]).split(";")]
    authserv_id = ""
    name = _AUTHSERV.fullmatch(pieces[0])
    if name:
        authserv_id = name[1].lower()
        pieces = pieces[1:]
    verdicts = []
    for piece in pieces:
        if result := _RESULT.match(piece):
            properties = {key.lower(): text.strip('"') for key, text in _PROPERTY.findall(result[3])}
            verdicts.append(Verdict(method=result[1].lower(), result=result[2].lower(), properties=properties))
    return authserv_id, tuple(verdicts)


def _without_comments(value: str) -> str:
    """The value with comments (RFC 5322, nested) replaced by a blank and blanks collapsed."""
    kept: list[str] = []
    depth, quoted = 0, False
    for piece in re.findall(r"\\.|[\"()]|[^\\\"()]+|\\", value):
        if piece == '"' and not depth:
            quoted = not quoted
        if not quoted and piece == "(":
            depth += 1
        elif not quoted and piece == ")":
            depth = max(0, depth - 1)
            kept.append(" ")
        elif not depth:
            kept.append(piece)
    return re.sub(r"\s+", " ", "".join(kept)).strip()


def sender(mail: Mail) -> Mailbox | None:
    """Who claims to have written it; None unless there is exactly one From with exactly one address.

    Reply-To never changes that, save where a mailing list took From over and kept the author in
    X-Original-From: if Reply-To names the same address, that is the author. `authenticated_domain` still
    speaks of From, so such an author stays unproven.
    """
    if len(mail.headers.all("from")) != 1 or len(mail.from_) != 1:
        return None
    original = mail.headers.all("x-original-from")
    if len(original) == 1 and len(mail.reply_to) == 1:
        author = mail.reply_to[0]
        if normalise_address(author.address) == _only_address(original[0]):
            return author
    return mail.from_[0]


def _only_address(value: str) -> str:
    boxes = mailboxes((value,))
    return normalise_address(boxes[0].address) if len(boxes) == 1 else ""
