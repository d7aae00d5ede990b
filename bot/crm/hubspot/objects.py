"""HubSpot's records as JSON: read, searched, written, and how they belong together. Knows no field of ours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from bot.crm.hubspot.errors import Call
from bot.crm.hubspot.together import Together
from bot.crm.hubspot.transport import Transport
from bot.errors import PermanentError

Json = Mapping[str, Any]

BATCH = 100  # records in one batch/read (HubSpot's object guides)
FEW = 50  # so many ids or fewer share their request with those who ask at the same time
BATCH_WITH_HISTORY = 50  # and when the properties' history is asked for
SEARCH_PAGE = 200
SEARCH_END = 10_000  # a query shows no more than that


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A record that belongs to another; `types` are the ids of the association's types."""

    id: str
    types: frozenset[int]


class Objects:
    """Calls for records of any type ("deals", "companies", "contacts", "notes")."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._reads: dict[tuple[str, tuple[str, ...]], Together[str, list[Json]]] = {}
        self._links: dict[tuple[str, str], Together[str, list[Link]]] = {}

    async def read(
        self, kind: str, ids: Sequence[str], properties: Sequence[str], *, history: Sequence[str] = ()
    ) -> list[Json]:
        """The records that exist and are not archived, in no order; with `history` their properties' history.

        A record that was merged into another comes as that other one.
        """
        wanted = list(dict.fromkeys(i for i in ids if i.isascii() and i.isdecimal()))  # others cannot exist
        if not history and len(wanted) <= FEW:
            shared = self._shared_reads((kind, tuple(properties)))
            return [record for records in await asyncio.gather(*map(shared.one, wanted)) for record in records]
        size = BATCH_WITH_HISTORY if history else BATCH
        chunks = [wanted[i : i + size] for i in range(0, len(wanted), size)]
        pages = await asyncio.gather(*(self._read_batch(kind, c, properties, history) for c in chunks))
        return [record for page in pages for record in page]

    def _shared_reads(self, what: tuple[str, tuple[str, ...]]) -> Together[str, list[Json]]:
        if what not in self._reads:
            self._reads[what] = Together(partial(self._read_each, *what), most=BATCH)
        return self._reads[what]

    async def _read_each(self, kind: str, properties: Sequence[str], ids: Sequence[str]) -> dict[str, list[Json]]:
        """What came for each id: one record or none."""
        records = await self._read_batch(kind, ids, properties, ())
        if len(ids) == 1:
            return {ids[0]: records}
        found = {str(record["id"]): [record] for record in records}
        for missing in [i for i in ids if i not in found]:  # gone, or merged into another: alone they tell
            found[missing] = await self._read_batch(kind, [missing], properties, ())
        return found

    async def by_unique(self, kind: str, name: str, value: str, properties: Sequence[str]) -> Json:
        """The record with this value of a unique property; unlike a search it never lags.

        Raises:
            GoneError: there is none. InvalidError: the property is not unique.
        """
        found: Json = await self._transport.send(
            Call(what=f"read one of {kind} by {name}"),
            lambda hub: hub.crm.objects.basic_api.get_by_id(
                kind, value, id_property=name, properties=list(properties), _preload_content=False
            ),
        )
        return found

    async def search(
        self,
        kind: str,
        groups: Sequence[Sequence[Json]],
        properties: Sequence[str],
        *,
        sort: str,
        after: str | None = None,
    ) -> Json:
        """One page of a search: `groups` are ORed, the filters in each ANDed, ascending by `sort`.

        The index lags behind the records by moments, and archived records are never in it.
        """
        body = {
            "filterGroups": [{"filters": [dict(f) for f in group]} for group in groups],
            "properties": list(properties),
            "sorts": [sort],  # a name is ascending; the schema of PublicObjectSearchRequest wants all five keys
            "limit": SEARCH_PAGE,
            "after": after or "0",
        }
        page: Json = await self._transport.send(
            Call(what=f"search {kind}", search=True),
            lambda hub: hub.crm.objects.search_api.do_search(kind, body, _preload_content=False),
        )
        return page

    async def search_each(
        self, kind: str, groups: Sequence[Sequence[Json]], properties: Sequence[str] = ()
    ) -> AsyncIterator[Json]:
        """Everything found, by id, however much it is: each page starts after the last one's end, so that neither
        HubSpot's 10,000 for one query ends it nor a change meanwhile shifts it."""
        last = "0"
        while True:
            after_last = {"propertyName": "hs_object_id", "operator": "GT", "value": last}
            page = await self.search(kind, [[*g, after_last] for g in groups], properties, sort="hs_object_id")
            for hit in page["results"]:
                yield hit
            if next_page(page) is None or not page["results"]:
                return
            last = str(page["results"][-1]["id"])

    async def search_all(
        self, kind: str, groups: Sequence[Sequence[Json]], properties: Sequence[str] = (), *, sort: str
    ) -> list[Json]:
        """Everything found, up to HubSpot's 10,000 for one query."""
        hits: list[Json] = []
        after: str | None = None
        while True:
            page = await self.search(kind, groups, properties, sort=sort, after=after)
            hits += page["results"]
            after = next_page(page)
            if after is None or len(hits) >= SEARCH_END:
                return hits

    async def associated(self, kind: str, ids: Sequence[str], to: str) -> dict[str, list[Link]]:
        """What of type `to` belongs to each record; records without any have an empty list."""
        if (kind, to) not in self._links:
            self._links[kind, to] = Together(partial(self._links_of, kind, to), most=BATCH)
        wanted = list(dict.fromkeys(ids))
        return dict(zip(wanted, await asyncio.gather(*map(self._links[kind, to].one, wanted)), strict=True))

    async def _links_of(self, kind: str, to: str, ids: Sequence[str]) -> dict[str, list[Link]]:
        links: dict[str, list[Link]] = {i: [] for i in ids}
        inputs: list[Json] = [{"id": i} for i in links]
        while inputs:
            batch, inputs = inputs[:BATCH], inputs[BATCH:]
            for found in await self._associated_batch(kind, batch, to):
                owner = str(found["from"]["id"])
                links.setdefault(owner, []).extend(_link(target) for target in found.get("to", ()))
                if after := next_page(found):
                    inputs.append({"id": owner, "after": after})
        return links

    async def update(self, kind: str, record_id: str, properties: Mapping[str, str]) -> Json:
        """PATCH one record: all of the properties are taken, or none."""
        written: Json = await self._transport.send(
            Call(what=f"write {kind} {record_id}", writes=True),
            lambda hub: hub.crm.objects.basic_api.update(
                kind, record_id, {"properties": dict(properties)}, _preload_content=False
            ),
        )
        return written

    async def create(self, kind: str, what: str, properties: Mapping[str, str], associations: Sequence[Json]) -> Json:
        """Create one record with its associations in the same call."""
        body = {"properties": dict(properties), "associations": list(associations)}
        created: Json = await self._transport.send(
            Call(what=what, writes=True, expect=(201,)),
            lambda hub: hub.crm.objects.basic_api.create(kind, body, _preload_content=False),
        )
        return created

    async def associate(self, link: tuple[str, str], to: tuple[str, str], types: Sequence[Json]) -> None:
        """Relate two records, each a kind and an id, as these types; doing it again changes nothing."""
        (kind, record_id), (to_kind, to_id) = link, to
        await self._transport.send(
            Call(what=f"associate {kind} {record_id} with {to_kind} {to_id}", expect=(200, 201)),
            lambda hub: hub.crm.associations.v4.basic_api.create(
                kind, record_id, to_kind, to_id, list(types), _preload_content=False
            ),
        )

    async def dissociate(self, link: tuple[str, str], to: tuple[str, str]) -> None:
        """Take every association of two records away; doing it again changes nothing."""
        (kind, record_id), (to_kind, to_id) = link, to
        await self._transport.send(
            Call(what=f"dissociate {kind} {record_id} from {to_kind} {to_id}", expect=(204,)),
            lambda hub: hub.crm.associations.v4.basic_api.archive(
                kind, record_id, to_kind, to_id, _preload_content=False
            ),
        )

    async def _read_batch(
        self, kind: str, ids: Sequence[str], properties: Sequence[str], history: Sequence[str]
    ) -> list[Json]:
        body = {
            "inputs": [{"id": i} for i in ids],
            "properties": list(properties),
            "propertiesWithHistory": list(history),
        }
        answer = await self._transport.send(
            Call(what=f"read {len(ids)} {kind}", expect=(200, 207)),
            lambda hub: hub.crm.objects.batch_api.read(kind, body, _preload_content=False),
        )
        return _whole(answer, f"read {kind}")

    async def _associated_batch(self, kind: str, inputs: Sequence[Json], to: str) -> list[Json]:
        answer = await self._transport.send(
            Call(what=f"read {to} of {len(inputs)} {kind}", expect=(200, 207)),
            lambda hub: hub.crm.associations.v4.batch_api.get_page(
                kind, to, {"inputs": list(inputs)}, _preload_content=False
            ),
        )
        return _whole(answer, f"read {to} of {kind}")


def next_page(page: Json) -> str | None:
    """Where the next page starts, or None on the last."""
    paging = page.get("paging") or {}
    after = (paging.get("next") or {}).get("after")
    return None if after is None else str(after)


def _link(target: Json) -> Link:
    types = frozenset(int(t["typeId"]) for t in target.get("associationTypes", ()))
    return Link(id=str(target["toObjectId"]), types=types)


def _whole(answer: Json, what: str) -> list[Json]:
    """The results of a batch. Records that do not exist are left out; any other error is one of the whole."""
    for error in answer.get("errors") or ():
        if not _is_absence(error):
            raise PermanentError(
                f"hubspot: {what}: part of the batch failed: {error.get('message')}: tell who runs HubSpot",
                code=str(error.get("category") or ""),
            )
    return list(answer.get("results", ()))


def _is_absence(error: Json) -> bool:
    kinds = {str(error.get(key, "")) for key in ("category", "subCategory", "code")}
    return any("NOT_FOUND" in k or "NO_ASSOCIATIONS_FOUND" in k for k in kinds)
