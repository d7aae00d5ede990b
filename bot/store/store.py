"""The store that handlers use: transactions over what is in flight and what was said (bot.ports.Store).

Refuses to keep partners or deals, and to run jobs: a unit enters them, the engine is told when it has committed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from bot.ports import Job
from bot.store import jobs
from bot.store.announcements import AnnouncementRows
from bot.store.audience import AudienceRows
from bot.store.changes import ChangeRows
from bot.store.conversations import ConversationRows
from bot.store.db import Database, Transaction
from bot.store.inbound import InboundRows
from bot.store.memory import MemoryRows
from bot.store.messages import MessageRows
from bot.store.phrases import PhraseRows
from bot.store.recipients import RecipientRows
from bot.store.registrations import RegistrationRows
from bot.store.retention import RetentionRows


class SqlUnit(
    InboundRows,
    ConversationRows,
    ChangeRows,
    RegistrationRows,
    AnnouncementRows,
    RecipientRows,
    AudienceRows,
    MessageRows,
    MemoryRows,
    PhraseRows,
    RetentionRows,
):
    """bot.ports.Unit over one transaction. Jobs enter together at its end, so that their lanes are held shortly
    and in one order."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self.entering: list[Job] = []

    async def hold(self, name: str) -> None:
        await jobs.lock_lanes(self._tx, [name])

    async def enqueue(self, job: Job) -> None:
        self.entering.append(job)


class SqlStore:
    """bot.ports.Store over a Database.

    `clock` dates the jobs. `enqueued` is called after a commit that entered jobs: the engine's nudge, which saves
    them the wait for its next look.
    """

    def __init__(
        self, db: Database, *, clock: Callable[[], datetime], enqueued: Callable[[], None] | None = None
    ) -> None:
        self._db = db
        self._clock = clock
        self._enqueued = enqueued

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[SqlUnit]:
        """Commits at the end of the block, rolls back when it raises. On SQLite writers take turns, and a unit
        inside a unit is refused: do no network calls inside. Raises TransientError when the database is locked,
        full, or away."""
        async with self._db.write() as tx:
            unit = SqlUnit(tx)
            yield unit
            if unit.entering:
                await jobs.enter(tx, unit.entering, self._clock())
        if unit.entering and self._enqueued is not None:
            self._enqueued()
