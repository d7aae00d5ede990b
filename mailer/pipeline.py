"""Many mails over one SMTP connection, each body in one write with the next envelope (RFC 2920). Never retries.

The answer to a mail is read and told before the body of the next is written: whoever is told keeps a note, so that a
process that ends at any moment leaves at most one mail of which nobody knows whether it went out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from bot.errors import TransientError, UnknownOutcomeError
from mailer.refusal import RefusedError
from mailer.smtp_reply import Phase, refusal
from mailer.smtp_session import BrokenError, Session
from mailer.smtp_wire import body_pieces, envelope

#: Slower than this one mail after the other is as good, and no server waits for a body.
_LONGEST_PAUSE_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A mail to one recipient; `number` is the sender's own."""

    number: int
    sender: str
    to: str
    message: bytes


#: Told of each mail: None when the server took it, else its refusal. Gives whether to go on.
Heard = Callable[[int, Exception | None], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class _Opening:
    mail: Posted
    phases: tuple[Phase, ...]
    data: bytes


class Pipeline(Session):
    """A connection for one list of mails."""

    async def send_all(self, mails: Iterator[Posted], heard: Heard, pause_s: float) -> None:
        """Send them in their order, at least `pause_s` seconds apart.

        Raises UnknownOutcomeError when the mail in hand may have gone out, TransientError when it has not and no other
        can; what `heard` raises ends it too. The connection is closed then.
        """
        pace = _Pace(pause_s)
        try:
            if self._pipelining and pause_s <= _LONGEST_PAUSE_S:
                await self._piped(mails, heard, pace)
            else:
                await self._one_by_one(mails, heard, pace)
        except (BrokenError, TimeoutError) as exc:
            self.abort()
            why = str(exc) or f"no answer within {self._timeout_s:g} s"
            raise TransientError(f"smtp: {self._server}: {why}: the mail was not sent, try again") from exc
        except BaseException:
            self.abort()
            raise

    async def _one_by_one(self, mails: Iterator[Posted], heard: Heard, pace: _Pace) -> None:
        for mail in mails:
            await pace.wait()
            error: Exception | None = None
            try:
                await self.send(mail.sender, mail.to, mail.message)
            except (RefusedError, TransientError) as exc:
                if isinstance(exc, UnknownOutcomeError) or not self.usable:
                    raise
                error = exc
            if not await heard(mail.number, error):
                return

    async def _piped(self, mails: Iterator[Posted], heard: Heard, pace: _Pace) -> None:
        current = await self._next(mails, heard)
        self._channel.write(current.data if current else b"")
        while current is not None:
            refused = await self._opened(current)
            if refused is None:
                await pace.wait()
                following = await self._next(mails, heard)
                body = b"".join(body_pieces(current.mail.message))
                self._channel.write(body + b".\r\n" + (following.data if following else b""))
                refused = await self._taken()
            else:
                following = await self._next(mails, heard)
                self._channel.write(following.data if following else b"")
            if not await heard(current.mail.number, refused):
                self.abort()  # the server may wait for the next body, which never comes
                return
            current = following

    async def _next(self, mails: Iterator[Posted], heard: Heard) -> _Opening | None:
        """The next mail that this server can carry, as what is to be written; others are told at once."""
        for mail in mails:
            try:
                lines = envelope(mail.sender, mail.to, mail.message, self._extensions, self._server)
            except RefusedError as exc:
                if await heard(mail.number, exc):
                    continue
                return None
            commands = [(lines.mail, Phase.MAIL), (lines.rcpt, Phase.RCPT), (b"DATA", Phase.DATA)]
            if self._needs_rset:
                commands.insert(0, (b"RSET", Phase.MAIL))
            data = b"".join(command + b"\r\n" for command, _ in commands)
            return _Opening(mail, tuple(phase for _, phase in commands), data)
        return None

    async def _opened(self, opening: _Opening) -> Exception | None:
        """Read the answers up to 354; gives the refusal when there was one."""
        refused: Exception | None = None
        async with asyncio.timeout(self._timeout_s):
            for phase in opening.phases:
                refused = await self._answered_to(phase, refused)
        self._needs_rset = refused is not None
        if refused is not None and self._channel.broken is not None:
            raise refused
        return refused

    async def _taken(self) -> Exception | None:
        """Read the answer to a body."""
        try:
            async with asyncio.timeout(self._final_timeout_s):
                reply = await self._reply()
        except (BrokenError, TimeoutError) as exc:
            why = str(exc) or f"no answer within {self._final_timeout_s:g} s"
            error = f"smtp: {self._server}: {why} after the whole mail: it may have been sent"
            raise UnknownOutcomeError(error) from exc
        self.sent += 1
        return None if reply.code // 100 == 2 else refusal(reply, Phase.DATA, self._server)  # noqa: PLR2004


class _Pace:
    """At least so many seconds from one mail to the next."""

    def __init__(self, pause_s: float) -> None:
        self._pause_s = pause_s
        self._due_s = 0.0

    async def wait(self) -> None:
        now_s = asyncio.get_running_loop().time()
        if self._due_s > now_s:
            await asyncio.sleep(self._due_s - now_s)
        self._due_s = max(self._due_s, now_s) + self._pause_s
