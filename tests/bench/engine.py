"""What the engine costs: how soon a job starts, how many a second are done. Asserts nothing.

On SQLite in a scratch folder, or on the database that BENCH_DATABASE_URL names, which is filled with jobs.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bot.clock import utc_now
from bot.engine import Engine
from bot.ports import Job
from bot.store import Database, SqlLedger, SqlStore, upgrade
from tests.bench.proc import cpu_s, peak_mb
from tests.bench.report import Report

JOBS = 2_000
STARTS = 60
IDLE_S = 8.0
IN_A_UNIT = 100


def measure(report: Report) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        url = os.environ.get("BENCH_DATABASE_URL") or f"sqlite:///{Path(scratch)}/bench.sqlite"
        asyncio.run(_measure(report, url))


async def _measure(report: Report, url: str) -> None:
    await asyncio.to_thread(upgrade, url)
    bench = _Bench(report, url)
    await bench.engine.start()
    try:
        await bench.idle()
        await bench.latency(bench.store, "nudged")
        await bench.latency(bench.unnudged, "polled")
        run = bench.run
        await bench.many("jobs that do nothing", lambda n: Job(kind="empty", ref=f"{run}-{n}"), JOBS)
        await bench.many("jobs that write a row", lambda n: Job(kind="row", ref=f"{run}-{n}"), JOBS)
        await bench.many(
            "jobs in lanes of 4", lambda n: Job(kind="empty", ref=f"{run}/{n}", lane=f"{run}/{n // 4}"), JOBS
        )
        await bench.many("jobs in one lane", lambda n: Job(kind="empty", ref=f"{run}/one/{n}", lane=run), JOBS // 4)
        await bench.latency(bench.store, "nudged, after it all")
        report.add("peak memory", peak_mb(), "MiB")
    finally:
        await bench.engine.stop()
        await bench.db.close()


class _Bench:
    def __init__(self, report: Report, url: str) -> None:
        self._report = report
        self._started: dict[str, float] = {}
        self.run = f"{time.time():.0f}"
        self.db = Database(url)
        self.engine = Engine(SqlLedger(self.db), worker_id="bench", clock=utc_now)
        self.store = SqlStore(self.db, clock=utc_now, enqueued=self.engine.nudge)
        self.unnudged = SqlStore(self.db, clock=utc_now)
        self.engine.register("empty", self._on_empty, concurrency=20)
        self.engine.register("row", self._on_row, concurrency=20)
        for number in range(4):  # as many queues as the worker has
            self.engine.register(f"spare-{number}", self._on_empty)

    async def _on_empty(self, ref: str, _attempt: int) -> None:
        self._started[ref] = time.perf_counter()

    async def _on_row(self, ref: str, _attempt: int) -> None:
        async with self.store.unit() as unit:
            await unit.once(ref, now=utc_now())
        self._started[ref] = time.perf_counter()

    async def idle(self) -> None:
        await asyncio.sleep(1)
        used, since = cpu_s(), time.perf_counter()
        await asyncio.sleep(IDLE_S)
        self._report.add("idle", 100 * (cpu_s() - used) / (time.perf_counter() - since), "% of a core")

    async def latency(self, store: SqlStore, name: str) -> None:
        """From the commit that entered a job to its start."""
        waits = []
        for number in range(STARTS):
            ref = f"{self.run}-{name}-{number}"
            async with store.unit() as unit:
                await unit.enqueue(Job(kind="empty", ref=ref))
            committed = time.perf_counter()
            await asyncio.sleep(0.13 + number % 7 / 100)
            waits.append((self._started.get(ref, time.perf_counter()) - committed) * 1000)
        self._report.spread(f"start of a job, {name}", waits, "ms")

    async def many(self, what: str, job_of: Callable[[int], Job], jobs: int) -> None:
        self._started.clear()
        used, since = cpu_s(), time.perf_counter()
        for first in range(0, jobs, IN_A_UNIT):
            async with self.store.unit() as unit:
                for number in range(first, min(first + IN_A_UNIT, jobs)):
                    await unit.enqueue(job_of(number))
        while len(self._started) < jobs:
            await asyncio.sleep(0.005)
        took_s, cpu_ms = time.perf_counter() - since, (cpu_s() - used) / jobs * 1000
        self._report.add(what, jobs / took_s, "jobs/s", f"entered and done, {cpu_ms:.2f} ms CPU a job")
