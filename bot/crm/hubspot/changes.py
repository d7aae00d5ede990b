"""What the vendor's people changed: found by polling the search, told from the properties' history. Writes nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.crm.hubspot.cursor import Cursor
from bot.crm.hubspot.fields import millis, updated_at
from bot.crm.hubspot.history import entries_of, field_changes
from bot.crm.hubspot.objects import SEARCH_PAGE, Json, Objects
from bot.crm.hubspot.portal import Portal
from bot.crm.hubspot.settings import HubSpotSettings
from bot.domain.deals import DealField, ObservedChange
from bot.ports import ChangePage

MOST_AT_ONCE = 500  # changed deals read in one call: some ten requests
CHANGED = "hs_lastmodifieddate"
ID = "hs_object_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A deal as the search knows it: its version is the time of its last change, in milliseconds."""

    id: str
    version: int


class Changes:
    """The poll of one portal. An idle poll is one search; 50 changed deals cost one request more."""

    def __init__(self, objects: Objects, portal: Portal, settings: HubSpotSettings) -> None:
        self._objects = objects
        self._portal = portal
        self._settings = settings

    async def since(self, text: str | None, now: datetime) -> ChangePage:
        """Changes to watched fields since the cursor; `now` may be off HubSpot's clock by less than the overlap.

        A sweep that finds very much stops early; the next call goes on where it stopped.
        """
        now_ms = millis(now)
        if text is None:
            return ChangePage(changes=(), cursor=Cursor.begin(now_ms).dump())
        cursor = Cursor.load(text).opened(now_ms)
        found: dict[str, int] = {}
        stopped_at: int | None = None
        async for hit in self._sweep(cursor.position):
            if cursor.knows(hit.id, hit.version):
                continue
            found[hit.id] = hit.version
            if len(found) >= MOST_AT_ONCE:
                stopped_at = hit.version
                break
        changes, read = await self._changes(found, since=max(cursor.start, cursor.floor))
        if stopped_at is None:
            overlap = self._settings.overlap // timedelta(milliseconds=1)
            after = cursor.finished({**found, **read}, now=now_ms, overlap=overlap)
        else:
            after = cursor.interrupted({**found, **read}, position=stopped_at)
        return ChangePage(changes=changes, cursor=after.dump())

    async def _sweep(self, position: int) -> AsyncIterator[Hit]:
        """Partner deals changed at or after `position`, oldest first; each page starts where the last ended."""
        while True:
            page = await self._page([_filter(CHANGED, "GTE", position)], sort=CHANGED)
            for hit in page:
                yield hit
            if len(page) < SEARCH_PAGE:
                return
            if page[-1].version > position:
                position = page[-1].version
                continue
            async for hit in self._all_at(position):  # a bulk edit: more than a page in one millisecond
                yield hit
            position += 1

    async def _all_at(self, moment: int) -> AsyncIterator[Hit]:
        last = "0"
        while True:
            page = await self._page([_filter(CHANGED, "EQ", moment), _filter(ID, "GT", last)], sort=ID)
            for hit in page:
                yield hit
            if len(page) < SEARCH_PAGE:
                return
            last = page[-1].id

    async def _page(self, filters: Sequence[Json], *, sort: str) -> list[Hit]:
        partnered = {"propertyName": self._settings.deal("partner"), "operator": "HAS_PROPERTY"}
        page = await self._objects.search("deals", [[*filters, partnered]], [CHANGED], sort=sort)
        return [Hit(id=str(r["id"]), version=millis(updated_at(r))) for r in page["results"]]

    async def _changes(
        self, found: Mapping[str, int], *, since: int
    ) -> tuple[tuple[ObservedChange, ...], dict[str, int]]:
        """The changes of these deals since then, in their order, and the versions that they were read at."""
        if not found:
            return (), {}
        watched = {self._settings.deal(f): f for f in self._settings.watched}
        properties = ["pipeline", CHANGED, self._settings.deal("partner")]
        records = await self._objects.read("deals", list(found), properties, history=list(watched))
        newest = (entries[-1] for r in records if (entries := entries_of(r, self._settings.deal(DealField.STAGE))))
        stages = await self._portal.stages_with(entry.get("value") or "" for entry in newest)
        account = await self._portal.account()
        read = {str(r["id"]): max(found.get(str(r["id"]), 0), millis(updated_at(r))) for r in records}
        changes = [
            change
            for record in records
            if record["properties"].get(self._settings.deal("partner"))
            for name, field in watched.items()
            for change in field_changes(record, name, field, stages, account)
            if millis(change.at) >= since
        ]
        return tuple(sorted(changes, key=lambda c: (c.at, c.key))), read


def _filter(name: str, operator: str, value: Any) -> Json:
    return {"propertyName": name, "operator": operator, "value": str(value)}
