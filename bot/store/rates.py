"""Quota buckets that all workers share: one row a bucket. Refuses to know what a bucket protects."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bot.store.db import Database, Transaction
from bot.store.tables import rates


class SqlRates:
    """The engine's quota buckets (bot/ledger.py) over a Database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def reserve(self, bucket: str, cost_s: float, floor_s: float, latest_s: float) -> float | None:
        async with self._db.write() as tx:
            advanced: float | None = (
                await tx.run(_advance(tx, bucket, cost_s, floor_s, latest_s))
            ).scalar_one_or_none()
        return None if advanced is None else advanced - cost_s

    async def free_at(self, bucket: str) -> float:
        async with self._db.read() as tx:
            return float((await tx.run(_free_at(bucket))).scalar_one_or_none() or 0.0)

    async def push_back(self, bucket: str, until_s: float) -> None:
        async with self._db.write() as tx:
            await tx.run(_at_least(tx, bucket, until_s))


def _free_at(bucket: str) -> sa.Select[Any]:
    return sa.select(rates.c.free_at_s).where(rates.c.bucket == bucket)


def _advance(tx: Transaction, bucket: str, cost_s: float, floor_s: float, latest_s: float) -> Any:
    """One statement, so that workers at the same time take different times. Returns no row when it is too late."""
    fresh = tx.insert(rates).values(bucket=bucket, free_at_s=floor_s + cost_s)
    advanced = fresh.on_conflict_do_update(
        index_elements=("bucket",),
        set_={"free_at_s": _later_of(floor_s) + cost_s},
        where=rates.c.free_at_s <= latest_s,
    )
    return advanced.returning(rates.c.free_at_s)


def _at_least(tx: Transaction, bucket: str, until_s: float) -> Any:
    fresh = tx.insert(rates).values(bucket=bucket, free_at_s=until_s)
    return fresh.on_conflict_do_update(index_elements=("bucket",), set_={"free_at_s": _later_of(until_s)})


def _later_of(at_s: float) -> sa.ColumnElement[float]:
    """The bucket's time or this, whichever is later; SQLite and PostgreSQL name the function differently."""
    return sa.case((rates.c.free_at_s > at_s, rates.c.free_at_s), else_=at_s)
