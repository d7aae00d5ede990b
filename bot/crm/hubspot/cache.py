"""A small memory that forgets: keeps what HubSpot said for some seconds. Refuses to grow beyond its size."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Cache(Generic[K, V]):
    """Key to value for `keep_s` seconds, the oldest leaving first when there are more than `size`.

    `monotonic` is a stopwatch, not the time of day: seconds that only ever grow.
    """

    def __init__(self, keep_s: float, *, size: int = 10_000, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._keep_s = keep_s
        self._size = size
        self._monotonic = monotonic
        self._entries: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def get(self, key: K) -> V | None:
        entry = self._entries.get(key)
        if entry is None or entry[0] < self._monotonic():
            return None
        return entry[1]

    def put(self, key: K, value: V) -> None:
        self._entries.pop(key, None)
        self._entries[key] = (self._monotonic() + self._keep_s, value)
        while len(self._entries) > self._size:
            self._entries.popitem(last=False)

    def forget(self, key: K) -> None:
        self._entries.pop(key, None)

    def items(self) -> Iterator[tuple[K, V]]:
        """What is still remembered, oldest first."""
        now = self._monotonic()
        return ((key, value) for key, (until, value) in list(self._entries.items()) if until >= now)
