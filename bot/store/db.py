"""One database behind one URL: connections, transactions, and what their failures mean.

Refuses to know any table. SQLite (one worker process) and PostgreSQL (several) answer the same calls.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.errors import ConfigError, TransientError

BUSY_TIMEOUT_S = 10.0  # how long a writer waits for another process that holds the SQLite file
POOL_SIZE = 8  # PostgreSQL allows 100 connections by default, for all workers and everybody else together
SCHEMA = "app"
_CONNECT_TIMEOUT_S = 5


@dataclass(frozen=True, slots=True)
class Transaction:
    """An open transaction, and the statements that SQLite and PostgreSQL spell the same but SQLAlchemy keeps in
    their dialects."""

    conn: AsyncConnection
    on_sqlite: bool

    async def run(self, statement: sa.Executable, values: Mapping[str, Any] | None = None) -> sa.CursorResult[Any]:
        result: sa.CursorResult[Any] = await self.conn.execute(statement, values)
        return result

    def insert(self, table: sa.Table) -> Any:
        """INSERT with ON CONFLICT, which both dialects have with the same methods."""
        return sqlite.insert(table) if self.on_sqlite else postgresql.insert(table)

    async def insert_new(self, table: sa.Table, key: Sequence[str], values: Mapping[str, Any]) -> sa.Row[Any] | None:
        """Insert; the new row's primary key, or None (and nothing changes) when the unique `key` is taken."""
        fresh = self.insert(table).values(values).on_conflict_do_nothing(index_elements=key)
        return (await self.run(fresh.returning(*table.primary_key))).first()

    async def put(self, table: sa.Table, key: Sequence[str], values: Mapping[str, Any]) -> None:
        """Insert, or replace the other columns of the row that has this unique `key`."""
        rest = {name: value for name, value in values.items() if name not in key}
        await self.run(self.insert(table).values(values).on_conflict_do_update(index_elements=key, set_=rest))


