"""What repeats happens once a tick, over all workers, and not while it still happens."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from bot.engine import Cron, Every
from bot.errors import TransientError
from bot.ledger import Done
from bot.ports import Job
from bot.store import Database
from tests.databases import POSTGRES, fresh
from tests.integration.engine.conftest import Worker, until


@pytest.mark.parametrize("kind", [POSTGRES])
async def test_every_tick_happens_once_over_all_workers(kind: str, tmp_path):
    url = fresh(kind, tmp_path)
    databases = [Database(url), Database(url)]
    workers = [Worker(one, f"w{n}", beat_s=0.1) for n, one in enumerate(databases)]
    ticks: list[str] = []

    async def tick(at: str, _attempt: int) -> None:
        ticks.append(at)

    for worker in workers:
        worker.engine.schedule("poll", Every(interval=timedelta(seconds=1)), tick)
        await worker.engine.start()
    await until(lambda: len(ticks) >= 3)
    for worker in workers:
        await worker.engine.stop()
    assert len(ticks) == len(set(ticks))
    times = [datetime.fromisoformat(at) for at in ticks]
    assert all(later - earlier >= timedelta(seconds=1) for earlier, later in pairwise(times))
    assert {at.microsecond for at in times} == {0}
    for database in databases:
        await database.close()


async def test_a_tick_that_takes_long_is_not_overtaken(worker: Worker):
    running, most, ticks = 0, 0, 0

    async def slow(_at: str, _attempt: int) -> None:
        nonlocal running, most, ticks
        running, ticks = running + 1, ticks + 1
        most = max(most, running)
        await asyncio.sleep(1.3)
        running -= 1

    worker.engine.schedule("poll", Every(interval=timedelta(seconds=1)), slow)
    await worker.engine.start()
    await until(lambda: ticks >= 2)
    assert most == 1


async def test_a_missed_tick_is_made_up_for_once(worker: Worker):
    seen: list[str] = []

    async def digest(at: str, _attempt: int) -> None:
        seen.append(at)

    rhythm = Cron(expression="0 9 * * *")
    worker.engine.schedule("digest", rhythm, digest)
    now = datetime.now(UTC)
    await worker.ledger.last_tick("digest", now - timedelta(days=3))
    await worker.engine.start()
    await until(lambda: seen)
    await asyncio.sleep(0.1)
    assert seen == [rhythm.last(now).isoformat(timespec="seconds")]


async def test_a_schedule_that_is_new_waits_for_its_first_tick(worker: Worker):
    seen: list[str] = []

    async def digest(at: str, _attempt: int) -> None:
        seen.append(at)

    worker.engine.schedule("digest", Cron(expression="0 9 1 1 *"), digest)
    await worker.engine.start()
    await asyncio.sleep(0.2)
    assert seen == []


async def test_a_failed_tick_is_tried_again(worker: Worker):
    seen: list[tuple[str, int]] = []

    async def digest(at: str, attempt: int) -> None:
        seen.append((at, attempt))
        if attempt == 1:
            raise TransientError("crm is away", retry_after=timedelta())

    worker.engine.schedule("digest", Cron(expression="0 9 * * *"), digest)
    await worker.ledger.last_tick("digest", datetime.now(UTC) - timedelta(days=3))
    await worker.engine.start()
    await until(lambda: len(seen) == 2)
    assert seen[0][0] == seen[1][0]


async def test_what_was_done_long_ago_is_forgotten_every_day(db: Database):
    worker = Worker(db, "w1", keep_done=timedelta(days=30))
    await worker.enqueue("old", "recent")
    now = datetime.now(UTC)
    want = worker.engine._dispatcher._wants()
    old, recent = await worker.ledger.turn("w1", [], want, now)
    await worker.ledger.turn("w1", [Done(run=old)], [], now - timedelta(days=31))
    await worker.ledger.turn("w1", [Done(run=recent)], [], now - timedelta(days=29))
    await worker.ledger.last_tick("engine.retention", now - timedelta(days=2))
    await worker.engine.start()
    await until(worker.is_idle)
    await until(lambda: forgotten(worker))
    await worker.engine.stop()
    assert await worker.engine.replay("work", "recent")


async def forgotten(worker: Worker) -> bool:
    """Whether its key is free again."""
    async with worker.store.unit() as unit:
        await unit.enqueue(Job(kind="work", ref="old"))
    return "old" in worker.done
