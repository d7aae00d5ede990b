"""How fast we may ask HubSpot. Holds the limits of one portal; never sleeps itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol


class Quotas(Protocol):
    """Shared among everything that spends the same quota: other tasks, or other workers through a store."""

    async def take(self, bucket: str, per_second: float, burst: int) -> float:
        """Take one from the bucket, now or in advance; returns the seconds to wait before using it."""


class LocalQuotas:
    """Token buckets for one process. `monotonic` is a stopwatch in seconds."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._buckets: dict[str, tuple[float, float]] = {}  # tokens left (below 0: promised), as of when

    async def take(self, bucket: str, per_second: float, burst: int) -> float:
        now = self._monotonic()
        left, since = self._buckets.get(bucket, (float(burst), now))
        left = min(float(burst), left + (now - since) * per_second) - 1.0
        self._buckets[bucket] = (left, now)
        return max(0.0, -left / per_second)
