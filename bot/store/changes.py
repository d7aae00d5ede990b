"""Changes to deals on their way into the CRM. Refuses to decide which are allowed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.domain.codec import from_json, to_json
from bot.domain.deals import FieldChange, same
from bot.ports import Change, ChangeState
from bot.store.db import Transaction
from bot.store.tables import changes

# The CRM's clock and ours, and the time between our write and its history entry.
_OURS_WITHIN = timedelta(minutes=5)
_APPLIED = "applied"


class ChangeRows:
    """The part of a unit that bot.ports lists under "changes and notes"."""

    _tx: Transaction

    async def add_change(self, change: Change) -> int:
        row = await self._tx.insert_new(changes, ("key",), _values(change))
        if row is None:
            return int((await self._tx.run(_id_of(change.key))).scalar_one())
        return int(row.id)

    async def change(self, change_id: int) -> Change | None:
        row = (await self._tx.run(sa.select(changes).where(changes.c.id == change_id))).one_or_none()
        return None if row is None else _change(row)

    async def changes_of(self, inbound_id: int) -> Sequence[Change]:
        return [_change(row) for row in (await self._tx.run(_of_inbound(inbound_id))).all()]

    async def changes_under_way(self, deal_ids: Sequence[str], *, since: datetime) -> Sequence[Change]:
        return [_change(row) for row in (await self._tx.run(_under_way(deal_ids, since))).all()]

    async def undone_by(self, change_id: int) -> Change | None:
        row = (await self._tx.run(_undoing(change_id))).first()
        return None if row is None else _change(row)

    async def save_change(self, change: Change, *, now: datetime) -> None:
        await self._tx.run(_save(change, now))

    async def is_ours(self, deal_id: str, change: FieldChange, at: datetime) -> bool:
        rows = (await self._tx.run(_written_around(deal_id, at))).all()
        return any(_wrote(_change(row), change) for row in rows)


def _wrote(ours: Change, observed: FieldChange) -> bool:
    """Whether our change set this field to this value, or may have."""
    if ours.state is ChangeState.DONE and ours.results.get(observed.field.value) != _APPLIED:
        return False
    return any(c.field is observed.field and same(c.new, observed.new) for c in ours.changes)


def _id_of(key: str) -> sa.Select[Any]:
    return sa.select(changes.c.id).where(changes.c.key == key)


def _of_inbound(inbound_id: int) -> sa.Select[Any]:
    return sa.select(changes).where(changes.c.inbound_id == inbound_id).order_by(changes.c.id)


def _under_way(deal_ids: Sequence[str], since: datetime) -> sa.Select[Any]:
    to_write = changes.c.state.in_([ChangeState.PENDING.value, ChangeState.WRITING.value])
    just_done = sa.and_(changes.c.state == ChangeState.DONE.value, changes.c.last_written_at >= since)
    of_deals = sa.select(changes).where(changes.c.deal_id.in_(deal_ids), sa.or_(to_write, just_done))
    return of_deals.order_by(changes.c.id)


def _undoing(change_id: int) -> sa.Select[Any]:
    return sa.select(changes).where(changes.c.undo_of == change_id).order_by(changes.c.id).limit(1)


def _save(change: Change, now: datetime) -> sa.Update:
    values = _values(change)
    if change.state in {ChangeState.WRITING, ChangeState.DONE}:
        values["first_written_at"] = sa.func.coalesce(changes.c.first_written_at, sa.bindparam("at", now))
        values["last_written_at"] = now
    return sa.update(changes).where(changes.c.id == change.id).values(values)


def _written_around(deal_id: str, at: datetime) -> sa.Select[Any]:
    """Between the first time that the CRM may have had it and the last, with five minutes on either side."""
    return sa.select(changes).where(
        changes.c.deal_id == deal_id,
        changes.c.first_written_at <= at + _OURS_WITHIN,
        changes.c.last_written_at >= at - _OURS_WITHIN,
    )


def _values(change: Change) -> dict[str, Any]:
    return {
        "key": change.key,
        "inbound_id": change.inbound_id,
        "conversation_id": change.conversation_id,
        "deal_id": change.deal_id,
        "author_id": change.author_id,
        "changes": to_json(change.changes),
        "state": change.state.value,
        "results": dict(change.results),
        "undo_of": change.undo_of,
    }


def _change(row: sa.Row[Any]) -> Change:
    return Change(
        id=row.id,
        key=row.key,
        inbound_id=row.inbound_id,
        conversation_id=row.conversation_id,
        deal_id=row.deal_id,
        author_id=row.author_id,
        changes=from_json(row.changes),
        state=ChangeState(row.state),
        results=row.results,
        undo_of=row.undo_of,
    )
