"""aioimaplib 2.0.3's protocol with its faults mended. Refuses to hang: a lost connection wakes all who wait.

What is mended: a lost connection left every waiter waiting; one read of some thousand lines overran the
stack; EXISTS on another command's answer was dropped; a refused XOAUTH2 was never answered; a BYE for a
greeting was only a timeout; literals had no limit.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from typing import Any

from aioimaplib import aioimaplib

from bot.errors import TransientError

_COUNT = re.compile(rb"\* (\d+) (EXISTS|EXPUNGE)\s*", re.IGNORECASE)
_LINE_LIMIT_BYTES = 4 * 1024 * 1024  # SEARCH answers some 500,000 UIDs in one line of this length


class LostError(TransientError):
    """The connection ended or cannot be trusted any more."""


class Protocol(aioimaplib.IMAP4ClientProtocol):  # type: ignore[misc]
    """One connection's conversation, one command at a time; any failure ends it with LostError for all."""

    def __init__(self, loop: asyncio.AbstractEventLoop, *, server: str, literal_limit_bytes: int) -> None:
        super().__init__(loop)
        self.incomplete_line = b""
        self.current_command: Any = None
        self._server = server
        self._literal_limit_bytes = literal_limit_bytes
        self.greeted: asyncio.Future[bytes] = loop.create_future()
        self.lost: LostError | None = None
        self.wake = asyncio.Event()  # set when the mailbox may have changed, and when the connection is lost
        self.challenge = ""  # the server's last words inside AUTHENTICATE: why it refuses a token
        self.heard_s = loop.time()
        self._exists = -1

    def data_received(self, d: bytes) -> None:
        """Called by asyncio. Whatever aioimaplib trips over ends the connection: it is out of step."""
        self.heard_s = self.loop.time()
        try:
            self._handle_responses(self.incomplete_line + d, self._handle_line, self.current_command)
        except aioimaplib.IncompleteRead as rest:
            self.current_command, self.incomplete_line = rest.cmd, rest.data
            if len(self.incomplete_line) > _LINE_LIMIT_BYTES:
                self.fail("a line without end")
        except Exception as exc:  # noqa: BLE001
            self.fail(f"not understood: {exc!r}")
        else:
            self.current_command, self.incomplete_line = None, b""

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio."""
        self.fail(f"connection lost: {exc}" if exc else "the server closed the connection")

    def fail(self, why: str) -> LostError:
        """End the connection and wake whoever waits for anything of it; the first reason stays."""
        self.lost = lost = self.lost or LostError(f"imap: {self._server}: {why}")
        if self.transport is not None:
            self.transport.abort()
        if not self.greeted.done():
            self.greeted.set_exception(lost)
            self.greeted.exception()  # nobody may be waiting
        for command in (self.pending_sync_command, *self.pending_async_commands.values()):
            if command is not None and not command._event.is_set():  # noqa: SLF001
                command._exception = lost  # noqa: SLF001
                command._timer.cancel()  # noqa: SLF001
                command._event.set()  # noqa: SLF001
        self._idle_event.set()
        self.wake.set()
        return lost

    async def execute(self, command: Any, scrub: str | None = None) -> Any:
        """Send a command and give its response; raises LostError, also for a command that timed out."""
        if self.lost is not None:
            raise self.lost
        try:
            return await super().execute(command, scrub)
        except aioimaplib.AioImapException as exc:
            why = f"no answer to {command.name}" if isinstance(exc, aioimaplib.CommandTimeout) else str(exc)
            raise self.fail(why) from exc
        except asyncio.CancelledError:
            self.fail("a command was given up")
            raise

    async def idle_until_woken(self, *, limit_s: float, timeout_s: float) -> bool:
        """IDLE until `wake` or for `limit_s`; False when the server will not, or ends it by itself. Raises LostError.

        Whether anything has come is for a SEARCH to say: IDLE is only a hint.
        """
        self._idle_event.clear()
        running = asyncio.ensure_future(self.execute(aioimaplib.Command("IDLE", self.new_tag())))
        try:
            if not await self._happens(self._idle_event, running, timeout_s):
                raise self.fail("no answer to IDLE")
            await self._happens(self.wake, running, limit_s)
            if running.done():
                await running
                return False
            self.idle_done()
            async with asyncio.timeout(timeout_s):
                await running
        except TimeoutError as exc:
            raise self.fail("no answer to the end of IDLE") from exc
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        return True

    async def quiet(self, limit_s: float) -> None:
        """Wait for `limit_s` or until the connection is lost; raises LostError."""
        try:
            async with asyncio.timeout(limit_s):
                await self.wake.wait()
        except TimeoutError:
            pass
        if self.lost is not None:
            raise self.lost

    async def _happens(self, event: asyncio.Event, running: asyncio.Future[Any], limit_s: float) -> bool:
        """Whether within the limit the event is set or the command ends."""
        waiting = asyncio.ensure_future(event.wait())
        try:
            done, _ = await asyncio.wait({waiting, running}, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
        return bool(done)

    def _handle_responses(self, data: bytes, line_handler: Any, current_cmd: Any = None) -> None:
        """As aioimaplib's, in a loop instead of by recursion, and with a limit for literals."""
        while data:
            if current_cmd is not None and current_cmd.wait_literal_data():
                data = current_cmd.append_literal_data(data)
                if current_cmd.wait_literal_data():
                    raise aioimaplib.IncompleteRead(current_cmd)
            line, separator, rest = data.partition(b"\r\n")
            if not separator:
                raise aioimaplib.IncompleteRead(current_cmd, data)
            data = rest
            command = line_handler(line, current_cmd)
            literal = aioimaplib.literal_data_re.match(line)
            if literal:
                current_cmd = command or aioimaplib.Command("NIL", "unused")
                self._begin_literal(current_cmd, int(literal["size"]))
            else:
                current_cmd = command if command is not None and command.wait_data() else None
        if current_cmd is not None and current_cmd.wait_data():
            raise aioimaplib.IncompleteRead(current_cmd)

    def _begin_literal(self, command: Any, size_bytes: int) -> None:
        if size_bytes > self._literal_limit_bytes:
            raise aioimaplib.Error(f"a literal of {size_bytes} bytes, {self._literal_limit_bytes} are allowed")
        command.begin_literal_data(size_bytes)

    def _handle_line(self, line: bytes, current_cmd: Any) -> Any:
        if self.state == aioimaplib.CONNECTED:
            self._greet(line)
            return None
        if line.startswith(b"* BYE"):
            self.fail(f"the server says goodbye: {_text(line[6:])}")
            return None
        count = _COUNT.fullmatch(line)
        if count:
            self._count(int(count[1]), count[2].upper())
        return super()._handle_line(line, current_cmd)

    def _count(self, number: int, what: bytes) -> None:
        """Only another number of messages is news: some servers repeat it with every answer."""
        exists = number if what == b"EXISTS" else self._exists - 1
        if exists != self._exists and what == b"EXISTS":
            self.wake.set()
        self._exists = exists

    def _greet(self, line: bytes) -> None:
        if line.startswith(b"* PREAUTH"):
            self.state = aioimaplib.AUTH
        elif line.startswith(b"* OK"):
            self.state = aioimaplib.NONAUTH
        else:
            self.fail(f"turned away: {_text(line)}")
            return
        if not self.greeted.done():
            self.greeted.set_result(line)

    def _continuation(self, line: bytes) -> None:
        pending = self.pending_sync_command
        if pending is not None and pending.name == "AUTHENTICATE":
            # XOAUTH2 answers a bad token with its reason as a challenge and then waits for an empty line.
            # https://developers.google.com/workspace/gmail/imap/xoauth2-protocol
            self.challenge = _decoded(line[1:].strip())
            self.transport.write(b"\r\n")
        else:
            super()._continuation(line)


def _decoded(challenge: bytes) -> str:
    try:
        return _text(base64.b64decode(challenge, validate=True))
    except binascii.Error:
        return _text(challenge)


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace").strip()
