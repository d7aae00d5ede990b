"""What a relay has taken, noted before the next mail goes out (ports.Acceptances). Refuses to know what was sent.

A commit with its synchronisation costs milliseconds, which one mail a commit would feel. What has to survive here is
the end of the process, not of the machine: on SQLite a line in a file beside the database does, which the kernel keeps;
on PostgreSQL an update that the server does not wait for the disk with.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Set as AbstractSet
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from bot.domain.announcements import RecipientState
from bot.ports import Acceptances
from bot.store.db import Database
from bot.store.tables import recipients


def acceptances(db: Database) -> Acceptances:
    """Those of this database."""
    return RowAcceptances(db) if db.path is None else FileAcceptances(db.path)


class FileAcceptances:
    """A file of numbers for each announcement under way. SQLite has one worker, so nobody else writes there."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._open: dict[int, int] = {}

    def _path(self, announcement_id: int) -> Path:
        return self._database.with_name(f"{self._database.name}-accepted-{announcement_id}")

    async def note(self, announcement_id: int, recipient_id: int, message_id: str, *, now: datetime) -> None:
        del message_id, now  # both are found again from the recipient
        file = self._open.get(announcement_id)
        if file is None:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
            file = self._open[announcement_id] = os.open(self._path(announcement_id), flags, 0o600)
        os.write(file, b"%d\n" % recipient_id)

    async def noted(self, announcement_id: int) -> AbstractSet[int]:
        try:
            lines = (await asyncio.to_thread(self._path(announcement_id).read_bytes)).split(b"\n")
        except FileNotFoundError:
            return frozenset()
        return frozenset(int(line) for line in lines[:-1] if line.isdigit())  # a line without its end is no number yet

    async def forget(self, announcement_id: int) -> None:
        if (file := self._open.pop(announcement_id, None)) is not None:
            os.close(file)
        self._path(announcement_id).unlink(missing_ok=True)


class RowAcceptances:
    """The recipient's own row, apart from everybody's transactions."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def note(self, announcement_id: int, recipient_id: int, message_id: str, *, now: datetime) -> None:
        del announcement_id
        async with self._db.apart() as run:
            await run(_TAKEN, {"this": recipient_id, "mail": message_id, "now": now})

    async def noted(self, announcement_id: int) -> AbstractSet[int]:
        del announcement_id  # their rows say so
        return frozenset()

    async def forget(self, announcement_id: int) -> None:
        """Their rows stay."""


_TAKEN = (
    sa.update(recipients)
    .where(recipients.c.id == sa.bindparam("this"))
    .values(state=RecipientState.SENT.value, message_id=sa.bindparam("mail"), sent_at=sa.bindparam("now"))
)
