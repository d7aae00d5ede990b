"""The way from a listener to the durable inbox. Acknowledges nothing and never hides a failed store."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

import structlog

from bot.slack.events import Ignored, Kind, SlackEvent

log = structlog.get_logger()

Receive = Callable[[SlackEvent], Awaitable[None]]
"""Stores one event in a local transaction; storing the same key twice changes nothing. Raises when it could not."""

_SLOW_S = 0.05  # DESIGN.md: acknowledged and stored within 50 ms


class Inbox:
    """Hands what was read to `receive`; what is not for us is counted in the log only."""

    def __init__(self, receive: Receive, kinds: frozenset[Kind]) -> None:
        self._receive = receive
        self._kinds = kinds

    async def put(self, read: SlackEvent | Ignored) -> None:
        """Return once it is stored (or ignored); whatever `receive` raises passes through, so that no
        acknowledgement follows and Slack tells us again."""
        if isinstance(read, Ignored):
            log.debug("slack.ignored", reason=read.reason)
            return
        if read.kind not in self._kinds:
            log.debug("slack.ignored", reason="nobody_handles_it", kind=read.kind.value)
            return
        started = time.perf_counter()
        await self._receive(read)
        took_s = time.perf_counter() - started
        if took_s > _SLOW_S:
            log.warning("slack.stored_slowly", kind=read.kind.value, key=read.key, took_s=round(took_s, 3))
        else:
            log.debug("slack.stored", kind=read.kind.value, key=read.key, took_s=round(took_s, 3))
