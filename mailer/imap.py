"""IMAP in: a folder watched, over as many connections as it takes. Refuses to decide what a message means."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import NoReturn

import structlog

from bot.errors import TransientError
from mailer.imap_backlog import Backlog, Cursor, Deliver, Fetched, Position
from mailer.imap_protocol import LostError
from mailer.imap_session import AnswerError, ImapSession, ImapSettings, connect
from mailer.refusal import RefusedError

__all__ = ["Deliver", "Fetched", "ImapSettings", "Mailbox", "MailboxState", "Position"]

log = structlog.get_logger()
_ADDRESS = re.compile(r"[^\s<>]+@[^\s<>]+")  # servers repeat the login's name; logs hold no addresses
_FIRST_DELAY_S = 0.2
_LONGEST_DELAY_S = 60.0
_PEACE_S = 10.0  # a connection that held for so long makes the next delay the shortest again
_REFUSED_DELAY_S = 30.0  # providers lock an account that keeps trying a bad password


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxState:
    """How the watching goes, for health.

    `quiet_s` is seconds since the server last said anything, None while not connected; `failures` counts
    failures in a row; `last_error` stays until all waiting mail is delivered again.
    """

    connected: bool
    quiet_s: float | None
    failures: int
    last_error: str


class Mailbox:
    """Watches one folder over one connection, which it replaces as often as needed."""

    def __init__(self, settings: ImapSettings, *, jitter: Callable[[], float] = random.random) -> None:
        """`jitter` gives numbers from 0 to 1 that spread the reconnects of many clients."""
        self._settings = settings
        self._jitter = jitter
        self._session: ImapSession | None = None
        self._failures = 0
        self._pauses = 0
        self._last_error = ""

    @property
    def state(self) -> MailboxState:
        """How the watching goes; call it inside the event loop."""
        session = self._session
        return MailboxState(
            connected=session is not None,
            quiet_s=None if session is None else asyncio.get_running_loop().time() - session.heard_s,
            failures=self._failures,
            last_error=self._last_error,
        )

    async def check(self) -> None:
        """Connect, log in, open the folder, leave. Raises TransientError or RefusedError."""
        session = await connect(self._settings)
        await session.log_out()

    async def position_before(self, day: date) -> Position:
        """Where to start so that only what came since that day is handed over. Raises as `check` does."""
        session = await connect(self._settings)
        try:
            return Position(uid_validity=session.uid_validity, uid=await session.last_uid_before(day))
        finally:
            await session.log_out()

    async def watch(self, position: Position | None, deliver: Deliver) -> NoReturn:
        """Hand over every message after `position`, oldest first, then each new one; ends only by cancelling.

        `deliver` stores the message and its `position` in one transaction. Its return is the
        acknowledgement; its exception ends the watch with nothing more taken. A message comes again if the
        process dies in between, and all come again when UIDVALIDITY has changed or `position` is None:
        `deliver` recognises them by Message-ID and hash. Failed connections and refused logins are logged,
        shown in `state` and tried again for ever.
        """
        cursor = Cursor()
        if position is not None:
            cursor.uid_validity, cursor.uid = position.uid_validity, position.uid
        while True:
            self._session = session = await self._connected()
            since_s = asyncio.get_running_loop().time()
            try:
                await self._follow(session, cursor, deliver)
            except (LostError, AnswerError) as exc:
                failure = exc
            finally:
                self._session = None
                await session.log_out()
            if asyncio.get_running_loop().time() - since_s > _PEACE_S:
                self._pauses = 0
            await self._pause(failure, 0)

    async def _connected(self) -> ImapSession:
        while True:
            try:
                return await connect(self._settings)
            except RefusedError as exc:
                await self._pause(exc, _REFUSED_DELAY_S)
            except TransientError as exc:
                await self._pause(exc, 0)

    async def _follow(self, session: ImapSession, cursor: Cursor, deliver: Deliver) -> NoReturn:
        """One connection's life: ends by LostError or AnswerError, or by what `deliver` raises."""
        cursor.open(session.uid_validity)
        backlog = Backlog(session, cursor, deliver, self._settings.limit_bytes)
        if self._settings.done_folder is not None and cursor.uid:
            await backlog.tidy_left_over()
        while True:
            await backlog.drain()
            self._failures, self._last_error = 0, ""
            await session.wait()

    async def _pause(self, error: Exception, least_s: float) -> None:
        """Wait 0.2 s to 60 s, doubling, plus up to half as much again."""
        self._last_error = str(error)
        delay_s = max(min(_FIRST_DELAY_S * 2 ** min(self._pauses, 20), _LONGEST_DELAY_S), least_s)
        delay_s *= 1 + self._jitter() / 2
        self._failures += 1
        self._pauses += 1
        report = log.error if isinstance(error, RefusedError) else log.warning
        reason = _ADDRESS.sub("[address]", str(error))
        report("imap.failed", reason=reason, failures=self._failures, next_try_s=round(delay_s, 2))
        await asyncio.sleep(delay_s)
