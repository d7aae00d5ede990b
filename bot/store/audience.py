"""What our own store knows of readers, a page of them at a time. Refuses to decide who gets what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from bot.domain.announcements import RecipientState
from bot.domain.partners import Contact
from bot.domain.routing import Standing
from bot.store.announcements import wishes_from
from bot.store.db import Transaction
from bot.store.tables import preferences, recipients, slack_links, suppressions


class AudienceRows:
    """What bot.ports.announcing.AnnouncementBook asks of many people at once."""

    _tx: Transaction

    async def standings(self, people: Sequence[Contact]) -> Mapping[str, Standing]:
        ids = [one.id for one in people]
        wishes = {row.contact_id: row.wishes for row in await self._tx.run(_WISHES, {"ids": ids})}
        users = {row.contact_id: row.user_id for row in await self._tx.run(_USERS, {"ids": ids})}  # the latest link
        addresses = [one.email.casefold() for one in people if one.email]
        refused = {row.address: row.reason for row in await self._tx.run(_REFUSED, {"ids": addresses})}
        return {
            one.id: Standing(
                wishes=wishes_from(wishes[one.id]) if one.id in wishes else None,
                slack_user=users.get(one.id),
                suppressed=refused.get(one.email.casefold()),
            )
            for one in people
        }

    async def reached(self, announcement_id: int, to: Sequence[str]) -> Mapping[str, str]:
        rows = await self._tx.run(_REACHED, {"this": announcement_id, "ids": list(to)})
        return {row.to: row.contact_id for row in rows}


def _among(column: sa.Column[str]) -> sa.ColumnElement[bool]:
    return column.in_(sa.bindparam("ids", expanding=True))


_WISHES = sa.select(preferences.c.contact_id, preferences.c.wishes).where(_among(preferences.c.contact_id))
_USERS = (
    sa.select(slack_links.c.contact_id, slack_links.c.user_id)
    .where(_among(slack_links.c.contact_id))
    .order_by(slack_links.c.linked_at)
)
_REFUSED = sa.select(suppressions.c.address, suppressions.c.reason).where(_among(suppressions.c.address))
_REACHED = (
    sa.select(recipients.c.to, recipients.c.contact_id)
    .where(recipients.c.announcement_id == sa.bindparam("this"), _among(recipients.c.to))
    .where(recipients.c.state != RecipientState.SKIPPED.value)
    .order_by(recipients.c.id.desc())  # the first of several stands last, and counts
)
