"""Quota buckets that all workers share: one row a bucket. Refuses to know what a bucket protects."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.db import Database
from bot.store.tables import rates


class SqlRates:
    """bot.engine.quotas.Buckets over a Database. Times are seconds since 1970."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def reserve(self, bucket: str, cost_s: float, now_s: float, latest_s: float) -> float | None:
        """Advance the bucket's time by `cost_s` from now or where it stands, whichever is later, unless it stands
        after `latest_s`; returns where it stood, or None when it was left alone."""
        async with self._db.write() as tx:
            statement = _advance(bucket, cost_s, now_s, latest_s, on_sqlite=tx.on_sqlite)
            reserved: float | None = (await tx.run(statement)).scalar_one_or_none()
        return None if reserved is None else reserved - cost_s

    async def stands_at(self, bucket: str) -> float:
        """Where the bucket's time stands; 0.0 for one never used."""
        async with self._db.read() as tx:
            return float((await tx.run(_stands_at(bucket))).scalar_one_or_none() or 0.0)

    async def push_back(self, bucket: str, until_s: float) -> None:
        """Let nobody through before that time."""
        async with self._db.write() as tx:
            await tx.run(_at_least(bucket, until_s, on_sqlite=tx.on_sqlite))


def _later(on_sqlite: bool) -> Any:  # noqa: FBT001 - the one thing it asks
    return sa.func.max if on_sqlite else sa.func.greatest


def _stands_at(bucket: str) -> sa.Select[Any]:
    return sa.select(rates.c.full_until_s).where(rates.c.bucket == bucket)


def _advance(bucket: str, cost_s: float, now_s: float, latest_s: float, *, on_sqlite: bool) -> Any:
    advanced = {"full_until_s": _later(on_sqlite)(rates.c.full_until_s, now_s) + cost_s}
    values = {"bucket": bucket, "full_until_s": now_s + cost_s}
    free = rates.c.full_until_s <= latest_s
    if on_sqlite:
        lite = sqlite.insert(rates).values(values)
        return lite.on_conflict_do_update(index_elements=["bucket"], set_=advanced, where=free).returning(
            rates.c.full_until_s
        )
    post = postgresql.insert(rates).values(values)
    return post.on_conflict_do_update(index_elements=["bucket"], set_=advanced, where=free).returning(
        rates.c.full_until_s
    )


def _at_least(bucket: str, until_s: float, *, on_sqlite: bool) -> Any:
    values = {"bucket": bucket, "full_until_s": until_s}
    pushed = {"full_until_s": _later(on_sqlite)(rates.c.full_until_s, until_s)}
    if on_sqlite:
        return sqlite.insert(rates).values(values).on_conflict_do_update(index_elements=["bucket"], set_=pushed)
    return postgresql.insert(rates).values(values).on_conflict_do_update(index_elements=["bucket"], set_=pushed)
