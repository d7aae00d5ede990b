"""Real worker processes, killed at any moment: nothing is lost, and every effect is there once."""

from __future__ import annotations

import asyncio
import random
import signal
import sys
from asyncio.subprocess import PIPE
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.ports import Job
from bot.store import Database, SqlLedger, SqlStore
from tests.databases import POSTGRES, fresh
from tests.integration.engine.conftest import clock, until

SCRIPT = Path(__file__).with_name("worker.py")
ROOT = Path(__file__).parents[3]
JOBS, LANES = 160, 8


class World:
    """A database, and the worker processes over it."""

    def __init__(self, url: str, logs: Path) -> None:
        self.url = url
        self.logs = logs
        self.db = Database(url)
        self.ledger = SqlLedger(self.db)
        self.store = SqlStore(self.db, clock=clock)
        self.processes: list[asyncio.subprocess.Process] = []

    async def start(self, name: str, *wishes: str) -> asyncio.subprocess.Process:
        arguments = [sys.executable, str(SCRIPT), self.url, name, *wishes]
        with (self.logs / f"{name}.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(*arguments, cwd=ROOT, stdout=PIPE, stderr=log)
        self.processes.append(process)
        return process

    async def started(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"started\n"

    async def kill(self, process: asyncio.subprocess.Process) -> None:
        process.kill()
        await process.wait()

    async def enqueue(self, *jobs: Job) -> None:
        async with self.store.unit() as unit:
            for job in jobs:
                await unit.enqueue(job)

    async def effects(self) -> list[str]:
        async with self.db.read() as tx:
            rows = await tx.run(sa.text("SELECT key FROM messages ORDER BY id"))
            return [row.key for row in rows]

    async def all_done(self) -> bool:
        return not (await self.ledger.backlog(clock())).waiting

    async def close(self) -> None:
        for process in self.processes:
            if process.returncode is None:
                await self.kill(process)
        self.ledger.unlock()
        await self.db.close()
        for log in sorted(self.logs.glob("*.log")):
            print(f"---- {log.name}", log.read_text(), sep="\n")  # noqa: T201 - pytest shows it when a test fails


@pytest.fixture(params=["sqlite", POSTGRES])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    made = World(fresh(request.param, tmp_path), tmp_path)
    yield made
    await made.close()


@pytest.fixture(params=[POSTGRES])
async def shared(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    made = World(fresh(request.param, tmp_path), tmp_path)
    yield made
    await made.close()


def firsts() -> list[Job]:
    return [Job(kind="first", ref=f"{n % LANES}/{n:04}", lane=f"deal-{n % LANES}") for n in range(JOBS)]


async def nothing_lost_nothing_doubled(world: World) -> None:
    effects = await world.effects()
    kinds = Counter(key.split()[0] for key in effects)
    assert kinds["first"] == kinds["second"] == JOBS
    assert not [key for key in effects if key.startswith("told")]
    assert await world.ledger.dead_letters(1) == []
    for lane in range(LANES):
        in_lane = [key for key in effects if key.startswith(f"first {lane}/")]
        assert in_lane == sorted(in_lane)


async def test_a_worker_killed_again_and_again_loses_and_doubles_nothing(world: World):
    chance = random.Random(1)  # noqa: S311 - any moments will do
    enqueueing = asyncio.create_task(trickle(world))
    for _ in range(4):
        process = await world.start("w1")
        await world.started(process)
        await asyncio.sleep(chance.uniform(0.0, 0.25))
        await world.kill(process)
    await enqueueing
    await world.start("w1")
    await until(world.all_done)
    await nothing_lost_nothing_doubled(world)


async def trickle(world: World) -> None:
    for job in firsts():
        await world.enqueue(job)
        await asyncio.sleep(0.01)


async def test_of_two_workers_killed_in_turn_nothing_is_lost(shared: World):
    chance = random.Random(3)  # noqa: S311
    living = {name: await shared.start(name) for name in ("w1", "w2")}
    enqueueing = asyncio.create_task(trickle(shared))
    for round_ in range(4):
        name = f"w{round_ % 2 + 1}"
        await shared.started(living[name])
        await asyncio.sleep(chance.uniform(0.05, 0.4))
        await shared.kill(living[name])
        living[name] = await shared.start(name)
    await enqueueing
    await until(shared.all_done)
    await nothing_lost_nothing_doubled(shared)


@pytest.mark.parametrize("wish", ["patient", "elsewhere"], ids=["at once on this machine", "from another machine"])
async def test_another_worker_takes_over(shared: World, wish: str):
    first = await shared.start("w1", wish)
    await shared.started(first)
    slow = [Job(kind="slow", ref="60", lane="deal"), Job(kind="first", ref="behind", lane="deal")]
    await shared.enqueue(*slow)
    await until(lambda: has_effect(shared, "begun 60 1"))
    await shared.started(await shared.start("w2", wish))
    await shared.kill(first)
    await until(lambda: has_effect(shared, "begun 60 2"))
    await until(shared.all_done)
    effects = await shared.effects()
    assert effects.count("slow 60") == 1
    assert effects.index("slow 60") < effects.index("first behind")


async def has_effect(world: World, key: str) -> bool:
    return key in await world.effects()


async def test_a_restart_takes_up_the_work_without_waiting(world: World):
    first = await world.start("w1", "patient")
    await world.started(first)
    await world.enqueue(Job(kind="slow", ref="0.1"), Job(kind="slow", ref="20"))
    await until(lambda: has_effect(world, "begun 20 1"))
    await world.kill(first)
    await world.start("w1", "patient")
    await until(lambda: has_effect(world, "begun 20 2"))


async def test_a_terminated_worker_ends_well_and_hands_back_what_it_cannot_finish(world: World):
    process = await world.start("w1")
    await world.started(process)
    await world.enqueue(Job(kind="slow", ref="0.4"), Job(kind="slow", ref="30"))
    await until(lambda: has_effect(world, "begun 0.4 1"))
    await until(lambda: has_effect(world, "begun 30 1"))
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 60) == 0
    assert await has_effect(world, "slow 0.4")
    backlog = await world.ledger.backlog(clock())
    assert (backlog.running, backlog.waiting) == (0, {"slow": 1})


async def test_a_job_that_kills_its_worker_is_given_up_alone_and_its_lane_goes_on(world: World):
    poison = Job(kind="poison", ref="1", lane="deal")
    neighbours = [Job(kind="slow", ref=f"0.2{n}") for n in range(4)]
    await world.enqueue(poison, Job(kind="first", ref="behind", lane="deal"), *neighbours)
    for _ in range(3):
        process = await world.start("w1")
        assert await asyncio.wait_for(process.wait(), 60) == 9
    await world.start("w1")
    await until(world.all_done)
    [letter] = await world.ledger.dead_letters(10)
    assert (letter.kind, letter.ref) == ("poison", "1")
    assert "died 3 times" in letter.error
    effects = await world.effects()
    assert effects.index("told of poison 1") < effects.index("first behind")
    assert {f"slow {job.ref}" for job in neighbours} <= set(effects)
