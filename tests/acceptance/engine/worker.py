"""A worker process for the tests: a database's URL and a name are its arguments. It ends on SIGTERM.

Kinds: "first" notes its effect and enqueues a "second", which notes its own; "slow" takes as many seconds as its
ref says, at its first attempt; "poison" kills the process. Effects are rows of `messages`: a key that comes twice
is one row, and their numbers tell the order. With "elsewhere" it is as if on a machine of its own, where nobody can
look at its process; with "patient" the silence of others is no death to it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime

import structlog

import bot.engine.process
from bot.domain.partners import Channel
from bot.engine import Engine, RetryPolicy
from bot.ports import Job, Message, MessageState
from bot.store import Database, SqlLedger, SqlStore


def clock() -> datetime:
    return datetime.now(UTC)


def effect(key: str) -> Message:
    return Message(
        id=0, key=key, channel=Channel.SLACK, conversation_id=None, to="C1", to_name="", person_id=None,
        partner_id=None, language="en", event="answer", notice={"by": os.getpid()}, state=MessageState.SENT,
    )  # fmt: skip


async def main(url: str, name: str, *wishes: str) -> None:
    if "elsewhere" in wishes:
        bot.engine.process._host = lambda: name
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    db = Database(url)
    dead_after_s = 3600.0 if "patient" in wishes else 6.0
    engine = Engine(SqlLedger(db), worker_id=name, clock=clock, dead_after_s=dead_after_s)
    store = SqlStore(db, clock=clock, enqueued=engine.nudge)

    async def on_first(ref: str, _attempt: int) -> None:
        async with store.unit() as unit:
            if await unit.add_message(effect(f"first {ref}"), now=clock()) is not None:
                await unit.enqueue(Job(kind="second", ref=ref))

    async def on_second(ref: str, _attempt: int) -> None:
        async with store.unit() as unit:
            await unit.add_message(effect(f"second {ref}"), now=clock())

    async def on_slow(ref: str, attempt: int) -> None:
        async with store.unit() as unit:
            await unit.add_message(effect(f"begun {ref} {attempt}"), now=clock())
        await asyncio.sleep(float(ref) if attempt == 1 else 0.1)
        async with store.unit() as unit:
            await unit.add_message(effect(f"slow {ref}"), now=clock())

    async def on_poison(_ref: str, _attempt: int) -> None:
        os._exit(9)

    async def on_dead(kind: str, ref: str, _error: str) -> None:
        async with store.unit() as unit:
            await unit.add_message(effect(f"told of {kind} {ref}"), now=clock())

    hardy = RetryPolicy(crash_tries=100)  # the tests kill more often than bad luck does
    engine.register("first", on_first, on_dead=on_dead, retry=hardy)
    engine.register("second", on_second, on_dead=on_dead, retry=hardy)
    engine.register("slow", on_slow)
    engine.register("poison", on_poison, on_dead=on_dead)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await engine.start()
    print("started", flush=True)  # noqa: T201 - the tests wait for it
    await stop.wait()
    await engine.stop(grace_s=1)
    await db.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
