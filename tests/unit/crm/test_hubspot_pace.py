"""Pace and short memory."""

from __future__ import annotations

from bot.crm.hubspot.cache import Cache
from bot.crm.hubspot.pace import LocalQuotas


class Stopwatch:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_a_burst_is_free_and_then_calls_wait_their_turn() -> None:
    quotas = LocalQuotas(monotonic=Stopwatch())
    assert [await quotas.take("b", 2.0, 3) for _ in range(5)] == [0.0, 0.0, 0.0, 0.5, 1.0]


async def test_no_ten_seconds_hold_more_than_the_burst_and_the_rate() -> None:
    watch = Stopwatch()
    quotas = LocalQuotas(monotonic=watch)
    sent: list[float] = []
    for _ in range(600):
        sent.append(watch.now + await quotas.take("b", 5.0, 40))
        watch.now = max(watch.now, sent[-1])
    for first in sent:
        assert sum(first <= moment < first + 10 for moment in sent) <= 90


async def test_buckets_do_not_share() -> None:
    quotas = LocalQuotas(monotonic=Stopwatch())
    assert await quotas.take("a", 1.0, 1) == 0.0
    assert await quotas.take("b", 1.0, 1) == 0.0


def test_a_cache_forgets_after_its_time_and_beyond_its_size() -> None:
    watch = Stopwatch()
    cache: Cache[str, int] = Cache(60.0, size=2, monotonic=watch)
    for number, key in enumerate("abc"):
        cache.put(key, number)
    assert [cache.get(k) for k in "abc"] == [None, 1, 2]
    assert list(cache.items()) == [("b", 1), ("c", 2)]
    cache.forget("b")
    assert cache.get("b") is None
    watch.now += 61
    assert cache.get("c") is None
    assert list(cache.items()) == []
