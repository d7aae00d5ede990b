"""Bounces, delays and delivery receipts as the mail servers of the world word them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mailer.classify import Kind
from tests.corpus.mail.made import ENVELOPE, OUR_ID, US, US_NAMED, Field, Part, Sample, mail

_WHO = "emma.clarke@northgate-systems.example"
_HOST = "mx.northgate-systems.example"
_NULL: Field = ("Return-Path", "<>")
_REPORT = "multipart/report; report-type=delivery-status"
_GERMAN_SUBJECT = "Acme rollout: jetzt in der Phase Configure & Quote"
_OURS = f"""Return-Path: <{ENVELOPE}>
From: {US_NAMED}
To: Emma Clarke <{_WHO}>
Subject: Acme rollout: now in Configure & Quote
Message-ID: <{OUR_ID}>
Date: Tue, 24 Nov 2026 10:00:00 +0100
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
"""
_WORDS = "\nEverything is fine? Then reply with yes.\n"

_WORDED = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
_STATUSES = {
    "unknown": ("5.1.1", f"550 5.1.1 <{_WHO}>: Recipient address rejected: User unknown in virtual mailbox table"),
    "full": ("4.2.2", "452 4.2.2 The email account that you tried to reach is over quota"),
    "blocked": ("5.7.1", "554 5.7.1 Service unavailable; client host blocked using a block list"),
    "host": ("5.4.4", f"Host or domain name not found. Name service error for name={_HOST} type=AAAA"),
}


def bounces() -> Iterator[Sample]:
    yield from _reports()
    yield from _exchange()
    yield from _plain()
    yield from _delays()
    yield from _delivered()


def _status(code: str, said: str, action: str = "failed", *, reporter: str = "mail.vendor.example") -> Part:
    until = "Will-Retry-Until: Sun, 29 Nov 2026 10:00:00 +0100\n" if action == "delayed" else ""
    return Part(
        type="message/delivery-status",
        body=f"""Reporting-MTA: dns; {reporter}
Arrival-Date: Tue, 24 Nov 2026 10:00:01 +0100 (CET)

Final-Recipient: rfc822; {_WHO}
Original-Recipient: rfc822;{_WHO}
Action: {action}
Status: {code}
Remote-MTA: dns; {_HOST}
Diagnostic-Code: smtp; {said}
{until}""",
    )


def _dsn(
    id_: str, *, from_: str, subject: str, note: str, status: Part, extra: Sequence[Field] = (), whole: bool = True,
    kind: Kind = Kind.BOUNCE,
) -> Sample:  # fmt: skip
    enclosed = Part(
        type="message/rfc822" if whole else "text/rfc822-headers",
        body=_OURS + (_WORDS if whole else ""),
        headers=[("Content-Description", "Undelivered Message" + ("" if whole else " Headers"))],
    )
    headers = [_NULL, ("Content-Type", _REPORT), *extra]
    parts = [Part(type="text/plain", body=note), status, enclosed]
    return Sample(id=id_, kind=kind, raw=mail(id_, from_=from_, subject=subject, body=parts, headers=headers))


def _reports() -> Iterator[Sample]:
    """Servers that speak RFC 3464."""
    for name, server in _WORDED["report"].items():
        for why, (code, said) in _STATUSES.items():
            yield _dsn(
                f"bounce-{name}-{why}", from_=server["from"], subject=server["subject"],
                note=_filled(server["text"], said), status=_status(code, said), extra=_headers(server),
                whole=why != "host",
            )  # fmt: skip


def _exchange() -> Iterator[Sample]:
    """Exchange and Microsoft 365, whose words follow the sender's language."""
    subjects = {
        "en": "Undeliverable: ", "de": "Unzustellbar: ", "fr": "Non remis : ", "nl": "Onbestelbaar: ",
        "es": "No se puede entregar: ", "it": "Non recapitabile: ", "pt": "Não entregue: ", "pl": "Niedostarczalne: ",
        "sv": "Kan inte levereras: ", "da": "Kan ikke leveres: ",
    }  # fmt: skip
    for lang, before in subjects.items():
        yield _dsn(
            f"bounce-m365-{lang}",
            from_="Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@vendor.example>",
            subject=before + _GERMAN_SUBJECT,
            note=f"{_WHO} wasn't found at northgate-systems.example.\n\nUnknown To address",
            status=_status("5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound", reporter="VI1PR01.prod.example"),
            extra=[("Auto-Submitted", "auto-replied"), ("In-Reply-To", f"<{OUR_ID}>")],
        )
        # What reaches us when a gateway has flattened the report: a subject, and words.
        yield Sample(
            id=f"bounce-flattened-{lang}",
            kind=Kind.BOUNCE,
            raw=mail(
                f"bounce-flattened-{lang}",
                from_="postmaster@northgate-systems.example",
                subject=before + _GERMAN_SUBJECT,
                body=f"Delivery has failed to these recipients or groups:\n\n{_WHO}\n\n#550 5.1.1",
            ),
        )


