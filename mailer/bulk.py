"""Mail to many (ports.BulkPost): made from a pattern, handed over one connection. Never retries, holds no policy."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence

from bot.errors import SetupError
from bot.ports import Letter, RecipientError
from mailer.circular import Pattern
from mailer.dkim import Signer
from mailer.mail import Mailbox
from mailer.pipeline import Pipeline, Posted
from mailer.refusal import Blame, RefusedError
from mailer.smtp import Smtp


class MailBulk:
    """Implements ports.BulkPost over one SMTP account."""

    def __init__(self, smtp: Smtp, *, address: str, name: str, per_second: float, sign: Signer | None = None) -> None:
        """`address` and `name` are what partners see as From."""
        self._smtp = smtp
        self._from = Mailbox(name=name, address=address)
        self._pause_s = 1 / per_second
        self._sign = sign

    async def send_all(
        self, letters: Sequence[Letter], heard: Callable[[Letter, Exception | None], Awaitable[bool]]
    ) -> None:
        unfit: dict[int, RecipientError] = {}
        written = [*self._written(letters, unfit)]
        for number, error in unfit.items():
            if not await heard(letters[number], error):
                return

        async def told(number: int, error: Exception | None) -> bool:
            return await heard(letters[number], _with_blame(error))

        try:
            session = await self._smtp.connect(Pipeline)
        except RefusedError as exc:
            raise _with_blame(exc) or exc from exc
        await session.send_all(iter(written), told, self._pause_s)
        await session.quit()

    def _written(self, letters: Sequence[Letter], unfit: dict[int, RecipientError]) -> Iterator[Posted]:
        """The mails; `unfit` are those that cannot be one, by their place."""
        patterns: dict[int, Pattern] = {}
        for number, letter in enumerate(letters):
            pattern = patterns.get(id(letter.circular))
            if pattern is None:
                pattern = patterns[id(letter.circular)] = Pattern(letter.circular, self._from)
            try:
                message = pattern.message(letter)
            except ValueError as exc:
                unfit[number] = RecipientError(f"smtp: {exc}: correct it in the CRM", code="553 5.1.3")
                continue
            message = message if self._sign is None else self._sign(message)
            yield Posted(number=number, sender=letter.envelope_from, to=letter.to_address, message=message)


def _with_blame(error: Exception | None) -> Exception | None:
    """The error in the words of the ports. Raises SetupError: every mail would be refused, none is given up for it."""
    if isinstance(error, RefusedError) and error.blame is Blame.SETUP:
        raise SetupError(str(error), code=error.code) from error
    if isinstance(error, RefusedError) and error.blame is Blame.RECIPIENT:
        return RecipientError(str(error), code=error.code)
    return error
