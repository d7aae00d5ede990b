"""Something came in: it is stored with its position before anybody is told that we have it. Reads nothing in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.domain.notices import Trouble
from bot.domain.partners import Channel, Manager
from bot.ports import Disposition, Job, Received, Unit
from handlers.services import Services
from handlers.speak import tell_manager


async def store_received(
    services: Services, received: Received, position: tuple[str, Mapping[str, Any]] | None
) -> None:
    """Store a message and the place it was found at in one transaction, and have it handled. Idempotent by key."""
    async with services.store.unit() as unit:
        inbound_id = await unit.receive(received)
        if position is not None:
            await unit.remember(position[0], dict(position[1]), now=services.now())
        if inbound_id is not None:
            await unit.enqueue(Job(kind="arrived", ref=str(inbound_id), lane=_lane(services, received)))


def _lane(services: Services, received: Received) -> str | None:
    """Messages of one conversation are handled one after the other, in the order they came."""
    reader = services.chat_reader if received.channel is Channel.SLACK else services.mail_reader
    thread = reader.thread(received.raw)
    return f"arrived:{thread}" if thread else None


async def store_unreadable(
    services: Services, received: Received, position: tuple[str, Mapping[str, Any]], fault: str, manager: Manager | None
) -> None:
    """A message that the server lists but cannot hand over: quarantined at once, and a person told."""
    now = services.now()
    async with services.store.unit() as unit:
        inbound_id = await unit.receive(received)
        await unit.remember(position[0], dict(position[1]), now=now)
        if inbound_id is not None and await unit.dispose(inbound_id, Disposition.QUARANTINED, fault[:500], now=now):
            await tell_quarantined(unit, services, inbound_id, fault, manager)


async def tell_quarantined(
    unit: Unit, services: Services, inbound_id: int, reason: str, manager: Manager | None
) -> None:
    await tell_manager(
        unit,
        services,
        key=f"quarantined:{inbound_id}",
        notice=Trouble(what="quarantined", reference=f"inbox {inbound_id}", detail=reason[:500]),
        manager=manager,
        about={"kind": "trouble"},
        partner_id=None,
    )
