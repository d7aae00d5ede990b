"""People's mails that look like a machine's: those of people.toml, and some whose shape is the trap."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

from mailer.classify import Kind
from tests.corpus.mail.made import OUR_ID, Field, Part, Sample, mail

_EMMA = "Emma Clarke <emma.clarke@northgate-systems.example>"


def people() -> Iterator[Sample]:
    table = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    subjects = [{"id": f"new-{n}", "subject": said, "text": "Won."} for n, said in enumerate(table["subjects"])]
    for row in (*table["mail"], *subjects):
        given = [name_value.partition(":")[::2] for name_value in row.get("headers", [])]
        raw = mail(
            row["id"],
            from_=row.get("from", _EMMA),
            subject=row["subject"],
            body=(row["html"] if "html" in row else row["text"]).strip(),
            headers=[("In-Reply-To", f"<{OUR_ID}>"), *((name, value.strip()) for name, value in given)],
            html="html" in row,
        )
        yield Sample(id=f"human-{row['id']}", kind=Kind.HUMAN, raw=raw)
    yield from _shapes()


def _shapes() -> Iterator[Sample]:
    words = Part(type="text/plain", body="That came back to me. Acme is won all the same.")
    status = "Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; x@y.example\nAction: failed\nStatus: 5.1.1\n"
    bounce = (
        "From: MAILER-DAEMON@mail.brandt-it.example\nSubject: Undelivered Mail Returned to Sender\nReturn-Path: <>\n"
        "MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=rep\n\n"
        f"--rep\nContent-Type: text/plain\n\nSorry\n--rep\nContent-Type: message/delivery-status\n\n{status}\n--rep--\n"
    )
    absence = "From: j@brandt-it.example\nSubject: Automatic reply: Quote\nAuto-Submitted: auto-replied\n\nI am away.\n"
    invitation = (
        "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:1@x.example\nSUMMARY:Acme\n"
        "DTSTART:20261127T090000Z\nEND:VEVENT\nEND:VCALENDAR"
    )
    mixed: Field = ("Content-Type", "multipart/mixed")
    shaped: dict[str, tuple[str, list[Part], Field]] = {
        "attaches-bounce": ("Fwd: Undelivered Mail", [words, Part(type="message/rfc822", body=bounce)], mixed),
        "attaches-absence": ("Fwd: Automatic reply: Quote", [words, Part(type="message/rfc822", body=absence)], mixed),
        "attaches-calendar-file": (
            "Re: Acme rollout",
            [words, Part(type="text/calendar", body=invitation,
                         headers=[("Content-Disposition", "attachment; filename=acme.ics")])],
            mixed,
        ),
        "invites": (
            "Acme workshop",
            [Part(type="text/plain", body="Let us meet on Friday. Acme is at 60k."),
             Part(type="text/calendar; method=REQUEST; charset=utf-8", body=invitation)],
            ("Content-Type", "multipart/alternative"),
        ),
        "signed": (
            "Re: Acme rollout",
            [words, Part(type="application/pkcs7-signature; name=smime.p7s", body="TUlJ")],
            ("Content-Type", "multipart/signed; protocol=application/pkcs7-signature; micalg=sha-256"),
        ),
    }  # fmt: skip
    for name, (subject, parts, kind) in shaped.items():
        raw = mail(name, from_=_EMMA, subject=subject, body=parts, headers=[kind])
        yield Sample(id=f"human-{name}", kind=Kind.HUMAN, raw=raw)
