"""Mails that are not what they should be, as they lie in the desk's mailbox: who writes, what proves it, where it goes.

Each is a reply about a deal of its own; `expect` says how it must end. After the cases of A and E of our list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage

from bot.ports import Disposition
from bot.sandbox.demo import PARTNER_DESK
from bot.sandbox.world import stage_id
from tests.acceptance.crowd import NELL

OTHER_NELL, COLLEAGUE, TOM, ENDED = (
    "n.kerr@kerr-sons.example",
    "omar@kerr-sons.example",
    "tom@ashby-digital.example",
    "kari@fjord-partners.example",
)
VIEWER, OF_BOTH, OF_BOTH_TOO = "vera@kerr-sons.example", "bo@kerr-sons.example", "cy@kerr-sons.example"
STRANGER, LIST = "someone@else.example", "resellers@lists.example"
SERVER = "mx.sandbox.test"
APPLIED, ASKED, IGNORED, REFUSED = Disposition.APPLIED, Disposition.ASKED, Disposition.IGNORED, Disposition.REFUSED
CONFIRMED, ROUTED = Disposition.CONFIRMED, Disposition.ROUTED
WORDS = "The amount is {amount}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """What a notice of ours gives its reader to answer to."""

    reply_to: str
    message_id: str
    deal_name: str

    @property
    def token(self) -> str:
        return self.reply_to.partition("+")[2].partition("@")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`to`, `headers`, `words` and `mime` may hold {reply_to}, {shouted}, {token}, {message_id}, {bare_id}, {deal},
    {amount} and {number}. `mime` is a whole body with its header, instead of `words`; `meanwhile` is what the vendor's
    people change in the deal before the mail comes."""

    name: str
    expect: Disposition
    reason: str = ""
    sender: str = NELL
    to: str = "{reply_to}"
    subject: str = "Re: a deal"
    headers: Sequence[tuple[str, str]] = ()
    trace: Sequence[tuple[str, str]] = ()  # what our own server writes on top
    words: str = WORDS
    mime: str = ""
    meanwhile: Mapping[str, str] = field(default_factory=dict)
    passes: bool = True
    authserv: str = SERVER
    message_id: str | None = "<case-{number}@client.example>"
    copies: int = 1

    def raw(self, number: int, ours: Ours, amount: int) -> bytes:
        """The mail, with what the receiving server wrote on it. Message-ID and Date are left out when None."""
        mailbox, _, domain = ours.reply_to.partition("@")
        known = {
            "reply_to": ours.reply_to,
            "shouted": f"{mailbox.upper()}@{domain.upper()}",
            "token": ours.token,
            "message_id": ours.message_id,
            "bare_id": ours.message_id.strip("<>"),
            "deal": ours.deal_name,
            "amount": f"{amount:,}",
            "number": number,
        }
        sender = re.search(r"@\s*([\w.-]+)", self.sender.format(**known))
        verdict = f"{self.authserv}; dmarc={'pass' if self.passes else 'fail'}"
        header_from = f"header.from={sender[1] if sender else 'none'}"
        trace = [*self.trace, ("Authentication-Results", f"{verdict} {header_from}")]
        trace += [("Received", f"from client.example by {SERVER} with ESMTPS id 1; Tue, 24 Nov 2026 10:00:00 +0000")]
        written = [("From", self.sender), ("To", self.to), ("Subject", self.subject), ("X-Case", str(number))]
        if self.message_id is not None:
            written.append(("Message-ID", self.message_id))
        lines = [f"{name}: {value.format(**known)}" for name, value in (*trace, *written, *self.headers)]
        if self.mime:
            body = self.mime.format(**known).encode()
        else:
            said = EmailMessage()
            said.set_content(self.words.format(**known))
            body = said.as_bytes()
        return "\r\n".join(lines).encode() + b"\r\n" + body.replace(b"\n", b"\r\n")


