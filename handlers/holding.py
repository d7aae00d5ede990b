"""A stage change waits at its gate: its partner is reminded once of what is missing, and at last it is dropped.

What waits is in the conversation; a timer that comes too late, or for another hold, does nothing. Writes nothing to the
CRM.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import structlog

from bot.domain.codec import to_json
from bot.domain.deals import Deal
from bot.domain.decide import Decision
from bot.domain.gating import lacking, released, waiting_stage
from bot.domain.notices import StageWaiting
from bot.domain.policy import is_open, view
from bot.ports import Conversation, Job, Unit
from handlers.people import Person, as_contact, today_for
from handlers.services import Services
from handlers.speak import answer_to
from handlers.understanding import pending_of

log = structlog.get_logger()
REMIND, DROP = "remind", "drop"
KIND = "hold_timer"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hold:
    """One stage change that waits in a conversation for `missing`."""

    conversation: Conversation
    person: Person
    deal: Deal
    stage: str
    missing: tuple[str, ...]


def holds_after(decision: Decision, inbound_id: int, person: Person) -> Mapping[str, Any]:
    """What a conversation remembers of the stage changes that wait after this reply: since which words, and whose."""
    return {d.deal.id: {"inbound": inbound_id, "by": person.id} for d in decision.deals if d.held}


async def watch(unit: Unit, services: Services, decision: Decision, inbound_id: int, conversation_id: int) -> None:
    """Set the timers of what this reply leaves waiting; those of earlier words then find it answered."""
    rhythm, now = services.policies.rhythm, services.now()
    spans = {REMIND: rhythm.held_reminder_days, DROP: rhythm.held_days}
    for d in (d for d in decision.deals if d.held):
        for what in (what for what, days in spans.items() if days):
            ref = f"{conversation_id}:{inbound_id}:{d.deal.id}:{what}"
            await unit.enqueue(Job(kind=KIND, ref=ref, not_before=now + timedelta(days=spans[what])))


async def on_hold_timer(services: Services, ref: str) -> None:
    """`ref` is "<conversation>:<inbound>:<deal>:<what>"."""
    number, inbound, deal_id, what = ref.split(":")
    async with services.store.unit() as unit:
        conversation = await unit.conversation(int(number))
    held = conversation.about.get("held", {}).get(deal_id) if conversation is not None else None
    if conversation is None or held is None or held["inbound"] != int(inbound):
        return
    deal, contact = await services.crm.deal(deal_id), await services.crm.contact(held["by"])
    person = await as_contact(services, contact) if contact is not None else None
    pipelines = await services.crm.pipelines()
    async with services.store.unit() as unit:
        conversation = await unit.conversation(conversation.id) or conversation
        stage = waiting_stage(pending_of(conversation), deal_id, deal, pipelines)
        if conversation.about.get("held", {}).get(deal_id) != held:
            return  # it was answered at this very moment
        if stage is None or deal is None or person is None or not _is_theirs(deal, person):
            await _forget(unit, conversation, deal_id)
            return
        role = person.contact.role if person.contact else "partner"
        missing = lacking(deal, stage, pipelines, services.policies, role)
        hold = _Hold(conversation=conversation, person=person, deal=deal, stage=stage, missing=missing)
        if what == DROP:
            hold = replace(hold, conversation=await _forget(unit, conversation, deal_id))
        await _tell(unit, services, hold, what, f"hold:{ref}")
    log.info("hold.told", deal=deal_id, what=what, missing=len(missing))


def _is_theirs(deal: Deal, person: Person) -> bool:
    return is_open(deal) and person.partner is not None and deal.partner_id == person.partner.id


async def _tell(unit: Unit, services: Services, hold: _Hold, what: str, key: str) -> None:
    rhythm = services.policies.rhythm
    left = timedelta(days=rhythm.held_days - rhythm.held_reminder_days)
    notice = StageWaiting(
        deal=view(hold.deal, services.policies),
        stage=hold.stage,
        missing=hold.missing,
        dropped=what == DROP,
        drops_on=today_for(services, hold.person) + left if what == REMIND and rhythm.held_days else None,
    )
    await answer_to(unit, services, key=key, notice=notice, conversation=hold.conversation, person=hold.person)


async def _forget(unit: Unit, conversation: Conversation, deal_id: str) -> Conversation:
    """The conversation without that stage change and its questions; what is said in it next is about the deal."""
    about = conversation.about
    after = replace(
        conversation,
        about={
            **about,
            "pending": [to_json(a) for a in released(pending_of(conversation), deal_id)],
            "held": {d: one for d, one in about.get("held", {}).items() if d != deal_id},
            "kind": about.get("kind") or "update_request",
            "deal": about.get("deal") or deal_id,
        },
    )
    await unit.save_conversation(after)
    return after