class Database:
    """Connections to one database. `url` is `sqlite:///path` or `postgresql://user:password@host/name`.

    On SQLite write transactions of this process stand in line here, in order of arrival, because SQLite's own
    waiting is unfair and sleeps up to 0.1 s at a time.
    """

    def __init__(self, url: str, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        self.url = parse_url(url)
        self.on_sqlite = self.url.get_backend_name() == "sqlite"
        self._engine = _sqlite_engine(self.url, busy_timeout_s) if self.on_sqlite else _postgres_engine(self.url)
        self._reads = self._engine.execution_options(offportal_reads=True)
        self._patience_s = busy_timeout_s
        self._line = asyncio.Lock()
        self._writer: asyncio.Task[Any] | None = None

    @property
    def path(self) -> Path | None:
        """The SQLite file."""
        return Path(self.url.database or "") if self.on_sqlite else None

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        """A transaction: commits at the end of the block, rolls back when it raises. Raises TransientError when
        the database is locked, full, or away."""
        if not self.on_sqlite:
            async with _meanings(self.url), self._engine.begin() as conn:
                yield Transaction(conn, on_sqlite=False)
            return
        await self._stand_in_line()
        try:
            async with _meanings(self.url), self._engine.begin() as conn:
                yield Transaction(conn, on_sqlite=True)
        finally:
            self._writer = None
            self._line.release()

    async def _stand_in_line(self) -> None:
        if self._writer is not None and self._writer is asyncio.current_task():
            raise RuntimeError("store: a transaction was opened inside another of the same task; use the first")
        try:
            async with asyncio.timeout(self._patience_s):
                await self._line.acquire()
        except TimeoutError as exc:
            holder = self._writer.get_name() if self._writer is not None else "another task"
            raise TransientError(
                f"store: {holder} keeps a transaction open for {self._patience_s:.0f} s: it is tried again"
            ) from exc
        self._writer = asyncio.current_task()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        """A transaction that only reads, and so never waits for a writer. Raises like `write`."""
        async with _meanings(self.url), self._reads.begin() as conn:
            yield Transaction(conn, self.on_sqlite)

    def second_engine(self) -> sa.Engine:
        """One blocking connection, for a thread that must not depend on the event loop."""
        return sa.create_engine(
            self.url, connect_args=connect_args(self.url), pool_size=1, max_overflow=0, pool_pre_ping=True
        )

    async def close(self) -> None:
        await self._engine.dispose()


def parse_url(url: str) -> URL:
    """The URL with the driver we use. Raises ConfigError for a database we do not speak."""
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except sa.exc.ArgumentError as exc:
        raise ConfigError([f"database.url: {exc}"]) from exc
    if backend == "sqlite" and parsed.database and parsed.database != ":memory:":
        return parsed.set(drivername="sqlite+aiosqlite")
    if backend in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+psycopg")
    raise ConfigError([f"database.url: '{backend}' must be sqlite:///path/to/file or postgresql://…"])


def connect_args(url: URL, busy_timeout_s: float = BUSY_TIMEOUT_S) -> dict[str, Any]:
    """What the driver is told, by the workers and by the migrations alike."""
    if url.get_backend_name() == "sqlite":
        # None: SQLAlchemy's begin event starts transactions, not the driver at its first INSERT.
        return {"timeout": busy_timeout_s, "isolation_level": None}
    return {"options": f"-c search_path={SCHEMA}", "connect_timeout": _CONNECT_TIMEOUT_S}


def tune_sqlite(engine: sa.Engine) -> None:
    """Have every connection in WAL with full synchronisation, and every transaction begin as its use asks."""

    @event.listens_for(engine, "connect")
    def _connect(dbapi_connection: Any, _record: object) -> None:
        cursor = dbapi_connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # NORMAL may forget the last commits at a power cut: promise 2 forbids it
            "foreign_keys=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(conn: sa.Connection) -> None:
        # A deferred transaction that reads and then writes fails at once when another wrote in between,
        # whatever the busy timeout (sqlite.org/lang_transaction.html, 2.1), so writers take the lock first.
        reads = conn.get_execution_options().get("offportal_reads", False)
        conn.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _sqlite_engine(url: URL, busy_timeout_s: float) -> AsyncEngine:
    engine = create_async_engine(url, connect_args=connect_args(url, busy_timeout_s), pool_size=POOL_SIZE)
    tune_sqlite(engine.sync_engine)
    return engine


def _postgres_engine(url: URL) -> AsyncEngine:
    return create_async_engine(
        url, connect_args=connect_args(url), pool_size=POOL_SIZE, max_overflow=2, pool_pre_ping=True
    )


@asynccontextmanager
async def _meanings(url: URL) -> AsyncIterator[None]:
    """Turn a database's failures into the two questions of bot.errors; faults of our own SQL stay bugs."""
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeoutError) as exc:
        raise TransientError(explain_failure(url, exc)) from exc
    except DBAPIError as exc:
        if exc.connection_invalidated and not isinstance(exc, IntegrityError):
            raise TransientError(explain_failure(url, exc)) from exc
        raise


def explain_failure(url: URL, exc: Exception) -> str:
    """One sentence for the operator: which database, what happened, what to do. Holds no password."""
    where = f"store: {url.database if url.get_backend_name() == 'sqlite' else url.host}"
    what = str(getattr(exc, "orig", None) or exc).strip().splitlines()[0]
    lowered = what.lower()
    if "full" in lowered or "no space" in lowered:
        return f"{where}: {what}: free some space; nothing is lost, work goes on by itself"
    if "locked" in lowered or "busy" in lowered:
        return f"{where}: {what}: another process holds the file; it is tried again"
    if "no such table" in lowered or "does not exist" in lowered:
        return f"{where}: {what}: the database is not set up; run the migrations"
    return f"{where}: {what}: it is tried again"
