"""One database behind one URL: connections, transactions, and what their failures mean.

Refuses to know any table. SQLite (one worker process) and PostgreSQL (several) answer the same calls.
"""

from __future__ import annotations

import asyncio
import functools
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
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
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.errors import ConfigError, TransientError
from bot.store.sqlite import SqliteWriter

BUSY_TIMEOUT_S = 10.0  # how long a writer waits for another process that holds the SQLite file
POOL_SIZE = 8  # PostgreSQL allows 100 connections by default, for all workers and everybody else together
SCHEMA = "app"
_CONNECT_TIMEOUT_S = 5
_STATEMENTS_ON_END = 20


Values = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None
Run = Callable[[sa.Executable, Values], Awaitable[sa.CursorResult[Any]]]


@dataclass(frozen=True, slots=True)
class Transaction:
    """An open transaction, and the statements that SQLite and PostgreSQL spell the same but SQLAlchemy keeps in
    their dialects."""

    _run: Run
    on_sqlite: bool

    async def run(self, statement: sa.Executable, values: Mapping[str, Any] | None = None) -> sa.CursorResult[Any]:
        return await self._run(statement, values)

    async def run_many(self, statement: sa.Executable, rows: Sequence[Mapping[str, Any]]) -> None:
        """The same statement for each of the rows, in one go."""
        await self._run(statement, rows)

    def insert_unless(self, table: sa.Table, key: Sequence[str]) -> Any:
        """Insert, leaving the rows whose unique `key` is taken as they are."""
        return _insert_unless(table, tuple(key), self.on_sqlite)

    def insert(self, table: sa.Table) -> Any:
        """INSERT with ON CONFLICT, which both dialects have with the same methods."""
        return _insert(table, self.on_sqlite)

    async def insert_new(self, table: sa.Table, key: Sequence[str], values: Mapping[str, Any]) -> sa.Row[Any] | None:
        """Insert; the new row's primary key, or None (and nothing changes) when the unique `key` is taken.

        A value may be an SQL expression; plain values are cheaper."""
        plain = {name: value for name, value in values.items() if not isinstance(value, sa.ColumnElement)}
        statement = _insert_new(table, tuple(key), self.on_sqlite)
        if len(plain) < len(values):
            statement = statement.values({name: values[name] for name in values.keys() - plain.keys()})
        return (await self.run(statement, plain)).first()

    async def put(self, table: sa.Table, key: Sequence[str], values: Mapping[str, Any]) -> None:
        """Insert, or replace the other columns of the row that has this unique `key`."""
        rest = tuple(name for name in values if name not in key)
        await self.run(_put(table, tuple(key), rest, self.on_sqlite), values)


# Building a statement costs several times what SQLite needs for it, so those that are always the same are kept.


@functools.cache
def _insert_new(table: sa.Table, key: tuple[str, ...], on_sqlite: bool) -> Any:  # noqa: FBT001 - a part of the key
    return _insert(table, on_sqlite).on_conflict_do_nothing(index_elements=key).returning(*table.primary_key)


@functools.cache
def _insert_unless(table: sa.Table, key: tuple[str, ...], on_sqlite: bool) -> Any:  # noqa: FBT001
    return _insert(table, on_sqlite).on_conflict_do_nothing(index_elements=key)


@functools.cache
def _put(table: sa.Table, key: tuple[str, ...], rest: tuple[str, ...], on_sqlite: bool) -> Any:  # noqa: FBT001
    insert = _insert(table, on_sqlite)
    return insert.on_conflict_do_update(index_elements=key, set_={name: insert.excluded[name] for name in rest})


def _insert(table: sa.Table, on_sqlite: bool) -> Any:  # noqa: FBT001
    return sqlite.insert(table) if on_sqlite else postgresql.insert(table)


