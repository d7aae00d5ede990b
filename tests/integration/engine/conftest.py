from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.engine import Engine, RetryPolicy
from bot.ports import Job
from bot.store import Database, SqlLedger, SqlStore
from tests.databases import db, url

__all__ = ["db", "url"]

AT_ONCE = RetryPolicy(first=timedelta(milliseconds=4))


def clock() -> datetime:
    return datetime.now(UTC)


class Worker:
    """An engine over a store, and what it was seen to do. Kinds: "work" does what `acts` says for its ref."""

    def __init__(self, db: Database, name: str, **engine: Any) -> None:
        self.ledger = SqlLedger(db)
        self.engine = Engine(self.ledger, worker_id=name, clock=clock, **{"poll_s": 0.02, **engine})
        self.store = SqlStore(db, clock=clock, enqueued=self.engine.nudge)
        self.acts: dict[str, Callable[[int], Any]] = {}
        self.done: list[str] = []
        self.started: list[tuple[str, int]] = []
        self.told: list[tuple[str, str, str]] = []
        self.engine.register("work", self.work, concurrency=5, on_dead=self.on_dead, retry=AT_ONCE)

    async def work(self, ref: str, attempt: int) -> None:
        self.started.append((ref, attempt))
        if ref in self.acts:
            await self.acts[ref](attempt)
        self.done.append(ref)

    async def on_dead(self, kind: str, ref: str, error: str) -> None:
        self.told.append((kind, ref, error))

    async def enqueue(self, *refs: str, lane: str | None = None) -> None:
        async with self.store.unit() as unit:
            for ref in refs:
                await unit.enqueue(Job(kind="work", ref=ref, lane=lane))

    async def until_idle(self) -> None:
        """Until no job is unfinished."""
        await until(self.is_idle)

    async def is_idle(self) -> bool:
        return not (await self.engine.backlog()).waiting


async def until(true: Callable[[], Any], within_s: float = 60.0) -> None:
    async with asyncio.timeout(within_s):
        while True:
            result = true()
            if await result if asyncio.iscoroutine(result) else result:
                return
            await asyncio.sleep(0.01)


@pytest.fixture
async def worker(db: Database) -> AsyncIterator[Worker]:
    made = Worker(db, "w1")
    yield made
    await made.engine.stop(grace_s=1)
