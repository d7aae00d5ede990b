"""Quota buckets that all workers share: one row a bucket. Refuses to know what a bucket protects."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.db import Database
from bot.store.tables import rates


class SqlRates:
    """The engine's quota buckets (bot/ledger.py) over a Database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def reserve(self, bucket: str, cost_s: float, floor_s: float, latest_s: float) -> float | None:
        async with self._db.write() as tx:
            statement = _advance(bucket, cost_s, floor_s, latest_s, on_sqlite=tx.on_sqlite)
            advanced: float | None = (await tx.run(statement)).scalar_one_or_none()
        return None if advanced is None else advanced - cost_s

    async def free_at(self, bucket: str) -> float:
        async with self._db.read() as tx:
            return float((await tx.run(_free_at(bucket))).scalar_one_or_none() or 0.0)

    async def push_back(self, bucket: str, until_s: float) -> None:
        async with self._db.write() as tx:
            await tx.run(_at_least(bucket, until_s, on_sqlite=tx.on_sqlite))


def _later(on_sqlite: bool) -> Any:  # noqa: FBT001 - the one thing it asks
    return sa.func.max if on_sqlite else sa.func.greatest


def _free_at(bucket: str) -> sa.Select[Any]:
    return sa.select(rates.c.free_at_s).where(rates.c.bucket == bucket)


def _advance(bucket: str, cost_s: float, floor_s: float, latest_s: float, *, on_sqlite: bool) -> Any:
    advanced = {"free_at_s": _later(on_sqlite)(rates.c.free_at_s, floor_s) + cost_s}
    values = {"bucket": bucket, "free_at_s": floor_s + cost_s}
    free = rates.c.free_at_s <= latest_s
    if on_sqlite:
        lite = sqlite.insert(rates).values(values)
        return lite.on_conflict_do_update(index_elements=["bucket"], set_=advanced, where=free).returning(
            rates.c.free_at_s
        )
    post = postgresql.insert(rates).values(values)
    return post.on_conflict_do_update(index_elements=["bucket"], set_=advanced, where=free).returning(rates.c.free_at_s)


def _at_least(bucket: str, until_s: float, *, on_sqlite: bool) -> Any:
    values = {"bucket": bucket, "free_at_s": until_s}
    pushed = {"free_at_s": _later(on_sqlite)(rates.c.free_at_s, until_s)}
    if on_sqlite:
        return sqlite.insert(rates).values(values).on_conflict_do_update(index_elements=["bucket"], set_=pushed)
    return postgresql.insert(rates).values(values).on_conflict_do_update(index_elements=["bucket"], set_=pushed)