class Database:
    """Connections to one database. `url` is `sqlite:///path` or `postgresql://user:password@host/name`.

    On SQLite write transactions of this process stand in line (sqlite.py), because SQLite's own waiting is unfair
    and sleeps up to 0.1 s at a time.
    """

    def __init__(self, url: str, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        self.url = parse_url(url)
        self._lite: sa.Engine | None = None
        self._post: AsyncEngine | None = None
        if self.url.get_backend_name() == "sqlite":
            self._lite = _sqlite_engine(self.url, busy_timeout_s)
            self._writer = SqliteWriter(self._lite, patience_s=busy_timeout_s)
        else:
            self._post = _postgres_engine(self.url)

    @property
    def on_sqlite(self) -> bool:
        return self._lite is not None

    @property
    def path(self) -> Path | None:
        """The SQLite file."""
        return Path(self.url.database or "") if self.on_sqlite else None

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        """A transaction: commits at the end of the block, rolls back when it raises. Raises TransientError when
        the database is locked, full, or away."""
        async with _meanings(self.url):
            if self._post is not None:
                async with self._post.begin() as conn:
                    yield Transaction(conn.execute, on_sqlite=False)
            else:
                async with self._writer.turn() as lite:
                    yield Transaction(_at_once(lite), on_sqlite=True)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        """A transaction that only reads, and so never waits for a writer. Raises like `write`."""
        async with _meanings(self.url):
            if self._lite is not None:
                with self._lite.execution_options(offportal_reads=True).begin() as lite:
                    yield Transaction(_at_once(lite), on_sqlite=True)
            elif self._post is not None:
                async with self._post.begin() as conn:
                    yield Transaction(conn.execute, on_sqlite=False)

    @asynccontextmanager
    async def apart(self) -> AsyncIterator[Run]:
        """A PostgreSQL connection where each statement is a transaction that the server does not wait for the disk
        with: what it holds survives us, but perhaps no loss of power. Raises like `write`."""
        if self._post is None:
            raise RuntimeError("store: SQLite has one writer")
        async with _meanings(self.url), self._post.execution_options(isolation_level="AUTOCOMMIT").connect() as conn:
            await conn.execute(sa.text("SET synchronous_commit = off"))
            try:
                yield conn.execute
            finally:
                await conn.execute(sa.text("RESET synchronous_commit"))

    def second_engine(self) -> sa.Engine:
        """One blocking connection, for a thread that must not depend on the event loop."""
        return sa.create_engine(
            self.url, connect_args=connect_args(self.url), pool_size=1, max_overflow=0, pool_pre_ping=True
        )

    async def close(self) -> None:
        if self._lite is not None:
            await self._writer.close()
            self._lite.dispose()
        if self._post is not None:
            await self._post.dispose()


def _at_once(conn: sa.Connection) -> Run:
    """Run statements on this thread, letting others on the event loop have their turn now and then."""
    since_pause = itertools.count(1)

    async def run(statement: sa.Executable, values: Values) -> sa.CursorResult[Any]:
        if next(since_pause) % _STATEMENTS_ON_END == 0:
            await asyncio.sleep(0)
        return conn.execute(statement, values)

    return run


def parse_url(url: str) -> URL:
    """The URL with the driver we use. Raises ConfigError for a database we do not speak."""
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except sa.exc.ArgumentError as exc:
        raise ConfigError([f"database.url: {exc}"]) from exc
    if backend == "sqlite" and parsed.database and parsed.database != ":memory:":
        return parsed.set(drivername="sqlite")
    if backend in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+psycopg")
    raise ConfigError([f"database.url: '{backend}' must be sqlite:///path/to/file or postgresql://…"])


def connect_args(url: URL, busy_timeout_s: float = BUSY_TIMEOUT_S) -> dict[str, Any]:
    """What the driver is told, by the workers and by the migrations alike."""
    if url.get_backend_name() == "sqlite":
        # None: SQLAlchemy's begin event starts transactions, not the driver at its first INSERT.
        return {"timeout": busy_timeout_s, "isolation_level": None, "check_same_thread": False}
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


def _sqlite_engine(url: URL, busy_timeout_s: float) -> sa.Engine:
    # No upper limit: waiting for a connection would stop the event loop. There is one writer, and readers are short.
    engine = sa.create_engine(url, connect_args=connect_args(url, busy_timeout_s), pool_size=POOL_SIZE, max_overflow=-1)
    tune_sqlite(engine)
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
