"""Announcements, what came of them, and people's wishes. Refuses to decide who gets what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa

from bot.domain.announcements import Announcement, Engaged, Engagement, State, Text
from bot.domain.partners import Channel
from bot.domain.preferences import Cadence, Preferences, QuietHours, Topic
from bot.errors import PermanentError
from bot.store.db import Transaction
from bot.store.tables import announcements, engagements, preferences


class AnnouncementRows:
    """The part of a unit that is a bot.ports.announcing.AnnouncementBook, without the recipients."""

    _tx: Transaction

    async def add_announcement(self, announcement: Announcement) -> Announcement | None:
        values = {"slug": announcement.slug, **_values(announcement)}
        row = await self._tx.insert_new(announcements, ("slug",), values)
        return None if row is None else replace(announcement, id=int(row.id))

    async def announcement(self, announcement_id: int) -> Announcement | None:
        return _announcement((await self._tx.run(_BY_ID, {"this": announcement_id})).one_or_none())

    async def announcement_by_slug(self, slug: str) -> Announcement | None:
        return _announcement((await self._tx.run(_BY_SLUG, {"this": slug})).one_or_none())

    async def save_announcement(self, announcement: Announcement) -> None:
        saved = await self._tx.run(_SAVE, {"this": announcement.id, **_values(announcement)})
        if saved.rowcount != 1:
            raise PermanentError(f"store: there is no announcement {announcement.id}")

    async def announcements(self, *, limit: int = 100) -> Sequence[Announcement]:
        rows = (await self._tx.run(sa.select(announcements).order_by(announcements.c.id.desc()).limit(limit))).all()
        return [one for row in rows if (one := _announcement(row)) is not None]

    async def engage(self, engagement: Engagement) -> bool:
        values = asdict(engagement) | {"what": engagement.what.value}
        return await self._tx.insert_new(engagements, _ENGAGED_ONCE, values) is not None

    async def engagements(self, announcement_id: int) -> Sequence[Engagement]:
        rows = (await self._tx.run(_ENGAGEMENTS, {"this": announcement_id})).all()
        return [
            Engagement(
                announcement_id=row.announcement_id,
                contact_id=row.contact_id,
                what=Engaged(row.what),
                key=row.key,
                at=row.at,
                detail=row.detail,
            )
            for row in rows
        ]

    async def preferences(self, contact_id: str) -> Preferences | None:
        row = (await self._tx.run(_WISHES, {"this": contact_id})).one_or_none()
        return None if row is None else wishes_from(row.wishes)

    async def keep_preferences(self, contact_id: str, wishes: Preferences, *, now: datetime) -> None:
        values = {"contact_id": contact_id, "wishes": _wishes(wishes), "changed_at": now}
        await self._tx.put(preferences, ("contact_id",), values)


_ONE = sa.select(announcements).with_for_update(key_share=True)
_BY_ID = _ONE.where(announcements.c.id == sa.bindparam("this"))
_BY_SLUG = _ONE.where(announcements.c.slug == sa.bindparam("this"))
_SAVE = sa.update(announcements).where(announcements.c.id == sa.bindparam("this"))
_ENGAGED_ONCE = ("announcement_id", "contact_id", "what", "key")
_ENGAGEMENTS = (
    sa.select(engagements)
    .where(engagements.c.announcement_id == sa.bindparam("this"))
    .order_by(engagements.c.at, engagements.c.id)
)
_WISHES = (
    sa.select(preferences.c.wishes)
    .where(preferences.c.contact_id == sa.bindparam("this"))
    .with_for_update(key_share=True)
)


def _values(one: Announcement) -> dict[str, Any]:
    return {
        "topic": one.topic.value,
        "texts": {language: [text.subject, text.body] for language, text in one.texts.items()},
        "segment": one.segment,
        "channels": [channel.value for channel in one.channels],
        "at": one.at,
        "their_time": one.their_time,
        "author": one.author,
        "state": one.state.value,
        "reason": one.reason,
        "version": one.version,
        "slack": one.slack,
        "created_at": one.created_at,
        "finished_at": one.finished_at,
    }


def _announcement(row: sa.Row[Any] | None) -> Announcement | None:
    if row is None:
        return None
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name
    values["topic"] = Topic(row.topic)
    values["texts"] = {language: Text(subject=text[0], body=text[1]) for language, text in row.texts.items()}
    values["channels"] = tuple(Channel(channel) for channel in row.channels)
    values["state"] = State(row.state)
    return Announcement(**values)


def _wishes(one: Preferences) -> dict[str, Any]:
    quiet = one.quiet
    return {
        "cadences": {topic.value: cadence.value for topic, cadence in one.cadences.items()},
        "channel": one.channel.value if one.channel else None,
        "language": one.language,
        "quiet": [quiet.starts.isoformat(), quiet.ends.isoformat(), quiet.weekends] if quiet else None,
        "timezone": one.timezone,
        "paused_until": one.paused_until.isoformat() if one.paused_until else None,
    }


def wishes_from(wishes: Mapping[str, Any]) -> Preferences:
    quiet, paused = wishes["quiet"], wishes["paused_until"]
    return Preferences(
        cadences={Topic(topic): Cadence(cadence) for topic, cadence in wishes["cadences"].items()},
        channel=Channel(wishes["channel"]) if wishes["channel"] else None,
        language=wishes["language"],
        quiet=_quiet(*quiet) if quiet else None,
        timezone=wishes["timezone"],
        paused_until=date.fromisoformat(paused) if paused else None,
    )


def _quiet(starts: str, ends: str, weekends: bool) -> QuietHours:  # noqa: FBT001 - as it stands in the row
    return QuietHours(starts=time.fromisoformat(starts), ends=time.fromisoformat(ends), weekends=weekends)
