"""Who somebody is in Slack, which addresses failed, and small memories such as mailbox positions and cursors."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.ports import Json
from bot.store.db import Transaction
from bot.store.tables import memories, seen_keys, slack_links, suppressions


class MemoryRows:
    """The part of a unit that bot.ports lists under "people in Slack, addresses that failed, small memories"."""

    _tx: Transaction

    async def linked(self, team_id: str, user_id: str) -> str | None:
        return (await self._tx.run(_linked(team_id, user_id))).scalar_one_or_none()

    async def link(self, team_id: str, user_id: str, contact_id: str, *, now: datetime) -> None:
        await self._tx.put(
            slack_links,
            ("team_id", "user_id"),
            {"team_id": team_id, "user_id": user_id, "contact_id": contact_id, "linked_at": now},
        )

    async def slack_user_of(self, contact_id: str) -> tuple[str, str] | None:
        """(team, user); the latest link when there are several."""
        row = (await self._tx.run(_latest_link(contact_id))).first()
        return None if row is None else (row.team_id, row.user_id)

    async def suppress(self, address: str, reason: str, *, now: datetime) -> None:
        await self._tx.put(
            suppressions, ("address",), {"address": address.casefold(), "reason": reason, "suppressed_at": now}
        )

    async def suppressed(self, address: str) -> str | None:
        return (await self._tx.run(_SUPPRESSED, {"this": address.casefold()})).scalar_one_or_none()

    async def lift_suppression(self, address: str) -> None:
        await self._tx.run(sa.delete(suppressions).where(suppressions.c.address == address.casefold()))

    async def once(self, key: str, *, now: datetime) -> bool:
        return await self._tx.insert_new(seen_keys, ("key",), {"key": key, "seen_at": now}) is not None

    async def remember(self, key: str, value: Json, *, now: datetime) -> None:
        await self._tx.put(memories, ("key",), {"key": key, "value": dict(value), "remembered_at": now})

    async def recall(self, key: str) -> Json | None:
        return (await self._tx.run(_MEMORY, {"this": key})).scalar_one_or_none()


def _linked(team_id: str, user_id: str) -> sa.Select[Any]:
    of_team = sa.select(slack_links.c.contact_id).where(slack_links.c.team_id == team_id)
    return of_team.where(slack_links.c.user_id == user_id)


def _latest_link(contact_id: str) -> sa.Select[Any]:
    of_contact = sa.select(slack_links).where(slack_links.c.contact_id == contact_id)
    return of_contact.order_by(slack_links.c.linked_at.desc()).limit(1)


_SUPPRESSED = sa.select(suppressions.c.reason).where(suppressions.c.address == sa.bindparam("this"))
# As with conversations: what is recalled is remembered anew by one unit at a time.
_MEMORY = sa.select(memories.c.value).where(memories.c.key == sa.bindparam("this")).with_for_update(key_share=True)
