"""A received mail as the handlers want it (ports.MailReader): read, sorted, proven and cut. Never raises."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection

from bot.ports import IncomingMail, MailKind, TokenSeen, Undelivered
from mailer.address import normalise_address, tokens_in
from mailer.authentic import authenticated_domain, sender
from mailer.classify import Classified, Kind, classify
from mailer.extract import Extracted, extract
from mailer.mail import Mail
from mailer.parse import parse
from mailer.words import Words

_KINDS = {
    Kind.HUMAN: MailKind.HUMAN,
    Kind.AUTO_REPLY: MailKind.AUTO_REPLY,
    Kind.BOUNCE: MailKind.BOUNCE,
    Kind.DELAYED: MailKind.DELAYED,
    Kind.COMPLAINT: MailKind.COMPLAINT,
}


_HEADER = re.compile(rb".*?(?:\r?\n\r?\n|\Z)", re.DOTALL)


class Reader:
    """Implements ports.MailReader for one mailbox."""

    def __init__(
        self,
        *,
        address: str,
        words: Words,
        trusted_authserv_ids: Collection[str],
        own_received_by: re.Pattern[str] | None = None,
    ) -> None:
        """`trusted_authserv_ids` are the names by which the receiving server signs Authentication-Results."""
        self._address = address
        self._domain = address.rpartition("@")[2]
        self._words = words
        self._trusted = frozenset(i.lower() for i in trusted_authserv_ids)
        self._received_by = own_received_by

    def thread(self, raw: bytes) -> str:
        """By the conversation that a header claims, else by the author: read from the header alone."""
        mail = parse(_HEADER.match(raw)[0])  # type: ignore[index]  # it matches everything
        author = sender(mail)
        for claim in tokens_in(mail, self._address, self._domain, self._received_by):
            return str(claim.token.conversation_id)
        return normalise_address(author.address) if author else ""

    def read(self, raw: bytes) -> IncomingMail:
        mail = parse(raw)
        sorted_as = classify(mail, self._words)
        cut = extract(mail, self._words) if sorted_as.kind is Kind.HUMAN else None
        author = sender(mail)
        address = normalise_address(author.address) if author else ""
        domain = authenticated_domain(mail, self._trusted, self._received_by)
        return IncomingMail(
            kind=_KINDS[sorted_as.kind],
            reason=sorted_as.reason,
            fingerprint=fingerprint(mail),
            message_id=mail.message_id,
            references=(*mail.references, *mail.in_reply_to),
            sender=address or None,
            sender_name=author.name if author else "",
            authenticated=domain is not None and address.rpartition("@")[2] == domain,
            tokens=tuple(
                TokenSeen(conversation_id=c.token.conversation_id, token=c.token.text)
                for c in tokens_in(mail, self._address, self._domain, self._received_by)
            ),
            subject=mail.subject,
            text=cut.new if cut else "",
            certain=cut.certain if cut else False,
            forwarded=_forwarded(cut),
            attachments=tuple(a.file_name for a in mail.attachments if not a.is_inline),
            undelivered=_undelivered(sorted_as),
            bounced_ids=sorted_as.bounce.original_ids if sorted_as.bounce else (),
        )


def fingerprint(mail: Mail) -> str:
    """Equal for copies of one mail however they came (To and Bcc, fetched twice), different for different mails
    even under one Message-ID: the id, the author, the date, the subject and the words, but no trace headers."""
    parts = (
        mail.message_id or "",
        ",".join(m.address for m in mail.from_),
        mail.headers.first("date") or "",
        mail.subject,
        mail.text or "",
        mail.html or "",
        ",".join(f"{a.file_name}:{a.size_bytes}" for a in mail.attachments),
    )
    digest = hashlib.sha256()
    for part in parts:
        content = part.encode("utf-8", "surrogatepass")
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()


def _forwarded(cut: Extracted | None) -> str | None:
    return cut.forwarded.text if cut and cut.forwarded else None


def _undelivered(sorted_as: Classified) -> tuple[Undelivered, ...]:
    if sorted_as.bounce is None:
        return ()
    failures = sorted_as.bounce.failures
    if not failures and sorted_as.kind in {Kind.BOUNCE, Kind.COMPLAINT}:
        return (Undelivered(address="", permanent=sorted_as.kind is Kind.COMPLAINT, status=""),)
    return tuple(Undelivered(address=f.recipient, permanent=f.is_permanent, status=f.status or "") for f in failures)