IDENTITY = (
    Case(name="A1: another partner's contact holds the token", expect=REFUSED, reason="wrong_sender", sender=TOM),
    Case(name="A2: a registered second address", expect=APPLIED, sender=OTHER_NELL),
    Case(name="A3: a colleague answers", expect=APPLIED, sender=COLLEAGUE),
    Case(
        name="A4: the token stands in the quoted text alone",
        expect=REFUSED,
        reason="unknown_sender",
        sender=STRANGER,
        to=PARTNER_DESK,
        words="{deal}: the amount is {amount}.\n\n> Reply to {reply_to}",
    ),
    Case(name="A5: the token stands in Cc", expect=APPLIED, to=PARTNER_DESK, headers=[("Cc", "{reply_to}")]),
    Case(
        name="A5: the token stands in Delivered-To",
        expect=APPLIED,
        to="undisclosed-recipients:;",
        trace=[("Delivered-To", "{reply_to}")],
    ),
    Case(
        name="A5: the token stands in X-Original-To",
        expect=APPLIED,
        to=PARTNER_DESK,
        trace=[("X-Original-To", "{reply_to}")],
    ),
    Case(name="A6: a server has shouted the address", expect=APPLIED, to="{shouted}"),
    Case(
        name="A7: the token was stripped, our id stands in References",
        expect=APPLIED,
        to=PARTNER_DESK,
        headers=[("References", "{message_id}")],
    ),
    Case(name="A7: the token was stripped and nothing tells the deal", expect=ASKED, to=PARTNER_DESK),
    Case(
        name="A7: the token was stripped, the words name the deal",
        expect=APPLIED,
        to=PARTNER_DESK,
        words="{deal}: the amount is {amount}.",
    ),
    Case(name="A8: our address has an alias beside it", expect=APPLIED, to="Partner Desk <{reply_to}>, x@else.example"),
    Case(
        name="A9: an address that only begins like ours",
        expect=ASKED,
        to="partnerships+{token}@meridian.example, partners{token}@meridian.example",
    ),
    Case(
        name="A10: a guessed id of ours",
        expect=ASKED,
        to=PARTNER_DESK,
        headers=[("In-Reply-To", "<n1.aaaaaaaaaaaakkdl4q7wnsyb2v5xhrgj3e6tmfo@meridian.example>")],
    ),
    Case(name="A11: a colleague who may see only does not get the reader's rights", expect=ROUTED, sender=VIEWER),
    Case(
        name="A11: a stranger with the reader in Cc",
        expect=REFUSED,
        reason="wrong_sender",
        sender=STRANGER,
        headers=[("Cc", NELL)],
    ),
    Case(name="A12: Reply-To is somebody else", expect=APPLIED, headers=[("Reply-To", TOM)]),
    Case(
        name="A12: Reply-To is the contact, From is not",
        expect=REFUSED,
        reason="wrong_sender",
        sender=STRANGER,
        headers=[("Reply-To", NELL)],
    ),
    Case(
        name="A13: a list took From over and kept the author, whom nobody vouches for",
        expect=REFUSED,
        reason="unauthenticated",
        sender=f"Nell via the list <{LIST}>",
        headers=[("Reply-To", NELL), ("X-Original-From", f"Nell Kerr <{NELL}>"), ("List-Id", "<lists.example>")],
    ),
    Case(
        name="A13: a list took From over, the author stands in Reply-To alone",
        expect=REFUSED,
        reason="wrong_sender",
        sender=f"Nell via the list <{LIST}>",
        headers=[("Reply-To", NELL), ("X-MailFrom", NELL), ("Cc", NELL)],
    ),
    Case(
        name="A13: a list that says what it is",
        expect=IGNORED,
        reason="precedence",
        sender=LIST,
        headers=[("Reply-To", NELL), ("Precedence", "list")],
    ),
    Case(
        name="A14: the verdict is another server's", expect=REFUSED, reason="unauthenticated", authserv="mx.else.test"
    ),
    Case(name="A14: our server says fail", expect=REFUSED, reason="unauthenticated", passes=False),
    Case(
        name="A14: a forged pass below our fail",
        expect=REFUSED,
        reason="unauthenticated",
        passes=False,
        headers=[("Authentication-Results", f"{SERVER}; dmarc=pass header.from=kerr-sons.example")],
    ),
    Case(name="A15: our own address writes", expect=IGNORED, reason="our own address", sender=PARTNER_DESK),
    Case(name="A15: our own reply address writes", expect=IGNORED, reason="our own address", sender="{reply_to}"),
    Case(name="A16: the partner's programme has ended", expect=REFUSED, sender=ENDED, to=PARTNER_DESK),
    Case(
        name="A17: somebody changed the same field meanwhile",
        expect=CONFIRMED,
        meanwhile={"amount": "45000"},
    ),
    Case(name="A17: another field was changed meanwhile", expect=APPLIED, meanwhile={"hs_next_step": "a call"}),
    Case(
        name="A17: the deal was closed meanwhile",
        expect=ROUTED,
        meanwhile={"dealstage": stage_id("reseller", "Closed lost")},
    ),
    Case(
        name="A21: headers that would steer us",
        expect=REFUSED,
        reason="unknown_sender",
        sender=STRANGER,
        to=PARTNER_DESK,
        headers=[("X-Offportal-Contact", "8100"), ("X-Offportal-Conversation", "{token}"), ("X-Token", "{reply_to}")],
        words="{deal}: the amount is {amount}.",
    ),
    Case(
        name="A22: blanks within the sender's address", expect=APPLIED, sender="Nell Kerr < nell @ kerr-sons.example >"
    ),
    Case(name="A22: an angle too many", expect=APPLIED, sender=f"Nell Kerr <{NELL}>>"),
    Case(name="A22: a name in quotes, turned round", expect=APPLIED, sender=f'"Kerr, Nell \\"N\\"" <{NELL}>'),
    Case(name="A22: an address in single quotes", expect=APPLIED, sender=f"'{NELL}'"),
    Case(name="A22: a sender that is a link", expect=APPLIED, sender=f"<mailto:{NELL}>"),
    Case(name="A23: somebody of two companies, this one first", expect=APPLIED, sender=OF_BOTH),
    Case(
        name="A23: somebody of two companies, the other first",
        expect=REFUSED,
        reason="wrong_sender",
        sender=OF_BOTH_TOO,
    ),
    Case(
        name="A23: somebody of two companies, the other first, out of the blue",
        expect=ASKED,
        sender=OF_BOTH_TOO,
        to=PARTNER_DESK,
        words="{deal}: the amount is {amount}.",
    ),
    Case(name="A22: a sender in quotes", expect=APPLIED, sender=f"\"'{NELL}'\" <{NELL}>"),
)

