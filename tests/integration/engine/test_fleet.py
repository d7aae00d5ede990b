"""One process a worker id, and on SQLite one process at all; the dead are found and their work is taken up."""

from __future__ import annotations

import asyncio
import os
import time

import pytest

from bot.engine import WorkerReplacedError
from bot.engine.process import is_alive, this_process
from bot.ledger import AlreadyRunningError
from bot.ledger import Worker as Process
from bot.store import Database, SqlLedger
from tests.databases import POSTGRES, fresh
from tests.integration.engine.conftest import Worker, until

FAST = {"beat_s": 0.05, "dead_after_s": 0.4}
NEVER_S = 3600.0
ELSEWHERE = Process(id="w1", host="far away", pid=1, birth="long ago")
GONE_HERE = Process(id="w1", host=this_process("w1").host, pid=os.getpid(), birth="another process")


@pytest.fixture(params=[POSTGRES])
def shared(request: pytest.FixtureRequest, tmp_path) -> str:
    """The URL of a database that several workers may share."""
    return fresh(request.param, tmp_path)


async def orphan(url: str, process: Process) -> Database:
    """A database in which this process has one job of a lane in hand."""
    db = Database(url)
    dead = Worker(db, process.id)
    await dead.enqueue("a", "b", lane="deal")
    await dead.ledger.join(process, None)
    want = dead.engine._dispatcher._wants()
    assert len(await dead.ledger.turn(process.id, [], want, dead.engine._clock())) == 1
    return db


async def test_a_second_process_on_a_sqlite_file_is_refused_and_told_who_has_it(tmp_path):
    url = fresh("sqlite", tmp_path)
    first, second = Worker(Database(url), "w1"), Worker(Database(url), "w2")
    await first.engine.start()
    with pytest.raises(AlreadyRunningError, match=f"process {os.getpid()}: works on this SQLite file already"):
        await second.engine.start()
    await first.engine.stop()
    await second.engine.start()
    await second.engine.stop()
    for worker in (first, second):
        await worker.store._db.close()


async def test_what_a_killed_worker_had_in_hand_is_taken_up_at_once_on_sqlite(tmp_path):
    db = await orphan(fresh("sqlite", tmp_path), ELSEWHERE)
    worker = Worker(db, "another name")
    await worker.engine.start()
    await worker.until_idle()
    assert worker.started == [("a", 2), ("b", 1)]
    await worker.engine.stop()
    await db.close()


async def test_a_second_live_worker_of_the_same_id_is_refused_and_told_who_has_it(shared: str):
    first, second = Worker(Database(shared), "w1", **FAST), Worker(Database(shared), "w1", **FAST)
    await first.engine.start()
    with pytest.raises(AlreadyRunningError, match=f"process {os.getpid()}: works under this id already"):
        await second.engine.start()
    await first.engine.stop()
    for worker in (first, second):
        await worker.store._db.close()


async def test_a_live_worker_of_the_same_id_elsewhere_is_noticed_by_its_beats(
    shared: str, monkeypatch: pytest.MonkeyPatch
):
    first, second = Worker(Database(shared), "w1", **FAST), Worker(Database(shared), "w1", **FAST)
    await first.engine.start()
    monkeypatch.setattr("bot.engine.fleet.is_here", lambda _worker: False)
    with pytest.raises(AlreadyRunningError):
        await second.engine.start()
    await first.engine.stop()
    for worker in (first, second):
        await worker.store._db.close()


@pytest.mark.parametrize(
    ("process", "dead_after_s"),
    [
        pytest.param(GONE_HERE, NEVER_S, id="at once on the same machine"),
        pytest.param(ELSEWHERE, 0.4, id="after its silence elsewhere"),
    ],
)
async def test_a_dead_predecessor_is_replaced(shared: str, process: Process, dead_after_s: float):
    db = await orphan(shared, process)
    worker = Worker(db, "w1", beat_s=0.05, dead_after_s=dead_after_s)
    since = time.monotonic()
    await worker.engine.start()
    if process is ELSEWHERE:
        assert time.monotonic() - since >= dead_after_s
    await worker.until_idle()
    assert worker.started == [("a", 2), ("b", 1)]
    await worker.engine.stop()
    await db.close()


