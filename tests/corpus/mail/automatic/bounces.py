"""Bounces, delays and delivery receipts as the mail servers of the world word them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
    servers: dict[str, tuple[str, str, str, Sequence[Field]]] = {
        "postfix": (
            "MAILER-DAEMON@mail.vendor.example (Mail Delivery System)",
            "Undelivered Mail Returned to Sender",
            f"This is the mail system at host mail.vendor.example.\n\nI'm sorry to have to inform you that your message "
            f"could not\nbe delivered to one or more recipients. It's attached below.\n\n<{_WHO}>: {{said}}",
            [("Auto-Submitted", "auto-replied")],
        ),
        "gmail": (
            "Mail Delivery Subsystem <mailer-daemon@googlemail.com.example>",
            "Delivery Status Notification (Failure)",
            f"** Address not found **\n\nYour message wasn't delivered to {_WHO} because the address couldn't be found, "
            "or is unable to receive mail.\n\nThe response was:\n{said}",
            [("Auto-Submitted", "auto-replied"), ("X-Failed-Recipients", _WHO), ("In-Reply-To", f"<{OUR_ID}>")],
        ),
        "ses": (
            "MAILER-DAEMON@eu-central-1.amazonses.example",
            "Delivery Status Notification (Failure)",
            "An error occurred while trying to deliver the mail to the following recipients:\n" + _WHO,
            [("Feedback-ID", "1.eu-central-1.abc:AmazonSES"), ("X-SES-Outgoing", "2026.11.24-69.0.0.1")],
        ),
        "exim": (
            "Mail Delivery System <Mailer-Daemon@mail.vendor.example>",
            "Mail delivery failed: returning message to sender",
            f"This message was created automatically by mail delivery software.\n\nA message that you sent could not be "
            f"delivered to one or more of its\nrecipients. This is a permanent error.\n\n  {_WHO}\n    {{said}}",
            [("X-Failed-Recipients", _WHO), ("Auto-Submitted", "auto-replied")],
        ),
        "sendmail": (
            "Mail Delivery Subsystem <MAILER-DAEMON@mail.vendor.example>",
            "Returned mail: see transcript for details",
            "The original message was received at Tue, 24 Nov 2026 10:00:00 +0100\n\n   ----- The following addresses "
            f"had permanent fatal errors -----\n<{_WHO}>\n\n   ----- Transcript of session follows -----\n{{said}}",
            [("Auto-Submitted", "auto-generated (failure)")],
        ),
        "opensmtpd": (
            "Mailer Daemon <MAILER-DAEMON@mail.vendor.example>",
            "Delivery status notification: error",
            "    Hi!\n\n    This is the MAILER-DAEMON, please DO NOT REPLY to this email.\n\n    An error has occurred "
            f"while attempting to deliver a message for\n    the following list of recipients:\n\n{_WHO}: {{said}}",
            [],
        ),
        "halon": (
            "Mail Delivery System <postmaster@mail.vendor.example>",
            "Undelivered Mail: Acme rollout: now in Configure & Quote",
            "Could not deliver message to the following recipient(s):\n{said}",
            [],
        ),
        "powermta": (
            "Mail Administrator <postmaster@pmta.vendor.example>",
            "Delivery failure",
            "This message was created automatically by the mail system.\n\nYour message could not be delivered:\n{said}",
            [],
        ),
    }
    for name, (from_, subject, note, extra) in servers.items():
        for why, (code, said) in _STATUSES.items():
            yield _dsn(
                f"bounce-{name}-{why}", from_=from_, subject=subject, note=note.format(said=said),
                status=_status(code, said), extra=extra, whole=why != "host",
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
                body=f"Delivery has failed to these recipients or groups:\n\n{_WHO}\n\nGenerating server: {_HOST}\n#550 5.1.1",
            ),
        )


def _plain() -> Iterator[Sample]:
    """Servers that speak no RFC 3464: some words and a copy."""
    copy = f"\n\n{_OURS}{_WORDS}"
    letters: dict[str, tuple[str, str, str, Sequence[Field]]] = {
        "qmail": (
            "MAILER-DAEMON@mail.vendor.example",
            "failure notice",
            "Hi. This is the qmail-send program at mail.vendor.example.\nI'm afraid I wasn't able to deliver your message "
            f"to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<{_WHO}>:\n"
            "Sorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message." + copy,
            [_NULL],
        ),
        "yahoo": (
            "MAILER-DAEMON@yahoo.example",
            "Failure Notice",
            "Sorry, we were unable to deliver your message to the following address.\n\n"
            f"<{_WHO}>:\n554: delivery error: dd This user doesn't have a yahoo.example account ({_WHO}) [0]"
            "\n\n--- Below this line is a copy of the message." + copy,
            [_NULL],
        ),
        "gmx": (
            '"GMX Mailer Daemon" <mailer-daemon@gmx.example>',
            "Mail delivery failed: returning message to sender",
            "This message was created automatically by mail delivery software.\n\nA message that you sent could not be "
            f"delivered to one or more of\nits recipients. The following addresses failed:\n\n<{_WHO}>\n"
            "550 mailbox unavailable",
            [_NULL],
        ),
        "gmx-german": (
            "GMX Magic Mail <mailer-daemon@gmx.example>",
            "Mail konnte nicht zugestellt werden",
            f"Ihre Nachricht konnte leider nicht zugestellt werden an:\n\n<{_WHO}>\n550 Requested action not taken",
            [],
        ),
        "t-online": (
            "MAILER-DAEMON@mailin.t-online.example",
            "Unzustellbare Nachricht",
            f"|------------------------- Message log follows: -------------------------|\n no valid recipients were found\n{_WHO}",
            [_NULL],
        ),
        "notes": (
            "Postmaster@northgate-systems.example",
            "DELIVERY FAILURE: User emma.clarke not listed in Domino Directory",
            f"Your message\n\n  Subject: Acme rollout\n\nwas not delivered to:\n\n  {_WHO}\n\nbecause:\n\n  User not listed",
            [],
        ),
        "groupwise": (
            "Mailer-Daemon@northgate-systems.example",
            "Message status - undeliverable",
            f"The attached file had the following undeliverable recipient(s):\n\t{_WHO}",
            [],
        ),
        "exchange-2003": (
            "System Administrator <postmaster@northgate-systems.example>",
            "Undeliverable:Acme rollout",
            f"Your message did not reach some or all of the intended recipients.\n\n{_WHO} on 24/11/2026 10:00\n"
            "The e-mail account does not exist at the organization this message was sent to.",
            [],
        ),
        "mimecast": (
            "postmaster@northgate-systems.example",
            "[Postmaster] Email Delivery Failure",
            f"This is a delivery failure notification message indicating that\nan email you addressed to email address :\n-- {_WHO}\n\n"
            "could not be delivered.",
            [],
        ),
        "barracuda": (
            "Barracuda Email Security <MAILER-DAEMON@ess.example>",
            "**Message you sent blocked by our bulk email filter**",
            f"Your message to: {_WHO}\nwas blocked by our Spam Firewall.",
            [],
        ),
        "empty-from": ("MAILER-DAEMON <>", "Returned mail: User unknown", f"<{_WHO}>... User unknown", [_NULL]),
        "no-from": ("Mail Delivery System", "Mail System Error - Returned Mail", f"{_WHO}: unknown user", [_NULL]),
        "french": (
            "Système de messagerie <mailer-daemon@martin-conseil.example>",
            "Échec de la remise : Acme rollout",
            f"Votre message n'a pas pu être remis à :\n\n{_WHO}",
            [],
        ),
        "spanish": (
            "Mail Delivery System <mailer-daemon@gomez-redes.example>",
            "Correo devuelto: Acme rollout",
            f"Su mensaje no se ha podido entregar a:\n\n{_WHO}\n\nUsuario desconocido",
            [],
        ),
        "dutch": (
            "Mail Delivery System <mailer-daemon@devries-ict.example>",
            "Bericht kon niet worden afgeleverd",
            f"Uw bericht kon niet worden bezorgd bij:\n\n{_WHO}",
            [],
        ),
        "italian": (
            "Postmaster <postmaster@ricci-sistemi.example>",
            "Avviso di mancata consegna",
            f"Il messaggio non è stato consegnato a:\n\n{_WHO}\n\nL'indirizzo indicato non esiste.",
            [],
        ),
        "portuguese": (
            "Mail Delivery Subsystem <mailer-daemon@ribeiro-ti.example>",
            "Falha na entrega: Acme rollout",
            f"A sua mensagem não foi entregue a:\n\n{_WHO}",
            [],
        ),
    }
    for name, (from_, subject, text, headers) in letters.items():
        id_ = f"bounce-plain-{name}"
        yield Sample(
            id=id_, kind=Kind.BOUNCE, raw=mail(id_, from_=from_, subject=subject, body=text, headers=headers)
        )


def _delays() -> Iterator[Sample]:
    later = _status("4.4.1", f"connect to {_HOST}[192.0.2.7]:25: Connection timed out", "delayed")
    for name, from_, subject in (
        ("postfix", "MAILER-DAEMON@mail.vendor.example (Mail Delivery System)", "Delayed Mail (still being retried)"),
        ("gmail", "Mail Delivery Subsystem <mailer-daemon@googlemail.com.example>", "Delivery Status Notification (Delay)"),
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
