"""A partner claims a deal, or completes a claim: it is stored in the reply's own transaction, with what follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot.domain.actions import Draft, Register
from bot.domain.clocks import due
from bot.domain.codec import to_json
from bot.domain.companies import company_key, same_claim
from bot.domain.domains import web_domain
from bot.domain.eligibility import missing, stood_behind
from bot.domain.notices import Claimed
from bot.domain.partners import Motion
from bot.domain.registrations import Event, HistoryEntry, Kind, Registration, State, after
from bot.domain.terms import Conflict
from bot.ports import Job, Unit
from handlers.limits import within
from handlers.people import Person, zone_of
from handlers.services import Services
from handlers.understanding import Said
from handlers.words import whole_words

DRAFT_REMINDER, DRAFT_DROP = "draft_reminder", "draft_drop"
SLA_REMINDER, SLA_ESCALATION = "sla_reminder", "sla_escalation"
CLAIMED, ADDED = "claimed", "added"  # what the partner said, in a registration's history
AGREED = "agreed"  # one of several who have to agree


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the answer says of the registrations in a reply, and what the conversation is about afterwards."""

    claimed: tuple[Claimed, ...] = ()
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """The registrations of a reply that the hourly limit leaves; `told_before` when its partner knows of it already."""

    registers: tuple[Register, ...]
    too_many: bool = False
    told_before: bool = False


async def admitted(unit: Unit, services: Services, said: Said, registers: Sequence[Register]) -> Admitted:
    """Count them against what one contact may register in an hour; what completes a draft is free."""
    drafts = [await _open_draft(unit, said, register, place) for place, register in enumerate(registers)]
    taken = [register for register, draft in zip(registers, drafts, strict=True) if draft is not None]
    now, terms = services.now(), services.policies.terms
    hour = f"{said.person.id}:{now:%Y-%m-%dT%H}"
    for register in (r for r, draft in zip(registers, drafts, strict=True) if draft is None):
        if not await within(unit, f"registrations:{hour}", terms.per_hour, now=now):
            first = await unit.once(f"too_many_registrations:{hour}", now=now)
            return Admitted(registers=tuple(taken), too_many=True, told_before=not first)
        taken.append(register)
    return Admitted(registers=tuple(taken))


async def record(
    unit: Unit,
    services: Services,
    said: Said,
    registers: Sequence[Register],
    manager: str | None,
    *,
    motion: Motion | None = None,
) -> Outcome:
    """Store each registration with its next step. `motion` is the chosen one, if one was. Idempotent by the message
    and the place in it."""
    claimed: list[Claimed] = []
    about: Mapping[str, Any] = {}
    by = said.person.name
    for place, register in enumerate(registers):
        draft = await _open_draft(unit, said, register, place)
        wanted = _claim(services, said, register, f"inbound:{said.inbound.id}:{place}", draft, motion)
        if draft is None and (draft := await _begun_before(unit, wanted)) is not None:
            register = replace(register, draft=_added_to(draft.draft, wanted.draft))  # noqa: PLW2901
            wanted = _claim(services, said, register, draft.key, draft, motion)
        terms = services.policies.terms
        if draft is None:
            claim = await unit.add_registration(wanted, number_format=terms.number_format)
            await note_history(unit, services, claim, CLAIMED, f"{by}, {said.inbound.channel.value}", whole_words(said))
        else:
            claim = wanted
            await unit.save_registration(claim)
            if (draft.company_key, draft.domain) != (claim.company_key, claim.domain):  # perhaps another company's
                await let_go(unit, services, draft)
            await note_history(unit, services, claim, ADDED, f"{by}, {said.inbound.channel.value}", whole_words(said))
        await _next(unit, services, claim, is_new=draft is None)
        lacks = missing(claim, terms)
        claimed.append(claimed_view(claim, said.person, lacks, manager))
        about = {"kind": "registration_received", "registration": claim.number, "draft": None}
    if len(claimed) > 1:
        about = {**about, "registration": None}  # "withdraw it" would be either
    if claimed and (lacking := await _lacking(unit, said)) is not None:
        draft_json = to_json(lacking.draft)
        about = {"kind": "registration_incomplete", "registration": lacking.number, "draft": draft_json}
    return Outcome(claimed=tuple(claimed), about=about)


async def _lacking(unit: Unit, said: Said) -> Registration | None:
    """Of the registrations of this conversation, the first that still lacks something."""
    partner_id = said.person.partner.id if said.person.partner else None
    drafts = await unit.registrations(states=(State.DRAFT,), partner_id=partner_id)
    return next((c for c in reversed(drafts) if c.conversation_id == said.conversation.id), None)


async def _begun_before(unit: Unit, claim: Registration) -> Registration | None:
    """The partner's own incomplete claim on the same company: who says it again, in a new mail, completes it."""
    near = await unit.claims_on(claim.company_key, claim.domain)
    mine = (c for c in near if c.partner_id == claim.partner_id and c.state is State.DRAFT)
    return next((c for c in mine if same_claim(c, claim).is_sure), None)


def _added_to(known: Draft, new: Draft) -> Draft:
    """What was said before, with what is said now. Pure."""
    said = {name: value for name in Draft.__dataclass_fields__ if (value := getattr(new, name)) is not None}
    return replace(known, **said)


