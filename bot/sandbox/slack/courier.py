"""Brings events and interactions to the app, again when it does not answer. Knows neither their meaning nor the wire.

Slack gives three seconds, then tries an event three times more: at once, after a minute, after five
(docs.slack.dev/apis/events-api, 2026-11). Interactions and commands are tried once: the person sees the failure.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bot.sandbox.slack.state import Json, SandboxError

ACK_WITHIN_S = 3.0
RETRY_S = (0.0, 60.0, 300.0)


class Category(StrEnum):
    """Socket Mode's names for what is delivered."""

    EVENT = "events_api"
    INTERACTIVE = "interactive"
    COMMAND = "slash_commands"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the app said: `body` is its payload; `reason` is Slack's word when it did not acknowledge."""

    acked: bool
    reason: str = ""
    body: Json | None = None
    no_retry: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One attempt, for tests and the demo page. `key` is the event's id or the interaction's type."""

    category: Category
    key: str
    type: str
    attempt: int
    acked: bool
    reason: str


class Route(Protocol):
    """A way to the app. `attempt` counts from 0, `reason` says why the attempt before failed."""

    async def carry(self, category: Category, payload: Json, *, attempt: int, reason: str) -> Answer: ...


class Courier:
    """Owns the deliveries under way; `log` keeps every attempt and `events` every event, in order."""

    def __init__(self, route: Route, *, retry_s: Sequence[float] = RETRY_S) -> None:
        self.route = route
        self.retry_s = tuple(retry_s)
        self.log: list[Delivery] = []
        self.events: dict[str, Json] = {}
        self._under_way: set[asyncio.Task[None]] = set()

    def send(self, event: Json) -> None:
        """Deliver an event_callback in the background."""
        self.events[event["event_id"]] = event
        self._start(event)

    def send_again(self, event_id: str) -> None:
        """Deliver an event a second time as if the first acknowledgement had been lost; raises SandboxError."""
        if event_id not in self.events:
            raise SandboxError(f"event {event_id!r}: no such event was sent")
        self._start(self.events[event_id], first_attempt=1)

    async def ask(self, category: Category, payload: Json) -> Answer:
        """Deliver an interaction or command and wait for the app's answer, at most three seconds."""
        return await self._attempt(category, payload, attempt=0, reason="")

    async def settle(self, timeout_s: float = 60.0) -> None:
        """Wait until every event is acknowledged or given up; raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while self._under_way:
                await asyncio.wait(self._under_way)

    async def close(self) -> None:
        """Give up what is under way."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def _start(self, event: Json, *, first_attempt: int = 0) -> None:
        task = asyncio.create_task(self._deliver(event, first_attempt))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _deliver(self, event: Json, first_attempt: int) -> None:
        reason = "timeout" if first_attempt else ""
        for attempt in range(first_attempt, len(self.retry_s) + 1):
            if attempt > first_attempt:
                await asyncio.sleep(self.retry_s[attempt - 1])
            answer = await self._attempt(Category.EVENT, event, attempt=attempt, reason=reason)
            if answer.acked or answer.no_retry:
                return
            reason = answer.reason

    async def _attempt(self, category: Category, payload: Json, *, attempt: int, reason: str) -> Answer:
        answer = await self.route.carry(category, payload, attempt=attempt, reason=reason)
        inner = payload.get("event", payload)
        kind = inner.get("type") or inner.get("command") or ""
        key = payload.get("event_id") or payload.get("trigger_id") or ""
        self.log.append(
            Delivery(category=category, key=key, type=kind, attempt=attempt, acked=answer.acked, reason=answer.reason)
        )
        return answer
