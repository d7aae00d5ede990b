"""Threads with people and places. Refuses to know what is talked about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from bot.ports import Conversation
from bot.store.db import Transaction
from bot.store.tables import conversations


class ConversationRows:
    """The part of a unit that bot.ports lists under "conversations"."""

    _tx: Transaction

    async def conversation(self, conversation_id: int) -> Conversation | None:
        return _conversation((await self._tx.run(_BY_ID, {"this": conversation_id})).one_or_none())

    async def conversation_in_slack(self, channel: str, thread_ts: str) -> Conversation | None:
        return _conversation((await self._tx.run(_in_slack(channel, thread_ts))).one_or_none())

    async def save_conversation(self, conversation: Conversation) -> None:
        """`id` is chosen by the caller, from 0 to 2**63 - 1."""
        await self._tx.put(conversations, ("id",), _values(conversation))

    async def add_conversations(self, new: Sequence[Conversation]) -> None:
        if new:
            await self._tx.run_many(self._tx.insert_unless(conversations, ("id",)), [_values(one) for one in new])


# Who reads it may be about to save it again: on PostgreSQL others wait (SQLite has one writer at a time anyway).
_BY_ID = sa.select(conversations).where(conversations.c.id == sa.bindparam("this")).with_for_update(key_share=True)


def _values(conversation: Conversation) -> dict[str, Any]:
    return {
        "id": conversation.id,
        "role": conversation.role,
        "partner_id": conversation.partner_id,
        "contact_id": conversation.contact_id,
        "deal_id": conversation.deal_id,
        "subject": conversation.subject,
        "about": dict(conversation.about),
        "mail_ids": list(conversation.mail_ids),
        "slack_channel": conversation.slack_channel,
        "slack_ts": conversation.slack_ts,
    }


def _in_slack(channel: str, thread_ts: str) -> sa.Select[Any]:
    in_channel = sa.select(conversations).where(conversations.c.slack_channel == channel)
    return in_channel.where(conversations.c.slack_ts == thread_ts)


def _conversation(row: sa.Row[Any] | None) -> Conversation | None:
    if row is None:
        return None
    return Conversation(
        id=row.id,
        role=row.role,
        partner_id=row.partner_id,
        contact_id=row.contact_id,
        deal_id=row.deal_id,
        subject=row.subject,
        about=row.about,
        mail_ids=tuple(row.mail_ids),
        slack_channel=row.slack_channel,
        slack_ts=row.slack_ts,
    )
