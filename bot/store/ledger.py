"""The engine's ledger in SQL: jobs, ticks, workers. Refuses to decide; see bot/ledger.py for the promises."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.errors import TransientError
from bot.ledger import Backlog, DeadLetter, Outcome, Peer, Run, Want, Worker
from bot.ports import Job
from bot.store import jobs as rows
from bot.store.db import Database, explain_failure
from bot.store.solo import SoloLock
from bot.store.tables import jobs, schedules, workers


class SqlLedger:
    """bot.ledger.Ledger over a Database."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._solo = SoloLock(db.path) if db.path is not None else None
        self._pulse = None if db.on_sqlite else db.second_engine()

    @property
    def shared(self) -> bool:
        return self._solo is None

    # jobs

    async def due(self, kinds: Collection[str], now: datetime) -> frozenset[str]:
        async with self._db.read() as tx:
            return await rows.kinds_due(tx, kinds, now)

    async def turn(
        self, worker: str, outcomes: Sequence[Outcome], wants: Sequence[Want], now: datetime
    ) -> Sequence[Run]:
        async with self._db.write() as tx:
            if outcomes:
                await rows.settle(tx, outcomes, now)
            return await rows.start(tx, worker, wants, now)

    async def running(self, worker: str | None) -> Sequence[Run]:
        async with self._db.read() as tx:
            return [rows.as_run(row) for row in (await tx.run(_running(worker))).all()]

    # ticks

    async def last_tick(self, name: str, now: datetime) -> datetime:
        async with self._db.write() as tx:
            await tx.insert_new(schedules, ("name",), {"name": name, "last_at": now})
            last: datetime = (await tx.run(_last_tick(name))).scalar_one()
            return last

    async def tick(self, name: str, at: datetime, job: Job, now: datetime) -> bool:
        async with self._db.write() as tx:
            if not (await tx.run(_advance_tick(name, at))).rowcount:
                return False
            if job.lane is not None and await rows.lane_is_busy(tx, job.lane):
                return False
            await rows.enter(tx, [job], now)
            return True

    # what a person looks at

    async def dead_letters(self, limit: int) -> Sequence[DeadLetter]:
        async with self._db.read() as tx:
            return [_dead_letter(row) for row in (await tx.run(_dead(limit))).all()]

    async def replay(self, kind: str, ref: str, now: datetime) -> bool:
        async with self._db.write() as tx:
            row = (await tx.run(_last_finished(kind, ref))).first()
            if row is None:
                return False
            if row.lane is not None:
                await rows.lock_lanes(tx, [row.lane])
            await tx.run(_reopened(row.id, now))
            if row.lane is not None:
                await rows.advance(tx, [row.lane])
            return True

    async def backlog(self, now: datetime) -> Backlog:
        async with self._db.read() as tx:
            counted = (await tx.run(_counted())).all()
            oldest = (await tx.run(_due_longest())).scalar_one_or_none()
        waiting: dict[str, int] = {}
        for row in counted:
            if row.state != rows.DEAD:
                waiting[row.kind] = waiting.get(row.kind, 0) + row.number
        return Backlog(
            waiting=waiting,
            running=sum(row.number for row in counted if row.state == rows.RUNNING),
            dead=sum(row.number for row in counted if row.state == rows.DEAD),
            late=timedelta() if oldest is None else max(now - oldest, timedelta()),
        )

    async def forget(self, before: datetime) -> int:
        async with self._db.write() as tx:
            return (await tx.run(_forget(before))).rowcount

    # workers

    async def join(self, worker: Worker, instead_of: Peer | None) -> bool:
        async with self._db.write() as tx:
            if instead_of is not None:
                return (await tx.run(_take_over(worker, instead_of))).rowcount == 1
            return await tx.insert_new(workers, ("id",), _worker_values(worker) | {"beats": 0}) is not None

    async def peers(self) -> Sequence[Peer]:
        async with self._db.read() as tx:
            present = [_peer(row) for row in (await tx.run(sa.select(workers))).all()]
            return present + [_absent(name) for name in (await tx.run(_without_row())).scalars()]

    async def leave(self, worker: Worker) -> None:
        async with self._db.write() as tx:
            await tx.run(_gone(worker))

    def beat(self, worker: Worker) -> bool:
        if self._pulse is None:
            return True
        try:
            with self._pulse.begin() as conn:
                return conn.execute(_beat(worker)).rowcount == 1
        except sa.exc.SQLAlchemyError as exc:
            raise TransientError(explain_failure(self._db.url, exc)) from exc

    def lock(self) -> str | None:
        return self._solo.take() if self._solo is not None else None

    def unlock(self) -> None:
        if self._solo is not None:
            self._solo.release()
        if self._pulse is not None:
            self._pulse.dispose()