def _plain() -> Iterator[Sample]:
    """Servers that speak no RFC 3464: some words, perhaps a copy."""
    for name, server in _WORDED["plain"].items():
        id_ = f"bounce-plain-{name}"
        raw = mail(
            id_, from_=server["from"], subject=server["subject"], body=_filled(server["text"]), headers=_headers(server)
        )
        yield Sample(id=id_, kind=Kind.BOUNCE, raw=raw)


def _filled(text: str, said: str = "") -> str:
    return text.format(who=_WHO, said=said, copy=f"\n{_OURS}{_WORDS}")


def _headers(server: Mapping[str, Any]) -> list[Field]:
    lines = [line.format(who=_WHO, id=OUR_ID).partition(": ") for line in server.get("headers", [])]
    return [(name, value) for name, _, value in lines]


def _delays() -> Iterator[Sample]:
    later = _status("4.4.1", f"connect to {_HOST}[192.0.2.7]:25: Connection timed out", "delayed")
    for name, from_, subject in (
        ("postfix", "MAILER-DAEMON@mail.vendor.example (Mail Delivery System)", "Delayed Mail (still being retried)"),
        ("gmail", "Mail Delivery Subsystem <mailer-daemon@gmail.example>", "Delivery Status Notification (Delay)"),
        ("m365", "Microsoft Outlook <postmaster@vendor.example>", "Delivery delayed:Acme rollout"),
        ("m365-de", "Microsoft Outlook <postmaster@vendor.example>", f"Zustellung verzögert: {_GERMAN_SUBJECT}"),
        ("m365-fr", "Microsoft Outlook <postmaster@vendor.example>", "Remise retardée : Acme rollout"),
        ("sendmail", "Mail Delivery Subsystem <MAILER-DAEMON@mail.vendor.example>",
         "Warning: could not send message for past 4 hours"),
        ("exim", "Mail Delivery System <Mailer-Daemon@mail.vendor.example>",
         "Warning: message 1abcDE-0001 delayed 24 hours"),
    ):  # fmt: skip
        yield _dsn(
            f"delayed-{name}", from_=from_, subject=subject, note="YOU DO NOT NEED TO RESEND YOUR MESSAGE.",
            status=later, extra=[("Auto-Submitted", "auto-replied")], kind=Kind.DELAYED,
        )  # fmt: skip
    flat = mail(
        "delayed-exim-plain",
        from_="Mail Delivery System <Mailer-Daemon@mail.vendor.example>",
        subject="Warning: message 1abcDE-0001 delayed 24 hours",
        body="A message that you sent has not yet been delivered. No action is required on your part. "
        "Delivery attempts will continue for some time.",
        headers=[_NULL, ("Auto-Submitted", "auto-replied")],
    )
    yield Sample(id="delayed-exim-plain", kind=Kind.DELAYED, raw=flat)


def _delivered() -> Iterator[Sample]:
    """A success report is no failure: nothing is counted against the address."""
    for name, action, subject in (
        ("postfix", "delivered", "Successful Mail Delivery Report"),
        ("exchange", "relayed", "Relayed: Acme rollout"),
        ("exchange-expanded", "expanded", "Expanded: Acme rollout"),
        ("exchange-de", "delivered", "Zugestellt: Acme rollout"),
    ):
        yield _dsn(
            f"delivered-{name}", from_="postmaster@northgate-systems.example", subject=subject,
            note="Your message was successfully delivered.", status=_status("2.0.0", "250 OK", action),
            kind=Kind.AUTO_REPLY,
        )  # fmt: skip
    sent_to = f"Your message to {US} was delivered to the following recipients: {_WHO}"
    raw = mail("delivered-flat", from_="postmaster@northgate-systems.example", subject="Delivered: Acme", body=sent_to,
               headers=[_NULL])  # fmt: skip
    yield Sample(id="delivered-flat", kind=Kind.AUTO_REPLY, raw=raw)
