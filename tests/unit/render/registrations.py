"""At least one notice for each way through each template that speaks of registrations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from bot.domain.notices import (
    Answer,
    Claimed,
    DealView,
    FollowUpDue,
    ManagerAsks,
    Notice,
    Nudge,
    ProgrammeRules,
    ProtectionEnded,
    ProtectionEnding,
    RegistrationClosed,
    RegistrationDecided,
    RegistrationDropped,
    RegistrationIncomplete,
    RegistrationLate,
    RegistrationRequest,
    RequestSettled,
)
from bot.domain.registrations import State
from bot.domain.rhythm import What

AT = datetime(2026, 11, 26, 9, 12, tzinfo=timezone(timedelta(hours=5, minutes=30)))
DEAL = DealView(
    id="2",
    name="Nordwind AG",
    company="Nordwind AG",
    stage="Deal Registration",
    amount=Decimal(48000),
    currency="EUR",
    close_date=date(2027, 3, 31),
    registration="REG-1042",
    protected_until=date(2027, 2, 22),
)
BARE_DEAL = DealView(id="3", name="Südwind", company="", stage="")
REQUIRED = ("company", "contact", "contact_name", "contact_email", "amount", "currency", "close_date", "need")
#: Each rule's name with a value that it may show.
RULES = (
    ("territory", "CH, Nordics"),
    ("segment", ""),
    ("minimum_amount", "5000 EUR"),
    ("certification", "Certified Implementer"),
    ("customer", ""),
    ("direct_deal", ""),
    ("other_claim", ""),
    ("nothing_left", ""),
    ("same_partner", "REG-1001"),
    ("own_domain", "meridian.example"),
    ("past_close_date", "2026-11-01"),
    ("amount_out_of_range", "-4.50 EUR"),
    ("rate_limit", ""),
    ("company_name", ""),
)
CLOSED = (
    "approved",
    "passed_on",
    "refused",
    "asked",
    "ask_how",
    "already_approved",
    "already_refused",
    "withdrawn",
    "held",
    "not_yours",
    "not_understood",
    "shared",
    "nothing_left",
    "too_much",
    "which_share",
    "given_back",
)


def registration_notices() -> Iterator[Notice]:
    yield from _answers()
    yield from _to_partners()
    yield from _to_managers()
    yield from _protection()
    yield from _rhythm()
    yield from _rules()


def _answers() -> Iterator[Notice]:
    for state in State:
        claimed = Claimed(number="REG-1042", company="Nordwind AG", state=state)
        nameless = {State.DRAFT, State.DROPPED, State.WITHDRAWN}  # all others are complete, or have been
        yield Answer(claimed=(claimed,))
        yield Answer(
            claimed=(
                replace(claimed, company="" if state in nameless else claimed.company, missing=REQUIRED),
                replace(claimed, amount=Decimal(48000), currency="EUR", close_date=date(2027, 3, 31), decided_by=AT),
            ),
            manager="Priya Nair",
        )
    yield Answer(refused=("too_many_registrations",))


def _to_partners() -> Iterator[Notice]:
    for company in ("Nordwind AG", ""):
        yield RegistrationIncomplete(number="REG-1042", company=company, missing=REQUIRED, drops_on=date(2026, 12, 8))
        yield RegistrationDropped(number="REG-1042", company=company)
    for decision in ("approved", "refused", "cancelled", "submitted"):
        yield RegistrationDecided(decision=decision, number="REG-1042", company="Nordwind AG")
        yield RegistrationDecided(
            decision=decision,
            number="REG-1042",
            company="Nordwind AG",
            reason="too early",
            rules=RULES,
            deal=DEAL,
            protected_until=date(2027, 2, 22),
            next_stage="Qualification",
            objections_to="Lena Fischer",
            decided_by=AT,
        )
    yield RegistrationDecided(
        decision="approved",
        number="REG-1042",
        company="Nordwind AG",
        deal=replace(DEAL, protected_until=None, share=Decimal("12.5"), is_shared=True),
        share=Decimal("12.5"),
        source="influenced",
    )
    yield ManagerAsks(number="REG-1042", company="Nordwind AG", manager="Priya Nair", question="Who\n\ndecides?")


def _to_managers() -> Iterator[Notice]:
    request = RegistrationRequest(
        number="REG-1042",
        kind="lead",
        partner="P",
        tier=None,
        contact="C",
        contact_email="c@p.test",
        company="Nordwind AG",
        claimed_at=AT,
    )
    yield request
    for decision in ("approved", "refused", "rejected", "agreed", "given_back", "dropped", "closed"):
        yield RequestSettled(reference="REG-1042", decision=decision, by="", at=AT)
        yield RequestSettled(reference="REG-1042", decision=decision, by="Priya Nair", at=AT, reason="too early")
    full = replace(
        request,
        kind="deal",
        tier="Gold",
        domain="nordwind.example",
        customer_contact="Tim Holm",
        amount=Decimal(48000),
        currency="EUR",
        close_date=date(2027, 3, 31),
        need="tickets",
        decide_by=AT,
        findings=tuple((rule, "details") for rule, _ in RULES),
        text="new\n\ndeal",
        step=1,
        steps=2,
    )
    for motion in ("referral", "reseller", "marketplace", "services", "technology"):
        yield replace(full, motion=motion)
    yield replace(full, findings=(("segment", ""),))
    yield replace(full, share=Decimal(20), share_left=Decimal(30))
    closed = RegistrationClosed(number="REG-1042", decision="", company="Nordwind AG", held_by="REG-1001")
    for decision in CLOSED:
        yield replace(closed, decision=decision, share=Decimal(20))
    yield RegistrationClosed(number="REG-1042", decision="held")
    yield RegistrationClosed(number="", decision="not_understood")
    for what in ("reminder", "escalation"):
        late = RegistrationLate(what=what, number="REG-1042", company="Nordwind AG", partner="P", decide_by=AT)
        yield late
        yield replace(late, manager="Priya Nair")


def _protection() -> Iterator[Notice]:
    for deal in (DEAL, BARE_DEAL):
        for days in (14, 1, 0):
            for needs_manager in (False, True):
                yield ProtectionEnding(
                    deal=deal, until=date(2027, 2, 22), days=days, extension_days=30, needs_manager=needs_manager
                )
        for why in ("expired", "released"):
            for partner in (None, "", "Brandt IT GmbH"):
                yield ProtectionEnded(deal=deal, ended_on=date(2027, 2, 22), why=why, partner=partner)
    linked = replace(DEAL, url="https://app.hubspot.test/2")
    yield ProtectionEnded(deal=linked, ended_on=date(2027, 2, 22), partner="Brandt IT GmbH")


def _rhythm() -> Iterator[Notice]:
    linked = replace(DEAL, url="https://app.hubspot.test/2", next_step="Demo with the CTO")
    for deal in (DEAL, BARE_DEAL, linked):
        for what in What:
            for partner in (None, "", "Brandt IT GmbH"):
                yield Nudge(deal=deal, what=what.value, days=30, partner=partner)
        for title in ("", "Demo for the dispatchers"):
            meeting = FollowUpDue(deal=deal, title=title, ended_at=AT, partner="Brandt IT GmbH")
            yield meeting
            yield replace(meeting, partner="", owner="Priya Nair")


def _rules() -> Iterator[Notice]:
    rules = ProgrammeRules(
        protection_days=90,
        warning_days=(14, 7, 1),
        extension_days=30,
        extensions=2,
        decision_hours=48,
        business_hours=False,
        conflict="first_come",
        overlap="refuse",
        required=REQUIRED,
    )
    yield rules
    yield replace(rules, hours_by_motion=(("referral", 24), ("services", 72)))
    yield replace(rules, extensions=1, business_hours=True, overlap="manager", warning_days=())
    yield replace(
        rules,
        extensions=0,
        conflict="tier",
        overlap="share",
        minimum_amount=Decimal(5000),
        currency="EUR",
        certified_motions=("services", "technology"),
        objections_to="Lena Fischer",
    )
