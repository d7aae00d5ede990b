"""Values for the tests of registrations: a claim, and strategies for claims and what the CRM says of their company."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from bot.domain.accounts import Account
from bot.domain.actions import Draft
from bot.domain.deals import Deal, Outcome, RegistrationStatus
from bot.domain.eligibility import Facts
from bot.domain.partners import Motion, Partner
from bot.domain.registrations import LIVE, Registration, State

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
TODAY = NOW.date()
OWN, RIVAL = "P1", "P2"
SECRET = "Zweitpartner"  # stands in everything that is another partner's, or the vendor's own

CLAIM = Registration(
    id=1,
    key="inbound:1:0",
    number="REG-1001",
    state=State.SUBMITTED,
    partner_id=OWN,
    contact_id="C1",
    conversation_id=1,
    inbound_id=1,
    claimed_at=NOW,
    draft=Draft(
        company="Nordwind AG",
        contact_name="Karin Holm",
        contact_email="karin@nordwind.example",
        amount=Decimal(85000),
        currency="EUR",
        close_date=date(2027, 3, 31),
    ),
    company_key="nordwind",
    domain="nordwind.example",
)
PARTNER = Partner(id=OWN, name="Brandt IT", tier="gold", certifications=("Implementation",))
DEAL = Deal(
    id="D9",
    name=f"{SECRET} deal",
    company="Nordwind AG",
    partner_id=RIVAL,
    motion=Motion.RESELLER,
    stage=f"{SECRET} stage",
    amount=Decimal(77123),
    currency="EUR",
    updated_at=NOW,
)

moments = st.integers(0, 3).map(lambda hours: NOW + timedelta(hours=hours))
claims = st.builds(
    lambda number, partner, state, at: replace(
        CLAIM,
        id=number,
        number=f"REG-{1000 + number}" if partner == OWN else f"{SECRET}-{number}",
        partner_id=partner,
        state=state,
        claimed_at=at,
    ),
    st.integers(2, 9),
    st.sampled_from([OWN, RIVAL, "P3"]),
    st.sampled_from(sorted(LIVE)),
    moments,
)
deals = st.builds(
    lambda partner, until, status, outcome: replace(
        DEAL,
        name="My own deal" if partner == OWN else DEAL.name,
        partner_id=partner,
        protected_until=until,
        registration_status=status,
        outcome=outcome,
    ),
    st.sampled_from([None, OWN, RIVAL]),
    st.none() | st.integers(-5, 5).map(lambda days: TODAY + timedelta(days=days)),
    st.none() | st.sampled_from([s.value for s in RegistrationStatus]),
    st.sampled_from(list(Outcome)),
)
accounts = st.builds(
    lambda country, segment, customer, partner, held: Account(
        id="A1",
        name=f"{SECRET} account",
        domain=f"{SECRET.lower()}.example",
        country=country,
        segment=segment,
        customer=customer,
        partner=partner,
        owner_id=f"{SECRET} owner",
        deals=tuple(held),
    ),
    st.none() | st.sampled_from(["DE", "AT"]),
    st.none() | st.just(f"{SECRET} segment"),
    st.booleans(),
    st.booleans(),
    st.lists(deals, max_size=3),
)
facts = st.builds(
    lambda sure, alike, others: Facts(
        partner=replace(PARTNER, territories=("DE",)),
        today=TODAY,
        accounts=tuple(sure),
        alike=tuple(alike),
        claims=tuple(others),
        partners={p: Partner(id=p, name=f"{SECRET} {p}", tier="silver") for p in (RIVAL, "P3")},
    ),
    st.lists(accounts, max_size=2),
    st.lists(accounts, max_size=2),
    st.lists(claims, max_size=3, unique_by=lambda c: c.id),
)
