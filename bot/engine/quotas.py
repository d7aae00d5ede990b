"""How fast others may be called, over all workers. Refuses to call anybody.

The generic cell rate algorithm (ITU-T I.371, virtual scheduling): a bucket is the time at which the next call may
pass; every call moves it on by 1 / rate; after a pause it lies at most a burst behind the present.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.errors import TransientError
from bot.ledger import Buckets


class Quotas:
    """Turns at calling. Keep the rate 10 to 20 % below what the other side allows: the network spreads calls."""

    def __init__(self, buckets: Buckets, *, clock: Callable[[], datetime], patience_s: float = 5.0) -> None:
        self._buckets = buckets
        self._clock = clock
        self._patience_s = patience_s

    async def take(self, bucket: str, per_second: float, burst: int = 1) -> float:
        """Take a turn; returns how many seconds to wait before the call. A turn taken is used up.

        Raises TransientError, and takes none, when the wait would be longer than `patience_s`: the job then comes
        again at `retry_after`, and holds no place of other work meanwhile.
        """
        cost_s = 1.0 / per_second
        now_s = self._now_s()
        floor_s = now_s - (burst - 1) * cost_s
        taken = await self._buckets.reserve(bucket, cost_s, floor_s, now_s + self._patience_s)
        if taken is not None:
            return max(taken - self._now_s(), 0.0)
        wait_s = max(await self._buckets.free_at(bucket) - self._now_s(), 0.0)
        raise TransientError(
            f"quota {bucket}: used up for {wait_s:.0f} s: tried again then",
            retry_after=timedelta(seconds=wait_s),
        )

    async def push_back(self, bucket: str, until: datetime) -> None:
        """The other side said: not before then. Nobody passes earlier, and no burst follows."""
        await self._buckets.push_back(bucket, until.timestamp())

    def _now_s(self) -> float:
        return self._clock().timestamp()


class LocalBuckets:
    """Buckets of one process, for SQLite's single worker: no disk, forgotten at a restart."""

    def __init__(self) -> None:
        self._free_at_s: dict[str, float] = {}

    async def reserve(self, bucket: str, cost_s: float, floor_s: float, latest_s: float) -> float | None:
        free_at_s = self._free_at_s.get(bucket, 0.0)
        if free_at_s > latest_s:
            return None
        taken = max(free_at_s, floor_s)
        self._free_at_s[bucket] = taken + cost_s
        return taken

    async def free_at(self, bucket: str) -> float:
        return self._free_at_s.get(bucket, 0.0)

    async def push_back(self, bucket: str, until_s: float) -> None:
        self._free_at_s[bucket] = max(self._free_at_s.get(bucket, 0.0), until_s)
