"""Scripted trouble for the next calls of a method: refusals, server errors, broken connections. Invents nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Trouble(StrEnum):
    """What goes wrong. DROP_AFTER carries the call out and then breaks the connection: the answer is lost."""

    RATELIMITED = "ratelimited"
    SERVER_ERROR = "server_error"
    DROP_BEFORE = "drop_before"
    DROP_AFTER = "drop_after"
    SLOW = "slow"
    ERROR = "error"


@dataclass(slots=True, kw_only=True)
class Mishap:
    """`times` calls of `method` ("*" for any) meet `trouble`.

    `seconds` is Retry-After for RATELIMITED and the pause for SLOW; `code` is Slack's error for ERROR.
    """

    method: str
    trouble: Trouble
    times: int = 1
    seconds: float = 1.0
    code: str = "internal_error"


class Mishaps:
    """A queue of them, used up in order."""

    def __init__(self) -> None:
        self._queue: list[Mishap] = []

    def add(self, mishap: Mishap) -> None:
        self._queue.append(mishap)

    def clear(self) -> None:
        self._queue.clear()

    def take(self, method: str) -> Mishap | None:
        """The trouble that this call meets, counted down."""
        for mishap in self._queue:
            if mishap.method in {"*", method}:
                mishap.times -= 1
                if mishap.times <= 0:
                    self._queue.remove(mishap)
                return mishap
        return None
