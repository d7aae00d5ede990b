"""One SMTP connection: aiosmtplib opens it, then our own protocol sends mails over it. Never retries."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping

from bot.errors import TransientError, UnknownOutcomeError
from mailer.refusal import RefusedError
from mailer.smtp_reply import Phase, Reply, ReplyError, ReplyReader, refusal
from mailer.smtp_wire import body_pieces, envelope

_CLOSING = 421


class BrokenError(ConnectionError):
    """The connection ended or cannot be trusted any more."""


class _Channel(asyncio.Protocol):
    """Replies in the order in which they came, and writing that waits for a full pipe to drain."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._reader = ReplyReader()
        self._replies: deque[Reply] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self.broken: BrokenError | None = None

    def data_received(self, data: bytes) -> None:
        try:
            self._replies.extend(self._reader.feed(data))
        except ReplyError as exc:
            self.fail(BrokenError(str(exc)))
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self.fail(BrokenError(f"connection lost: {exc}" if exc else "the server closed the connection"))

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def fail(self, error: BrokenError) -> None:
        """Give the connection up: whoever waits is told, and nothing more goes out."""
        self.broken = self.broken or error
        self._transport.abort()
        self._writable.set()
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    @property
    def has_unread(self) -> bool:
        return bool(self._replies)

    async def reply(self) -> Reply:
        while not self._replies:
            if self.broken is not None:
                raise self.broken
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        return self._replies.popleft()

    def write(self, data: bytes) -> None:
        if self.broken is not None:
            raise self.broken
        self._transport.write(data)

    async def drained(self) -> None:
        await self._writable.wait()
        if self.broken is not None:
            raise self.broken


class Session:
    """A connection that is logged in. One mail at a time; any error but a plain refusal closes it."""

    def __init__(
        self,
        transport: asyncio.Transport,
        extensions: Mapping[str, str],
        server: str,
        *,
        timeout_s: float,
        final_timeout_s: float,
    ) -> None:
        """Take over a transport on which no reply is outstanding."""
        self._channel = _Channel(transport)
        self._extensions = extensions
        self._pipelining = "pipelining" in extensions
        self._server = server
        self._timeout_s = timeout_s
        self._final_timeout_s = final_timeout_s
        self._needs_rset = False
        self._answered = False
        self.sent = 0
        self.idle_since_s = 0.0
        transport.set_protocol(self._channel)

    @property
    def usable(self) -> bool:
        """False once the server said or did anything unasked, such as closing an idle connection."""
        return self._channel.broken is None and not self._channel.has_unread

    @property
    def answered(self) -> bool:
        """Whether the server answered the last mail with anything but 421; if not, it had left before."""
        return self._answered

    async def send(self, sender: str, to: str, message: bytes) -> Reply:
        """Send one mail to one recipient; the reply is the server's 250 after the final dot.

        Raises RefusedError, TransientError and UnknownOutcomeError as `Smtp.send` does. Cancelling closes the
        connection, whose further replies could not be told apart.
        """
        self._answered = False
        try:
            lines = envelope(sender, to, message, self._extensions, self._server)
            async with asyncio.timeout(self._timeout_s):
                await self._open(lines.mail, lines.rcpt)
            return await self._deliver(message)
        except (BrokenError, TimeoutError) as exc:
            self.abort()
            why = str(exc) or f"no answer within {self._timeout_s:g} s"
            raise TransientError(f"smtp: {self._server}: {why}: the mail was not sent, try again") from exc
        except (RefusedError, TransientError):
            raise
        except BaseException:
            self.abort()
            raise

    async def _open(self, mail: bytes, rcpt: bytes) -> None:
        """Everything up to 354; on a refusal the session is left ready for RSET."""
        commands = [(mail, Phase.MAIL), (rcpt, Phase.RCPT), (b"DATA", Phase.DATA)]
        if self._needs_rset:
            commands.insert(0, (b"RSET", Phase.MAIL))
        self._needs_rset = True
        if self._pipelining:
            self._channel.write(b"".join(command + b"\r\n" for command, _ in commands))
        refused: Exception | None = None
        for command, phase in commands:
            if not self._pipelining:
                self._channel.write(command + b"\r\n")
            refused = await self._answered_to(phase, refused)
            if refused is not None and not self._pipelining:
                break
        if refused is not None:
            raise refused

    async def _answered_to(self, phase: Phase, refused: Exception | None) -> Exception | None:
        """Read one answer; gives the first refusal so far, which stands even when the server goes after it."""
        try:
            reply = await self._reply()
        except (BrokenError, TransientError):
            if refused is None:
                raise
            raise refused from None
        if reply.code // 100 != (3 if phase is Phase.DATA else 2):
            return refused or refusal(reply, phase, self._server)
        if phase is Phase.DATA and refused is not None:
            await self._end_empty_data()
        return refused

    async def _end_empty_data(self) -> None:
        """RFC 2920 3.1: end a 354 that came although no recipient was taken; the reply means nothing."""
        self._channel.write(b".\r\n")
        await self._reply()

    async def _deliver(self, message: bytes) -> Reply:
        """The body and the final dot. Until its last piece is written the server cannot have the mail."""
        pieces = body_pieces(message)
        last = next(pieces)
        for piece in pieces:
            self._channel.write(last)
            last = piece
            async with asyncio.timeout(self._timeout_s):
                await self._channel.drained()
            await asyncio.sleep(0)  # a fast server drains at once; others have to have their turn all the same
        self._channel.write(last + b".\r\n")
        try:
            async with asyncio.timeout(self._final_timeout_s):
                reply = await self._reply()
        except (BrokenError, TimeoutError) as exc:
            self.abort()
            why = str(exc) or f"no answer within {self._final_timeout_s:g} s"
            error = f"smtp: {self._server}: {why} after the whole mail: it may have been sent"
            raise UnknownOutcomeError(error) from exc
        self._needs_rset = False
        if reply.code // 100 != 2:  # noqa: PLR2004
            raise refusal(reply, Phase.DATA, self._server)
        self.sent += 1
        return reply

    async def _reply(self) -> Reply:
        reply = await self._channel.reply()
        if reply.code == _CLOSING:
            self._channel.fail(BrokenError(f"the server is closing the connection ({reply})"))
            raise refusal(reply, Phase.CONNECT, self._server)
        self._answered = True
        return reply

    async def noop(self) -> None:
        """Ask for a sign of life; raises TransientError."""
        try:
            self._channel.write(b"NOOP\r\n")
            async with asyncio.timeout(self._timeout_s):
                reply = await self._reply()
        except (BrokenError, TimeoutError) as exc:
            self.abort()
            why = str(exc) or "no answer to NOOP"
            raise TransientError(f"smtp: {self._server}: {why}: try again") from exc
        if reply.code // 100 != 2:  # noqa: PLR2004
            raise refusal(reply, Phase.CONNECT, self._server)

    async def quit(self, grace_s: float = 1.0) -> None:
        """Leave politely, and leave anyway."""
        try:
            self._channel.write(b"QUIT\r\n")
            async with asyncio.timeout(grace_s):
                await self._channel.reply()
        except (BrokenError, TimeoutError):
            pass
        finally:
            self.abort()

    def abort(self) -> None:
        """Close at once; safe to call at any time."""
        self._channel.fail(BrokenError("closed by us"))
