"""The door between the engine, which runs jobs, and the store, which remembers them. Holds no behaviour.

A job is unfinished while it is queued, behind (an earlier job of its lane is unfinished) or running; done and dead
are its ends. A run is one start of a job; (id, starts) names it, so that a worker that was taken for dead and
wakes up again cannot settle a job that others run meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.errors import ConfigError
from bot.ports import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One start of a job by one worker. `attempt` counts its starts, crashed ones included, so 1 means that no
    other start can have left anything behind. `dying`: on_dead is due, and `error` is what it is told."""

    id: int
    kind: str
    ref: str
    attempt: int
    lane: str | None
    worker: str
    starts: int
    failures: int
    bugs: int
    crashes: int
    first_failed_at: datetime | None
    dying: bool
    error: str | None

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.ref}"

    @property
    def start(self) -> tuple[int, int]:
        """Names this start and no other of the job."""
        return self.id, self.starts


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    run: Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """Queue it again, keeping its place in its lane. `failed`, `bug` and `crashed` are counted."""

    run: Run
    due_at: datetime
    error: str | None = None
    failed: bool = False
    bug: bool = False
    crashed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dying:
    """It will not be tried again; on_dead has to be told first, and the lane waits for that."""

    run: Run
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dead:
    run: Run
    error: str


Outcome = Done | Again | Dying | Dead


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """Up to `limit` jobs of these kinds."""

    kinds: frozenset[str]
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """One worker process. `id` is stable over restarts; (host, pid, birth) is this process and no other."""

    id: str
    host: str
    pid: int
    birth: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A worker's row: `beats` grows while it lives, and is -1 for one without a row that has runs in hand."""

    worker: Worker
    beats: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A job that needs a person."""

    kind: str
    ref: str
    attempt: int
    lane: str | None
    error: str
    died_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """`waiting` counts unfinished jobs by kind, running ones included; `late` is how long the job that is due
    longest has been due."""

    waiting: Mapping[str, int]
    running: int
    dead: int
    late: timedelta


class AlreadyRunningError(ConfigError):
    """Another live worker holds this id, or this SQLite file."""


class Ledger(Protocol):
    """Where jobs are kept. Every method may raise TransientError."""

    async def due(self, kinds: Collection[str], now: datetime) -> frozenset[str]:
        """Those of `kinds` that have a job to start; cheap, takes no lock."""

    async def turn(
        self, worker: str, outcomes: Sequence[Outcome], wants: Sequence[Want], now: datetime
    ) -> Sequence[Run]:
        """One transaction: settle these runs, then start others for `worker`, those due longest first."""

    async def running(self, worker: str | None) -> Sequence[Run]:
        """What a worker has in hand; of every worker when it is None."""

    async def tick(self, name: str, at: datetime, job: Job, now: datetime) -> bool:
        """Enqueue the job of a schedule's tick, unless this tick or a later one was, or the lane has unfinished
        work (then the tick is passed over); returns whether it did."""

    async def last_tick(self, name: str, now: datetime) -> datetime:
        """The schedule's last tick; `now` becomes it when there was none."""

    async def dead_letters(self, limit: int) -> Sequence[DeadLetter]: ...

    async def replay(self, kind: str, ref: str, now: datetime) -> bool:
        """Queue a finished job again; False when there is none."""

    async def backlog(self, now: datetime) -> Backlog: ...

    async def forget(self, before: datetime) -> int:
        """Delete what was done before that moment; dead letters stay. Returns how many."""

    async def join(self, worker: Worker, instead_of: Peer | None) -> bool:
        """Enter a worker; False when its id is taken by another than `instead_of` as it was seen."""

    async def peers(self) -> Sequence[Peer]: ...

    async def leave(self, worker: Worker) -> None:
        """Remove this process's row, if it is its own."""

    def beat(self, worker: Worker) -> bool:
        """Say that it lives; called from a thread of its own. False when another process has its id."""

    def lock(self) -> str | None:
        """On a store for one worker process: take it until the process ends; the holder's name when another
        has it. A store for several answers None at once."""

    def unlock(self) -> None: ...

    @property
    def shared(self) -> bool:
        """Whether several worker processes may use it."""


class Buckets(Protocol):
    """Where quotas are counted. A bucket is a time: when the next may pass, in seconds since 1970. Every method
    may raise TransientError."""

    async def reserve(self, bucket: str, cost_s: float, floor_s: float, latest_s: float) -> float | None:
        """Take the bucket's time (at least `floor_s`) and move it on by `cost_s`; returns the time taken, or None
        and changes nothing when the bucket's time is after `latest_s`."""

    async def free_at(self, bucket: str) -> float:
        """The bucket's time; 0.0 for one never used."""

    async def push_back(self, bucket: str, until_s: float) -> None:
        """Let nobody through before that time."""
