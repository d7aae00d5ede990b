"""When something that repeats is due, and entering it once for all workers. Refuses to run it: it is a job.

A tick that was missed while nobody worked is made up for, the latest one only. A tick that comes while the last
one's job is unfinished is passed over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from cronsim import CronSim, CronSimError

from bot.errors import TransientError
from bot.ledger import Ledger
from bot.ports import Job

log: structlog.stdlib.BoundLogger = structlog.get_logger()

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_SLEEP_S = 1.0  # so that a clock that is set is noticed
_AFTER_FAILURE_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Every:
    """At every whole multiple of `interval` since 1970-01-01 UTC."""

    interval: timedelta

    def __post_init__(self) -> None:
        if self.interval <= timedelta():
            raise ValueError(f"engine: nothing happens every {self.interval}")

    def last(self, now: datetime) -> datetime:
        return now - (now - _EPOCH) % self.interval

    def next(self, now: datetime) -> datetime:
        return self.last(now) + self.interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """Five fields as in crontab(5), read in that time zone; at the change of the clocks as Debian's cron does
    it: what falls into the missing hour happens right after it, and nothing happens twice."""

    expression: str
    timezone: str = "UTC"

    def __post_init__(self) -> None:
        try:
            self.next(_EPOCH)
        except (CronSimError, StopIteration) as exc:
            raise ValueError(f"engine: {self.expression!r} is no crontab expression: {exc}") from exc

    def last(self, now: datetime) -> datetime:
        # One whole second on, because CronSim looks strictly before; a part of a second more could find the next.
        local = (now.replace(microsecond=0) + timedelta(seconds=1)).astimezone(ZoneInfo(self.timezone))
        return next(CronSim(self.expression, local, reverse=True)).astimezone(UTC)

    def next(self, now: datetime) -> datetime:
        return next(CronSim(self.expression, now.astimezone(ZoneInfo(self.timezone)))).astimezone(UTC)


Rhythm = Every | Cron


async def keep(
    name: str, rhythm: Rhythm, *, ledger: Ledger, clock: Callable[[], datetime], nudge: Callable[[], None]
) -> None:
    """Until cancelled: enter the job `name` (its ref is the tick, ISO 8601 in UTC) at every tick. Every worker may
    keep the same schedule: the first to come enters it."""
    while True:
        try:
            now = clock()
            tick = rhythm.last(now)
            if tick > await ledger.last_tick(name, now):
                job = Job(kind=name, ref=tick.isoformat(timespec="seconds"), lane=f"schedule:{name}")
                if await ledger.tick(name, tick, job, now):
                    nudge()
        except TransientError as exc:
            log.warning("schedule.failed", schedule=name, error=str(exc))
            await asyncio.sleep(_AFTER_FAILURE_S)
        else:
            wait_s = (rhythm.next(now) - clock()).total_seconds()
            await asyncio.sleep(min(max(wait_s, 0.0), _LONGEST_SLEEP_S))