def claimed_view(claim: Registration, person: Person, lacks: tuple[str, ...], manager: str | None) -> Claimed:
    """What its partner reads of a registration; times in their zone."""
    return Claimed(
        number=claim.number,
        company=claim.draft.company or "",
        state=claim.state.value,
        missing=lacks,
        amount=claim.draft.amount,
        currency=claim.draft.currency,
        close_date=claim.draft.close_date,
        decided_by=claim.due_at.astimezone(zone_of(person)) if claim.due_at else None,
        manager=manager,
    )


def lane_of(claim: Registration) -> str:
    """The jobs that decide about one company are done one after the other."""
    return f"company:{claim.company_key or claim.id}"


async def hold_company(unit: Unit, claim: Registration) -> None:
    """Whoever decides about this company, by name or by domain, does it alone until the unit ends."""
    for name in sorted({lane_of(claim), f"domain:{claim.domain or claim.id}"}):
        await unit.hold(name)


async def note_history(unit: Unit, services: Services, claim: Registration, event: str, by: str, text: str) -> None:
    await unit.add_history(claim.id, HistoryEntry(at=services.now(), event=event, by=by, text=text[:2000]))


async def let_go(unit: Unit, services: Services, claim: Registration) -> None:
    """This claim stands in nobody's way any more: whoever was refused its company because of it is judged again, in
    the order of their claims."""
    for other in await unit.refused_on(claim.company_key, claim.domain):
        if stood_behind(other) and same_claim(claim, other).is_sure and _may_have_waited(claim, other, services):
            ref = f"{other.id}:{claim.id}:{services.now().timestamp():.3f}"
            await unit.enqueue(Job(kind="freed", ref=ref, lane=lane_of(other)))


def _may_have_waited(claim: Registration, other: Registration, services: Services) -> bool:
    """Whether a claim can have stood before another one: by its time, by its tier, or as the same partner's."""
    later = (other.claimed_at, other.id) > (claim.claimed_at, claim.id)
    return later or services.policies.terms.conflict is Conflict.TIER or other.partner_id == claim.partner_id


def timer(claim: Registration, what: str, at: datetime) -> Job:
    """A look at the registration at that time; it does nothing when the registration has moved on."""
    return Job(kind="registration_timer", ref=f"{claim.id}:{what}:{claim.step}:{promise_of(claim)}", not_before=at)


def promised_anew(services: Services, claim: Registration) -> datetime:
    """By when a claim is decided that was decided before: later than promised then, for that tells its rounds apart."""
    terms = services.policies.terms
    promised = due(services.now(), terms.hours_to_decide(claim.motion), terms.office_hours)
    return max(promised, claim.due_at + timedelta(seconds=1)) if claim.due_at else promised


def promise_of(claim: Registration) -> str:
    """Tells the rounds of one registration apart: whoever takes it up again promises a new time. Empty for a draft."""
    return f"{claim.due_at.timestamp():.0f}" if claim.due_at else ""


async def _open_draft(unit: Unit, said: Said, register: Register, place: int) -> Registration | None:
    """The incomplete registration that these words complete: the one they name, or the one the reply answers."""
    about = said.conversation.about
    number = register.completes or (about.get("registration") if place == 0 else None)
    if about.get("kind") != "registration_incomplete" or not number:
        return None
    claim = await unit.registration_by_number(number)
    mine = said.person.partner is not None and claim is not None and claim.partner_id == said.person.partner.id
    return claim if mine and claim is not None and claim.state is State.DRAFT else None


def _claim(
    services: Services, said: Said, register: Register, key: str, draft: Registration | None, motion: Motion | None
) -> Registration:
    """The registration as these words make it. A claim counts from the first words that made it."""
    terms, words = services.policies.terms, register.draft
    if words.company is not None and not company_key(words.company):
        words = replace(words, company=None)  # no letter and no digit: nobody's name
    claim = draft or Registration(
        id=0,
        key=key,
        number="",
        state=State.DRAFT,
        partner_id=said.person.partner.id if said.person.partner else "",
        contact_id=said.person.id,
        conversation_id=said.conversation.id,
        inbound_id=said.inbound.id,
        claimed_at=said.inbound.received_at,
        draft=Draft(),
    )
    kind = Kind.LEAD if register.lead else claim.kind
    claim = replace(
        claim,
        kind=kind,
        draft=words,
        motion=motion or claim.motion or (terms.lead_motion if kind is Kind.LEAD else None),
        company_key=company_key(words.company) if words.company else "",
        domain=_customers_domain(words.contact_email, said.person.email),
    )
    if missing(claim, terms):
        return claim
    promised = due(said.inbound.received_at, terms.hours_to_decide(claim.motion), terms.office_hours)
    return replace(claim, state=after(claim.state, Event.COMPLETED) or claim.state, due_at=promised)


def _customers_domain(contact: str | None, partner: str) -> str | None:
    """The domain of the customer's address; a partner who names its own address says nothing of the customer."""
    domain = web_domain(contact)
    return None if domain == web_domain(partner) else domain


async def _next(unit: Unit, services: Services, claim: Registration, *, is_new: bool) -> None:
    """A complete one is judged; an incomplete one is asked about once more later, and dropped at last."""
    now, terms = services.now(), services.policies.terms
    if claim.state is State.SUBMITTED:
        await unit.enqueue(Job(kind="claim", ref=str(claim.id), lane=lane_of(claim)))
    elif is_new:
        await unit.enqueue(timer(claim, DRAFT_REMINDER, now + timedelta(days=terms.draft_reminder_days)))
        await unit.enqueue(timer(claim, DRAFT_DROP, now + timedelta(days=terms.draft_days)))
