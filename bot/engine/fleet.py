"""Who works: enters this worker, says that it lives, and takes up what dead workers had in hand.

Refuses clocks of other machines: a worker is dead when its row's beats stand still for `dead_after_s` by our own.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from bot.engine.outcomes import after_crash
from bot.engine.process import is_alive, is_here
from bot.engine.registry import Registry
from bot.errors import TransientError
from bot.ledger import Again, AlreadyRunningError, Ledger, Peer, Run, Worker

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class Fleet:
    """`on_replaced` is called when another process took this worker's id: it must stop."""

    def __init__(
        self,
        ledger: Ledger,
        registry: Registry,
        me: Worker,
        *,
        clock: Callable[[], datetime],
        beat_s: float,
        dead_after_s: float,
        on_replaced: Callable[[], None],
    ) -> None:
        self._ledger = ledger
        self._registry = registry
        self._me = me
        self._clock = clock
        self._beat_s = beat_s
        self._dead_after_s = dead_after_s
        self._on_replaced = on_replaced
        self._stop_beating = threading.Event()
        self._heart: threading.Thread | None = None
        self._seen: dict[str, tuple[Peer, float]] = {}

    async def join(self) -> None:
        """Become a worker, and take up what an earlier process of the same id, or the same SQLite file, had in
        hand. Raises AlreadyRunningError when that one lives."""
        holder = self._ledger.lock()
        if holder is not None:
            raise AlreadyRunningError(
                [f"worker {self._me.id}: {holder}: works on this SQLite file already; several need PostgreSQL"]
            )
        if not self._ledger.shared:
            await self._take_up(await self._ledger.running(None))
            return
        await self._enter()
        await self._take_up(await self._ledger.running(self._me.id))
        loop = asyncio.get_running_loop()
        # A thread, so that a blocked event loop is not taken for a death.
        self._heart = threading.Thread(target=self._beat, args=(loop,), name="engine-heart", daemon=True)
        self._heart.start()

    async def leave(self) -> None:
        """The opposite of join; harmless when join failed."""
        self._stop_beating.set()
        if self._heart is not None:
            await asyncio.to_thread(self._heart.join)
            try:
                await self._ledger.leave(self._me)
            except TransientError as exc:
                log.warning("worker.left_unsaid", error=str(exc))
        self._ledger.unlock()

    async def watch(self) -> None:
        """Until cancelled: look after the others."""
        while self._ledger.shared:
            await asyncio.sleep(self._beat_s)
            try:
                await self._bury_the_dead()
            except TransientError as exc:
                log.warning("fleet.look_failed", error=str(exc))

    async def _enter(self) -> None:
        if await self._ledger.join(self._me, None):
            return
        peer = await self._peer(self._me.id)
        if peer is not None:
            await self._refuse_if_alive(peer)
        if not await self._ledger.join(self._me, peer):
            raise self._already_running(peer)

    async def _refuse_if_alive(self, peer: Peer) -> None:
        if is_here(peer.worker):
            if is_alive(peer.worker):
                raise self._already_running(peer)
            return
        log.info("worker.waits_for_its_predecessor", seconds=self._dead_after_s)
        await asyncio.sleep(self._dead_after_s)
        if await self._peer(peer.worker.id) != peer:
            raise self._already_running(peer)

    def _already_running(self, peer: Peer | None) -> AlreadyRunningError:
        who = f"host {peer.worker.host}, process {peer.worker.pid}" if peer is not None else "another process"
        return AlreadyRunningError([f"worker {self._me.id}: {who}: works under this id already; give it another"])

    async def _peer(self, worker_id: str) -> Peer | None:
        return next((peer for peer in await self._ledger.peers() if peer.worker.id == worker_id), None)

    def _beat(self, loop: asyncio.AbstractEventLoop) -> None:
        while not self._stop_beating.wait(self._beat_s):
            try:
                alive = self._ledger.beat(self._me)
            except TransientError:
                continue  # the others bury us if this lasts; the dispatcher says so in the log
            if not alive:
                asyncio.run_coroutine_threadsafe(self._enter_again(), loop)

    async def _enter_again(self) -> None:
        """Our row is gone: we were taken for dead, and what we had in hand runs elsewhere."""
        if self._stop_beating.is_set():
            return
        try:
            if await self._ledger.join(self._me, None):
                log.warning("worker.was_taken_for_dead")
                return
            peer = await self._peer(self._me.id)
        except TransientError:
            return  # the next beat comes here again
        if peer is not None and peer.worker != self._me:
            log.error("worker.replaced", by_pid=peer.worker.pid)
            self._on_replaced()

    async def _bury_the_dead(self) -> None:
        now_s = asyncio.get_running_loop().time()
        present = {peer.worker.id: peer for peer in await self._ledger.peers()}
        for worker_id, peer in present.items():
            if worker_id not in self._seen or self._seen[worker_id][0] != peer:
                self._seen[worker_id] = (peer, now_s)
        self._seen = {worker_id: seen for worker_id, seen in self._seen.items() if worker_id in present}
        for peer, since_s in list(self._seen.values()):
            if peer.worker != self._me and self._is_dead(peer, now_s - since_s):
                log.warning("worker.died", worker=peer.worker.id)
                await self._take_up(await self._ledger.running(peer.worker.id))
                await self._ledger.leave(peer.worker)

    def _is_dead(self, peer: Peer, still_s: float) -> bool:
        if is_here(peer.worker) and still_s > 0 and not is_alive(peer.worker):
            return True
        return still_s >= self._dead_after_s

    async def _take_up(self, orphans: Sequence[Run]) -> None:
        if not orphans:
            return
        now = self._clock()
        outcomes = after_crash(orphans, self._registry.get, now)
        await self._ledger.turn(self._me.id, outcomes, [], now)
        ended = [outcome.run.key for outcome in outcomes if not isinstance(outcome, Again)]
        log.info("worker.took_up", runs=len(outcomes))
        if ended:
            log.error("job.poisonous", jobs=ended)
