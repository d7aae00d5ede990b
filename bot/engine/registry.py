"""Which handler does which kind of job, and how many at a time. Refuses two answers to one question."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.engine.retry import DEFAULT, RetryPolicy

Handler = Callable[[str, int], Awaitable[None]]
"""(ref, attempt): attempt is 1 at the first start; from 2 on, an earlier start may have left something behind."""

OnDead = Callable[[str, str, str], Awaitable[None]]
"""(kind, ref, error): the job needs a person. At least once, so it has to be idempotent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    kind: str
    handler: Handler
    queue: str
    on_dead: OnDead | None
    retry: RetryPolicy


class Registry:
    """The handlers of this worker, and its queues: kinds that share a queue share its concurrency."""

    def __init__(self) -> None:
        self._kinds: dict[str, Registered] = {}
        self._concurrency: dict[str, int] = {}

    def register(
        self,
        kind: str,
        handler: Handler,
        *,
        queue: str | None,
        concurrency: int,
        on_dead: OnDead | None,
        retry: RetryPolicy = DEFAULT,
    ) -> None:
        """Raises ValueError when the kind is taken, or the queue has another concurrency."""
        name = queue or kind
        if kind in self._kinds:
            raise ValueError(f"engine: {kind} has a handler already")
        if concurrency < 1:
            raise ValueError(f"engine: queue {name}: a concurrency of {concurrency} would never start anything")
        if self._concurrency.setdefault(name, concurrency) != concurrency:
            raise ValueError(f"engine: queue {name} has a concurrency of {self._concurrency[name]} already")
        self._kinds[kind] = Registered(kind=kind, handler=handler, queue=name, on_dead=on_dead, retry=retry)

    def __getitem__(self, kind: str) -> Registered:
        return self._kinds[kind]

    def get(self, kind: str) -> Registered | None:
        """None for a kind that only other workers know."""
        return self._kinds.get(kind)

    def queues(self) -> dict[str, int]:
        return dict(self._concurrency)

    def kinds_of(self, queue: str) -> frozenset[str]:
        return frozenset(kind for kind, registered in self._kinds.items() if registered.queue == queue)
