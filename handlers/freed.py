"""A claim that stood before others has ended: who was refused because of it is judged again, with the place they had.

Refuses to take up what another claim or rule still stands against: such a refusal stays as it was told.
"""

from __future__ import annotations

from dataclasses import replace

from bot.domain.eligibility import POLICY, Verdict, findings, goes_first, stood_behind, verdict
from bot.domain.notices import RegistrationDecided
from bot.domain.registrations import Event, Registration, State, after
from bot.ports import Job, Unit
from handlers.claim import claimant, gather, judge_again, other_claims
from handlers.people import Person, why_not_heard, zone_of
from handlers.registering import hold_company, lane_of, note_history, promise_of, promised_anew
from handlers.services import Services
from handlers.speak import answer_to


async def on_freed(services: Services, ref: str) -> None:
    """`ref` is "<registration>:<the one that ended>:<when>". Left alone when it is not refused any more, and when
    whoever claimed it has left."""
    registration_id, ended_id, _ = ref.split(":")
    async with services.store.unit() as unit:
        claim = await unit.registration(int(registration_id))
        ended = await unit.registration(int(ended_id))
    if claim is None or ended is None or not _waits(claim):
        return
    person = await claimant(services, claim)
    if person is None or why_not_heard(person) is not None:
        return
    facts, terms = await gather(services, claim, person), services.policies.terms
    async with services.store.unit() as unit:
        await hold_company(unit, claim)
        claim = await unit.registration(claim.id) or claim
        facts = replace(facts, claims=await other_claims(unit, claim))
        judged = verdict(claim, findings(claim, facts, terms), terms)
        if not _waits(claim) or judged is Verdict.REFUSE:
            return
        claim = await _taken_up(unit, services, claim, f"{ended.number} is {ended.state}")
        if judged is Verdict.MANAGER:
            await _tell(unit, services, claim, person)
        behind = [c for c in facts.claims if goes_first(claim, c, facts, terms)]
        await judge_again(unit, services, behind, claim, "comes before it")


def _waits(claim: Registration) -> bool:
    return claim.state is State.REFUSED and stood_behind(claim)


async def _taken_up(unit: Unit, services: Services, claim: Registration, why: str) -> Registration:
    """It is undecided again, with a new promise, and judged like any other."""
    claim = replace(
        claim,
        state=after(claim.state, Event.FREED) or claim.state,
        findings=(),
        step=0,
        due_at=promised_anew(services, claim),
        decided_at=None,
        decided_by=None,
        reason=None,
    )
    await unit.save_registration(claim)
    await note_history(unit, services, claim, Event.FREED, POLICY, why)
    await unit.enqueue(Job(kind="claim", ref=f"{claim.id}:freed:{promise_of(claim)}", lane=lane_of(claim)))
    return claim


async def _tell(unit: Unit, services: Services, claim: Registration, person: Person) -> None:
    conversation = await unit.conversation(claim.conversation_id)
    if conversation is None:
        return
    about = {**conversation.about, "kind": "registration_received", "registration": claim.number, "draft": None}
    conversation = replace(conversation, about=about)
    await unit.save_conversation(conversation)
    notice = RegistrationDecided(
        decision=claim.state.value,
        number=claim.number,
        company=claim.draft.company or "",
        decided_by=claim.due_at.astimezone(zone_of(person)) if claim.due_at else None,
    )
    key = f"freed:{claim.id}:{promise_of(claim)}"
    await answer_to(unit, services, key=key, notice=notice, conversation=conversation, person=person)
