"""Every fault of a portal at once, as sentences: credentials, scopes, pipelines, properties. Changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from bot.crm.hubspot.errors import Call, InvalidError
from bot.crm.hubspot.portal import Portal
from bot.crm.hubspot.setup import Setup
from bot.crm.hubspot.subscriptions import Subscriptions
from bot.crm.hubspot.transport import Transport
from bot.errors import OffportalError, PermanentError, SetupError
from bot.ports import GoneError

NOBODY = "0"  # no record has this id: writing to it tells the scope and changes nothing


class Check:
    """Looks at everything that offportal will need."""

    def __init__(self, transport: Transport, portal: Portal, setup: Setup, subscriptions: Subscriptions) -> None:
        self._transport = transport
        self._portal = portal
        self._setup = setup
        self._subscriptions = subscriptions

    async def faults(self) -> list[str]:
        """Empty when all is well. With a refused token it says only that."""
        try:
            stages = await self._portal.stages(fresh=True)
        except (PermanentError, SetupError) as exc:
            return [str(exc)]
        looks: list[Callable[[], Awaitable[list[str]]]]
        looks = [self._setup.property_faults, self._subscriptions.faults, self._owners, self._account]
        looks += map(self._reading, ("deals", "companies", "contacts", "notes", "meetings"))
        looks += map(self._writing, ("deals", "companies", "contacts", "notes"))
        found = await asyncio.gather(*(_told(look) for look in looks))
        return list(dict.fromkeys([*stages.faults(), *(fault for faults in found for fault in faults)]))

    def _reading(self, kind: str) -> Callable[[], Awaitable[list[str]]]:
        async def look() -> list[str]:
            await self._transport.send(
                Call(what=f"read {kind}"),
                lambda hub: hub.crm.objects.basic_api.get_page(kind, limit=1, _preload_content=False),
            )
            return []

        return look

    def _writing(self, kind: str) -> Callable[[], Awaitable[list[str]]]:
        async def look() -> list[str]:
            with suppress(GoneError, InvalidError):  # either says that we might have written
                await self._transport.send(
                    Call(what=f"write {kind}"),
                    lambda hub: hub.crm.objects.basic_api.update(
                        kind, NOBODY, {"properties": {}}, _preload_content=False
                    ),
                )
            return []

        return look

    async def _account(self) -> list[str]:
        if (await self._portal.account()).is_guess:
            return ["hubspot: the account's id and time zone cannot be read: set crm.portal_id and crm.timezone"]
        return []

    async def _owners(self) -> list[str]:
        answer: Any = await self._transport.send(
            Call(what="read the owners"),
            lambda hub: hub.crm.owners.owners_api.get_page(limit=1, _preload_content=False),
        )
        if not answer["results"]:
            return ["hubspot: the portal has no owners: partner managers must be users of HubSpot"]
        return []


async def _told(look: Callable[[], Awaitable[list[str]]]) -> list[str]:
    try:
        return await look()
    except OffportalError as exc:
        return [str(exc)]
