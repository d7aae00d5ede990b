"""What the clock asks of a portal: whose protection ends, which deals are quiet, which meetings wait for a follow-up.

The search finds (and lags), the records as they are now decide. Refuses to say what follows from it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from bot.crm.hubspot.fields import Record, instant, millis
from bot.crm.hubspot.objects import Json, Objects
from bot.crm.hubspot.portal import Portal
from bot.crm.hubspot.reads import MOST_IN, Reads
from bot.crm.hubspot.settings import HubSpotSettings
from bot.domain.deals import Deal, Outcome, RegistrationStatus
from bot.ports import Meeting

NOT_HELD = frozenset({"CANCELED", "RESCHEDULED", "NO_SHOW"})  # hs_meeting_outcome
ACTIVITIES = ("notes", "emails", "tasks", "calls", "meetings", "communications")
NEWEST = 10  # activities of each type and deal that are looked at
ENDED = {RegistrationStatus.EXPIRED.value, RegistrationStatus.RELEASED.value}


class Due:
    """Sweeps over one portal; each reads all that is found, however much."""

    def __init__(self, objects: Objects, portal: Portal, reads: Reads, settings: HubSpotSettings) -> None:
        self._objects = objects
        self._portal = portal
        self._reads = reads
        self._settings = settings

    async def protected(self, until: date) -> tuple[Deal, ...]:
        """As bot.ports.RegistrationDesk.protected_deals."""
        status = self._settings.deal("registration_status")
        ends = {
            "propertyName": self._settings.deal("protected_until"),
            "operator": "LTE",
            "value": str(millis(_midnight(until))),
        }
        unset = {"propertyName": status, "operator": "NOT_HAS_PROPERTY"}
        held = {"propertyName": status, "operator": "EQ", "value": RegistrationStatus.PROTECTED.value}
        deals = await self._open_partner_deals([[ends, unset], [ends, held]])
        ending = [(d.protected_until, int(d.id), d) for d in deals if d.registration_status not in ENDED]
        found = [(day, number, deal) for day, number, deal in ending if day is not None and day <= until]
        return tuple(deal for _, _, deal in sorted(found, key=lambda f: f[:2]))

    async def quiet(self, since: datetime) -> tuple[Deal, ...]:
        """As bot.ports.RegistrationDesk.quiet_deals. Whatever touches a deal in HubSpot counts as a change, notes and
        calculated properties too."""
        unchanged = {"propertyName": "hs_lastmodifieddate", "operator": "LT", "value": str(millis(since))}
        deals = await self._open_partner_deals([[unchanged]])
        return tuple(sorted((d for d in deals if d.updated_at < since), key=lambda d: d.updated_at))

    async def meetings(self, *, after: datetime, before: datetime) -> tuple[Meeting, ...]:
        """As bot.ports.RegistrationDesk.meetings_ended, one for each open partner deal of a meeting, by their ends."""
        ended = [
            {"propertyName": "hs_meeting_end_time", "operator": "GT", "value": str(millis(after))},
            {"propertyName": "hs_meeting_end_time", "operator": "LTE", "value": str(millis(before))},
        ]
        shown = ["hs_meeting_title", "hs_meeting_end_time", "hs_meeting_outcome", "hubspot_owner_id"]
        hits = [hit async for hit in self._objects.search_each("meetings", [ended], shown)]
        held = [hit for hit in hits if hit["properties"].get("hs_meeting_outcome") not in NOT_HELD]
        links = await self._objects.associated("meetings", [str(hit["id"]) for hit in held], "deals")
        ids = [link.id for hit in held for link in links[str(hit["id"])]]
        open_ids = {d.id for d in await self._reads.deals(ids, companies={}) if _is_partners(d)}
        pairs = [(hit, link.id) for hit in held for link in links[str(hit["id"])] if link.id in open_ids]
        logged = await self._logged(sorted(open_ids))
        found = [_meeting(hit, deal_id, logged.get(deal_id, ())) for hit, deal_id in pairs]
        return tuple(sorted(found, key=lambda m: (m.ended_at, m.id)))

    async def _open_partner_deals(self, groups: Sequence[Sequence[Json]]) -> list[Deal]:
        """The open deals of partners that meet all filters of a group, as they are now."""
        more: list[Json] = [{"propertyName": self._settings.deal("partner"), "operator": "HAS_PROPERTY"}]
        stage_ids = (await self._portal.stages()).open_stage_ids()
        if 0 < len(stage_ids) <= MOST_IN:
            more.append({"propertyName": self._settings.deal("stage"), "operator": "IN", "values": list(stage_ids)})
        ids = [str(hit["id"]) async for hit in self._objects.search_each("deals", [[*g, *more] for g in groups])]
        return [deal for deal in await self._reads.deals(ids) if _is_partners(deal)]

    async def _logged(self, deal_ids: Sequence[str]) -> dict[str, list[tuple[datetime, datetime]]]:
        """Of the newest activities of each deal: when each was logged, and the moment that it is about. Six requests
        for the associations of a hundred deals, and one for each hundred activities of a type."""
        logged: dict[str, list[tuple[datetime, datetime]]] = {deal_id: [] for deal_id in deal_ids}
        for of_kind in await asyncio.gather(*(self._logged_as(kind, deal_ids) for kind in ACTIVITIES)):
            for deal_id, moments in of_kind.items():
                logged[deal_id] += moments
        return logged

    async def _logged_as(self, kind: str, deal_ids: Sequence[str]) -> dict[str, list[tuple[datetime, datetime]]]:
        links = await self._objects.associated("deals", deal_ids, kind)
        newest = {d: sorted((link.id for link in links[d]), key=int)[-NEWEST:] for d in deal_ids}
        wanted = [i for ids in newest.values() for i in ids]
        records = await self._objects.read(kind, wanted, ["hs_createdate", "hs_timestamp"])
        moments = {str(r["id"]): _moments(r) for r in records}
        return {deal_id: [moments[i] for i in ids if i in moments] for deal_id, ids in newest.items()}


def _meeting(hit: Record, deal_id: str, logged: Sequence[tuple[datetime, datetime]]) -> Meeting:
    held: Mapping[str, Any] = hit["properties"]
    ended_at = instant(held["hs_meeting_end_time"])
    return Meeting(
        id=str(hit["id"]),
        deal_id=deal_id,
        title=held.get("hs_meeting_title") or "",
        ended_at=ended_at,
        owner_id=held.get("hubspot_owner_id") or None,
        followed_up=any(created > ended_at and about >= ended_at for created, about in logged),
    )


def _moments(record: Record) -> tuple[datetime, datetime]:
    """When an activity was logged, and when it is or was: a meeting planned long ago follows nothing up, nor does a
    note that somebody brings in from the past."""
    held = record["properties"]
    created = instant(held.get("hs_createdate") or record["createdAt"])
    return created, instant(held["hs_timestamp"]) if held.get("hs_timestamp") else created


def _is_partners(deal: Deal) -> bool:
    return deal.partner_id is not None and deal.outcome is Outcome.OPEN


def _midnight(day: date) -> datetime:
    """As HubSpot compares days in a search: their midnight in UTC."""
    return datetime.combine(day, time(), UTC)
