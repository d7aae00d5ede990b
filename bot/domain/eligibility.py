"""Whether a claim may be registered: one small rule a reason, each over facts that it is given. Pure.

What a rule finds is a name, what it means, a value of the claimant's own that may be shown, and what only the vendor's
people may read. Nothing that is shown says who else is there or what it is worth. Refuses to decide: `verdict` says
what the findings come to, and who decides is `approvers`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from bot.domain.accounts import Account
from bot.domain.actions import Draft
from bot.domain.credits import Offer, UnreadableError, left, part_of
from bot.domain.deals import Deal
from bot.domain.partners import Motion, Partner
from bot.domain.policy import is_open
from bot.domain.protection import holds
from bot.domain.registrations import Effect, Finding, Kind, Registration, State
from bot.domain.sharing import seen_by
from bot.domain.terms import Conflict, Overlap, Route, Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known when a claim is judged. `accounts` are surely the claimed company, `alike` have a name like it.
    `claims` are the other live registrations of the company, `partners` who made them and who holds the accounts'
    deals, by id. `today` is the day in the claimant's time zone, `latest_day`
    the one where it is latest on earth (today, when left out): what is protected until then still is. `held` is another
    partner's deal at the company, the credit for which may be shared."""

    partner: Partner
    today: date
    latest_day: date | None = None
    accounts: tuple[Account, ...] = ()
    alike: tuple[Account, ...] = ()
    claims: tuple[Registration, ...] = ()
    partners: Mapping[str, Partner] = field(default_factory=dict)
    held: Deal | None = None


class Verdict(StrEnum):
    """What the findings come to."""

    REFUSE = "refuse"
    MANAGER = "manager"
    APPROVE = "approve"  # by policy, without a person


POLICY = "policy"  # who has decided where no person has
OF_OTHER_CLAIMS = frozenset({"same_partner", "other_claim"})

Rule = Callable[[Registration, Facts, Terms], Iterator[Finding]]


def own_domain(claim: Registration, _: Facts, terms: Terms) -> Iterator[Finding]:
    """The vendor's own company is nobody's deal."""
    if claim.domain in terms.own_domains:
        yield Finding(rule="own_domain", effect=Effect.REFUSE, shown=claim.domain or "")


def past_close_date(claim: Registration, facts: Facts, _: Terms) -> Iterator[Finding]:
    day = claim.draft.close_date
    if day is not None and day < facts.today:
        yield Finding(rule="past_close_date", effect=Effect.REFUSE, shown=day.isoformat())


def amounts(claim: Registration, _: Facts, terms: Terms) -> Iterator[Finding]:
    """Too little for the programme, or no amount that anybody could mean."""
    amount, currency = claim.draft.amount, claim.draft.currency or terms.currency
    if amount is None:
        return
    shown = f"{amount} {currency}"
    if amount <= 0 or amount > terms.maximum_amount:
        yield Finding(rule="amount_out_of_range", effect=Effect.REFUSE, shown=shown)
    elif terms.minimum_amount is not None and amount < terms.minimum_amount and currency == terms.currency:
        yield Finding(rule="minimum_amount", effect=Effect.REFUSE, shown=f"{terms.minimum_amount} {terms.currency}")


def certification(claim: Registration, facts: Facts, terms: Terms) -> Iterator[Finding]:
    """Some motions may be registered by certified partners only."""
    wanted = terms.certifications.get(motion_of(claim, terms))
    if wanted is not None and wanted.casefold() not in {c.casefold() for c in facts.partner.certifications}:
        yield Finding(rule="certification", effect=Effect.REFUSE, shown=wanted)


def territory(_: Registration, facts: Facts, terms: Terms) -> Iterator[Finding]:
    """A partner sells in its own countries; where the CRM does not know the company's country, nothing is found."""
    own = {t.casefold() for t in facts.partner.territories}
    countries = {a.country for a in facts.accounts if a.country}
    outside = sorted(c for c in countries if c.casefold() not in own)
    if own and outside:
        yield Finding(rule="territory", effect=terms.outside_territory, shown=", ".join(outside))


def segment(_: Registration, facts: Facts, terms: Terms) -> Iterator[Finding]:
    allowed = {s.casefold() for s in terms.segments}
    outside = sorted({a.segment for a in facts.accounts if a.segment and a.segment.casefold() not in allowed})
    if allowed and outside:
        yield Finding(rule="segment", effect=Effect.MANAGER, internal=", ".join(outside))