def _running(worker: str | None) -> sa.Select[Any]:
    running = sa.select(jobs).where(rows.in_state(rows.RUNNING)).order_by(jobs.c.id)
    return running if worker is None else running.where(jobs.c.worker == worker)


def _last_tick(name: str) -> sa.Select[Any]:
    return sa.select(schedules.c.last_at).where(schedules.c.name == name)


def _advance_tick(name: str, at: datetime) -> sa.Update:
    """Only one worker moves it, whoever comes first."""
    return sa.update(schedules).where(schedules.c.name == name, schedules.c.last_at < at).values(last_at=at)


def _dead(limit: int) -> sa.Select[Any]:
    dead = sa.select(jobs).where(rows.in_state(rows.DEAD))
    return dead.order_by(jobs.c.finished_at.desc(), jobs.c.id.desc()).limit(limit)


def _last_finished(kind: str, ref: str) -> sa.Select[Any]:
    of_ref = sa.select(jobs).where(jobs.c.kind == kind, jobs.c.ref == ref)
    finished = of_ref.where(rows.in_state(rows.DONE, rows.DEAD))
    return finished.order_by(jobs.c.attempt.desc()).limit(1).with_for_update()


def _reopened(job_id: int, now: datetime) -> sa.Update:
    """In a lane it stands behind first: the earliest unfinished one is let up afterwards."""
    fresh = {"failures": 0, "bugs": 0, "crashes": 0, "first_failed_at": None, "dying": False, "error": None}
    state = sa.case((jobs.c.lane.is_(None), rows.QUEUED), else_=rows.BEHIND)
    reopened = sa.update(jobs).where(jobs.c.id == job_id)
    return reopened.values(state=state, due_at=now, finished_at=None, **fresh)


def _counted() -> sa.Select[Any]:
    number = sa.func.count().label("number")
    not_done = sa.select(jobs.c.kind, jobs.c.state, number)
    return not_done.where(rows.in_state(*rows.UNFINISHED, rows.DEAD)).group_by(jobs.c.kind, jobs.c.state)


def _due_longest() -> sa.Select[Any]:
    return sa.select(sa.func.min(jobs.c.due_at)).where(rows.in_state(rows.QUEUED))


def _forget(before: datetime) -> sa.Delete:
    return sa.delete(jobs).where(rows.in_state(rows.DONE), jobs.c.finished_at < before)


def _worker_values(worker: Worker) -> dict[str, Any]:
    return {"id": worker.id, "host": worker.host, "pid": worker.pid, "birth": worker.birth}


def _is_process(worker: Worker) -> sa.ColumnElement[bool]:
    return sa.and_(
        workers.c.id == worker.id,
        workers.c.host == worker.host,
        workers.c.pid == worker.pid,
        workers.c.birth == worker.birth,
    )


def _take_over(worker: Worker, instead_of: Peer) -> sa.Update:
    unchanged = sa.and_(_is_process(instead_of.worker), workers.c.beats == instead_of.beats)
    return sa.update(workers).where(unchanged).values(**_worker_values(worker), beats=0)


def _beat(worker: Worker) -> sa.Update:
    return sa.update(workers).where(_is_process(worker)).values(beats=workers.c.beats + 1)


def _gone(worker: Worker) -> sa.Delete:
    return sa.delete(workers).where(_is_process(worker))


def _peer(row: sa.Row[Any]) -> Peer:
    worker = Worker(id=row.id, host=row.host, pid=row.pid, birth=row.birth)
    return Peer(worker=worker, beats=row.beats)


def _without_row() -> sa.Select[Any]:
    """Workers that were taken for dead, went on, and died before they entered again."""
    running = sa.select(jobs.c.worker).where(rows.in_state(rows.RUNNING)).distinct()
    return running.where(jobs.c.worker.not_in(sa.select(workers.c.id)))


def _absent(worker_id: str) -> Peer:
    return Peer(worker=Worker(id=worker_id, host="", pid=0, birth=""), beats=-1)


def _dead_letter(row: sa.Row[Any]) -> DeadLetter:
    return DeadLetter(
        kind=row.kind,
        ref=row.ref,
        attempt=row.attempt - 1 + row.starts,
        lane=row.lane,
        error=row.error or "",
        died_at=row.finished_at,
    )
