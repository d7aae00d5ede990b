"""Those who ask at the same time share one question, and nobody gets an answer that is older than his asking."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from bot.crm.hubspot.together import Together


class Oracle:
    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.error: Exception | None = None
        self.go = asyncio.Event()

    async def __call__(self, keys: Sequence[str]) -> dict[str, str]:
        self.asked.append(list(keys))
        await self.go.wait()
        if self.error is not None:
            raise self.error
        return {key: key.upper() for key in keys}


async def test_who_comes_while_a_question_is_on_its_way_joins_the_next():
    oracle = Oracle()
    together = Together(oracle, most=2)
    first = asyncio.create_task(together.one("a"))
    await asyncio.sleep(0.01)
    later = [asyncio.create_task(together.one(key)) for key in ("a", "b", "b", "c")]
    await asyncio.sleep(0.01)
    oracle.go.set()
    assert [await first, *await asyncio.gather(*later)] == ["A", "A", "B", "B", "C"]
    assert oracle.asked == [["a"], ["a", "b"], ["c"]]


async def test_a_failure_is_everybodys_and_the_next_question_is_asked_anew():
    oracle = Oracle()
    oracle.go.set()
    oracle.error = ValueError("away")
    together = Together(oracle, most=5)
    failed = await asyncio.gather(together.one("a"), together.one("b"), return_exceptions=True)
    assert [str(error) for error in failed] == ["away", "away"]
    oracle.error = None
    assert await together.one("a") == "A"


async def test_who_leaves_takes_nobody_with_him():
    oracle = Oracle()
    together = Together(oracle, most=5)
    leaving, staying = asyncio.create_task(together.one("a")), asyncio.create_task(together.one("a"))
    await asyncio.sleep(0.01)
    leaving.cancel()
    oracle.go.set()
    assert await staying == "A"
    with pytest.raises(asyncio.CancelledError):
        await leaving