def customer(_: Registration, facts: Facts, terms: Terms) -> Iterator[Finding]:
    """The company buys from the vendor already, or is a partner itself."""
    for account in facts.accounts:
        if account.customer or account.partner:
            what = "an existing customer" if account.customer else "a partner of the programme"
            yield Finding(rule="customer", effect=terms.customers, internal=f"{account.name} is {what}")


def direct_deal(_: Registration, facts: Facts, terms: Terms) -> Iterator[Finding]:
    """The vendor's own sales people have an open deal there."""
    for deal in (d for a in facts.accounts for d in a.deals):
        if deal.partner_id is None and is_open(deal):
            yield Finding(rule="direct_deal", effect=terms.direct_deals, internal=_internal(deal, "direct sales"))


def same_partner(claim: Registration, facts: Facts, _: Terms) -> Iterator[Finding]:
    """The partner has claimed the company before; a second deal there is a person's decision."""
    for other in facts.claims:
        if other.partner_id == claim.partner_id:
            yield Finding(rule="same_partner", effect=Effect.REFUSE, shown=other.number, internal=other.number)
    for deal in _held(facts):
        known = deal.registration in {c.number for c in facts.claims}
        seen = seen_by(deal, claim.partner_id)
        if seen is not None and not known and seen.registration not in {c.number for c in facts.claims}:
            yield Finding(
                rule="same_partner",
                effect=Effect.REFUSE,
                shown=seen.registration or seen.name,
                internal=_internal(deal, "the same partner"),
            )


def other_claim(claim: Registration, facts: Facts, terms: Terms) -> Iterator[Finding]:
    """Another partner has claimed the company, or holds a protected deal there."""
    effect = {Overlap.REFUSE: Effect.REFUSE}.get(terms.overlap, Effect.MANAGER)
    for other in facts.claims:
        if other.partner_id != claim.partner_id and other.credit is None and not goes_first(claim, other, facts, terms):
            rival = facts.partners.get(other.partner_id)
            said = f"{other.number} of {rival.name if rival else other.partner_id}, {other.state}"
            yield Finding(rule="other_claim", effect=effect, internal=said)
    for deal in _held(facts):
        known = deal.registration in {c.number for c in facts.claims}
        if deal.partner_id not in {None, claim.partner_id} and part_of(deal, claim.partner_id) is None and not known:
            rival = facts.partners.get(deal.partner_id or "")
            name = rival.name if rival else "another partner"
            yield Finding(rule="other_claim", effect=effect, internal=_internal(deal, name))


def nothing_left(claim: Registration, facts: Facts, terms: Terms) -> Iterator[Finding]:
    """The credit for the deal of the company could be shared, and all of it has been given."""
    found = offer(claim, facts, terms)
    if found is not None and not found.share:
        yield Finding(rule="nothing_left", effect=Effect.REFUSE, internal=found.deal.name)


def alike(_: Registration, facts: Facts, __: Terms) -> Iterator[Finding]:
    """A company with a name like it: the manager looks whether it is the same."""
    for account in facts.alike:
        yield Finding(
            rule="company_name", effect=Effect.NOTE, internal=f"{account.name} ({account.domain or 'no domain'})"
        )


RULES: tuple[Rule, ...] = (
    own_domain,
    past_close_date,
    amounts,
    certification,
    territory,
    segment,
    customer,
    direct_deal,
    same_partner,
    other_claim,
    nothing_left,
    alike,
)


def findings(claim: Registration, facts: Facts, terms: Terms) -> tuple[Finding, ...]:
    """What all rules find, in their order."""
    return tuple(finding for rule in RULES for finding in rule(claim, facts, terms))


def offer(claim: Registration, facts: Facts, terms: Terms) -> Offer | None:
    """What of another partner's deal the claim can share; None where credit is not shared, there is no such deal, or
    nobody can read who shares it already."""
    deal = facts.held
    if deal is None or terms.overlap is not Overlap.SHARE or seen_by(deal, claim.partner_id) is not None:
        return None
    promised = [c.credit for c in facts.claims if c.shares_deal == deal.id and c.id != claim.id and c.credit]
    try:
        most = left(deal, terms.split, promised)
    except UnreadableError:
        return None
    return Offer(deal=deal, left=most, share=min(most, terms.split.further))


