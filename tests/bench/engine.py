"""Prints what the engine costs on this machine: `uv run python tests/bench/engine.py sqlite:///var/bench.sqlite`.

Asserts nothing. The database is filled with jobs; give it one of its own.
"""

from __future__ import annotations

import asyncio
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from bot.engine import Engine
from bot.ports import Job
from bot.store import Database, SqlLedger, SqlStore, upgrade

JOBS = 2_000


def clock() -> datetime:
    return datetime.now(UTC)


def cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


class Bench:
    def __init__(self, url: str) -> None:
        self.run = f"{time.time():.0f}"
        self.started: dict[str, float] = {}
        self.lanes: dict[str, list[str]] = {}
        self.db = Database(url)
        self.engine = Engine(SqlLedger(self.db), worker_id="bench", clock=clock)
        self.store = SqlStore(self.db, clock=clock, enqueued=self.engine.nudge)
        self.unnudged = SqlStore(self.db, clock=clock)
        for kind in ("lone", "many", "lane", "row", "spare-1", "spare-2"):
            self.engine.register(kind, getattr(self, f"on_{kind}", self.on_lone), concurrency=20)

    async def on_lone(self, ref: str, attempt: int) -> None:
        del attempt
        self.started[ref] = time.perf_counter()

    on_many = on_lone

    async def on_lane(self, ref: str, attempt: int) -> None:
        await self.on_lone(ref, attempt)
        lane, _, _number = ref.rpartition("/")
        self.lanes.setdefault(lane, []).append(ref)

    async def on_row(self, ref: str, attempt: int) -> None:
        async with self.store.unit() as unit:
            await unit.once(ref, now=clock())
        await self.on_lone(ref, attempt)

    async def idle(self) -> None:
        await asyncio.sleep(1)
        used, since = cpu_s(), time.perf_counter()
        await asyncio.sleep(8)
        print(f"idle: {100 * (cpu_s() - used) / (time.perf_counter() - since):.1f} % of a core")

    async def latency(self, store: SqlStore, name: str) -> None:
        waits = []
        for number in range(60):
            ref = f"{self.run}-{name}-{number}"
            async with store.unit() as unit:
                await unit.enqueue(Job(kind="lone", ref=ref))
            committed = time.perf_counter()
            await asyncio.sleep(0.13 + number % 7 / 100)
            waits.append((self.started[ref] - committed) * 1000)
        waits.sort()
        p95 = waits[int(len(waits) * 0.95)]
        print(f"start, {name}: p50 {statistics.median(waits):.0f} ms, p95 {p95:.0f} ms")

    async def many(self, kind: str, job_of: Callable[[int], Job], jobs: int) -> None:
        self.started.clear()
        used, since = cpu_s(), time.perf_counter()
        for first in range(0, jobs, 100):
            async with self.store.unit() as unit:
                for number in range(first, min(first + 100, jobs)):
                    await unit.enqueue(job_of(number))
        entered = time.perf_counter()
        while len(self.started) < jobs:
            await asyncio.sleep(0.005)
        took = time.perf_counter() - since
        cpu_ms = (cpu_s() - used) / jobs * 1000
        print(
            f"{jobs} {kind}: entered in {entered - since:.1f} s, done in {took:.1f} s ({jobs / took:.0f}/s), "
            f"{cpu_ms:.2f} ms of CPU a job"
        )


async def main(url: str) -> None:
    upgrade(url)
    bench = Bench(url)
    await bench.engine.start()
    await bench.idle()
    await bench.latency(bench.store, "nudged")
    await bench.latency(bench.unnudged, "polled")
    run = bench.run
    await bench.many("many", lambda n: Job(kind="many", ref=f"{run}-{n}"), JOBS)
    await bench.many("row", lambda n: Job(kind="row", ref=f"{run}-{n}"), JOBS)
    per_lane = 4
    await bench.many(
        "lane",
        lambda n: Job(kind="lane", ref=f"{run}/{n // per_lane}/{n % per_lane}", lane=f"{run}/{n // per_lane}"),
        JOBS,
    )
    print("order in lanes kept:", all(refs == sorted(refs) for refs in bench.lanes.values()))
    await bench.many("lane", lambda n: Job(kind="lane", ref=f"{run}/one/{n:05}", lane=f"{run}/one"), 500)
    await bench.latency(bench.store, "nudged, after it all")
    await bench.engine.stop()
    await bench.db.close()
    rss_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"memory at most: {rss_mb:.0f} MB")


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else os.environ["DATABASE_URL"]))
