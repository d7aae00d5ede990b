"""What a partner wants to hear, and what no more: kept at once, then put where the vendor's people see it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from bot.domain.actions import Start, Stop
from bot.domain.preferences import Preferences, wish_of, wished
from bot.ports import Job, RefusedFieldsError, Unit
from handlers.services import Services
from handlers.understanding import Said

log = structlog.get_logger()


async def keep_wishes(unit: Unit, said: Said, wishes: Sequence[Stop | Start], *, now: datetime) -> None:
    """In force from this moment on; a job tells the CRM."""
    contact = said.person.id
    for place, wish in enumerate(wishes):
        before = await unit.preferences(contact) or Preferences()
        after = wished(before, wish_of(wish.topic, wanted=isinstance(wish, Start)))
        await unit.keep_preferences(contact, after, now=now)
        what = "start" if isinstance(wish, Start) else "stop"
        ref = f"{said.inbound.id}:{place}:{what}:{wish.topic}:{contact}"
        await unit.enqueue(Job(kind="wish", ref=ref, lane=f"wish:{contact}"))


async def on_wish(services: Services, ref: str) -> None:
    """`ref` is "<inbound>:<place>:<stop or start>:<topic>:<contact>". Idempotent; the CRM's other wishes stay. What
    it has taken is forgotten here, so that its people may change it there; what it refuses stays in force here."""
    _, _, what, topic, contact = ref.split(":", 4)
    reader = await services.crm.reader(contact)
    if reader is None:
        return
    after = wished(reader.preferences, wish_of(topic, wanted=what == "start"))
    refused: Collection[str] = ()
    try:
        if after != reader.preferences:
            await services.crm.save_preferences(contact, after)
    except RefusedFieldsError as exc:
        refused = exc.fields
        log.warning("wish.refused", contact=contact, fields=sorted(refused))
    async with services.store.unit() as unit:
        kept = await unit.preferences(contact) or Preferences()
        left = {t: c for t, c in kept.cadences.items() if t.value in refused or c is not after.cadences.get(t)}
        await unit.keep_preferences(contact, replace(kept, cadences=left), now=services.now())