DUPLICATES = (
    Case(name="E77: fetched three times", expect=APPLIED, copies=3),
    Case(name="E78: the same mail twice without a Message-ID", expect=APPLIED, message_id=None, copies=2),
    Case(name="E78: one Message-ID for two mails (first)", expect=APPLIED, message_id="<the-same@client.example>"),
    Case(name="E78: one Message-ID for two mails (second)", expect=APPLIED, message_id="<the-same@client.example>"),
    Case(
        name="E80: a hundred references, folded, with commas",
        expect=APPLIED,
        to=PARTNER_DESK,
        headers=[("References", ",\r\n ".join([*(f"<{n}@else.example>" for n in range(120)), "{message_id}"]))],
    ),
    Case(name="E80: a blank within our id", expect=ASKED, to=PARTNER_DESK, headers=[("In-Reply-To", "<a b@c>")]),
    Case(name="E81: no Date", expect=APPLIED),
    Case(name="E81: a Date that is none", expect=APPLIED, headers=[("Date", "yesterday, I think")]),
    Case(name="E81: a Date to come", expect=APPLIED, headers=[("Date", "Fri, 24 Nov 2079 10:00:00 +0000")]),
    Case(name="E81: a Date without a zone", expect=APPLIED, headers=[("Date", "Tue, 24 Nov 2026 10:00:00")]),
)
