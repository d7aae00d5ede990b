"""Words about a claim that has no deal in the CRM yet: which one they mean, giving it back, passing them on to whoever
decides. Changes no deal.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.domain.actions import Register
from bot.domain.companies import company_key
from bot.domain.decide import Decision
from bot.domain.eligibility import Facts, approvers, missing
from bot.domain.notices import Claimed, ForManager, RegistrationClosed
from bot.domain.partners import Manager
from bot.domain.registrations import Event, Registration, State, after
from bot.errors import TransientError
from bot.language import understand
from bot.language.case import About, Case, CaseDeal, Result
from bot.language.register_several import Incomplete, completed_one_by_one, one_by_one
from bot.ports import Unit
from handlers.claim import approver
from handlers.people import Person, manager_by_email, today_for
from handlers.registering import claimed_view, hold_company, lane_of, let_go, note_history
from handlers.requests import settle_requests
from handlers.services import Services
from handlers.speak import tell_manager
from handlers.understanding import Said

QUESTION, DECIDED = "registration_question", "registration_decided"
ANSWER, OBJECTION = "answer", "objection"
_UNDECIDED = (State.DRAFT, State.SUBMITTED)
_MOST_NUMBERS = 20  # registration numbers that are looked for in one message


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """The partner's claims that words may mean: `open` ones have no deal in the CRM yet; `about` is the one that the
    conversation is about, in whatever state, `waiting` are those that it waits for to be completed."""

    open: tuple[Registration, ...] = ()
    about: Registration | None = None
    waiting: tuple[Registration, ...] = ()

    @property
    def numbers(self) -> tuple[str, ...]:
        return tuple(c.number for c in self.open)

    def told_of(self, decision: Decision) -> Registration | None:
        """The claim that words for a person are about: the one they name, else the one of the conversation."""
        named = next((c for c in self.open if c.number in decision.claims_told), None)
        return named or (self.about if self.about is not None and self.about.deal_id is None else None)

    def objected_to(self, said: Said) -> bool:
        """Whether the words answer a refusal."""
        refused = self.about is not None and self.about.state is State.REFUSED
        return refused and said.conversation.about.get("kind") == DECIDED

    def answers(self, said: Said) -> bool:
        """Whether the words answer a question of whoever decides."""
        return self.about in self.open and said.conversation.about.get("kind") == QUESTION


async def claims_of(services: Services, said: Said) -> Claims:
    """What the speaker's partner has claimed and the CRM does not know yet."""
    partner, about = said.person.partner, said.conversation.about
    if partner is None:
        return Claims()
    async with services.store.unit() as unit:
        found = list(await unit.registrations(states=_UNDECIDED, partner_id=partner.id))
        number = about.get("registration") if str(about.get("kind")).startswith("registration_") else None
        meant = await unit.registration_by_number(number) if number else None
    if meant is not None and meant.partner_id != partner.id:
        meant = None
    on_its_way = meant is not None and meant.state is State.APPROVED and meant.deal_id is None
    if meant is not None and on_its_way:
        found.append(meant)
    waiting = [c for c in reversed(found) if c.state is State.DRAFT and c.conversation_id == said.conversation.id]
    return Claims(open=tuple(found), about=meant, waiting=tuple(waiting) if meant in waiting else ())


def read(case: Case, claims: Claims, number_format: str) -> tuple[Case, Result]:
    """What the words propose, where claims are named as deals are: by company or number. A registration number that
    is nobody's known deal or claim stands for itself, so that no other deal is taken for it. Pure."""
    result = _deal_by_deal(case, claims)
    claimed = {company_key(a.draft.company) for a in result.actions if isinstance(a, Register) and a.draft.company}
    known = [_as_deal(c, by_number=c.company_key in claimed or c in claims.waiting) for c in claims.open]
    known += [_named(number) for number in _strange_numbers(case, claims, number_format)]
    about = _about(case.about, claims.about) if case.about is not None else None
    if not known and about == case.about:
        return case, result
    case = replace(case, deals=[*case.deals, *known], about=about)
    return case, _deal_by_deal(case, claims)


def _deal_by_deal(case: Case, claims: Claims) -> Result:
    """What the words propose, each deal by itself where they are about several that are no deals yet."""
    drafts = [Incomplete(number=c.number, draft=c.draft) for c in claims.waiting]
    result = understand(case)
    return completed_one_by_one(case, result, drafts) if len(drafts) > 1 else one_by_one(case, result)


def _about(about: About, claim: Registration | None) -> About:
    """What is said in the thread of a claim is about the claim, or about its deal once there is one."""
    return replace(about, deal=claim.deal_id or claim.number) if claim is not None else about


def _as_deal(claim: Registration, *, by_number: bool) -> CaseDeal:
    """The claim as something to name; only by its number where the words claim that very company."""
    company = claim.draft.company
    return (
        replace(_named(claim.number), name=company, company=company)
        if company and not by_number
        else _named(claim.number)
    )


def _named(number: str) -> CaseDeal:
    return CaseDeal(id=number, name=number, company=number, motion="", stage="", registration=number)


