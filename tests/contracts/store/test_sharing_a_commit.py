"""Units that stand in line on SQLite share one commit; each is whole, and is told only after it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.errors import TransientError
from bot.store import Database, SqlStore
from tests.databases import NOW, fresh


class Shop:
    """A store that counts its commits and knows what another process sees."""

    def __init__(self, tmp_path: Path) -> None:
        url = fresh("sqlite", tmp_path)
        self.db, self.other = Database(url), Database(url)
        self.store = SqlStore(self.db, clock=lambda: NOW)
        self.commits = 0
        sa.event.listen(self.db._lite, "commit", self._count)

    def _count(self, _conn: sa.Connection) -> None:
        self.commits += 1

    async def write(self, key: str, error: Exception | None = None) -> bool:
        async with self.store.unit() as unit:
            await unit.remember(key, {}, now=NOW)
            await asyncio.sleep(0)
            if error is not None:
                raise error
        return await self.others_see(key)

    async def others_see(self, key: str) -> bool:
        async with self.other.read() as tx:
            seen = await tx.run(sa.text("SELECT count(*) FROM memories WHERE key = :key"), {"key": key})
            return bool(seen.scalar_one())


@pytest.fixture
async def shop(tmp_path: Path):
    shop = Shop(tmp_path)
    yield shop
    await shop.db.close()
    await shop.other.close()


async def test_units_in_line_share_commits_and_nobody_is_told_before(shop: Shop):
    assert all(await asyncio.gather(*(shop.write(f"key-{n}") for n in range(40))))
    assert shop.commits <= 3


async def test_a_unit_that_fails_takes_only_its_own_part_back(shop: Shop):
    writes = [shop.write(f"key-{n}", RuntimeError("on purpose") if n % 2 else None) for n in range(10)]
    results = await asyncio.gather(*writes, return_exceptions=True)
    assert [result is True for result in results] == [n % 2 == 0 for n in range(10)]
    assert [await shop.others_see(f"key-{n}") for n in range(10)] == [n % 2 == 0 for n in range(10)]


async def test_a_unit_that_is_cancelled_keeps_nobody_from_the_commit(shop: Shop):
    writes = [asyncio.create_task(shop.write(f"key-{n}")) for n in range(10)]
    await asyncio.sleep(0)
    writes[0].cancel()
    writes[5].cancel()
    results = await asyncio.gather(*writes, return_exceptions=True)
    assert [result is True for result in results] == [n not in {0, 5} for n in range(10)]
    assert await shop.write("later")


async def test_when_the_disk_is_full_all_are_told_and_nothing_is_half_there(shop: Shop):
    async def fill() -> None:
        async with shop.store.unit() as unit:
            await unit._tx.run(sa.text("PRAGMA max_page_count = 1"))
            with suppress(sa.exc.OperationalError):
                await unit._tx.run(sa.text("INSERT INTO memories VALUES ('large', zeroblob(10000000), '2026-01-01')"))
            raise RuntimeError("on purpose")

    results = await asyncio.gather(shop.write("before"), fill(), shop.write("after"), return_exceptions=True)
    seen = [await shop.others_see(key) for key in ("before", "after")]
    assert isinstance(results[1], RuntimeError)
    assert [result is True for result in (results[0], results[2])] == seen
    assert all(result is True or isinstance(result, TransientError) for result in (results[0], results[2]))


async def test_a_commit_that_the_database_refuses_does_not_keep_the_next_from_theirs(shop: Shop):
    """Rows that refer to nothing are found only there (the constraints are deferred)."""
    with pytest.raises(sa.exc.IntegrityError):
        async with shop.store.unit() as unit:
            await unit._tx.run(sa.text("INSERT INTO fingerprints VALUES ('of nothing', 99)"))
    assert await shop.write("later")
