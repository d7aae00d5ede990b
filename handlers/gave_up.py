"""A job was given up for good: what it was about is marked, and the person who can act is told, once."""

from __future__ import annotations

from bot.domain.notices import Trouble
from bot.ports import Disposition
from handlers import apply, broadcast, deliver
from handlers.answering import UNVERIFIED
from handlers.people import manager_of
from handlers.services import Services
from handlers.speak import CONCERN_NOBODY, tell_manager

_WHAT = {
    "deliver": "send_failed",
    "apply": "crm_refused",
    "note": "crm_refused",
    "deal_changed": "send_failed",
    "protect": "crm_refused",
    "share": "crm_refused",
    "unshare": "crm_refused",
}
_REFERENCE = {"deliver": "outbox", "apply": "change", "note": "note", "deal_changed": "happening", "arrived": "inbox"}


async def on_gave_up(services: Services, kind: str, ref: str, error: str) -> None:
    """Called for each dead job with the reason in a sentence; the job itself stays listed as a dead letter.
    Idempotent."""
    if kind in {"broadcast", "broadcast_batch"}:
        await broadcast.give_up(services, ref, error)
        return
    contact, concerns_nobody = "", False
    what = _WHAT.get(kind, "quarantined")
    if kind == "apply":
        change = await apply.give_up(services, ref)
        what = "unverified" if change is not None and UNVERIFIED in change.results.values() else what
    if kind == "arrived":
        async with services.store.unit() as unit:
            await unit.dispose(int(ref), Disposition.QUARANTINED, error[:500], now=services.now())
    if kind == "deliver":
        await deliver.give_up(services, ref, error)
        async with services.store.unit() as unit:
            message = await unit.message(int(ref))
        contact = message.to if message else ""
        concerns_nobody = message is not None and message.event in CONCERN_NOBODY
    if concerns_nobody:
        return
    manager = await manager_of(services, None)
    async with services.store.unit() as unit:
        await tell_manager(
            unit,
            services,
            key=f"gave_up:{kind}:{ref}",
            notice=Trouble(
                what=what,
                reference=f"{_REFERENCE.get(kind, kind)} {ref}",
                detail=error[:500],
                contact=contact,
            ),
            manager=manager,
            about={"kind": "trouble"},
            partner_id=None,
        )
