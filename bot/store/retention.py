"""What is forgotten after its time: raw messages, memories of what was seen, ended registrations, and phrases that
nobody says any more. Dispositions stay."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.store.db import Transaction
from bot.store.registrations import ended_before
from bot.store.tables import inbound, memories, phrases, raw_inbound, seen_keys

_KEPT = ("cursor:", "position:", "lease:")  # where we stand is never forgotten


class RetentionRows:
    """The part of a unit that forgets."""

    _tx: Transaction

    async def forget(self, before: datetime) -> int:
        """Delete what is older; returns how many raw messages went. Idempotent."""
        gone = (await self._tx.run(_raw_before(before))).rowcount
        await self._tx.run(sa.delete(seen_keys).where(seen_keys.c.seen_at < before))
        await self._tx.run(_memories_before(before))
        await self._tx.run(ended_before(before))
        await self._tx.run(sa.delete(phrases).where(phrases.c.last_seen_at < before))
        return int(gone)


def _raw_before(before: datetime) -> sa.Delete:
    old = sa.select(inbound.c.id).where(inbound.c.received_at < before, inbound.c.disposition.is_not(None))
    return sa.delete(raw_inbound).where(raw_inbound.c.inbound_id.in_(old))


def _memories_before(before: datetime) -> sa.Delete:
    kept: list[Any] = [memories.c.key.startswith(prefix) for prefix in _KEPT]
    return sa.delete(memories).where(memories.c.remembered_at < before, ~sa.or_(*kept))
