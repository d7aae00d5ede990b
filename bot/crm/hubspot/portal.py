"""What is true of the whole portal: its pipelines, its time zone, where its pages are. Asks seldom, remembers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.crm.hubspot.cache import Cache
from bot.crm.hubspot.errors import Call
from bot.crm.hubspot.settings import HubSpotSettings
from bot.crm.hubspot.stages import Stages
from bot.crm.hubspot.transport import Transport
from bot.crm.hubspot.wanted import LABELS
from bot.errors import PermanentError, SetupError

PIPELINES_KEPT_S = 300.0
LABELS_KEPT_S = 300.0
DETAILS = "/account-info/v3/details"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The portal: `zone` is the time zone that its pages show moments in, `is_guess` that HubSpot did not say."""

    portal_id: str | None
    zone: ZoneInfo
    ui: str = "app.hubspot.com"
    is_guess: bool = False

    def deal_url(self, deal_id: str) -> str | None:
        return self.portal_id and f"https://{self.ui}/contacts/{self.portal_id}/record/0-3/{deal_id}"


class Portal:
    """Pipelines (kept five minutes) and account (kept for good) of one portal."""

    def __init__(self, transport: Transport, settings: HubSpotSettings) -> None:
        self._transport = transport
        self._settings = settings
        self._stages: Cache[str, Stages] = Cache(PIPELINES_KEPT_S)
        self._unknown: Cache[str, str] = Cache(PIPELINES_KEPT_S)
        self._labels: Cache[str, Mapping[str, int]] = Cache(LABELS_KEPT_S)
        self._account: Account | None = None
        self._asking = asyncio.Lock()

    async def stages(self, *, fresh: bool = False) -> Stages:
        """The deal pipelines; `fresh` asks even when the answer is remembered."""
        async with self._asking:
            known = None if fresh else self._stages.get("deals")
            if known is None:
                known = Stages(await self._pipelines(), self._settings.pipelines)
                self._stages.put("deals", known)
            return known

    async def stages_with(self, stage_ids: Iterable[str]) -> Stages:
        """The deal pipelines, asked anew when one of these stages is new to us."""
        stages = await self.stages()
        new = [i for i in set(stage_ids) if i and not stages.knows(i) and self._unknown.get(i) is None]
        if not new:
            return stages
        stages = await self.stages(fresh=True)
        for stage_id in new:
            if not stages.knows(stage_id):  # of a pipeline that was deleted: no reason to ask again and again
                self._unknown.put(stage_id, stage_id)
        return stages

    async def account(self) -> Account:
        """The portal's id and time zone; the settings win. A token that may not read them gets UTC and no links."""
        async with self._asking:
            if self._account is None:
                self._account = await self._ask_account()
            return self._account

    async def labels(self) -> Mapping[str, int]:
        """The type ids of our association labels (wanted.LABELS) by name; without those that the portal lacks: they
        need a paid edition."""
        async with self._asking:
            known = self._labels.get("")
            if known is None:
                known = await self._ask_labels()
                self._labels.put("", known)
            return known

    async def _ask_labels(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for label in LABELS:
            try:
                answer = await self._transport.send(
                    Call(what=f"read the association labels from {label.kind} to {label.to}"),
                    lambda hub, label=label: hub.crm.associations.v4.schema.definitions_api.get_all(  # type: ignore[misc]
                        label.kind, label.to, _preload_content=False
                    ),
                )
            except (PermanentError, SetupError):
                continue
            ids = (int(t["typeId"]) for t in answer["results"] if t.get("label") == label.label)
            if (type_id := next(ids, None)) is not None:
                found[label.name] = type_id
        return found

    async def _pipelines(self) -> list[Mapping[str, Any]]:
        answer = await self._transport.send(
            Call(what="read the deal pipelines"),
            lambda hub: hub.crm.pipelines.pipelines_api.get_all("deals", _preload_content=False),
        )
        return list(answer["results"])

    async def _ask_account(self) -> Account:
        settings = self._settings
        if settings.portal_id is not None and settings.timezone is not None:
            return Account(portal_id=settings.portal_id, zone=ZoneInfo(settings.timezone))
        try:
            details = await self._transport.get(Call(what="read the account's details"), DETAILS)
        except (PermanentError, SetupError):
            details = {"is_guess": True}
        said = details.get("portalId")
        return Account(
            portal_id=settings.portal_id or (None if said is None else str(said)),
            zone=_zone(settings.timezone or str(details.get("timeZone") or "UTC")),
            ui=str(details.get("uiDomain") or "app.hubspot.com"),
            is_guess="is_guess" in details,
        )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
