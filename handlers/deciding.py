"""A manager decides a registration, or asks the partner something first. A second decision is told so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from bot.domain.credits import Offer, wish_in
from bot.domain.eligibility import POLICY, Facts, approvers, offer
from bot.domain.notices import ManagerAsks, RegistrationClosed
from bot.domain.registrations import Event, Registration, State, after
from bot.domain.terms import Overlap
from bot.errors import TransientError
from bot.ports import Disposition, Unit
from handlers.claim import approve, approver, ask, claimant, gather, judge_again, other_claims, refuse
from handlers.registering import AGREED, hold_company, note_history, promise_of, promised_anew
from handlers.requests import settle_requests
from handlers.services import Services
from handlers.speak import answer_to
from handlers.understanding import Said

APPROVED, REFUSED, PASSED_ON, ASKED, HELD = "approved", "refused", "passed_on", "asked", "held"
SHARED, NOTHING_LEFT, TOO_MUCH, WHICH_SHARE = "shared", "nothing_left", "too_much", "which_share"
NOT_YOURS, NOT_UNDERSTOOD, UNKNOWN = "not_yours", "not_understood", "unknown"
_MOVED_ON = {
    State.APPROVED: "already_approved",
    State.EXPIRED: "already_approved",
    State.CLOSED: "already_approved",
    State.RELEASED: "withdrawn",
    State.WITHDRAWN: "withdrawn",
    State.REFUSED: "already_refused",
}


async def decide_registration(
    services: Services, said: Said, registration_id: int, *, yes: bool, reason: str | None, words: str = ""
) -> None:
    """Carry out a manager's yes or no once. The first refusal stops; a yes passes it on where more have to agree. Who
    answers an objection takes the refused registration up again. `words` are those of the decision alone."""
    objection = bool(said.conversation.about.get("objection"))
    async with services.store.unit() as unit:
        claim = await unit.registration(registration_id)
    person = await claimant(services, claim) if claim is not None else None
    if claim is None or person is None:
        await decide_nothing(services, said, claim.number if claim else "", NOT_UNDERSTOOD)
        return
    facts = await gather(services, claim, person)
    steps = approvers(claim, facts, services.policies.terms)
    following = steps[claim.step + 1] if claim.step + 1 < len(steps) else None
    manager = await approver(services, following, person.partner) if following else None
    mine = await _may_decide(services, said, steps[min(claim.step, len(steps) - 1)])
    async with services.store.unit() as unit:
        await hold_company(unit, claim)
        claim = await unit.registration(registration_id) or claim
        if objection:
            claim = await _taken_up(unit, services, said, claim)
        facts = replace(facts, claims=await other_claims(unit, claim))
        offered = offer(claim, facts, services.policies.terms)
        if claim.state is not State.SUBMITTED:
            closed = _closed(claim, _MOVED_ON.get(claim.state, NOT_UNDERSTOOD))
        elif not mine and not objection:
            closed = _closed(claim, NOT_YOURS)
        elif not yes:
            closed = _closed(claim, REFUSED)
            await refuse(unit, services, claim, person, by=said.person.name, reason=reason, cause=str(said.inbound.id))
        elif (stops := _stops(services, claim, facts, offered, said, words)) is not None:
            closed = stops
        elif following is not None:
            claim = replace(claim, step=claim.step + 1)
            closed = _closed(claim, PASSED_ON)
            await unit.save_registration(claim)
            await note_history(unit, services, claim, AGREED, said.person.name, reason or "")
            await settle_requests(unit, claim.number, f"step:{claim.step}:{promise_of(claim)}")
            await ask(unit, services, claim, person, manager, len(steps), offered)
        else:
            closed = await _approved(unit, services, said, _sharing(services, claim, offered, said, words), reason)
        await _end(unit, services, said, closed)


async def _approved(
    unit: Unit, services: Services, said: Said, claim: Registration, reason: str | None
) -> RegistrationClosed:
    """Nobody is left to ask. The words with a share are the manager's to us, no reason that the partner reads."""
    await approve(unit, services, claim, by=said.person.name, reason=None if claim.credit else reason)
    await judge_again(unit, services, await other_claims(unit, claim), claim, "was approved")
    return _closed(claim, SHARED if claim.credit else APPROVED, share=claim.share)


def _stops(
    services: Services, claim: Registration, facts: Facts, offered: Offer | None, said: Said, words: str
) -> RegistrationClosed | None:
    """Why a yes comes to nothing: another partner holds the company, or not that much of its credit is left. Raises
    TransientError while the CRM does not have the deal yet that is to be shared."""
    holder = next((c for c in facts.claims if _holds(c, claim)), None)
    if offered is None:
        if holder is None:
            return None
        if services.policies.terms.overlap is Overlap.SHARE and holder.deal_id is None:
            raise TransientError(
                f"{claim.number}: the deal of {holder.number}, which it shares, is not in the CRM yet: tried again",
                retry_after=timedelta(seconds=2),
            )
        return _closed(claim, HELD, held_by=holder.number)
    wish = wish_in(said.text, words)
    if not offered.share:
        return _closed(claim, NOTHING_LEFT)
    if wish is None or wish.share == 0:
        return _closed(claim, WHICH_SHARE)
    return _closed(claim, TOO_MUCH, share=offered.left) if (wish.share or 0) > offered.left else None


