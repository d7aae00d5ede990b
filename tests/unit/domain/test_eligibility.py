"""Whether a claim may be registered: each rule by a table, who goes first, and that nobody's secret is shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.accounts import Account
from bot.domain.actions import Draft
from bot.domain.deals import Outcome
from bot.domain.eligibility import (
    Facts,
    Verdict,
    approvers,
    findings,
    goes_first,
    missing,
    overtaken,
    required,
    verdict,
)
from bot.domain.partners import Motion, Partner
from bot.domain.registrations import Effect, Finding, State
from bot.domain.terms import Conflict, Overlap, Route, Terms
from tests.unit.domain.registering import CLAIM, DEAL, OWN, PARTNER, RIVAL, SECRET, TODAY, claims, facts

ACCOUNT = Account(id="A1", name="Nordwind AG", domain="nordwind.example")
FREE = Facts(partner=PARTNER, today=TODAY)
YESTERDAY = TODAY - timedelta(days=1)
OTHER = replace(CLAIM, id=2, number="REG-1002", partner_id=RIVAL, claimed_at=CLAIM.claimed_at - timedelta(hours=1))


def at(**values: object) -> Facts:
    return replace(FREE, accounts=(replace(ACCOUNT, **values),))  # type: ignore[arg-type]


def held(**values: object) -> Facts:
    return at(deals=(replace(DEAL, **values),))  # type: ignore[arg-type]


def of(**values: object) -> Draft:
    return replace(CLAIM.draft, **values)  # type: ignore[arg-type]


TERRITORIAL = replace(FREE, partner=replace(PARTNER, territories=("de",)))

FOUND = [
    ("nothing in the way", CLAIM, FREE, Terms(), []),
    ("the vendor itself", CLAIM, FREE, Terms(own_domains=frozenset({"nordwind.example"})), ["own_domain:refuse"]),
    ("closes today", replace(CLAIM, draft=of(close_date=TODAY)), FREE, Terms(), []),
    ("closed yesterday", replace(CLAIM, draft=of(close_date=YESTERDAY)), FREE, Terms(), ["past_close_date:refuse"]),
    ("no close date asked for", replace(CLAIM, draft=of(close_date=None)), FREE, Terms(), []),
    ("worth nothing", replace(CLAIM, draft=of(amount=Decimal(0))), FREE, Terms(), ["amount_out_of_range:refuse"]),
    ("worth less", replace(CLAIM, draft=of(amount=Decimal(-5))), FREE, Terms(), ["amount_out_of_range:refuse"]),
    ("worth 1e15", replace(CLAIM, draft=of(amount=Decimal("1e15"))), FREE, Terms(), ["amount_out_of_range:refuse"]),
    ("exactly enough", CLAIM, FREE, Terms(minimum_amount=Decimal(85000)), []),
    ("too little", CLAIM, FREE, Terms(minimum_amount=Decimal(85001)), ["minimum_amount:refuse"]),
    ("in another currency", replace(CLAIM, draft=of(currency="USD")), FREE, Terms(minimum_amount=Decimal(10**6)), []),
    ("certified", CLAIM, FREE, Terms(certifications={Motion.RESELLER: "implementation"}), []),
    ("not certified", CLAIM, FREE, Terms(certifications={Motion.RESELLER: "Sales"}), ["certification:refuse"]),
    ("certified elsewhere", CLAIM, FREE, Terms(certifications={Motion.SERVICES: "Sales"}), []),
    ("own country", CLAIM, replace(TERRITORIAL, accounts=(replace(ACCOUNT, country="DE"),)), Terms(), []),
    (
        "abroad",
        CLAIM,
        replace(TERRITORIAL, accounts=(replace(ACCOUNT, country="FR"),)),
        Terms(),
        ["territory:refuse"],
    ),
    ("country unknown", CLAIM, replace(TERRITORIAL, accounts=(ACCOUNT,)), Terms(), []),
    ("segment allowed", CLAIM, at(segment="SMB"), Terms(segments=frozenset({"smb"})), []),
    ("segment reserved", CLAIM, at(segment="Enterprise"), Terms(segments=frozenset({"smb"})), ["segment:manager"]),
    ("a customer", CLAIM, at(customer=True), Terms(), ["customer:manager"]),
    ("a partner itself", CLAIM, at(partner=True), Terms(customers=Effect.REFUSE), ["customer:refuse"]),
    ("direct sales", CLAIM, held(partner_id=None), Terms(), ["direct_deal:manager"]),
    ("direct sales, over", CLAIM, held(partner_id=None, outcome=Outcome.LOST), Terms(), []),
    (
        "claimed before",
        CLAIM,
        replace(FREE, claims=(replace(OTHER, partner_id=OWN),)),
        Terms(),
        ["same_partner:refuse"],
    ),
    ("own deal there", CLAIM, held(partner_id=OWN), Terms(), ["same_partner:refuse"]),
    ("another was first", CLAIM, replace(FREE, claims=(OTHER,)), Terms(), ["other_claim:refuse"]),
    (
        "another is later",
        CLAIM,
        replace(FREE, claims=(replace(OTHER, claimed_at=CLAIM.claimed_at + timedelta(hours=1)),)),
        Terms(),
        [],
    ),
    ("another, shared", CLAIM, replace(FREE, claims=(OTHER,)), Terms(overlap=Overlap.SHARE), ["other_claim:manager"]),
    ("another holds it", CLAIM, held(), Terms(), ["other_claim:refuse"]),
    ("protected until today", CLAIM, held(protected_until=TODAY), Terms(), ["other_claim:refuse"]),
    ("protected until yesterday", CLAIM, held(protected_until=YESTERDAY), Terms(), []),
    (
        "protected until today elsewhere",
        CLAIM,
        replace(held(protected_until=YESTERDAY), latest_day=YESTERDAY),
        Terms(),
        ["other_claim:refuse"],
    ),
    ("given back", CLAIM, held(registration_status="released"), Terms(), []),
    ("expired", CLAIM, held(registration_status="expired", protected_until=None), Terms(), []),
    (
        "a deal and its claim are one",
        CLAIM,
        replace(held(registration="REG-1002"), claims=(OTHER,)),
        Terms(),
        ["other_claim:refuse"],
    ),
    ("a name like it", CLAIM, replace(FREE, alike=(ACCOUNT,)), Terms(), ["company_name:note"]),
]


@pytest.mark.parametrize(("claim", "known", "terms", "expected"), [row[1:] for row in FOUND], ids=[r[0] for r in FOUND])
def test_each_rule_finds_what_it_is_for(claim, known, terms, expected):
    assert [f"{f.rule}:{f.effect}" for f in findings(claim, known, terms)] == expected


any_terms = st.builds(
    Terms,
    conflict=st.sampled_from(Conflict),
    overlap=st.sampled_from(Overlap),
    tiers=st.just(("gold", "silver")),
    segments=st.just(frozenset({"smb"})),
    customers=st.sampled_from([Effect.REFUSE, Effect.MANAGER]),
    direct_deals=st.sampled_from([Effect.REFUSE, Effect.MANAGER]),
)


@given(facts, any_terms)
def test_nothing_of_anybody_else_is_ever_shown(known, terms):
    for finding in findings(CLAIM, known, terms):
        assert SECRET not in finding.shown
        assert "77123" not in finding.shown
        assert finding.shown == "" or finding.rule in {"same_partner", "territory"}


@given(st.lists(claims, min_size=2, max_size=2, unique_by=lambda c: c.id), facts, any_terms)
def test_of_two_claims_exactly_one_goes_first(pair, known, terms):
    one, other = pair
    assert goes_first(one, other, known, terms) != goes_first(other, one, known, terms)
    assert not goes_first(one, one, known, terms)


@given(st.lists(claims, min_size=3, max_size=3, unique_by=lambda c: c.id), facts, any_terms)
def test_going_first_has_no_circles(three, known, terms):
    for a, b, c in permutations(three):
        if goes_first(a, b, known, terms) and goes_first(b, c, known, terms):
            assert goes_first(a, c, known, terms)


@given(st.lists(claims, min_size=2, max_size=5, unique_by=lambda c: c.id), any_terms)
def test_of_all_claims_on_a_company_exactly_one_is_in_nobodys_way(rivals, terms):
    """Whatever the order they came in, only the first of them finds no other claim before it."""
    partners = {p: Partner(id=p, name=p, tier=tier) for p, tier in ((OWN, "silver"), (RIVAL, "gold"), ("P3", None))}
    rivals = [replace(c, partner_id=f"P{n}") for n, c in enumerate(rivals)]
    free = [
        claim
        for claim in rivals
        if not findings(
            claim,
            Facts(
                partner=partners.get(claim.partner_id, PARTNER),
                today=TODAY,
                claims=tuple(c for c in rivals if c is not claim),
                partners=partners,
            ),
            terms if terms.conflict is Conflict.FIRST_COME else replace(terms, tiers=()),
        )
    ]
    assert len(free) == 1


def test_an_approved_claim_stays_first_whatever_the_tier():
    terms = Terms(conflict=Conflict.TIER, tiers=("gold", "silver"))
    approved = replace(OTHER, state=State.APPROVED)
    known = replace(FREE, partners={RIVAL: Partner(id=RIVAL, name="Ashby", tier="silver")})
    assert not goes_first(CLAIM, approved, known, terms)
    assert goes_first(CLAIM, OTHER, known, terms)


def test_a_better_tier_overtakes_an_older_undecided_claim_only_where_tiers_count():
    known = replace(FREE, claims=(OTHER,), partners={RIVAL: Partner(id=RIVAL, name="Ashby", tier="silver")})
    assert overtaken(CLAIM, known, Terms(conflict=Conflict.TIER, tiers=("gold", "silver"))) == (OTHER,)
    assert overtaken(CLAIM, known, Terms()) == ()


NOTE = Finding(rule="company_name", effect=Effect.NOTE)
ASK = Finding(rule="customer", effect=Effect.MANAGER)
NO = Finding(rule="own_domain", effect=Effect.REFUSE)
SMALL = Terms(approve_below=Decimal(85001))


@pytest.mark.parametrize(
    ("found", "terms", "expected"),
    [
        ((), Terms(), Verdict.MANAGER),
        ((), SMALL, Verdict.APPROVE),
        ((), Terms(approve_below=Decimal(85000)), Verdict.MANAGER),
        ((NOTE,), SMALL, Verdict.MANAGER),
        ((ASK,), SMALL, Verdict.MANAGER),
        ((ASK, NO, NOTE), SMALL, Verdict.REFUSE),
    ],
)
def test_one_refusal_refuses_and_only_the_small_and_clean_is_approved_without_a_person(found, terms, expected):
    assert verdict(CLAIM, found, terms) is expected


def test_what_is_measured_in_another_currency_is_not_approved_without_a_person():
    assert verdict(replace(CLAIM, draft=of(currency="JPY")), (), SMALL) is Verdict.MANAGER


ROUTES = (
    Route(approvers=("owner", "cfo@meridian.example"), min_amount=Decimal(85000)),
    Route(approvers=("services@meridian.example",), motions=frozenset({Motion.SERVICES})),
    Route(approvers=("nordics@meridian.example",), territories=frozenset({"SE", "DK"})),
)


@pytest.mark.parametrize(
    ("claim", "known", "expected"),
    [
        (CLAIM, FREE, ("owner", "cfo@meridian.example")),
        (replace(CLAIM, draft=of(amount=Decimal(5)), motion=Motion.SERVICES), FREE, ("services@meridian.example",)),
        (replace(CLAIM, draft=of(amount=None)), at(country="se"), ("nordics@meridian.example",)),
        (
            replace(CLAIM, draft=of(amount=None)),
            replace(FREE, partner=replace(PARTNER, territories=("dk",))),
            ("nordics@meridian.example",),
        ),
        (replace(CLAIM, draft=of(amount=None)), at(country="DE"), ("owner",)),
    ],
)
def test_the_first_route_that_fits_decides_else_the_partners_manager(claim, known, expected):
    assert approvers(claim, known, Terms(routes=ROUTES)) == expected


def test_what_is_missing_follows_the_form_and_names_each_once():
    terms = Terms(required_by_motion={Motion.RESELLER: ("need", "amount")})
    assert required(CLAIM, terms) == ("company", "contact", "amount", "close_date", "need")
    assert missing(CLAIM, terms) == ("need",)
    assert missing(replace(CLAIM, draft=Draft(contact_email="karin@nordwind.example")), terms) == (
        "company",
        "amount",
        "close_date",
        "need",
    )
