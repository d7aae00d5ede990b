"""Reads at the same time share a request, and each gets what it asked for, merged records too."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from bot.crm.hubspot.objects import Objects


class Portal:
    """Answers batch reads as HubSpot does: a merged record comes as the one that it was merged into."""

    def __init__(self, deals: Sequence[str], merged: Mapping[str, str]) -> None:
        self.deals, self.merged = deals, merged
        self.asked: list[list[str]] = []

    async def send(self, _call: object, operation: Any) -> Any:
        await asyncio.sleep(0)
        batch = SimpleNamespace(read=self._read)
        return operation(SimpleNamespace(crm=SimpleNamespace(objects=SimpleNamespace(batch_api=batch))))

    def _read(self, _kind: str, body: Any, **_: Any) -> Any:
        ids = [one["id"] for one in body["inputs"]]
        self.asked.append(ids)
        found = dict.fromkeys(self.merged.get(i, i) for i in ids)
        return {"results": [{"id": i, "properties": {}} for i in found if i in self.deals]}


async def read_at_once(portal: Portal, *wanted: str) -> list[list[str]]:
    objects = Objects(portal)  # type: ignore[arg-type]
    answers = await asyncio.gather(*(objects.read("deals", [one], ["amount"]) for one in wanted))
    return [[record["id"] for record in records] for records in answers]


async def test_each_reader_gets_the_record_it_asked_for():
    portal = Portal(["1", "2", "3"], {})
    assert await read_at_once(portal, "1", "2", "9", "3", "2") == [["1"], ["2"], [], ["3"], ["2"]]
    assert len(portal.asked) <= 2


async def test_a_merged_record_goes_to_who_asked_for_it_and_to_nobody_else():
    portal = Portal(["1", "7"], {"2": "7"})
    assert await read_at_once(portal, "1", "2", "9") == [["1"], ["7"], []]
    assert await read_at_once(portal, "2") == [["7"]]
    assert await read_at_once(portal, "7", "2") == [["7"], ["7"]]


async def test_different_properties_are_different_questions():
    portal = Portal(["1"], {})
    objects = Objects(portal)  # type: ignore[arg-type]
    await asyncio.gather(objects.read("deals", ["1"], ["amount"]), objects.read("deals", ["1"], ["stage"]))
    assert portal.asked == [["1"], ["1"]]
