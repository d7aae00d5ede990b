"""Mails of machines about what we sent, and two of people that look like them. After the cases of B of our list.

What follows from a bounce for its address is not looked at here: deals and answers are.
"""

from __future__ import annotations

from bot.ports import Disposition
from bot.sandbox.demo import PARTNER_DESK
from tests.acceptance.cases import APPLIED, IGNORED, ROUTED, Case
from tests.acceptance.crowd import NELL

DAEMON = "Mail Delivery System <MAILER-DAEMON@mx.kerr-sons.example>"
NOBODYS_ID = "n1.aaaaaaaaaaaakkdl4q7wnsyb2v5xhrgj3e6tmfo@meridian.example"
VERP = [("Return-Path", "<>"), ("Delivered-To", "{reply_to}")]


def _report(*parts: str, kind: str = "delivery-status") -> str:
    """A multipart/report with a line for people and these parts."""
    said = "Content-Type: text/plain\n\nThe amount is {amount}. Status: Closed won. Yes, approve.\n"
    body = "".join(f"--b\n{part}\n" for part in (said, *parts))
    return f'MIME-Version: 1.0\nContent-Type: multipart/report; report-type={kind}; boundary="b"\n\n{body}--b--\n'


def _status(*recipients: tuple[str, str, str]) -> str:
    """A message/delivery-status part: who, action and status of each recipient (RFC 3464)."""
    blocks = [f"Final-Recipient: rfc822; {who}\nAction: {action}\nStatus: {code}\n" for who, action, code in recipients]
    blocks = ["Reporting-MTA: dns; mx.kerr-sons.example\n", *blocks]
    return "Content-Type: message/delivery-status\n\n" + "\n".join(blocks)


def _enclosed(message_id: str = "{message_id}", kind: str = "message/rfc822") -> str:
    return f"Content-Type: {kind}\n\nFrom: {PARTNER_DESK}\nTo: {NELL}\nSubject: a deal\nMessage-ID: <{message_id}>\n"


OURS = _enclosed("{bare_id}")
FAILED = _status((NELL, "failed", "5.1.1"))


def _machine(name: str, reason: str, *, expect: Disposition = IGNORED, **more: object) -> Case:
    known = {"sender": DAEMON, "to": "{reply_to}", "message_id": "<machine-{number}@mx.kerr-sons.example>", **more}
    return Case(name=name, expect=expect, reason=reason, **known)  # type: ignore[arg-type]  # columns of the table


MACHINES = (
    _machine("B34: a bounce to the signed address alone", "bounce:", trace=VERP, mime=_report(FAILED)),
    _machine("B34: a bounce with our id enclosed alone", "bounce:", to=PARTNER_DESK, mime=_report(FAILED, OURS)),
    _machine("B34: a bounce with neither", "nothing we sent", to=PARTNER_DESK, mime=_report(FAILED)),
    _machine(
        "B35: of several recipients one is ours",
        "bounce:",
        mime=_report(_status(("x@else.example", "delivered", "2.0.0"), (NELL, "failed", "5.2.2")), OURS),
    ),
    _machine(
        "B35: none of several recipients is ours",
        "nothing we sent",
        mime=_report(_status(("x@else.example", "failed", "5.1.1"), ("y@else.example", "delayed", "4.0.0")), OURS),
    ),
    _machine(
        "B36: only the header of our mail is enclosed",
        "bounce:",
        to=PARTNER_DESK,
        mime=_report(FAILED, _enclosed("{bare_id}", "text/rfc822-headers")),
    ),
    _machine("B36: nothing is enclosed", "bounce:", mime=_report(FAILED)),
    _machine("B37: a delay", "delayed:", trace=VERP, mime=_report(_status((NELL, "delayed", "4.4.1")), OURS)),
    _machine(
        "B37: a delay without a report",
        "delayed:",
        trace=VERP,
        headers=[("Auto-Submitted", "auto-replied")],
        subject="Delayed Mail (still being retried)",
    ),
    _machine(
        "B38: a forged bounce with a guessed id",
        "nothing we sent",
        to=PARTNER_DESK,
        mime=_report(FAILED, _enclosed(NOBODYS_ID)),
    ),
    _machine(
        "B38: a forged bounce of somebody whom we did not write to",
        "nothing we sent",
        mime=_report(_status(("omar@kerr-sons.example", "failed", "5.1.1")), OURS),
    ),
    _machine("B40: a daemon without an address", "bounce:", sender="MAILER-DAEMON <>", mime=_report(FAILED, OURS)),
    _machine("B40: to nobody", "bounce:", to="", trace=VERP, mime=_report(FAILED)),
    _machine("B40: to an empty address", "bounce:", to="<>", trace=VERP, mime=_report(FAILED, OURS)),
    _machine(
        "B42: a complaint",
        "complaint:",
        sender="abuse@isp.example",
        mime=_report(
            f"Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\nOriginal-Rcpt-To: {NELL}\n",
            OURS,
            kind="feedback-report",
        ),
    ),
    _machine(
        "B43: a read receipt",
        "read-receipt",
        sender=NELL,
        mime=_report(
            f"Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;{NELL}\n"
            "Disposition: manual-action/MDN-sent-manually; displayed\n",
            kind="disposition-notification",
        ),
    ),
    _machine(
        "B43: a calendar's yes",
        "calendar-answer",
        sender=NELL,
        mime='MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary="b"\n\n--b\nContent-Type: text/plain\n\n'
        "Yes, the amount is {amount}.\n--b\nContent-Type: text/calendar; method=REPLY\n\n"
        "BEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR\n--b--\n",
    ),
    _machine(
        "B43: a challenge to prove that we are no machine",
        "auto-submitted",
        sender=NELL,
        headers=[("Auto-Submitted", "auto-replied (challenge)")],
        words="Please confirm that you are human. The amount is {amount}.",
    ),
    _machine(
        "B44: a person forwards a bounce",
        "routed",
        expect=ROUTED,
        sender=NELL,
        subject="Fwd: Undelivered Mail Returned to Sender",
        words="What is this? Can you help?\n\n-------- Forwarded Message --------\nSubject: Undelivered Mail Returned\n"
        "Date: Tue, 24 Nov 2026 10:00:00 +0000\nFrom: MAILER-DAEMON@mx.else.example\nTo: {reply_to}\n\n"
        "Status: Closed won. The amount is {amount}.",
    ),
    _machine(
        "B44: a person's answer below a bounce's subject",
        "applied",
        expect=APPLIED,
        sender=NELL,
        subject="Re: Undeliverable: a deal",
    ),
)