def _sharing(services: Services, claim: Registration, offered: Offer | None, said: Said, words: str) -> Registration:
    """The claim with what it gets of another partner's deal, where there is one. Pure."""
    wish = wish_in(said.text, words)
    if offered is None or wish is None:
        return claim
    source = wish.source or services.policies.terms.split.source
    return replace(claim, shares_deal=offered.deal.id, share=wish.share or offered.share, source=source)


async def _taken_up(unit: Unit, services: Services, said: Said, claim: Registration) -> Registration:
    """A refused registration is undecided again, once an objection, with a new promise."""
    state = after(claim.state, Event.TAKEN_UP)
    if state is None or not await unit.once(f"objection:{said.conversation.id}", now=services.now()):
        return claim
    await note_history(unit, services, claim, Event.TAKEN_UP, said.person.name, "the partner objected")
    return replace(claim, state=state, due_at=promised_anew(services, claim))


async def ask_back(services: Services, said: Said, registration_id: int) -> None:
    """Pass a manager's question on to the partner, in the conversation of the registration."""
    async with services.store.unit() as unit:
        claim = await unit.registration(registration_id)
    person = await claimant(services, claim) if claim is not None else None
    if claim is None or person is None or claim.state is not State.SUBMITTED:
        closed = _closed(claim, _MOVED_ON.get(claim.state, NOT_UNDERSTOOD)) if claim else None
        await _tell_nothing_done(services, said, closed or RegistrationClosed(number="", decision=NOT_UNDERSTOOD))
        return
    async with services.store.unit() as unit:
        conversation = await unit.conversation(claim.conversation_id)
        if conversation is not None:
            about = {
                **conversation.about,
                "kind": "registration_question",
                "registration": claim.number,
                "asked_by": said.person.email,
            }
            conversation = replace(conversation, about=about)
            await unit.save_conversation(conversation)
            notice = ManagerAsks(
                number=claim.number,
                company=claim.draft.company or "",
                manager=said.person.name,
                question=said.text.strip(),
            )
            key = f"asks:{said.inbound.id}"
            await answer_to(unit, services, key=key, notice=notice, conversation=conversation, person=person)
        await note_history(unit, services, claim, "question", said.person.name, said.text.strip())
        await _end(unit, services, said, _closed(claim, ASKED))


async def _may_decide(services: Services, said: Said, who: str) -> bool:
    """Whom a route names decides alone; "owner" stands for whichever manager answers first."""
    named = await approver(services, who, None) if who != "owner" else None
    return named is None or named.email.casefold() == said.person.email.casefold()


def _holds(other: Registration, claim: Registration) -> bool:
    """Whether it is another partner's approved registration, and holds the company; a part in a deal holds nothing."""
    return other.partner_id != claim.partner_id and other.state is State.APPROVED and other.shares_deal is None


async def decide_nothing(services: Services, said: Said, number: str, decision: str) -> None:
    """Tell whoever wanted to decide why nothing came of it."""
    await _tell_nothing_done(services, said, RegistrationClosed(number=number, decision=decision))


async def _tell_nothing_done(services: Services, said: Said, notice: RegistrationClosed) -> None:
    async with services.store.unit() as unit:
        if await unit.conversation(said.conversation.id) is None:
            await unit.save_conversation(said.conversation)
        await _end(unit, services, said, notice)


async def _end(unit: Unit, services: Services, said: Said, notice: RegistrationClosed) -> None:
    """The manager's message has its disposition, and they are told what their words did."""
    done = notice.decision in {APPROVED, SHARED, REFUSED, PASSED_ON, ASKED}
    await unit.dispose(
        said.inbound.id,
        Disposition.APPLIED if done else Disposition.REFUSED,
        f"{notice.number} {notice.decision}".strip(),
        sender=said.person.email,
        conversation_id=said.conversation.id,
        now=services.now(),
    )
    await answer_to(
        unit,
        services,
        key=f"answer:{said.inbound.id}",
        notice=notice,
        conversation=said.conversation,
        person=said.person,
        inbound_id=said.inbound.id,
        mail_id=said.mail_id,
        extra={"only_for": said.only_for} if said.only_for else None,
    )


def _closed(
    claim: Registration, decision: str, *, held_by: str = "", share: Decimal | None = None
) -> RegistrationClosed:
    by = claim.decided_by if decision.startswith("already_") and claim.decided_by != POLICY else None
    return RegistrationClosed(
        number=claim.number,
        decision=decision,
        company=claim.draft.company or "",
        held_by=held_by,
        by=by or "",
        share=share,
    )
