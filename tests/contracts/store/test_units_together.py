"""Units at the same moment: what one read and saves again, another does not overwrite."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.ports import Conversation, Unit
from bot.store import SqlStore
from tests.databases import NOW

CONVERSATION = Conversation(id=1, role="partner", partner_id="p", contact_id="c", deal_id="d", subject="")
MANY = 8


async def together(store: SqlStore, do: Callable[[Unit, int], Awaitable[None]]) -> None:
    """Several units that do this, each pausing in the middle for the others to come in."""

    async def one(number: int) -> None:
        async with store.unit() as unit:
            await do(unit, number)

    await asyncio.gather(*(one(number) for number in range(MANY)))


async def test_a_conversation_keeps_what_each_of_them_added(store: SqlStore):
    async with store.unit() as unit:
        await unit.save_conversation(CONVERSATION)

    async def add(unit: Unit, number: int) -> None:
        held = await unit.conversation(1)
        assert held is not None
        await asyncio.sleep(0.01)
        await unit.save_conversation(replace(held, mail_ids=(*held.mail_ids, f"{number}@client.example")))

    await together(store, add)
    async with store.unit() as unit:
        held = await unit.conversation(1)
    assert held is not None
    assert sorted(held.mail_ids) == [f"{number}@client.example" for number in range(MANY)]


async def test_a_memory_counts_each_of_them(store: SqlStore):
    async with store.unit() as unit:
        await unit.remember("count", {"n": 0}, now=NOW)

    async def count(unit: Unit, _number: int) -> None:
        held = await unit.recall("count")
        assert held is not None
        await asyncio.sleep(0.01)
        await unit.remember("count", {"n": held["n"] + 1}, now=NOW)

    await together(store, count)
    async with store.unit() as unit:
        assert await unit.recall("count") == {"n": MANY}


async def test_of_several_that_hold_a_name_the_last_sees_what_all_have_done(store: SqlStore):
    seen: list[int] = []

    async def finish(unit: Unit, number: int) -> None:
        await unit.hold("changes:1")
        await unit.remember(f"done:{number}", {}, now=NOW)
        await asyncio.sleep(0.01)
        seen.append(sum([await unit.recall(f"done:{n}") is not None for n in range(MANY)]))

    await together(store, finish)
    assert sorted(seen) == list(range(1, MANY + 1))
