"""What a bounce, a delay or a complaint is about: recipients, statuses, and ids of the message it answers.

Believes nothing: whether we ever sent such a message to such an address is for the caller to look up.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes

from mailer.address import normalise_address
from mailer.fields import message_ids
from mailer.mail import Headers, Mail
from mailer.parts import TOLERANT

# It logs a line a detector and, when one fails, a traceback; logs hold neither addresses nor noise.
logging.getLogger("flufl.bounce").disabled = True

_MAX_GUESSED_BYTES = 200_000  # flufl.bounce needs 0.2 s for 80 kB of an ordinary mail
_MAX_FAILURES = 100

_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY_CODE = re.compile(r"(?<![\d.])([45])\d\d[ -](?!\d{3})")
_ID_LINE = re.compile(r"^[> \t]*message-id:[ \t]*\n?[ \t]*(<[^<>\n]{3,500}>)", re.IGNORECASE | re.MULTILINE)
_ENCLOSED = frozenset({
    "message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers", "message/global-headers",
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One recipient of a report. `recipient` is normalised, "" when not named; `action` as RFC 3464, 2.3.3 has it
    (failed, delayed, delivered, relayed, expanded); `status` such as "5.1.1"."""

    recipient: str
    action: str
    status: str | None
    is_permanent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """Who was not reached, and the ids (without angles) of the message that it may be about, surest first."""

    failures: tuple[Failure, ...] = ()
    original_ids: tuple[str, ...] = ()


def reported(mail: Mail) -> Bounce:
    """What the delivery-status parts say, a `Failure` a recipient (RFC 3464)."""
    blocks = [
        block for report in mail.reports if report.content_type.endswith("delivery-status") for block in report.blocks
    ]
    failures = [failure for failure in map(_failure, blocks[:_MAX_FAILURES]) if failure]
    return Bounce(failures=tuple(failures), original_ids=_original_ids(mail))


def traced(mail: Mail, *, action: str = "failed") -> Bounce:
    """What can be made out of a bounce or a delay without a delivery-status part, or of a complaint."""
    status = _status_in(mail.text or "")
    is_permanent = action == "failed" and (status or "5")[0] == "5"
    failures = [
        Failure(recipient=one, action=action, status=status, is_permanent=is_permanent) for one in _recipients(mail)
    ]
    return Bounce(failures=tuple(failures[:_MAX_FAILURES]), original_ids=_original_ids(mail))


def _failure(block: Headers) -> Failure | None:
    action = (block.first("action") or "").partition("(")[0].partition(";")[0].strip().lower()
    found = _STATUS.search(block.first("status") or "")
    status = found[1] if found else None
    recipient = block.first("final-recipient") or block.first("original-recipient") or ""
    if not action and not status and not recipient:
        return None  # the block about the message as a whole
    if not action:
        action = {"5": "failed", "4": "delayed", "2": "delivered"}.get((status or "5")[0], "failed")
    return Failure(
        recipient=_typed_address(recipient),
        action=action,
        status=status,
        is_permanent=action == "failed" and (status or "5")[0] == "5",
    )


def _typed_address(value: str) -> str:
    """`rfc822; jan@x.example` without its type."""
    return normalise_address(value.rpartition(";")[2].partition(" (")[0])


def _recipients(mail: Mail) -> list[str]:
    named = [normalise_address(one) for value in mail.headers.all("x-failed-recipients") for one in value.split(",")]
    for report in mail.reports:
        if report.content_type == "message/feedback-report":
            named += [_typed_address(value) for block in report.blocks for value in block.all("original-rcpt-to")]
    if (
        not named
        and len(mail.raw) <= _MAX_GUESSED_BYTES
        and not any(r.content_type == "message/feedback-report" for r in mail.reports)
    ):
        named = _guessed(mail.raw)
    return [one for one in dict.fromkeys(named) if one]


def _guessed(raw: bytes) -> list[str]:
    """What flufl.bounce knows of the shapes of qmail, Exim, Yahoo and other old servers' bounces."""
    from flufl.bounce import all_failures  # noqa: PLC0415  slow to load, and few mails are bounces

    with suppress(Exception):  # it raises what the broken mail makes its detectors raise
        temporary, permanent = all_failures(message_from_bytes(raw, policy=TOLERANT))
        return sorted(normalise_address(one.decode("utf-8", "replace")) for one in (*temporary, *permanent))
    return []


def _status_in(text: str) -> str | None:
    """The first enhanced status of a text, or the class of its first SMTP reply code as x.0.0."""
    if found := _STATUS.search(text[:20_000]):
        return found[1]
    code = _REPLY_CODE.search(text[:20_000])
    return f"{code[1]}.0.0" if code else None


def _original_ids(mail: Mail) -> tuple[str, ...]:
    enclosed: Iterable[Headers] = (
        block for report in mail.reports if report.content_type in _ENCLOSED for block in report.blocks[:1]
    )
    ids = [one for headers in enclosed for one in message_ids(headers.all("message-id"))]
    ids += message_ids(_ID_LINE.findall((mail.text or "")[:100_000])[:20])
    return tuple(dict.fromkeys((*ids, *mail.in_reply_to, *mail.references[::-1])))[:20]