def _strange_numbers(case: Case, claims: Claims, number_format: str) -> list[str]:
    known = {(d.registration or "").casefold() for d in case.deals} | {n.casefold() for n in claims.numbers}
    before, _, behind = number_format.partition("{n}")
    if not before.strip():
        return []
    pattern = rf"(?<!\w){re.escape(before)}\d+{re.escape(behind)}(?!\w)"
    found = dict.fromkeys(m.group().upper() for m in re.finditer(pattern, case.text, re.IGNORECASE))
    return [number for number in found if number.casefold() not in known][:_MOST_NUMBERS]


def for_a_person(said: Said, decision: Decision, claims: Claims) -> Decision:
    """An answer to whoever decides reaches them whole; what answers a refusal is an objection, never asked about."""
    if decision.given_back:
        return decision
    if claims.answers(said) or (claims.objected_to(said) and decision.asked):
        left = tuple(a for a in decision.pending if a not in decision.asked)
        return replace(decision, asked=(), pending=left, routed=(said.text.strip(),))
    return decision


async def give_back(unit: Unit, services: Services, said: Said, given_back: Sequence[Registration]) -> list[Claimed]:
    """Withdraw what is undecided. What was decided meanwhile is told as it stands; what is on its way into the CRM
    is waited for, and then given back as a deal. Raises TransientError for that."""
    told: list[Claimed] = []
    for known in sorted(given_back, key=lane_of):
        await hold_company(unit, known)
        claim = await unit.registration(known.id) or known
        if claim.state is State.APPROVED:
            raise TransientError(
                f"{claim.number}: its deal is not in the CRM yet: giving it back is tried again",
                retry_after=timedelta(seconds=2),
            )
        state = after(claim.state, Event.GIVEN_BACK) if claim.state in _UNDECIDED else None
        if state is not None:
            asked = claim.state is State.SUBMITTED
            claim = replace(claim, state=state)
            await unit.save_registration(claim)
            await let_go(unit, services, claim)
            await settle_requests(unit, claim.number, f"{state}:{said.inbound.id}")
            await note_history(unit, services, claim, Event.GIVEN_BACK, said.person.name, said.text.strip())
            if asked:
                await _tell_of_withdrawal(unit, services, claim, said.person)
        told.append(claimed_view(claim, said.person, (), None))
    return told


async def _tell_of_withdrawal(unit: Unit, services: Services, claim: Registration, person: Person) -> None:
    await tell_manager(
        unit,
        services,
        key=f"withdrawn:{claim.id}",
        notice=RegistrationClosed(number=claim.number, decision="withdrawn", company=claim.draft.company or ""),
        manager=await decider(services, claim, person),
        about={"kind": "for_manager"},
        partner_id=claim.partner_id,
    )


async def decider(services: Services, claim: Registration, person: Person) -> Manager | None:
    """Who decides at this step, as far as that is known without looking into the CRM's companies."""
    if person.partner is None:
        return None
    facts = Facts(partner=person.partner, today=today_for(services, person))
    steps = approvers(claim, facts, services.policies.terms)
    return await approver(services, steps[min(claim.step, len(steps) - 1)], person.partner)


def asked_about(said: Said, claims: Claims, numbers: Sequence[str], services: Services) -> list[Claimed]:
    """How the claims stand that the partner asked about. Pure."""
    terms = services.policies.terms
    return [claimed_view(c, said.person, missing(c, terms), None) for c in claims.open if c.number in numbers]


def in_their_words(said: Said, reason: str) -> ForManager:
    """What somebody wrote, for the manager to read; `reason` is why, as in ForManager."""
    partner = said.person.partner
    return ForManager(
        partner=partner.name if partner else "",
        contact=said.person.name,
        contact_email=said.person.email,
        channel=said.inbound.channel.value,
        text=said.text,
        reason=reason,
    )


async def pass_on(unit: Unit, services: Services, said: Said, claim: Registration, claims: Claims) -> None:
    """Words about a claim are kept in its history and reach a person, who can decide right there."""
    reason = OBJECTION if claims.objected_to(said) else ANSWER if claims.answers(said) else "question"
    await note_history(unit, services, claim, reason, said.person.name, said.text.strip())
    await tell_manager(
        unit,
        services,
        key=f"routed:{said.inbound.id}",
        notice=replace(in_their_words(said, reason), number=claim.number, company=claim.draft.company or ""),
        manager=await _hearer(services, said, claim, reason),
        about={
            "kind": "approval_request",
            "registration": claim.number,
            "claim": claim.id,
            "step": claim.step,
            "objection": reason == OBJECTION,
        },
        partner_id=claim.partner_id,
    )


async def _hearer(services: Services, said: Said, claim: Registration, reason: str) -> Manager | None:
    """Who asked hears the answer; an objection goes where the programme says, else to whoever decided."""
    wanted = {
        ANSWER: said.conversation.about.get("asked_by"),
        OBJECTION: services.policies.terms.objections_to,
    }.get(reason)
    named = await manager_by_email(services, wanted) if wanted else None
    return named or await decider(services, claim, said.person)
