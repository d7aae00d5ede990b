"""Jobs enter once, start once, and keep their lanes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.ledger import Again, Dead, Done, Dying, Outcome, Run, Want
from bot.ports import Job
from bot.store import Database, SqlLedger, SqlStore
from bot.store import jobs as rows
from bot.store.tables import jobs
from tests import postgres
from tests.databases import NOW, fresh

SECOND = timedelta(seconds=1)
WANT = [Want(kinds=frozenset({"apply"}), limit=100)]


async def enter(store: SqlStore, *entering: Job) -> None:
    async with store.unit() as unit:
        for job in entering:
            await unit.enqueue(job)


def jobs_of(lane: str | None, *refs: str) -> list[Job]:
    return [Job(kind="apply", ref=ref, lane=lane) for ref in refs]


def refs(runs: Sequence[Run]) -> list[str]:
    return [run.ref for run in runs]


@pytest.fixture
def ledger(db: Database) -> SqlLedger:
    return SqlLedger(db)


async def test_a_key_enters_once_and_another_attempt_of_it_too(store: SqlStore, ledger: SqlLedger):
    await enter(store, *jobs_of(None, "1", "1"), Job(kind="apply", ref="1", attempt=2))
    await enter(store, *jobs_of(None, "1"))
    runs = await ledger.turn("w", [], WANT, NOW)
    assert sorted(run.attempt for run in runs) == [1, 2]


async def test_a_job_is_not_started_before_its_time(store: SqlStore, ledger: SqlLedger):
    await enter(store, Job(kind="apply", ref="1", not_before=NOW + SECOND))
    assert await ledger.due({"apply", "other"}, NOW) == frozenset()
    assert await ledger.turn("w", [], WANT, NOW) == []
    assert await ledger.due({"apply", "other"}, NOW + SECOND) == {"apply"}
    assert refs(await ledger.turn("w", [], WANT, NOW + SECOND)) == ["1"]


async def test_those_due_longest_start_first_and_no_more_than_wanted(store: SqlStore, ledger: SqlLedger):
    await enter(
        store,
        *[Job(kind="apply", ref=str(n), not_before=NOW - n * SECOND) for n in range(5)],
    )
    want = [Want(kinds=frozenset({"apply"}), limit=2)]
    assert refs(await ledger.turn("w", [], want, NOW)) == ["4", "3"]
    assert refs(await ledger.turn("w", [], want, NOW)) == ["2", "1"]


async def test_a_lane_runs_one_at_a_time_in_the_order_entered(store: SqlStore, ledger: SqlLedger):
    await enter(store, *jobs_of("deal", "a", "b"), *jobs_of("other", "x"))
    await enter(store, *jobs_of("deal", "c"))
    first = await ledger.turn("w", [], WANT, NOW)
    assert sorted(refs(first)) == ["a", "x"]
    second = await ledger.turn("w", [Done(run=run) for run in first], WANT, NOW)
    assert refs(second) == ["b"]
    assert refs(await ledger.turn("w", [Done(run=second[0])], WANT, NOW)) == ["c"]


async def test_a_failed_job_keeps_its_place(store: SqlStore, ledger: SqlLedger):
    await enter(store, *jobs_of("deal", "a", "b"))
    [a] = await ledger.turn("w", [], WANT, NOW)
    later = NOW + 60 * SECOND
    assert await ledger.turn("w", [Again(run=a, due_at=later, failed=True)], WANT, NOW) == []
    [a] = await ledger.turn("w", [], WANT, later)
    assert (a.ref, a.attempt, a.failures, a.first_failed_at) == ("a", 2, 1, NOW)
    assert refs(await ledger.turn("w", [Done(run=a)], WANT, later)) == ["b"]


async def test_a_lane_waits_until_a_dying_job_has_been_told_of(store: SqlStore, ledger: SqlLedger):
    await enter(store, *jobs_of("deal", "a", "b"))
    [a] = await ledger.turn("w", [], WANT, NOW)
    [dying] = await ledger.turn("w", [Dying(run=a, error="refused")], WANT, NOW)
    assert (dying.ref, dying.dying, dying.error) == ("a", True, "refused")
    assert refs(await ledger.turn("w", [Dead(run=dying, error="refused")], WANT, NOW)) == ["b"]
    [letter] = await ledger.dead_letters(10)
    assert (letter.ref, letter.error, letter.lane, letter.died_at) == ("a", "refused", "deal", NOW)


async def test_a_replayed_job_waits_for_what_its_lane_does_now(store: SqlStore, ledger: SqlLedger):
    await enter(store, *jobs_of("deal", "a", "b", "c"))
    [a] = await ledger.turn("w", [], WANT, NOW)
    [b] = await ledger.turn("w", [Dead(run=a, error="refused")], WANT, NOW)
    assert await ledger.replay("apply", "a", NOW)
    assert await ledger.turn("w", [], WANT, NOW) == []
    [a] = await ledger.turn("w", [Done(run=b)], WANT, NOW)
    assert (a.ref, a.attempt, a.dying) == ("a", 2, False)
    assert refs(await ledger.turn("w", [Done(run=a)], WANT, NOW)) == ["c"]


async def test_only_what_has_ended_is_replayed(store: SqlStore, ledger: SqlLedger):
    await enter(store, *jobs_of(None, "a"))
    assert not await ledger.replay("apply", "a", NOW)
    assert not await ledger.replay("apply", "unknown", NOW)
    [a] = await ledger.turn("w", [], WANT, NOW)
    await ledger.turn("w", [Done(run=a)], [], NOW)
    assert await ledger.replay("apply", "a", NOW)
    assert refs(await ledger.turn("w", [], WANT, NOW)) == ["a"]


@pytest.mark.parametrize("ending", ["done", "again", "dead"])
async def test_a_worker_taken_for_dead_settles_nothing(store: SqlStore, ledger: SqlLedger, ending: str):
    await enter(store, *jobs_of("deal", "a", "b"))
    [old] = await ledger.turn("sleeper", [], WANT, NOW)
    [orphan] = await ledger.running("sleeper")
    [new] = await ledger.turn("w", [Again(run=orphan, due_at=NOW, crashed=True)], WANT, NOW)
    assert (new.ref, new.crashes, new.worker) == ("a", 1, "w")
    late: dict[str, Outcome] = {
        "done": Done(run=old), "again": Again(run=old, due_at=NOW), "dead": Dead(run=old, error="")
    }  # fmt: skip
    assert await ledger.turn("sleeper", [late[ending]], WANT, NOW) == []
    assert await ledger.running(None) == [new]


async def test_what_was_done_long_ago_is_forgotten_and_dead_letters_are_not(store: SqlStore, ledger: SqlLedger):
    await enter(store, *jobs_of(None, "a", "b", "c"))
    a, b, c = await ledger.turn("w", [], WANT, NOW)
    await ledger.turn("w", [Done(run=a), Dead(run=b, error="refused")], [], NOW)
    await ledger.turn("w", [Done(run=c)], [], NOW + SECOND)
    assert await ledger.forget(NOW + SECOND) == 1
    assert [letter.ref for letter in await ledger.dead_letters(10)] == ["b"]
    assert not await ledger.replay("apply", "a", NOW)
    assert await ledger.replay("apply", "c", NOW)


async def test_the_backlog_is_counted(store: SqlStore, ledger: SqlLedger):
    await enter(store, *jobs_of("deal", "a", "b"), Job(kind="deliver", ref="1"), *jobs_of(None, "x", "y"))
    x = next(run for run in await ledger.turn("w", [], WANT, NOW) if run.ref == "x")
    await ledger.turn("w", [Dead(run=x, error="")], [], NOW)
    backlog = await ledger.backlog(NOW + 5 * SECOND)
    assert backlog.waiting == {"apply": 3, "deliver": 1}
    assert (backlog.running, backlog.dead, backlog.late) == (2, 1, 5 * SECOND)


async def test_a_tick_enters_once_whoever_comes_first(ledger: SqlLedger):
    job = Job(kind="apply", ref="tick", lane="schedule:apply")
    assert await ledger.last_tick("apply", NOW) == NOW
    assert await ledger.last_tick("apply", NOW + SECOND) == NOW
    at = NOW + SECOND
    entered = await asyncio.gather(*(ledger.tick("apply", at, job, at) for _ in range(4)))
    assert sorted(entered) == [False, False, False, True]
    assert await ledger.last_tick("apply", NOW) == at


async def test_a_tick_is_passed_over_while_the_last_is_unfinished(ledger: SqlLedger):
    await ledger.last_tick("apply", NOW)
    lane = "schedule:apply"
    assert await ledger.tick("apply", NOW + SECOND, Job(kind="apply", ref="1", lane=lane), NOW)
    assert not await ledger.tick("apply", NOW + 2 * SECOND, Job(kind="apply", ref="2", lane=lane), NOW)
    [run] = await ledger.turn("w", [], WANT, NOW)
    await ledger.turn("w", [Done(run=run)], [], NOW)
    assert await ledger.tick("apply", NOW + 3 * SECOND, Job(kind="apply", ref="3", lane=lane), NOW)


async def test_workers_at_the_same_time_never_start_the_same_job(store: SqlStore, url: str):
    await enter(store, *jobs_of(None, *map(str, range(60))))
    databases = [Database(url) for _ in range(3)]
    want = [Want(kinds=frozenset({"apply"}), limit=5)]

    async def drain(database: Database, worker: str) -> list[str]:
        ledger, started = SqlLedger(database), []
        while runs := await ledger.turn(worker, [], want, NOW):
            started += refs(runs)
        return started

    drained = await asyncio.gather(*(drain(one, f"w{n}") for n, one in enumerate(databases)))
    started = [ref for some in drained for ref in some]
    assert sorted(started, key=int) == list(map(str, range(60)))
    for database in databases:
        await database.close()


async def test_entering_a_lane_while_its_last_job_ends_leaves_nothing_behind(store: SqlStore, url: str):
    """The one who enters sees an unfinished job; the one who ends it sees no other: both at once must not be."""
    other = Database(url)
    ledger = SqlLedger(other)
    await enter(store, *jobs_of("deal", "0"))
    for number in range(1, 40):
        [run] = await ledger.turn("w", [], WANT, NOW)
        await asyncio.gather(
            enter(store, *jobs_of("deal", str(number))),
            ledger.turn("w", [Done(run=run)], [], NOW),
        )
    assert refs(await ledger.turn("w", [], WANT, NOW)) == ["39"]
    await other.close()


async def test_lanes_held_together_are_always_taken_in_one_order(url: str):
    """Else two units that enter jobs into the same lanes could wait for each other."""
    db, lanes = Database(url), [f"deal-{n}" for n in range(6)]

    async def hold(order: Sequence[str]) -> None:
        async with db.write() as tx:
            await rows.lock_lanes(tx, order)

    for _ in range(10):
        await asyncio.gather(*(hold(order) for order in (lanes, lanes[::-1], lanes[3:] + lanes[:3])))
    await db.close()


OLD_JOBS = sa.text("""
    INSERT INTO jobs (kind, ref, attempt, lane, state, due_at, created_at, finished_at)
    SELECT kind, 'old-' || n, 1, 'deal', 'done', due_at, due_at, due_at
    FROM jobs, generate_series(1, :many) n
