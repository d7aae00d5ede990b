"""What machines answer besides: receipts, calendars, challenges, complaints, tickets, lists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mailer.classify import Kind
from tests.corpus.mail.made import OUR_ID, US, Field, Part, Sample, mail

_WHO = "Jörg Brandt <j.brandt@brandt-it.example>"
_ADDRESS = "j.brandt@brandt-it.example"
_ABOUT = "Acme rollout: Configure & Quote"


# What a gateway leaves of Outlook's receipts.
_FLAT = {
    "en": "Your message\n\n   To: {to}\n   Subject: {s}\n\n was read on 24/11/2026 10:01.",
    "de": "Ihre Nachricht\n\n   An: {to}\n   Betreff: {s}\n\n wurde am 24.11.2026 10:01 gelesen.",
    "fr": "Votre message\n\n   À : {to}\n   Objet : {s}\n\n a été lu le 24/11/2026 10:01.",
    "nl": "Uw bericht\n\n   Aan: {to}\n   Onderwerp: {s}\n\n is gelezen op 24-11-2026 10:01.",
    "es": "El mensaje\n\n   Para: {to}\n   Asunto: {s}\n\n se ha leído el 24/11/2026 10:01.",
    "it": "Il messaggio\n\n   A: {to}\n   Oggetto: {s}\n\n è stato letto in data 24/11/2026 10:01.",
    "pt": "A sua mensagem\n\n   Para: {to}\n   Assunto: {s}\n\n foi lida em 24/11/2026 10:01.",
    "en-not": "Your message\n\n   To: {to}\n   Subject: {s}\n\n was deleted without being read on 24/11/2026 10:01.",
}


def receipts() -> Iterator[Sample]:
    yield from _read()
    yield from _calendars()
    yield from _challenges()
    yield from _complaints()
    yield from _tickets()
    yield from _lists()


def _auto(id_: str, from_: str, subject: str, body: str | Sequence[Part], headers: Sequence[Field] = ()) -> Sample:
    raw = mail(id_, from_=from_, subject=subject, body=body, headers=headers)
    return Sample(id=id_, kind=Kind.AUTO_REPLY, raw=raw)


def _read() -> Iterator[Sample]:
    """Read receipts (RFC 8098), and those that only a subject tells."""
    subjects = {
        "en": "Read: ", "de": "Gelesen: ", "fr": "Lu : ", "nl": "Gelezen: ", "es": "Leído: ", "it": "Letto: ",
        "pt": "Lida: ", "pl": "Przeczytano: ", "sv": "Läst: ", "da": "Læst: ", "en-not": "Not read: ",
        "de-not": "Nicht gelesen: ", "thunderbird": "Return Receipt (displayed) - ",
        "thunderbird-de": "Empfangsbestätigung (angezeigt) - ",
    }  # fmt: skip
    for lang, before in subjects.items():
        disposition = Part(
            type="message/disposition-notification",
            body=f"Reporting-UA: brandt-it.example; Outlook\nFinal-Recipient: rfc822;{_ADDRESS}\n"
            f"Original-Message-ID: <{OUR_ID}>\nDisposition: manual-action/MDN-sent-manually; displayed\n",
        )
        words = Part(type="text/plain", body=f"Your message\n\n  To: {_WHO}\n  Subject: {_ABOUT}\n\nwas read.")
        kind: Field = ("Content-Type", "multipart/report; report-type=disposition-notification")
        yield _auto(f"receipt-{lang}", _WHO, before + _ABOUT, [words, disposition], [kind])
    for lang, text in _FLAT.items():
        said = text.format(to=_ADDRESS, s=_ABOUT)
        yield _auto(f"receipt-{lang}-flat", _WHO, subjects[lang] + _ABOUT, said)


def _calendars() -> Iterator[Sample]:
    for name, subject, method, state in (
        ("accepted", "Accepted: Acme kick-off", "REPLY", "ACCEPTED"),
        ("accepted-de", "Zugesagt: Acme Kick-off", "REPLY", "ACCEPTED"),
        ("accepted-fr", "Accepté : Acme lancement", "REPLY", "ACCEPTED"),
        ("declined", "Declined: Acme kick-off", "REPLY", "DECLINED"),
        ("declined-nl", "Geweigerd: Acme kick-off", "REPLY", "DECLINED"),
        ("tentative", "Tentative: Acme kick-off", "REPLY", "TENTATIVE"),
        ("tentative-google", "Tentatively Accepted: Acme @ Fri 27 Nov 2026 10am (CET)", "REPLY", "TENTATIVE"),
        ("counter", "New Time Proposed: Acme kick-off", "COUNTER", "TENTATIVE"),
    ):
        event = Part(
            type=f"text/calendar; method={method}; charset=utf-8",
            body=f"BEGIN:VCALENDAR\nMETHOD:{method}\nBEGIN:VEVENT\nUID:77@brandt-it.example\n"
            f"ATTENDEE;PARTSTAT={state}:mailto:{_ADDRESS}\nDTSTART:20261127T090000Z\nEND:VEVENT\nEND:VCALENDAR",
        )
        parts = [Part(type="text/plain", body="yes"), event]
        yield _auto(f"calendar-{name}", _WHO, subject, parts, [("Content-Type", "multipart/alternative")])


def _challenges() -> Iterator[Sample]:
    confirm = f"Please click the link to confirm that you are a person: https://example.test/c/1\nTo: {US}"
    yield _auto("challenge-tmda", _WHO, "Please confirm your message", confirm,
                [("Auto-Submitted", "auto-replied"), ("X-Delivery-Agent", "TMDA/1.1.12")])  # fmt: skip
    yield _auto("challenge-boxbe", "Boxbe <notification@boxbe.example>",
                f"Re: {_ABOUT} (Action Required)", confirm, [("Auto-Submitted", "auto-generated")])  # fmt: skip
    yield _auto("challenge-spamarrest", _WHO, f"Re: {_ABOUT} (verification required)", confirm,
                [("Precedence", "bulk")])  # fmt: skip
    yield _auto("challenge-bluebottle", _WHO, f"Verification required: {_ABOUT}", confirm, [("Return-Path", "<>")])
    yield _auto("challenge-mailblocks", _WHO, "Confirm your email", confirm, [("X-Autoreply", "yes")])


def _complaints() -> Iterator[Sample]:
    """Spam complaints (ARF, RFC 5965)."""
    copy = Part(type="message/rfc822", body=f"From: {US}\nMessage-ID: <{OUR_ID}>\nSubject: Acme\n\nHello\n")
    for name, from_, kind in (
        ("outlook", "staff@hotmail.example", "abuse"),
        ("yahoo", "Yahoo! Mail AntiSpam Feedback <feedback@arf.mail.yahoo.example>", "abuse"),
        ("aol", "scomp@aol.example", "abuse"),
        ("comcast", "Comcast Feedback Loop <feedback@fbl.comcast.example>", "abuse"),
        ("opt-out", "fbl@isp.example", "opt-out"),
        ("virus", "fbl@isp.example", "virus"),
    ):
        feedback = Part(
            type="message/feedback-report",
            body=f"Feedback-Type: {kind}\nUser-Agent: SomeGenerator/1.0\nVersion: 1\n"
            "Original-Rcpt-To: j.brandt@brandt-it.example\nSource-IP: 192.0.2.1\n",
        )
        words = Part(type="text/plain", body="This is an email abuse report for an email message received.")
        headers: list[Field] = [("Content-Type", "multipart/report; report-type=feedback-report")]
        raw = mail(f"complaint-{name}", from_=from_, subject=f"FW: {_ABOUT}", body=[words, feedback, copy],
                   headers=headers)  # fmt: skip
        yield Sample(id=f"complaint-{name}", kind=Kind.COMPLAINT, raw=raw)


def _tickets() -> Iterator[Sample]:
    desk = "Brandt IT Support <support@brandt-it.example>"
    thanks = "Thank you for your request. It has been received and a colleague will answer."
    marked: dict[str, tuple[str, Sequence[Field]]] = {
        "zendesk": (f"[Request received] {_ABOUT}", [
            ("X-Mailer", "Zendesk Mailer"), ("Auto-Submitted", "auto-generated"), ("X-Auto-Response-Suppress", "All"),
        ]),
        "otrs": ("[Ticket#2026112410000123] Acme rollout", [("X-OTRS-Loop", "yes"), ("Precedence", "bulk")]),
        "rt": ("[brandt-it.example #4711] AutoReply: Acme rollout", [
            ("RT-Ticket", "brandt-it.example #4711"), ("X-RT-Loop-Prevention", "brandt-it.example"),
            ("Precedence", "bulk"), ("RT-Originator", US),
        ]),
        "osticket": ("Re: Acme rollout [#4711]", [
            ("X-Auto-Response-Suppress", "ALL, AutoReply"), ("Auto-Submitted", "auto-replied"),
            ("Precedence", "auto_reply"), ("X-Autoreply", "yes"),
        ]),
        "zammad": ("[Ticket#4711] Acme rollout", [
            ("X-Loop", "yes"), ("Precedence", "bulk"), ("Auto-Submitted", "auto-replied"),
        ]),
        "jira": ("SUP-4711 Acme rollout", [
            ("X-JIRA-FingerPrint", "abc"), ("Auto-Submitted", "auto-generated"), ("Precedence", "bulk"),
        ]),
        "freshdesk": ("Ticket Received - Acme rollout", [
            ("X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply"), ("Auto-Submitted", "auto-replied"),
        ]),
        "helpscout": ("Re: Acme rollout", [("X-HelpScout-Auto", "1"), ("Auto-Submitted", "auto-replied")]),
        "salesforce": ("New case number 00004711: Acme rollout", [
            ("X-SFDC-LK", "00D000000000001"), ("X-SFDC-User", "005000000000001"), ("X-mail_abuse_inquiries", "none"),
            ("Precedence", "bulk"),
        ]),
        "servicenow": ("Incident INC0004711 has been opened", [
            ("X-ServiceNow-Generated", "true"), ("Auto-Submitted", "auto-generated"),
        ]),
    }  # fmt: skip
    for name, (subject, headers) in marked.items():
        yield _auto(f"ticket-{name}", desk, subject, thanks, headers)
    for number, (lang, subject) in enumerate(
        (
            ("en", "We have received your request (Ticket #4711)"),
            ("en", "Thank you for contacting Brandt IT Support"),
            ("en", "[Request received] Acme rollout"),
            ("en", "Ticket Received - Acme rollout"),
            ("en", "Your request has been received: Acme rollout"),
            ("en", "Case 00004711 has been created: Acme rollout"),
            ("en", "Your ticket has been created [#12]"),
            ("en", "Ticket #12 created: Acme"),
            ("en", "Re: [#12] We received your request"),
            ("en", "AutoReply: Acme rollout"),
            ("de", "Ihr Ticket 4711 wurde erstellt"),
            ("de", "Bestätigung Ihrer Anfrage [#4711]"),
            ("en", "Automated response: Acme rollout"),
            ("de", "Eingangsbestätigung: Acme rollout"),
            ("de", "Ihre Anfrage ist bei uns eingegangen [Ticket 4711]"),
            ("de", "Vielen Dank für Ihre Anfrage [#4711]"),
            ("de", "Automatische Eingangsbestätigung"),
            ("fr", "Accusé de réception : Acme rollout"),
            ("fr", "Nous avons bien reçu votre demande [#4711]"),
            ("nl", "Ontvangstbevestiging: Acme rollout"),
            ("nl", "We hebben uw aanvraag ontvangen (ticket 4711)"),
            ("es", "Acuse de recibo: Acme rollout"),
            ("es", "Hemos recibido su solicitud [#4711]"),
            ("it", "Conferma di ricezione: Acme rollout"),
            ("it", "Abbiamo ricevuto la tua richiesta [#4711]"),
            ("pt", "Confirmação de recebimento: Acme rollout"),
            ("pt", "Recebemos a sua solicitação [#4711]"),
        )
    ):
        yield _auto(f"ticket-bare-{lang}-{number}", desk, subject, thanks)


def _lists() -> Iterator[Sample]:
    held = "Your mail to 'partners' is being held until the list moderator can review it."
    yield _auto("list-mailman-held", "partners-owner@lists.brandt-it.example",
                "Your message to partners awaits moderator approval", held,
                [("Precedence", "bulk"), ("X-BeenThere", "partners@lists.brandt-it.example"),
                 ("X-List-Administrivia", "yes")])  # fmt: skip
    yield _auto("list-google-groups", "Google Groups <noreply@googlegroups.example>", "Message pending: Acme rollout",
                held, [("Auto-Submitted", "auto-generated")])  # fmt: skip
    yield _auto("list-quickml", _WHO, "Re: Acme rollout", "added to the list", [("X-MLServer", "fml 4.0")])
    yield _auto("loop-ours", US, "Acme rollout", "Hello", [("X-Loop", US)])
