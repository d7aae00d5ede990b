"""Writing to SQLite: one at a time, in order of arrival, and one synchronisation of the disk for all who stand in line.

Refuses to know any table. Statements run on the event loop's thread, where they take some microseconds; what may wait
for the disk or for another process (BEGIN IMMEDIATE, COMMIT) runs in a thread.

A commit costs milliseconds of disk, a unit's statements a tenth of that. So whoever finds no transaction open begins
one and queues its commit; whoever stands in line by then writes into the same one, behind a savepoint of his own:
his failure takes back his part alone. Nobody is told that he is done before the commit.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import sqlalchemy as sa

from bot.errors import TransientError

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class _Shared:
    """An open transaction."""

    conn: sa.Connection
    transaction: sa.RootTransaction

    @property
    def driver(self) -> sqlite3.Connection:
        """For savepoints, which SQLAlchemy makes ten times as dear."""
        return cast("sqlite3.Connection", self.conn.connection.dbapi_connection)

    @property
    def is_intact(self) -> bool:
        """False once SQLite has rolled it back by itself, as it does when the disk is full
        (sqlite.org/lang_transaction.html, 3)."""
        return self.driver.in_transaction


class SqliteWriter:
    """The line before one SQLite file. Belongs to one event loop."""

    def __init__(self, engine: sa.Engine, *, patience_s: float) -> None:
        """`patience_s` bounds the wait in line, in seconds."""
        self._engine = engine
        self._patience_s = patience_s
        self._line = asyncio.Lock()
        self._holder: asyncio.Task[Any] | None = None
        self._shared: _Shared | None = None
        self._commit: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite")

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[sa.Connection]:
        """A connection to write with; leaves the block after the commit, or takes everything back when it raises.

        Raises TransientError when the line does not move, and SQLAlchemy's errors for what SQLite says.
        """
        await self._stand_in_line()
        try:
            shared, commit = await self._joined()
            shared.driver.execute("SAVEPOINT unit")
            try:
                yield shared.conn
            except BaseException:
                if shared.is_intact:
                    shared.driver.execute("ROLLBACK TO unit")
                    shared.driver.execute("RELEASE unit")
                raise
            if shared.is_intact:
                shared.driver.execute("RELEASE unit")
        finally:
            self._holder = None
            self._line.release()
        await asyncio.shield(commit)

    async def close(self) -> None:
        """Wait for the last commit."""
        if self._commit is not None:
            await asyncio.wait([self._commit])
        self._thread.shutdown()

    async def _stand_in_line(self) -> None:
        if self._holder is not None and self._holder is asyncio.current_task():
            raise RuntimeError("store: a transaction was opened inside another of the same task; use the first")
        try:
            async with asyncio.timeout(self._patience_s):
                await self._line.acquire()
        except TimeoutError as exc:
            holder = self._holder.get_name() if self._holder is not None else "another task"
            raise TransientError(
                f"store: {holder} keeps a transaction open for {self._patience_s:.0f} s: it is tried again"
            ) from exc
        self._holder = asyncio.current_task()

    async def _joined(self) -> tuple[_Shared, asyncio.Task[None]]:
        """The open transaction and its coming commit; begins one where there is none."""
        if self._shared is None or self._commit is None or not self._shared.is_intact:
            conn = self._engine.connect()
            try:
                transaction = await self._apart(conn.begin)
            except BaseException:
                conn.close()
                raise
            self._shared = _Shared(conn, transaction)
            self._commit = asyncio.create_task(self._committed(self._shared), name="store-commit")
            self._commit.add_done_callback(_heard)
        return self._shared, self._commit

    async def _committed(self, shared: _Shared) -> None:
        """Commit when all have written who stood in line before."""
        async with self._line:
            if self._shared is shared:
                self._shared = None
            try:
                if not shared.is_intact:
                    raise TransientError("store: the database took the transaction back: it is tried again")
                await self._apart(shared.transaction.commit)
            finally:
                if (
                    shared.is_intact
                ):  # a row refers to nothing: SQLite refuses the commit and keeps the transaction open
                    await self._apart(shared.driver.rollback)
                shared.conn.close()

    async def _apart(self, do: Callable[[], T]) -> T:
        """Run it in the thread, and never leave the connection to it: a cancelled caller waits for its end too."""
        running = asyncio.get_running_loop().run_in_executor(self._thread, do)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            while not running.done():
                with suppress(asyncio.CancelledError):
                    await asyncio.wait([running])
            raise


def _heard(commit: asyncio.Task[None]) -> None:
    """Those who wrote are told; when all of them have failed before, nobody asks."""
    if not commit.cancelled():
        commit.exception()