""")


@pytest.mark.postgres
@pytest.mark.skipif(postgres.binaries() is None, reason="no PostgreSQL server is installed")
async def test_the_loop_reads_few_of_many_jobs():
    """Else ten looks a second become dear once many jobs are remembered. Prepared statements are planned without
    their values, as PostgreSQL may do by itself."""
    server, many = postgres.server(), 5_000
    url = server.fresh()
    server.run(f"ALTER DATABASE {url.rpartition('/')[2]} SET plan_cache_mode = force_generic_plan")
    db = Database(url)
    ledger, store = SqlLedger(db), SqlStore(db, clock=lambda: NOW)
    await enter(store, *jobs_of(None, "done"))
    async with db.write() as tx:
        await tx.run(OLD_JOBS, {"many": many})
        await tx.run(sa.text("ANALYZE jobs"))
    await forget_what_was_read(db)
    for number in range(12):  # psycopg prepares a statement when it comes for the sixth time
        await enter(store, *jobs_of("deal", f"a{number}", f"b{number}"), *jobs_of(None, f"c{number}"))
        await ledger.due({"apply", "other"}, NOW)
        runs = await ledger.turn("w", [], WANT, NOW)
        runs = await ledger.turn("w", [Again(run=run, due_at=NOW, failed=True) for run in runs], WANT, NOW)
        assert len(await ledger.running("w")) == len(runs)
        runs = await ledger.turn("w", [Done(run=run) for run in runs], WANT, NOW)
        await ledger.turn("w", [Done(run=run) for run in runs], WANT, NOW)
    await db.close()  # writes its statistics down
    assert 100 < await rows_read(url) < many


async def forget_what_was_read(db: Database) -> None:
    async with db.write() as tx:
        await tx.run(sa.text("SELECT pg_stat_force_next_flush()"))
    async with db.write() as tx:
        await tx.run(sa.text("SELECT pg_stat_reset()"))


async def rows_read(url: str) -> int:
    """How many rows of jobs the database read since then, through an index or without one."""
    read = sa.text(
        "SELECT coalesce(sum(idx_tup_read), 0) + (SELECT seq_tup_read FROM pg_stat_user_tables"
        " WHERE relname = 'jobs') FROM pg_stat_user_indexes WHERE relname = 'jobs'"
    )
    db, rows_read = Database(url), 0
    for _ in range(100):
        async with db.read() as tx:
            rows_read = int((await tx.run(read)).scalar_one() or 0)
        if rows_read > 100:
            break
        await asyncio.sleep(0.05)
    await db.close()
    return rows_read


class Lanes(RuleBasedStateMachine):
    """Any order of entering, starting, ending, failing, crashing and replaying leaves every lane in order."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.home = TemporaryDirectory()
        self.db = Database(fresh("sqlite", Path(self.home.name)))
        self.ledger = SqlLedger(self.db)
        self.store = SqlStore(self.db, clock=lambda: NOW)
        self.running: list[Run] = []
        self.entered: list[Job] = []
        self.ended: set[str] = set()

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        self.run(self.drain())
        self.run(self.db.close())
        self.loop.close()
        self.home.cleanup()

    async def drain(self) -> None:
        """Nothing is stuck: what has entered ends, in the order of its lane."""
        while self.running or (started := await self.ledger.turn("w", [], WANT, NOW)):
            self.running = self.running or list(started)
            await self.ledger.turn("w", [Done(run=run) for run in self.running], [], NOW)
            self.ended |= {run.ref for run in self.running}
            self.running = []
        assert self.ended == {job.ref for job in self.entered}

    @rule(lanes=st.lists(st.sampled_from(["x", "y", None]), min_size=1, max_size=3))
    def enter(self, lanes: list[str | None]) -> None:
        first = len(self.entered)
        new = [Job(kind="apply", ref=str(first + n), lane=lane) for n, lane in enumerate(lanes)]
        self.run(enter(self.store, *new))
        self.entered += new

    @rule(limit=st.integers(1, 3))
    def start(self, limit: int) -> None:
        self.running += self.run(self.ledger.turn("w", [], [Want(kinds=frozenset({"apply"}), limit=limit)], NOW))

    @precondition(lambda self: self.running)
    @rule(data=st.data())
    def settle(self, data: st.DataObject) -> None:
        run = self.running.pop(data.draw(st.integers(0, len(self.running) - 1)))
        outcomes: list[Outcome] = [
            Done(run=run), Dead(run=run, error="e"), Dying(run=run, error="e"),
            Again(run=run, due_at=NOW, failed=True), Again(run=run, due_at=NOW, crashed=True),
        ]  # fmt: skip
        outcome = data.draw(st.sampled_from(outcomes))
        if isinstance(outcome, Done | Dead):
            self.ended.add(run.ref)
        self.run(self.ledger.turn("w", [outcome], [], NOW))

    @precondition(lambda self: self.ended)
    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        ref = data.draw(st.sampled_from(sorted(self.ended)))
        if self.run(self.ledger.replay("apply", ref, NOW)):
            self.ended.discard(ref)

    @invariant()
    def one_of_each_lane_is_first(self) -> None:
        by_lane: dict[str, list[str]] = {}
        for lane, state in self.run(self.states()):
            by_lane.setdefault(lane, []).append(state)
        for lane, states in by_lane.items():
            assert sum(state != "behind" for state in states) == 1, (lane, states)

    async def states(self) -> Iterator[Any]:
        unfinished = jobs.c.state.in_(("queued", "running", "behind"))
        async with self.db.read() as tx:
            rows = await tx.run(jobs.select().where(unfinished, jobs.c.lane.is_not(None)))
            return iter([(row.lane, row.state) for row in rows])


Lanes.TestCase.settings = settings(
    max_examples=25, stateful_step_count=25, suppress_health_check=[HealthCheck.too_slow]
)
test_any_history_of_a_lane_leaves_it_in_order = Lanes.TestCase