@pytest.mark.parametrize("process", [GONE_HERE, ELSEWHERE], ids=["same machine", "other machine"])
async def test_another_worker_takes_up_what_a_dead_one_had_in_hand(shared: str, process: Process):
    db = await orphan(shared, process)
    worker = Worker(db, "w2", **FAST)
    await worker.engine.start()
    await until(lambda: worker.done == ["a", "b"])
    assert worker.started == [("a", 2), ("b", 1)]
    await until(lambda: no_row_of(worker.ledger, "w1"))
    await worker.engine.stop()
    assert await worker.ledger.peers() == []
    await db.close()


async def no_row_of(ledger: SqlLedger, name: str) -> bool:
    return all(peer.worker.id != name for peer in await ledger.peers())


async def test_work_of_a_worker_without_a_row_is_taken_up_too(shared: str):
    db = await orphan(shared, ELSEWHERE)
    worker = Worker(db, "w2", **FAST)
    await worker.ledger.leave(ELSEWHERE)
    await worker.engine.start()
    await until(lambda: worker.done == ["a", "b"])
    await worker.engine.stop()
    await db.close()


async def test_a_live_worker_is_left_alone(shared: str):
    db = Database(shared)
    first, second = (Worker(db, name, beat_s=0.05, dead_after_s=2.0) for name in ("w1", "w2"))
    await first.engine.start()
    await second.engine.start()
    release = asyncio.Event()

    async def act(_attempt: int) -> None:
        await release.wait()

    first.acts["a"] = second.acts["a"] = act
    await first.enqueue("a")
    await asyncio.sleep(3.0)
    release.set()
    await first.until_idle()
    assert len(first.started + second.started) == 1
    await first.engine.stop()
    await second.engine.stop()
    await db.close()


async def test_a_blocked_event_loop_is_not_a_death(shared: str):
    db = Database(shared)
    first, second = Worker(db, "w1", **FAST), Worker(db, "w2", **FAST)
    await first.engine.start()
    blocked = await asyncio.create_subprocess_exec("true")
    await blocked.wait()
    for blocked_s in (0.6, 3.0, 15.0):  # a busy machine's heart beats more slowly; a stopped one's at none of these
        beats = {peer.worker.id: peer.beats for peer in await first.ledger.peers()}
        time.sleep(blocked_s)
        later = {peer.worker.id: peer.beats for peer in await second.ledger.peers()}
        if later["w1"] >= beats["w1"] + 3:
            break
    else:
        pytest.fail("the heart stands still while the event loop is blocked")
    await first.engine.stop()
    second.ledger.unlock()
    await db.close()


async def test_a_worker_that_was_taken_for_dead_enters_again(shared: str):
    db = Database(shared)
    worker = Worker(db, "w1", **FAST)
    await worker.engine.start()
    await worker.ledger.leave(this_process("w1"))
    await until(lambda: has_row_of(worker.ledger, "w1"))
    await worker.enqueue("a")
    await worker.until_idle()
    await worker.engine.stop()
    await db.close()


async def has_row_of(ledger: SqlLedger, name: str) -> bool:
    return not await no_row_of(ledger, name)


async def test_a_worker_whose_id_was_taken_stops_and_says_so(shared: str):
    db = Database(shared)
    worker = Worker(db, "w1", **FAST)
    await worker.engine.start()
    await worker.ledger.leave(this_process("w1"))
    await worker.ledger.join(ELSEWHERE, None)
    with pytest.raises(WorkerReplacedError, match="another process works under this worker's id"):
        await asyncio.wait_for(worker.engine.wait(), 60)
    await worker.enqueue("a")
    await asyncio.sleep(0.1)
    assert worker.started == []
    await worker.engine.stop()
    assert [peer.worker for peer in await worker.ledger.peers()] == [ELSEWHERE]
    await db.close()


async def test_a_process_is_told_from_a_later_one_with_its_number():
    me = this_process("w1")
    assert is_alive(me)
    assert not is_alive(GONE_HERE)
    ended = await asyncio.create_subprocess_exec("true")
    await ended.wait()
    assert not is_alive(Process(id="w1", host=me.host, pid=ended.pid, birth=me.birth))
