"""Notes on the timelines of records, written once by their mark. Knows no rule of what is worth a note."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.crm.hubspot.fields import stamp
from bot.crm.hubspot.notes import holds, note_body
from bot.crm.hubspot.objects import BATCH, Objects

NOTE_TO_DEAL, NOTE_TO_CONTACT, NOTE_TO_COMPANY = 214, 202, 190  # HubSpot's association type ids


class Timeline:
    """Notes of one portal."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    async def find(self, kind: str, record_id: str, key: str) -> str | None:
        """The record's note that carries the key; associations and batch reads do not lag as the search does."""
        links = (await self._objects.associated(kind, [record_id], "notes"))[record_id]
        newest_first = sorted((link.id for link in links), key=int, reverse=True)
        for start in range(0, len(newest_first), BATCH):
            records = await self._objects.read("notes", newest_first[start : start + BATCH], ["hs_note_body"])
            for record in records:
                if holds(record["properties"].get("hs_note_body") or "", key):
                    return str(record["id"])
        return None

    async def write(self, what: str, body: str, *, at: datetime, key: str, targets: Mapping[str, int]) -> str:
        """A new note on these records, each with the type of its association; returns its id. Raises InvalidError,
        which names those that are gone."""
        associations = [
            {"to": {"id": to}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}]}
            for to, type_id in targets.items()
        ]
        properties = {"hs_timestamp": stamp(at), "hs_note_body": note_body(body, key)}
        created = await self._objects.create("notes", what, properties, associations)
        return str(created["id"])
