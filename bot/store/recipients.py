"""Who gets an announcement, some hundred rows at a time. Refuses to decide who does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.announcements import Recipient, RecipientState
from bot.domain.partners import Channel
from bot.store.db import Transaction
from bot.store.tables import recipients

_NO_TIME = datetime.min.replace(tzinfo=UTC)


class RecipientRows:
    """The recipients' part of bot.ports.announcing.AnnouncementBook."""

    _tx: Transaction

    async def add_recipients(self, new: Sequence[Recipient]) -> int:
        if not new:
            return 0
        before = await self._number(new[0].announcement_id)
        await self._tx.run_many(self._tx.insert_unless(recipients, _KEY), [_values(one) for one in new])
        return await self._number(new[0].announcement_id) - before

    async def _number(self, announcement_id: int) -> int:
        return int((await self._tx.run(_NUMBER, {"this": announcement_id})).scalar_one())

    async def recipient(self, announcement_id: int, contact_id: str) -> Recipient | None:
        row = (await self._tx.run(_ONE, {"this": announcement_id, "contact": contact_id})).one_or_none()
        return None if row is None else _recipient(row)

    async def take_recipients(self, announcement_id: int, *, limit: int, now: datetime) -> Sequence[Recipient]:
        rows = (await self._tx.run(_due(limit), {"this": announcement_id, "now": now})).all()
        taken = [_recipient(row, RecipientState.SENDING) for row in rows]
        if taken:
            await self._tx.run_many(_TAKE, [{"this": one.id} for one in taken])
        return taken

    async def recipients_in(
        self, announcement_id: int, states: Sequence[RecipientState] = (), *, after: int = 0, limit: int = 1000
    ) -> Sequence[Recipient]:
        chosen = sa.select(recipients).where(recipients.c.announcement_id == announcement_id, recipients.c.id > after)
        if states:
            chosen = chosen.where(recipients.c.state.in_([state.value for state in states]))
        return [_recipient(row) for row in (await self._tx.run(chosen.order_by(recipients.c.id).limit(limit))).all()]

    async def save_recipients(self, changed: Sequence[Recipient]) -> None:
        if changed:
            await self._tx.run_many(_SAVE, [{"this": one.id, **_changing(one)} for one in changed])

    async def next_due(self, announcement_id: int) -> datetime | None:
        row = (await self._tx.run(_SOONEST, {"this": announcement_id})).first()
        return None if row is None else row.not_before or _NO_TIME

    async def count_recipients(self, announcement_id: int) -> Mapping[tuple[RecipientState, str], int]:
        rows = (await self._tx.run(_COUNTED, {"this": announcement_id})).all()
        return {(RecipientState(row.state), row.reason or ""): row.number for row in rows}


_KEY = ("announcement_id", "contact_id")
_OF = recipients.c.announcement_id == sa.bindparam("this")
_QUEUED = recipients.c.state == RecipientState.QUEUED.value
_NUMBER = sa.select(sa.func.count()).select_from(recipients).where(_OF)
_ONE = sa.select(recipients).where(_OF, recipients.c.contact_id == sa.bindparam("contact"))
_TAKE = sa.update(recipients).where(recipients.c.id == sa.bindparam("this")).values(state=RecipientState.SENDING.value)
_SAVE = sa.update(recipients).where(recipients.c.id == sa.bindparam("this"))
_SOONEST = (
    sa.select(recipients.c.not_before)
    .where(_OF, _QUEUED)
    .order_by(recipients.c.not_before.is_not(None), recipients.c.not_before)
    .limit(1)
)
_COUNTED = (
    sa.select(recipients.c.state, recipients.c.reason, sa.func.count().label("number"))
    .where(_OF)
    .group_by(recipients.c.state, recipients.c.reason)
)


def _due(limit: int) -> sa.Select[Any]:
    come = sa.or_(recipients.c.not_before.is_(None), recipients.c.not_before <= sa.bindparam("now"))
    due = sa.select(recipients).where(_OF, _QUEUED, come).order_by(recipients.c.id).limit(limit)
    return due.with_for_update(skip_locked=True)


def _changing(one: Recipient) -> dict[str, Any]:
    return {
        "state": one.state.value,
        "reason": one.reason,
        "not_before": one.not_before,
        "version": one.version,
        "message_id": one.message_id,
        "sent_at": one.sent_at,
    }


def _values(one: Recipient) -> dict[str, Any]:
    return {
        "announcement_id": one.announcement_id,
        "contact_id": one.contact_id,
        "partner_id": one.partner_id,
        "name": one.name,
        "channel": one.channel.value,
        "to": one.to,
        "language": one.language,
        **_changing(one),
    }


def _recipient(row: sa.Row[Any], state: RecipientState | None = None) -> Recipient:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name
    values["channel"] = Channel(row.channel)
    values["state"] = state or RecipientState(row.state)
    return Recipient(**values)
