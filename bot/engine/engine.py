"""Durable work: what was enqueued is done, once for its effect, whatever dies meanwhile.

Refuses to know what a job means, and SQL: jobs are kept by a Ledger (bot/ledger.py). Handlers are called at least
once and have to be idempotent by their own records.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.engine import schedules
from bot.engine.dispatcher import Dispatcher
from bot.engine.fleet import Fleet
from bot.engine.process import this_process
from bot.engine.registry import Handler, OnDead, Registry
from bot.engine.retry import DEFAULT, RetryPolicy
from bot.engine.schedules import Cron, Every, Rhythm
from bot.errors import OffportalError
from bot.ledger import Backlog, DeadLetter, Ledger

log: structlog.stdlib.BoundLogger = structlog.get_logger()

_RETENTION = "engine.retention"


class WorkerReplacedError(OffportalError):
    """Another process works under this worker's id: this one has stopped."""


class Engine:
    """One worker. `worker_id` is stable over restarts and no other live worker's.

    `poll_s` bounds how late a job that another process enqueued, or one that was delayed, starts; jobs of this
    process start at once when the store calls `nudge`. A worker whose heart stands still for `dead_after_s` is
    dead to the others. Jobs done are forgotten after `keep_done`; dead letters stay.
    """

    def __init__(
        self,
        ledger: Ledger,
        *,
        worker_id: str,
        clock: Callable[[], datetime],
        poll_s: float = 0.08,
        beat_s: float = 1.0,
        dead_after_s: float = 6.0,
        keep_done: timedelta = timedelta(days=30),
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._keep_done = keep_done
        self._registry = Registry()
        self._rhythms: dict[str, Rhythm] = {}
        self._dispatcher = Dispatcher(ledger, self._registry, worker_id, clock=clock, poll_s=poll_s)
        self._fleet = Fleet(
            ledger,
            self._registry,
            this_process(worker_id),
            clock=clock,
            beat_s=beat_s,
            dead_after_s=dead_after_s,
            on_replaced=self._replaced,
        )
        self._loop_task: asyncio.Task[None] | None = None
        self._others: list[asyncio.Task[None]] = []
        self._was_replaced = False

    def register(
        self,
        kind: str,
        handler: Handler,
        *,
        queue: str | None = None,
        concurrency: int = 10,
        on_dead: OnDead | None = None,
        retry: RetryPolicy = DEFAULT,
    ) -> None:
        """Have `handler(ref, attempt)` do the jobs of this kind, at most `concurrency` at a time in this worker
        together with the other kinds of `queue` (by default the kind alone). `on_dead(kind, ref, error)` hears of
        a job given up, before the next of its lane starts. Call it before `start`."""
        self._registry.register(kind, handler, queue=queue, concurrency=concurrency, on_dead=on_dead, retry=retry)

    def schedule(self, name: str, rhythm: Rhythm, handler: Handler, *, on_dead: OnDead | None = None) -> None:
        """Have `handler(tick, attempt)` called at every tick by one worker, never twice at a time; `tick` is ISO
        8601 in UTC. A failed one is tried again, every interval at least. Call it before `start`."""
        retry = DEFAULT
        if isinstance(rhythm, Every):
            retry = replace(DEFAULT, longest=min(rhythm.interval, DEFAULT.longest))
        self.register(name, handler, concurrency=1, on_dead=on_dead, retry=retry)
        self._rhythms[name] = rhythm

    def nudge(self) -> None:
        """Something was enqueued: look now."""
        self._dispatcher.nudge()

    async def start(self) -> None:
        """Raises AlreadyRunningError when another live process has this worker's id, or this SQLite file."""
        if _RETENTION not in self._rhythms:
            self.schedule(_RETENTION, Cron(expression="17 3 * * *"), self._forget)
        try:
            await self._fleet.join()
        except BaseException:
            await self._fleet.leave()
            raise
        self._loop_task = asyncio.create_task(self._dispatcher.run(), name="engine-dispatcher")
        self._others = [asyncio.create_task(self._fleet.watch(), name="engine-fleet")]
        for name, rhythm in self._rhythms.items():
            keeping = schedules.keep(name, rhythm, ledger=self._ledger, clock=self._clock, nudge=self._dispatcher.nudge)
            self._others.append(asyncio.create_task(keeping, name=f"engine-schedule-{name}"))

    async def wait(self) -> None:
        """Return when the engine was stopped. Raises WorkerReplacedError, or what broke it: the process should
        end then."""
        if self._loop_task is None:
            return
        done, _ = await asyncio.wait([self._loop_task, *self._others], return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            if not task.cancelled():
                task.result()
        if self._was_replaced:
            raise WorkerReplacedError("engine: another process works under this worker's id: give it another")

    async def stop(self, grace_s: float = 10.0) -> None:
        """Finish what is in hand within `grace_s` seconds, hand the rest back, and leave. Harmless when stopped
        or never started."""
        for task in self._others:
            task.cancel()
        if self._loop_task is not None:
            await self._dispatcher.stop(self._loop_task, grace_s)
            self._loop_task = None
            await self._fleet.leave()

    async def dead_letters(self, limit: int = 100) -> Sequence[DeadLetter]:
        """Jobs that need a person, the latest first."""
        return await self._ledger.dead_letters(limit)

    async def replay(self, kind: str, ref: str) -> bool:
        """Do a finished job again, dead or done; False when there is none. It keeps its place in its lane."""
        replayed = await self._ledger.replay(kind, ref, self._clock())
        self.nudge()
        return replayed

    async def backlog(self) -> Backlog:
        """Numbers for metrics."""
        return await self._ledger.backlog(self._clock())

    async def _forget(self, _tick: str, _attempt: int) -> None:
        forgotten = await self._ledger.forget(self._clock() - self._keep_done)
        log.info("jobs.forgotten", jobs=forgotten)

    def _replaced(self) -> None:
        self._was_replaced = True
        self._dispatcher.wind_down()
        for task in self._others:
            task.cancel()
