"""Starts due jobs, and writes down what became of them. Refuses to know what a job means.

One loop, one transaction a turn: settle what has finished, start what is due. A turn comes when a job ends, when
somebody nudges, and every `poll_s` seconds, then only after a cheap look. Errors of handlers are judged by
outcomes.py; errors of the database leave everything in hand for the next turn.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import datetime

import structlog

from bot.engine.outcomes import after_failure
from bot.engine.registry import Registry
from bot.errors import OffportalError, TransientError
from bot.ledger import Again, Dead, Done, Ledger, Outcome, Run, Want

log: structlog.stdlib.BoundLogger = structlog.get_logger()

_AFTER_FAILURE_S = 1.0
_SETTLE_S = 5.0  # at a stop: how long a database that is away is waited for


class Dispatcher:
    """`run` is the loop, in a task of its own; `stop` ends it."""

    def __init__(
        self,
        ledger: Ledger,
        registry: Registry,
        worker_id: str,
        *,
        clock: Callable[[], datetime],
        poll_s: float,
    ) -> None:
        self._ledger = ledger
        self._registry = registry
        self._worker_id = worker_id
        self._clock = clock
        self._poll_s = poll_s
        self._wake = asyncio.Event()
        self._in_hand: dict[tuple[int, int], tuple[Run, asyncio.Task[None]]] = {}  # by Run.start
        self._outcomes: list[Outcome] = []
        self._stopping = False
        self._unsure = False  # a turn failed, perhaps at its commit: it may have been carried out

    def nudge(self) -> None:
        """Look now. On the event loop's thread only."""
        self._wake.set()

    def wind_down(self) -> None:
        """Start nothing more; `run` returns when all that is in hand has ended and is written down."""
        self._stopping = True
        self.nudge()

    async def run(self) -> None:
        while not self._stopping or self._in_hand or self._outcomes:
            self._wake.clear()
            try:
                await self._turn()
            except TransientError as exc:
                log.warning("engine.turn_failed", error=str(exc))
                await asyncio.sleep(_AFTER_FAILURE_S)
            else:
                await self._woken_or_due()

    async def stop(self, loop_task: asyncio.Task[None], grace_s: float) -> None:
        """Let what is in hand finish for `grace_s` seconds, then cancel it and hand it back, in its place. What
        cannot be written down any more is taken up as after a crash."""
        self.wind_down()
        await asyncio.wait([loop_task], timeout=grace_s)
        for run, task in list(self._in_hand.values()):
            if not task.cancel():
                continue
            log.info("job.handed_back", job=run.key)
        _, late = await asyncio.wait([loop_task], timeout=_SETTLE_S)
        if late:
            log.error("engine.stopped_unsettled", runs=len(self._in_hand) + len(self._outcomes))
            loop_task.cancel()
            await asyncio.wait(late)
        elif (broken := loop_task.exception()) is not None:
            log.error("engine.broken", exc_info=broken)

    async def _woken_or_due(self) -> None:
        timer = asyncio.get_running_loop().call_later(self._poll_s, self._wake.set)
        try:
            await self._wake.wait()
        finally:
            timer.cancel()

    async def _turn(self) -> None:
        await self._take_back_strays()
        now = self._clock()
        wants = [] if self._stopping else self._wants()
        if not self._outcomes:
            due = await self._ledger.due({kind for want in wants for kind in want.kinds}, now)
            if not due:
                return
        settling, self._outcomes = self._outcomes, []
        try:
            runs = await self._ledger.turn(self._worker_id, settling, wants, now)
        except BaseException:
            self._outcomes = settling + self._outcomes
            self._unsure = True
            raise
        for run in runs:
            self._in_hand[run.start] = (run, asyncio.create_task(self._work(run), name=run.key))

    def _wants(self) -> list[Want]:
        """What there is room for."""
        busy = Counter(self._registry[run.kind].queue for run, _ in self._in_hand.values())
        return [
            Want(kinds=self._registry.kinds_of(queue), limit=limit - busy[queue])
            for queue, limit in self._registry.queues().items()
            if limit > busy[queue]
        ]

    async def _take_back_strays(self) -> None:
        """What the ledger says that we run, but nobody does, is handed back."""
        if not self._unsure:
            return
        settled = {outcome.run.start for outcome in self._outcomes}
        for run in await self._ledger.running(self._worker_id):
            if run.start not in self._in_hand and run.start not in settled:
                self._outcomes.append(Again(run=run, due_at=self._clock()))
        self._unsure = False

    async def _work(self, run: Run) -> None:
        try:
            with structlog.contextvars.bound_contextvars(job=run.key, attempt=run.attempt):
                outcome = await self._outcome_of(run)
        except asyncio.CancelledError:
            outcome = Again(run=run, due_at=self._clock())
        self._outcomes.append(outcome)
        del self._in_hand[run.start]
        self.nudge()

    async def _outcome_of(self, run: Run) -> Outcome:
        registered = self._registry[run.kind]
        try:
            if not run.dying:
                await registered.handler(run.ref, run.attempt)
                return Done(run=run)
            if registered.on_dead is not None:
                await registered.on_dead(run.kind, run.ref, run.error or "")
            return Dead(run=run, error=run.error or "")
        except asyncio.CancelledError as exc:
            if self._stopping:
                raise
            error: BaseException = exc  # of something the handler waited for: nobody cancels us before a stop
        except Exception as exc:  # noqa: BLE001 - every error of a handler is judged here
            error = exc
        outcome = after_failure(run, error, registered, self._clock())
        self._say(outcome, error)
        return outcome

    def _say(self, outcome: Outcome, error: BaseException) -> None:
        """Our own errors speak for themselves and hold no addresses; a bug brings its trace."""
        ours = isinstance(error, OffportalError)
        said = {"error": str(error) if ours else type(error).__name__, "exc_info": None if ours else error}
        if isinstance(outcome, Again):
            log.warning("job.failed", again_at=outcome.due_at.isoformat(timespec="seconds"), **said)
        else:
            log.error("job.dead", **said)
