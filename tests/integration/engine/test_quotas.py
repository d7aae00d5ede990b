"""Nobody calls faster than the quota, however many workers there are."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine import LocalBuckets, Quotas
from bot.errors import TransientError
from bot.ledger import Buckets
from bot.store import Database, SqlRates
from tests.databases import NOW, POSTGRES, fresh

RATE, BURST = 4.0, 3


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(params=["local", "sqlite", POSTGRES])
async def buckets(request: pytest.FixtureRequest, tmp_path) -> AsyncIterator[Buckets]:
    if request.param == "local":
        yield LocalBuckets()
        return
    db = Database(fresh(request.param, tmp_path))
    yield SqlRates(db)
    await db.close()


async def test_a_burst_passes_and_then_the_rate(buckets: Buckets):
    quotas = Quotas(buckets, clock=Clock())
    waits = [await quotas.take("hubspot", RATE, BURST) for _ in range(6)]
    assert waits == pytest.approx([0, 0, 0, 0.25, 0.5, 0.75])


async def test_a_pause_gives_back_no_more_than_a_burst(buckets: Buckets):
    clock = Clock()
    quotas = Quotas(buckets, clock=clock)
    for _ in range(4):
        await quotas.take("hubspot", RATE, BURST)
    clock.now += timedelta(hours=1)
    waits = [await quotas.take("hubspot", RATE, BURST) for _ in range(4)]
    assert waits == pytest.approx([0, 0, 0, 0.25])


async def test_who_would_wait_too_long_takes_nothing_and_comes_again(buckets: Buckets):
    quotas = Quotas(buckets, clock=Clock(), patience_s=1.0)
    for _ in range(5):
        await quotas.take("slack", 1.0, 4)
    with pytest.raises(TransientError, match="quota slack: used up for 2 s") as caught:
        await quotas.take("slack", 1.0, 4)
    assert caught.value.retry_after == timedelta(seconds=2)
    with pytest.raises(TransientError, match="for 2 s"):
        await quotas.take("slack", 1.0, 4)
    assert await quotas.take("smtp", 1.0) == 0


async def test_the_other_side_can_push_back(buckets: Buckets):
    clock = Clock()
    quotas = Quotas(buckets, clock=clock)
    assert await quotas.take("hubspot", RATE, BURST) == 0
    until = clock.now + timedelta(seconds=3)
    await quotas.push_back("hubspot", until)
    await quotas.push_back("hubspot", clock.now)
    await quotas.push_back("never used", until)
    assert await quotas.take("hubspot", RATE, BURST) == pytest.approx(3)
    assert await quotas.take("never used", RATE, BURST) == pytest.approx(3)
    clock.now = until
    assert await quotas.take("hubspot", RATE, BURST) == pytest.approx(0.25), "no burst follows"


async def test_workers_share_a_bucket(url: str):
    databases = [Database(url) for _ in range(3)]
    quotas = [Quotas(SqlRates(db), clock=Clock(), patience_s=60) for db in databases]
    waits = await asyncio.gather(*(one.take("hubspot", 10.0) for one in quotas for _ in range(10)))
    assert sorted(waits) == pytest.approx([n / 10 for n in range(30)])
    for db in databases:
        await db.close()


@given(
    pauses_ms=st.lists(st.integers(0, 2_000), max_size=40),
    rate=st.integers(1, 20),
    burst=st.integers(1, 5),
)
def test_no_span_of_time_ever_sees_more_than_a_burst_and_its_share(pauses_ms: list[int], rate: int, burst: int):
    clock, buckets = Clock(), LocalBuckets()
    quotas = Quotas(buckets, clock=clock, patience_s=0.7)

    async def calls() -> list[float]:
        made = []
        for pause_ms in pauses_ms:
            clock.now += timedelta(milliseconds=pause_ms)
            with contextlib.suppress(TransientError):
                made.append(clock.now.timestamp() + await quotas.take("bucket", rate, burst))
        return made

    made = asyncio.run(calls())
    for first, start in enumerate(made):
        for count, end in enumerate(made[first:], start=1):
            assert count <= burst + (end - start) * rate + 1e-3
