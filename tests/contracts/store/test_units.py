"""A unit happens altogether or not at all, and says what its failures mean."""

from __future__ import annotations

import asyncio
import sqlite3

import pytest
import sqlalchemy as sa

from bot.errors import ConfigError, TransientError
from bot.ports import Job
from bot.store import Database, SqlLedger, SqlStore, upgrade
from bot.store.db import parse_url
from tests.databases import NOW, fresh

JOB = Job(kind="reply", ref="1")


async def test_what_raises_leaves_nothing_behind_not_even_its_jobs(nudges: tuple[SqlStore, list[str]], db: Database):
    store, called = nudges

    async def fail_at_the_end() -> None:
        async with store.unit() as unit:
            await unit.once("key", now=NOW)
            await unit.enqueue(JOB)
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        await fail_at_the_end()
    assert called == []
    assert await SqlLedger(db).due({"reply"}, NOW) == frozenset()
    async with store.unit() as unit:
        assert await unit.once("key", now=NOW)


async def test_what_commits_has_its_jobs_and_nudges_once(nudges: tuple[SqlStore, list[str]], db: Database):
    store, called = nudges
    async with store.unit() as unit:
        await unit.enqueue(JOB)
        await unit.enqueue(JOB)
        assert called == []
    assert called == ["nudge"]
    assert (await SqlLedger(db).backlog(NOW)).waiting == {"reply": 1}


async def test_a_unit_without_jobs_nudges_nobody(nudges: tuple[SqlStore, list[str]]):
    store, called = nudges
    async with store.unit() as unit:
        await unit.once("key", now=NOW)
    assert called == []


async def test_a_cancelled_unit_leaves_nothing_behind_and_the_store_usable(store: SqlStore):
    begun = asyncio.Event()

    async def slow() -> None:
        async with store.unit() as unit:
            await unit.once("key", now=NOW)
            begun.set()
            await asyncio.sleep(30)

    task = asyncio.create_task(slow())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with store.unit() as unit:
        assert await unit.once("key", now=NOW)


async def test_units_at_the_same_time_all_happen(store: SqlStore):
    async def add(number: int) -> None:
        async with store.unit() as unit:
            last = await unit.recall(f"row-{number}")
            await unit.remember(f"row-{number}", {"last": last}, now=NOW)

    await asyncio.gather(*(add(number) for number in range(40)))
    async with store.unit() as unit:
        assert all([await unit.recall(f"row-{number}") for number in range(40)])


async def test_a_unit_inside_a_unit_is_refused_on_sqlite(tmp_path):
    db = Database(fresh("sqlite", tmp_path))
    store = SqlStore(db, clock=lambda: NOW)
    with pytest.raises(RuntimeError, match="inside another"):
        async with store.unit(), store.unit():
            pass
    async with store.unit() as unit:
        assert await unit.once("still usable", now=NOW)
    await db.close()


async def test_a_unit_that_another_keeps_waiting_is_tried_again_on_sqlite(tmp_path):
    db = Database(fresh("sqlite", tmp_path), busy_timeout_s=0.1)
    store = SqlStore(db, clock=lambda: NOW)

    async def second() -> None:
        async with store.unit():
            pass

    async with store.unit():
        with pytest.raises(TransientError, match="keeps a transaction open"):
            await asyncio.create_task(second())
    await second()
    await db.close()


async def test_a_file_that_another_process_holds_is_tried_again(tmp_path):
    url = fresh("sqlite", tmp_path)
    db = Database(url, busy_timeout_s=0.1)
    other = sqlite3.connect(tmp_path / "store.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(TransientError, match=r"store\.sqlite: database is locked: another process"):
        async with SqlStore(db, clock=lambda: NOW).unit():
            pass
    other.close()
    async with SqlStore(db, clock=lambda: NOW).unit() as unit:
        assert await unit.once("free again", now=NOW)
    await db.close()


async def test_a_reader_does_not_wait_for_a_writer(tmp_path):
    db = Database(fresh("sqlite", tmp_path), busy_timeout_s=0.1)
    async with SqlStore(db, clock=lambda: NOW).unit() as unit:
        await unit.enqueue(JOB)
        assert await SqlLedger(db).due({"reply"}, NOW) == frozenset()
    assert await SqlLedger(db).due({"reply"}, NOW) == {"reply"}
    await db.close()


async def test_a_full_disk_is_tried_again(tmp_path):
    db = Database(fresh("sqlite", tmp_path))
    store = SqlStore(db, clock=lambda: NOW)

    async def fill() -> None:
        async with store.unit() as unit:
            await unit._tx.run(sa.text("PRAGMA max_page_count = 1"))
            await unit.remember("large", {"text": "x" * 1_000_000}, now=NOW)

    with pytest.raises(TransientError, match="is full: free some space"):
        await fill()
    await db.close()


async def test_a_server_that_is_away_is_tried_again():
    db = Database("postgresql://user:secret-word@127.0.0.1:1/offportal")
    with pytest.raises(TransientError, match=r"127\.0\.0\.1") as caught:
        async with SqlStore(db, clock=lambda: NOW).unit():
            pass
    assert "secret-word" not in str(caught.value)
    await db.close()


@pytest.mark.parametrize("url", ["mysql://x", "sqlite://", "sqlite:///:memory:", "nonsense"])
def test_a_database_that_we_do_not_speak_is_a_fault_of_the_configuration(url: str):
    with pytest.raises(ConfigError, match=r"database\.url"):
        parse_url(url)


async def test_a_store_without_tables_says_what_to_do(tmp_path):
    db = Database(f"sqlite:///{tmp_path}/empty.sqlite")
    with pytest.raises(TransientError, match="run the migrations"):
        async with SqlStore(db, clock=lambda: NOW).unit() as unit:
            await unit.once("key", now=NOW)
    await db.close()


async def test_what_is_committed_survives_in_a_second_database_object(url: str):
    db = Database(url)
    async with SqlStore(db, clock=lambda: NOW).unit() as unit:
        await unit.remember("key", {"a": 1}, now=NOW)
    await db.close()
    upgrade(url)
    again = Database(url)
    async with SqlStore(again, clock=lambda: NOW).unit() as unit:
        assert await unit.recall("key") == {"a": 1}
    await again.close()
