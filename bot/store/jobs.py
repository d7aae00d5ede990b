"""SQL of jobs: entering, starting and settling them. Refuses to decide when a job is tried again.

Lanes. A job whose lane has an unfinished one before it enters as "behind", which polling never sees; whoever ends
the first of a lane makes the next "queued", in the same transaction. On PostgreSQL both hold the lane's advisory
lock, so that neither can miss the other; SQLite has one writer at a time anyway.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from bot.ledger import Again, Dead, Done, Dying, Outcome, Run, Want
from bot.ports import Job
from bot.store.columns import Moment
from bot.store.db import Transaction
from bot.store.tables import jobs

QUEUED: Final = "queued"
BEHIND: Final = "behind"
RUNNING: Final = "running"
DONE: Final = "done"
DEAD: Final = "dead"
UNFINISHED: Final = (QUEUED, RUNNING, BEHIND)  # in the order of the index (tables.py)

_ERROR_CHARS = 2_000


def in_state(*states: str, of: sa.FromClause = jobs) -> sa.ColumnElement[bool]:
    """Written into the SQL, not bound to it: PostgreSQL's generic plans use a partial index only then."""
    words = [sa.literal_column(f"'{state}'", sa.Text) for state in states]
    return of.c.state == words[0] if len(words) == 1 else of.c.state.in_(words)


# ---- entering -------------------------------------------------------------------------------------------


async def enter(tx: Transaction, entering: Sequence[Job], now: datetime) -> None:
    """Put jobs into the table; those whose (kind, ref, attempt) is known change nothing."""
    await lock_lanes(tx, {job.lane for job in entering if job.lane is not None})
    for job in entering:
        state = sa.literal(QUEUED) if job.lane is None else _behind_others(job.lane)
        await tx.insert_new(
            jobs,
            ("kind", "ref", "attempt"),
            {
                "kind": job.kind,
                "ref": job.ref,
                "attempt": job.attempt,
                "lane": job.lane,
                "state": state,
                "due_at": job.not_before or now,
                "created_at": now,
            },
        )


async def lock_lanes(tx: Transaction, lanes: Iterable[str]) -> None:
    """Hold the lanes until the transaction ends; always in the same order, so that two cannot wait for each
    other."""
    if tx.on_sqlite:
        return
    for number in sorted(_lock_number(lane) for lane in lanes):
        await tx.run(sa.select(sa.func.pg_advisory_xact_lock(number)))


async def lane_is_busy(tx: Transaction, lane: str) -> bool:
    return bool((await tx.run(sa.select(_unfinished_in(lane)))).scalar_one())


def _lock_number(lane: str) -> int:
    return int.from_bytes(
        hashlib.blake2b(lane.encode(errors="surrogatepass"), digest_size=8).digest(), "big", signed=True
    )


def _unfinished_in(lane: str) -> sa.Exists:
    return sa.exists().where(jobs.c.lane == lane, in_state(*UNFINISHED))


def _behind_others(lane: str) -> sa.ColumnElement[str]:
    return sa.case((_unfinished_in(lane), BEHIND), else_=QUEUED)


# ---- starting -------------------------------------------------------------------------------------------


async def kinds_due(tx: Transaction, kinds: Collection[str], now: datetime) -> frozenset[str]:
    """Those of the kinds with a job to start: one look into an index a kind, however long the backlog."""
    if not kinds:
        return frozenset()
    return frozenset((await tx.run(_looks(frozenset(kinds)), {"now": now})).scalars())


async def start(tx: Transaction, worker: str, wants: Sequence[Want], now: datetime) -> list[Run]:
    """Mark due jobs as run by this worker, as many as it wants; those due longest first."""
    due = await kinds_due(tx, frozenset().union(*(want.kinds for want in wants)), now)
    started: list[sa.Row[Any]] = []
    for want in wants:
        if want.kinds & due:
            started += (await tx.run(_start(worker, want, now))).all()
    return [as_run(row) for row in sorted(started, key=lambda row: (row.due_at, row.id))]


@functools.lru_cache(maxsize=256)  # the loop asks ten times a second: building it costs more than running it
def _looks(kinds: frozenset[str]) -> sa.Executable:
    looks = [
        sa.select(sa.literal(kind).label("kind")).where(
            sa.exists().where(in_state(QUEUED), jobs.c.kind == kind, jobs.c.due_at <= sa.bindparam("now", type_=Moment))
        )
        for kind in sorted(kinds)
    ]
    return sa.union_all(*looks) if len(looks) > 1 else looks[0]


