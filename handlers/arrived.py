"""Something came in: read it, find out who speaks, and hand it on. Every message ends in exactly one disposition."""

from __future__ import annotations

import structlog

from bot.domain.partners import Channel
from bot.errors import PermanentError, TransientError
from bot.ports import Disposition, Inbound
from handlers.chat_arrived import on_chat
from handlers.mail_arrived import on_mail
from handlers.people import manager_of
from handlers.received import tell_quarantined
from handlers.services import Services

log = structlog.get_logger()
MAX_ATTEMPTS = 3


async def on_arrived(services: Services, ref: str) -> None:
    """Handle one stored message. Idempotent: a message with a disposition is left alone. A message whose handling
    fails three times for a reason of its own is quarantined and a person told; waiting for a service that is
    away (TransientError) does not count."""
    async with services.store.unit() as unit:
        inbound = await unit.inbound(int(ref))
    if inbound.disposition is not None:
        return
    try:
        if inbound.channel is Channel.EMAIL:
            await on_mail(services, inbound)
        else:
            await on_chat(services, inbound)
        log.info("inbound.done", inbound=inbound.id, channel=inbound.channel.value)
    except TransientError:
        raise
    except Exception as exc:
        async with services.store.unit() as unit:
            attempts = await unit.failed_attempt(inbound.id)
        if attempts < MAX_ATTEMPTS and not isinstance(exc, PermanentError):
            raise TransientError(f"message {inbound.id}: {type(exc).__name__}; it is tried again") from exc
        await _quarantine(services, inbound, exc)


async def _quarantine(services: Services, inbound: Inbound, exc: Exception) -> None:
    reason = f"{type(exc).__name__}: {exc}" if isinstance(exc, PermanentError) else type(exc).__name__
    manager = await manager_of(services, None)
    async with services.store.unit() as unit:
        if await unit.dispose(inbound.id, Disposition.QUARANTINED, reason[:500], now=services.now()):
            await tell_quarantined(unit, services, inbound.id, reason, manager)
