"""Keeps the worker's loops alive until it is told to stop. Knows jobs and pace, never what a job means."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bot.errors import PermanentError
from bot.ports import Store

log = structlog.get_logger()

LEASE = timedelta(seconds=15)
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 60.0


@dataclass(slots=True)
class Health:
    """How each loop is: "" when well, else the last error. Loops not started yet are missing. A loop that mends
    itself without ending, such as the mailbox, has a probe that tells its present error."""

    loops: dict[str, str] = field(default_factory=dict)
    probes: dict[str, Callable[[], str]] = field(default_factory=dict)

    def errors(self) -> dict[str, str]:
        """The present error of each loop, "" where there is none."""
        return {
            name: error or (self.probes[name]() if name in self.probes else "") for name, error in self.loops.items()
        }


async def keep(name: str, loop: Callable[[], Awaitable[None]], health: Health) -> None:
    """Run a loop for ever: what it raises is logged and shown in health, and it starts again after a pause that
    doubles up to a minute. A PermanentError waits the full minute: a person has to act first."""
    pause_s = FIRST_PAUSE_S
    while True:
        health.loops[name] = ""
        started = asyncio.get_running_loop().time()
        try:
            await loop()
        except Exception as exc:  # noqa: BLE001  one loop's fault must not end the others
            health.loops[name] = f"{type(exc).__name__}: {exc}"[:300]
            log.warning("loop.failed", loop=name, error=health.loops[name])
            if isinstance(exc, PermanentError):
                pause_s = LONGEST_PAUSE_S
        if asyncio.get_running_loop().time() - started > LONGEST_PAUSE_S:
            pause_s = FIRST_PAUSE_S
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2, LONGEST_PAUSE_S)


async def run_until(stop: asyncio.Event, loops: Mapping[str, Callable[[], Awaitable[None]]], health: Health) -> None:
    """Run the loops until `stop` is set, then cancel them and wait for their ends."""
    tasks = [asyncio.create_task(keep(name, loop, health), name=f"loop-{name}") for name, loop in loops.items()]
    try:
        await stop.wait()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Of several workers one runs a loop; another takes over 15 s after it fell silent. Two may overlap for a
    moment, which the loops bear: what they store has unique keys."""

    store: Store
    holder: str
    now: Callable[[], datetime]

    async def guard(self, name: str, loop: Callable[[], Awaitable[None]]) -> None:
        """Run the loop while this worker holds the lease; wait for it otherwise."""
        if not await self._take(name):
            await asyncio.sleep(LEASE.total_seconds() / 3)
            return
        running = asyncio.ensure_future(loop())
        try:
            while not running.done():
                await asyncio.wait([running], timeout=LEASE.total_seconds() / 3)
                if not running.done() and not await self._take(name):
                    return
            running.result()
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    async def _take(self, name: str) -> bool:
        now = self.now()
        async with self.store.unit() as unit:
            held = await unit.recall(f"lease:{name}")
            if held is not None and held["by"] != self.holder and datetime.fromisoformat(held["until"]) > now:
                return False
            await unit.remember(f"lease:{name}", {"by": self.holder, "until": (now + LEASE).isoformat()}, now=now)
            return True