def _start(worker: str, want: Want, now: datetime) -> Any:
    due = (
        sa.select(jobs.c.id)
        .where(in_state(QUEUED), jobs.c.kind.in_(sorted(want.kinds)), jobs.c.due_at <= now)
        .order_by(jobs.c.due_at, jobs.c.id)
        .limit(want.limit)
        .with_for_update(skip_locked=True)  # SQLAlchemy leaves it out on SQLite
        .cte("due")  # PostgreSQL runs it once; as a subquery it may run, and lock, again for each row
    )
    started = sa.update(jobs).where(jobs.c.id.in_(sa.select(due.c.id)))
    return started.values(state=RUNNING, worker=worker, starts=jobs.c.starts + 1).returning(jobs)


def as_run(row: sa.Row[Any]) -> Run:
    return Run(
        id=row.id,
        kind=row.kind,
        ref=row.ref,
        attempt=row.attempt - 1 + row.starts,
        lane=row.lane,
        worker=row.worker,
        starts=row.starts,
        failures=row.failures,
        bugs=row.bugs,
        crashes=row.crashes,
        first_failed_at=row.first_failed_at,
        dying=row.dying,
        error=row.error,
    )


# ---- settling -------------------------------------------------------------------------------------------


async def settle(tx: Transaction, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Write down what became of runs. A run that is no longer its worker's is passed over."""
    ended_lanes: set[str] = set()
    by_worker: dict[str, list[Run]] = {}
    for outcome in outcomes:
        if isinstance(outcome, Done):
            by_worker.setdefault(outcome.run.worker, []).append(outcome.run)
    for worker, runs in by_worker.items():
        ended = (await tx.run(_done(worker, runs, now))).all()
        ended_lanes.update(row.lane for row in ended if row.lane is not None)
    for outcome in outcomes:
        if isinstance(outcome, Done):
            continue
        settled = (await tx.run(_settled(outcome, now))).rowcount == 1
        if settled and isinstance(outcome, Dead) and outcome.run.lane is not None:
            ended_lanes.add(outcome.run.lane)
    if ended_lanes:
        await advance(tx, ended_lanes)


async def advance(tx: Transaction, lanes: Collection[str]) -> None:
    """Let the next job of each lane come up, if nothing is before it."""
    await lock_lanes(tx, lanes)
    await tx.run(_first_behind(lanes))


def _done(worker: str, runs: Sequence[Run], now: datetime) -> Any:
    mine = sa.update(jobs).where(
        sa.tuple_(jobs.c.id, jobs.c.starts).in_([run.start for run in runs]),
        jobs.c.worker == worker,
        in_state(RUNNING),
    )
    return mine.values(state=DONE, worker=None, finished_at=now, error=None).returning(jobs.c.lane)


def _settled(outcome: Again | Dying | Dead, now: datetime) -> sa.Update:
    run = outcome.run
    mine = sa.update(jobs).where(
        jobs.c.id == run.id,
        jobs.c.starts == run.starts,
        jobs.c.worker == run.worker,
        in_state(RUNNING),
    )
    match outcome:
        case Again():
            return mine.values(_again(outcome, now))
        case Dying():
            fresh = {"failures": 0, "bugs": 0, "crashes": 0, "first_failed_at": None}
            values = {"state": QUEUED, "worker": None, "due_at": now, "dying": True, **fresh}
            return mine.values(**values, error=_short(outcome.error))
        case Dead():
            return mine.values(state=DEAD, worker=None, finished_at=now, error=_short(outcome.error))


def _again(outcome: Again, now: datetime) -> dict[str, Any]:
    values: dict[str, Any] = {"state": QUEUED, "worker": None, "due_at": outcome.due_at}
    if outcome.failed:
        values["failures"] = jobs.c.failures + 1
        values["first_failed_at"] = sa.func.coalesce(jobs.c.first_failed_at, sa.bindparam("first", now))
    if outcome.bug:
        values["bugs"] = jobs.c.bugs + 1
    if outcome.crashed:
        values["crashes"] = jobs.c.crashes + 1
    if outcome.error is not None and not outcome.run.dying:  # a dying job keeps what it dies of
        values["error"] = _short(outcome.error)
    return values


def _first_behind(lanes: Collection[str]) -> sa.Update:
    """Of each lane the earliest behind, unless one of the lane is queued or running."""
    firsts = (
        sa.select(sa.func.min(jobs.c.id))
        .where(jobs.c.lane.in_(sorted(lanes)), in_state(*UNFINISHED), in_state(BEHIND))
        .group_by(jobs.c.lane)
    )
    other = jobs.alias("other")
    taken = sa.exists().where(other.c.lane == jobs.c.lane, in_state(*UNFINISHED, of=other), ~in_state(BEHIND, of=other))
    return sa.update(jobs).where(jobs.c.id.in_(firsts), ~taken).values(state=QUEUED)


def _short(error: str) -> str:
    return error[:_ERROR_CHARS]
