"""A stop finishes what it can, hands back the rest, and loses nothing; nor does a database that goes away."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

import pytest

from bot.errors import TransientError
from bot.ledger import Outcome, Run, Want
from bot.store import Database
from tests.integration.engine.conftest import Worker, until


async def hold(_attempt: int) -> None:
    await asyncio.sleep(30)


async def test_what_is_in_hand_may_finish(worker: Worker):
    begun = asyncio.Event()

    async def act(_attempt: int) -> None:
        begun.set()
        await asyncio.sleep(0.2)

    worker.acts["a"] = act
    await worker.engine.start()
    await worker.enqueue("a")
    await begun.wait()
    await worker.enqueue("b")
    await asyncio.sleep(0.05)
    worker.acts["b"] = hold
    await worker.engine.stop(grace_s=60)
    assert "a" in worker.done
    assert (await worker.engine.backlog()).running == 0


async def test_what_does_not_finish_is_handed_back_in_its_place(worker: Worker, db: Database):
    worker.acts["a"] = hold
    await worker.engine.start()
    await worker.enqueue("a", "b", lane="deal")
    await until(lambda: worker.started)
    await worker.engine.stop(grace_s=0.05)
    assert (await worker.engine.backlog()).running == 0

    later = Worker(db, "w1")
    await later.engine.start()
    await later.until_idle()
    assert later.started == [("a", 2), ("b", 1)]
    assert later.told == []
    await later.engine.stop()


async def test_nothing_starts_after_a_stop(worker: Worker):
    await worker.engine.start()
    await worker.engine.stop()
    await worker.enqueue("a")
    await asyncio.sleep(0.1)
    assert worker.started == []


async def test_a_stop_is_harmless_when_repeated_or_never_started(worker: Worker):
    await worker.engine.stop()
    await worker.engine.start()
    await worker.engine.stop()
    await worker.engine.stop()
    await worker.engine.wait()


async def test_wait_returns_when_the_engine_was_stopped(worker: Worker):
    await worker.engine.start()
    waiting = asyncio.create_task(worker.engine.wait())
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await worker.engine.stop()
    await asyncio.wait_for(waiting, 60)


@pytest.mark.parametrize("committed", [True, False], ids=["after the commit", "before the commit"])
async def test_a_turn_that_breaks_loses_nothing(worker: Worker, monkeypatch: pytest.MonkeyPatch, *, committed: bool):
    """The connection may break at any turn, and nobody can tell whether the commit happened."""
    monkeypatch.setattr("bot.engine.dispatcher._AFTER_FAILURE_S", 0.02)
    turn, turns = worker.ledger.turn, 0

    async def fragile(name: str, outcomes: Sequence[Outcome], wants: Sequence[Want], now: datetime) -> Sequence[Run]:
        nonlocal turns
        turns += 1
        runs = await turn(name, outcomes, wants, now) if committed or turns % 2 else []
        if turns % 2 == 0:
            raise TransientError("store: the connection broke")
        return runs

    monkeypatch.setattr(worker.ledger, "turn", fragile)
    await worker.engine.start()
    await worker.enqueue(*map(str, range(20)), lane="deal")
    await worker.enqueue(*map(str, range(20, 40)))
    await worker.until_idle()
    assert sorted(worker.done, key=int) == [str(n) for n in range(40)]
    assert [ref for ref in worker.done if int(ref) < 20] == [str(n) for n in range(20)]
    assert worker.told == []
