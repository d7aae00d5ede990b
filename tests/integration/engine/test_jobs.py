"""What was enqueued is done; what fails is tried again, or told to a person."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.errors import PermanentError, TransientError
from bot.ports import Job
from bot.store import Database
from tests.integration.engine.conftest import AT_ONCE, Worker, until


def raising(error: Exception, times: int = 1_000) -> Any:
    """Raise it at the first attempts."""

    async def act(attempt: int) -> None:
        if attempt <= times:
            raise error

    return act


async def test_jobs_enqueued_before_and_after_the_start_are_done_once(worker: Worker):
    await worker.enqueue("a", "b")
    await worker.engine.start()
    await worker.enqueue("c", "a")
    await worker.until_idle()
    assert sorted(worker.done) == ["a", "b", "c"]


async def test_a_transient_error_is_tried_until_it_goes(worker: Worker):
    worker.acts["a"] = raising(TransientError("away"), times=4)
    await worker.engine.start()
    await worker.enqueue("a")
    await worker.until_idle()
    assert worker.started == [("a", n) for n in range(1, 6)]
    assert worker.done == ["a"]
    assert worker.told == []


async def test_a_permanent_error_is_told_and_becomes_a_dead_letter(worker: Worker):
    worker.acts["a"] = raising(PermanentError("crm: refused"), times=1)
    await worker.engine.start()
    await worker.enqueue("a")
    await worker.until_idle()
    assert worker.told == [("work", "a", "crm: refused")]
    [letter] = await worker.engine.dead_letters()
    assert (letter.kind, letter.ref, letter.error) == ("work", "a", "crm: refused")


async def test_a_dead_letter_can_be_replayed(worker: Worker):
    worker.acts["a"] = raising(PermanentError("crm: refused"), times=1)
    await worker.engine.start()
    await worker.enqueue("a")
    await worker.until_idle()
    assert await worker.engine.replay("work", "a")
    await worker.until_idle()
    assert worker.started[-1][1] > 1, "a replayed job must know that an earlier start may have left something"
    assert worker.done == ["a"]
    assert await worker.engine.dead_letters() == []


async def test_a_bug_is_tried_three_times(worker: Worker):
    worker.acts["a"] = raising(KeyError("stage"))
    await worker.engine.start()
    await worker.enqueue("a")
    await worker.until_idle()
    assert worker.started == [("a", 1), ("a", 2), ("a", 3)]
    [(_, _, error)] = worker.told
    assert "KeyError" in error


async def test_a_cancellation_inside_a_handler_is_its_bug_and_not_a_stop(worker: Worker):
    async def cancelled(_attempt: int) -> None:
        raise asyncio.CancelledError

    worker.acts["a"] = cancelled
    await worker.engine.start()
    await worker.enqueue("a")
    await worker.until_idle()
    assert len(worker.told) == 1


async def test_who_has_to_be_told_is_told_again_when_that_fails(worker: Worker):
    tried = []

    async def on_dead(kind: str, ref: str, error: str) -> None:
        tried.append((kind, ref, error))
        if len(tried) < 3:
            raise TransientError("slack is away")

    worker.engine.register("other", raising_handler, on_dead=on_dead, retry=AT_ONCE)
    await worker.engine.start()
    async with worker.store.unit() as unit:
        await unit.enqueue(Job(kind="other", ref="a"))
    await worker.until_idle()
    assert tried == [("other", "a", "crm: refused")] * 3
    [letter] = await worker.engine.dead_letters()
    assert letter.error == "crm: refused"


async def test_a_dead_letter_stays_when_nobody_can_be_told(worker: Worker):
    async def on_dead(_kind: str, _ref: str, _error: str) -> None:
        raise PermanentError("no manager")

    worker.engine.register("other", raising_handler, on_dead=on_dead, retry=AT_ONCE)
    await worker.engine.start()
    async with worker.store.unit() as unit:
        await unit.enqueue(Job(kind="other", ref="a"))
    await worker.until_idle()
    [letter] = await worker.engine.dead_letters()
    assert letter.error == "crm: refused (and nobody could be told: no manager)"


async def raising_handler(_ref: str, _attempt: int) -> None:
    raise PermanentError("crm: refused")


async def test_a_lane_keeps_its_order_through_failures(worker: Worker):
    worker.acts["a"] = raising(TransientError("away"), times=3)
    worker.acts["c"] = raising(TransientError("away"), times=1)
    await worker.engine.start()
    await worker.enqueue("a", "b", "c", "d", lane="deal")
    await worker.until_idle()
    assert worker.done == ["a", "b", "c", "d"]
    assert [ref for ref, _ in worker.started] == ["a"] * 4 + ["b"] + ["c"] * 2 + ["d"]


async def test_a_dead_job_lets_its_lane_go_on_after_it_was_told_of(worker: Worker):
    worker.acts["a"] = raising(PermanentError("crm: refused"))
    told_before_b: list[int] = []

    async def note(_attempt: int) -> None:
        told_before_b.append(len(worker.told))

    worker.acts["b"] = note
    await worker.engine.start()
    await worker.enqueue("a", "b", lane="deal")
    await worker.until_idle()
    assert worker.done == ["b"]
    assert told_before_b == [1]


async def test_no_more_run_at_a_time_than_the_queue_allows(worker: Worker):
    running, most = 0, 0

    async def hold(_attempt: int) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.01)
        running -= 1

    refs = [str(n) for n in range(30)]
    worker.acts = dict.fromkeys(refs, hold)
    await worker.engine.start()
    await worker.enqueue(*refs)
    await worker.until_idle()
    assert most == 5
    assert sorted(worker.done, key=int) == refs


async def test_a_slow_queue_holds_up_no_other(worker: Worker):
    release = asyncio.Event()

    async def hold(_ref: str, _attempt: int) -> None:
        await release.wait()

    worker.engine.register("slow", hold, concurrency=1)
    await worker.engine.start()
    async with worker.store.unit() as unit:
        for n in range(3):
            await unit.enqueue(Job(kind="slow", ref=str(n)))
    await worker.enqueue("a", "b")
    await until(lambda: len(worker.done) == 2)
    release.set()
    await worker.until_idle()


async def test_a_handler_enqueues_what_follows(worker: Worker):
    async def act(_attempt: int) -> None:
        async with worker.store.unit() as unit:
            await unit.enqueue(Job(kind="work", ref="b"))

    worker.acts["a"] = act
    await worker.engine.start()
    await worker.enqueue("a")
    await worker.until_idle()
    assert worker.done == ["a", "b"]


async def test_what_another_process_enqueued_is_found(worker: Worker, url: str):
    await worker.engine.start()
    other = Worker(Database(url), "not started")
    await other.enqueue("a")
    await until(lambda: worker.done == ["a"])
    await worker.until_idle()
    await other.store._db.close()


async def test_a_job_of_a_kind_that_nobody_knows_here_waits(worker: Worker):
    async with worker.store.unit() as unit:
        await unit.enqueue(Job(kind="of another version", ref="1"))
    await worker.engine.start()
    await worker.enqueue("a")
    await until(lambda: worker.done == ["a"])
    assert (await worker.engine.backlog()).waiting["of another version"] == 1


async def test_a_handler_cannot_be_named_twice(worker: Worker):
    with pytest.raises(ValueError, match="work has a handler already"):
        worker.engine.register("work", raising_handler)
