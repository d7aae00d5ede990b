"""Mail out (ports.Post): assembles a mail and hands it to the relay. Never retries, holds no policy."""

from __future__ import annotations

from bot.errors import SetupError
from bot.ports import Email, RecipientError
from mailer.compose import Outgoing, compose
from mailer.dkim import Signer
from mailer.fields import clean_name
from mailer.mail import Mailbox
from mailer.refusal import Blame, RefusedError
from mailer.smtp import Smtp


class MailPost:
    """Implements ports.Post over one SMTP account."""

    def __init__(self, smtp: Smtp, *, address: str, name: str, sign: Signer | None = None) -> None:
        """`address` and `name` are what partners see as From."""
        self._sign = sign
        self._smtp = smtp
        self._from = Mailbox(name=name, address=address)

    async def send(self, email: Email) -> str:
        """Raises RecipientError, SetupError, another RefusedError, TransientError or UnknownOutcomeError."""
        message = compose(
            Outgoing(
                from_=self._from,
                to=Mailbox(name=clean_name(email.to_name, email.to_address), address=email.to_address),
                reply_to=Mailbox(name=self._from.name, address=email.reply_to),
                subject=email.subject,
                text=email.text,
                html=email.html,
                message_id=email.message_id,
                in_reply_to=email.in_reply_to,
                references=email.references,
                date=email.sent_at,
                headers={
                    "Auto-Submitted": email.automatic,  # RFC 3834, 5
                    "X-Auto-Response-Suppress": "All",  # Microsoft, MS-OXCMAIL 2.1.3.2.14
                },
            )
        )
        if self._sign is not None:
            message = self._sign(message)
        try:
            accepted = await self._smtp.send(email.envelope_from, email.to_address, message)
        except RefusedError as exc:
            if exc.blame is Blame.RECIPIENT:
                raise RecipientError(str(exc), code=exc.code) from exc
            if exc.blame is Blame.SETUP:  # every mail would be refused: none is given up for it
                raise SetupError(str(exc), code=exc.code) from exc
            raise
        return accepted.reply
