"""What was received: raw, once, and how it ended. Refuses to read what is in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.partners import Channel
from bot.errors import PermanentError
from bot.ports import Disposition, Inbound, Received
from bot.store.db import Transaction
from bot.store.tables import fingerprints, inbound, raw_inbound


class InboundRows:
    """The part of a unit that bot.ports lists under "received"."""

    _tx: Transaction

    async def receive(self, received: Received) -> int | None:
        row = await self._tx.insert_new(
            inbound,
            ("key",),
            {
                "channel": received.channel.value,
                "key": received.key,
                "size_bytes": received.size_bytes,
                "received_at": received.received_at,
            },
        )
        if row is None:
            return None
        await self._tx.run(raw_inbound.insert().values(inbound_id=row.id, raw=received.raw))
        return int(row.id)

    async def inbound(self, inbound_id: int) -> Inbound:
        row = (await self._tx.run(_with_raw(inbound_id))).one_or_none()
        if row is None:
            raise PermanentError(f"store: there is no inbound {inbound_id}")
        return _inbound(row, raw=row.raw)

    async def claim(self, inbound_id: int, fingerprint: str) -> int:
        await self._tx.insert_new(
            fingerprints, ("fingerprint",), {"fingerprint": fingerprint, "inbound_id": inbound_id}
        )
        owner: int = (await self._tx.run(_owner(fingerprint))).scalar_one()
        return owner

    async def dispose(
        self,
        inbound_id: int,
        disposition: Disposition,
        reason: str,
        *,
        sender: str | None = None,
        conversation_id: int | None = None,
        now: datetime,
    ) -> bool:
        statement = _dispose(inbound_id, disposition, reason, sender, conversation_id, now)
        return (await self._tx.run(statement)).rowcount == 1

    async def failed_attempt(self, inbound_id: int) -> int:
        attempts: int = (await self._tx.run(_count_attempt(inbound_id))).scalar_one()
        return attempts

    async def list_inbound(self, *, undisposed: bool = False, limit: int = 100) -> Sequence[Inbound]:
        """The newest first; `raw` is left empty."""
        rows = (await self._tx.run(_newest(undisposed=undisposed, limit=limit))).all()
        return [_inbound(row, raw=b"") for row in rows]

    async def reopen(self, inbound_id: int) -> None:
        await self._tx.run(_reopen(inbound_id))


def _with_raw(inbound_id: int) -> sa.Select[Any]:
    joined = inbound.join(raw_inbound, raw_inbound.c.inbound_id == inbound.c.id)
    return sa.select(inbound, raw_inbound.c.raw).select_from(joined).where(inbound.c.id == inbound_id)


def _newest(*, undisposed: bool, limit: int) -> sa.Select[Any]:
    newest = sa.select(inbound).order_by(inbound.c.id.desc()).limit(limit)
    return newest.where(inbound.c.disposition.is_(None)) if undisposed else newest


def _owner(fingerprint: str) -> sa.Select[Any]:
    return sa.select(fingerprints.c.inbound_id).where(fingerprints.c.fingerprint == fingerprint)


def _dispose(
    inbound_id: int,
    disposition: Disposition,
    reason: str,
    sender: str | None,
    conversation_id: int | None,
    now: datetime,
) -> sa.Update:
    ended = {
        "disposition": disposition.value,
        "disposed_at": now,
        "reason": reason,
        "sender": sender,
        "conversation_id": conversation_id,
    }
    undisposed = sa.update(inbound).where(inbound.c.id == inbound_id, inbound.c.disposition.is_(None))
    return undisposed.values({name: value for name, value in ended.items() if value is not None})


def _count_attempt(inbound_id: int) -> Any:
    counted = sa.update(inbound).where(inbound.c.id == inbound_id).values(attempts=inbound.c.attempts + 1)
    return counted.returning(inbound.c.attempts)


def _reopen(inbound_id: int) -> sa.Update:
    return (
        sa.update(inbound)
        .where(inbound.c.id == inbound_id)
        .values(disposition=None, disposed_at=None, reason=None, attempts=0)
    )


def _inbound(row: sa.Row[Any], *, raw: bytes) -> Inbound:
    return Inbound(
        id=row.id,
        channel=Channel(row.channel),
        key=row.key,
        raw=raw,
        size_bytes=row.size_bytes,
        received_at=row.received_at,
        disposition=None if row.disposition is None else Disposition(row.disposition),
        reason=row.reason,
        conversation_id=row.conversation_id,
        sender=row.sender,
        attempts=row.attempts,
    )
