"""What is to be said and what was. Refuses to know how it looks or travels."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.partners import Channel
from bot.ports import Message, MessageState
from bot.store.db import Transaction
from bot.store.tables import messages


class MessageRows:
    """The part of a unit that bot.ports lists under "messages"."""

    _tx: Transaction

    async def add_message(self, message: Message, *, now: datetime) -> int | None:
        row = await self._tx.insert_new(messages, ("key",), _values(message) | {"created_at": now})
        return None if row is None else int(row.id)

    async def message(self, message_id: int) -> Message | None:
        row = (await self._tx.run(_BY_ID, {"this": message_id})).one_or_none()
        return None if row is None else _message(row)

    async def message_by_mail_id(self, mail_id: str) -> Message | None:
        row = (await self._tx.run(_by_mail_id(mail_id))).first()
        return None if row is None else _message(row)

    async def last_message_of(self, conversation_id: int) -> Message | None:
        row = (await self._tx.run(_last_of(conversation_id))).first()
        return None if row is None else _message(row)

    async def waiting_messages(self, inbound_id: int) -> Sequence[Message]:
        return [_message(row) for row in (await self._tx.run(_waiting(inbound_id))).all()]

    async def save_message(self, message: Message) -> None:
        await self._tx.run(_UPDATE, {"this": message.id, **_values(message)})

    async def list_messages(self, *, state: MessageState | None = None, limit: int = 100) -> Sequence[Message]:
        """The newest first."""
        return [_message(row) for row in (await self._tx.run(_newest(state, limit))).all()]


_BY_ID = sa.select(messages).where(messages.c.id == sa.bindparam("this"))
_UPDATE = sa.update(messages).where(messages.c.id == sa.bindparam("this"))


def _by_mail_id(mail_id: str) -> sa.Select[Any]:
    return sa.select(messages).where(messages.c.message_id == mail_id).order_by(messages.c.id).limit(1)


def _last_of(conversation_id: int) -> sa.Select[Any]:
    of_conversation = sa.select(messages).where(messages.c.conversation_id == conversation_id)
    return of_conversation.order_by(messages.c.id.desc()).limit(1)


def _waiting(inbound_id: int) -> sa.Select[Any]:
    of_inbound = sa.select(messages).where(messages.c.inbound_id == inbound_id)
    return of_inbound.where(messages.c.state == MessageState.WAITING.value).order_by(messages.c.id)


def _newest(state: MessageState | None, limit: int) -> sa.Select[Any]:
    newest = sa.select(messages).order_by(messages.c.id.desc()).limit(limit)
    return newest if state is None else newest.where(messages.c.state == state.value)


def _values(message: Message) -> dict[str, Any]:
    return {
        "key": message.key,
        "channel": message.channel.value,
        "conversation_id": message.conversation_id,
        "to": message.to,
        "to_name": message.to_name,
        "person_id": message.person_id,
        "partner_id": message.partner_id,
        "language": message.language,
        "event": message.event,
        "notice": dict(message.notice),
        "state": message.state.value,
        "inbound_id": message.inbound_id,
        "not_before": message.not_before,
        "message_id": message.message_id,
        "attempts": message.attempts,
        "error": message.error,
        "sent_at": message.sent_at,
    }


def _message(row: sa.Row[Any]) -> Message:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name
    values["channel"] = Channel(row.channel)
    values["state"] = MessageState(row.state)
    return Message(**values)