def verdict(claim: Registration, found: Sequence[Finding], terms: Terms) -> Verdict:
    """Refused by a rule, else for a manager, else approved where policy allows that without a person."""
    effects = {f.effect for f in found}
    if Effect.REFUSE in effects:
        return Verdict.REFUSE
    amount = claim.draft.amount
    small = terms.approve_below is not None and amount is not None and amount < terms.approve_below
    measured = (claim.draft.currency or terms.currency) == terms.currency
    return Verdict.APPROVE if small and measured and not effects else Verdict.MANAGER


def goes_first(claim: Registration, other: Registration, facts: Facts, terms: Terms) -> bool:
    """Whether a claim comes before another one; what is approved stays first. Of any two claims exactly one does."""
    return _place(claim, facts, terms) < _place(other, facts, terms)


def overtaken(claim: Registration, facts: Facts, terms: Terms) -> tuple[Registration, ...]:
    """Other partners' undecided claims that a new one comes before although they are older: by the better tier."""
    return tuple(
        other
        for other in facts.claims
        if terms.conflict is Conflict.TIER
        and other.partner_id != claim.partner_id
        and (other.claimed_at, other.id) < (claim.claimed_at, claim.id)
        and goes_first(claim, other, facts, terms)
    )


def stood_behind(refused: Registration) -> bool:
    """Whether a refused claim was refused by policy, and only because of other claims: it counts again without them."""
    against = {f.rule for f in refused.findings if f.effect is Effect.REFUSE}
    return refused.decided_by == POLICY and bool(against) and against <= OF_OTHER_CLAIMS


def approvers(claim: Registration, facts: Facts, terms: Terms) -> tuple[str, ...]:
    """Who decides, one after the other: the first route that fits, else the partner's own manager."""
    fits = (r.approvers for r in terms.routes if _fits(r, claim, facts, terms))
    return next(fits, ("owner",))


def motion_of(claim: Registration, terms: Terms) -> Motion:
    return claim.motion or terms.default_motion


def required(claim: Registration, terms: Terms) -> tuple[str, ...]:
    """What a claim needs before it is decided, each once."""
    return required_in(claim.motion, terms, claim.kind)


def required_in(motion: Motion | None, terms: Terms, kind: Kind = Kind.DEAL) -> tuple[str, ...]:
    """What any claim in that motion (None: the programme's default) needs."""
    always = terms.lead_required if kind is Kind.LEAD else terms.required
    demanded = (*always, *terms.required_by_motion.get(motion or terms.default_motion, ()))
    return tuple(dict.fromkeys(demanded))


def missing(claim: Registration, terms: Terms) -> tuple[str, ...]:
    """What of that is not there."""
    return lacking(claim.draft, claim.motion, terms, claim.kind)


def lacking(draft: Draft, motion: Motion | None, terms: Terms, kind: Kind = Kind.DEAL) -> tuple[str, ...]:
    """What a draft lacks to be a claim in that motion."""
    there = {"contact": draft.contact_name or draft.contact_email}
    return tuple(f for f in required_in(motion, terms, kind) if there.get(f, getattr(draft, f, None)) is None)


def _fits(route: Route, claim: Registration, facts: Facts, terms: Terms) -> bool:
    amount = claim.draft.amount or Decimal(0)
    countries = {a.country.casefold() for a in facts.accounts if a.country}
    countries |= set() if countries else {t.casefold() for t in facts.partner.territories}
    return (
        (route.min_amount is None or amount >= route.min_amount)
        and (not route.motions or motion_of(claim, terms) in route.motions)
        and (not route.territories or bool({t.casefold() for t in route.territories} & countries))
    )


def _held(facts: Facts) -> Iterator[Deal]:
    """The deals at the company that keep others away."""
    day = facts.latest_day or facts.today
    return (d for a in facts.accounts for d in a.deals if holds(d, today=day))


def _place(claim: Registration, facts: Facts, terms: Terms) -> tuple[bool, int, datetime, int]:
    rank = _rank(claim.partner_id, facts, terms) if terms.conflict is Conflict.TIER else 0
    return (claim.state is not State.APPROVED, rank, claim.claimed_at, claim.id)


def _rank(partner_id: str, facts: Facts, terms: Terms) -> int:
    partner = facts.partner if partner_id == facts.partner.id else facts.partners.get(partner_id)
    tiers = [t.casefold() for t in terms.tiers]
    tier = (partner.tier or "").casefold() if partner else ""
    return tiers.index(tier) if tier in tiers else len(tiers)


def _internal(deal: Deal, whose: str) -> str:
    worth = f", {deal.amount} {deal.currency or ''}".rstrip() if deal.amount is not None else ""
    return f"{deal.name} ({whose}, {deal.stage}{worth})"
