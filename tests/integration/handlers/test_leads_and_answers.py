"""Leads, and registrations that come as an answer to something else: what was asked about stays as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.domain.deals import DealField, Pipeline, Stage
from bot.domain.partners import Motion
from bot.domain.registrations import Kind, State
from bot.domain.rhythm import Rhythm
from tests.integration.handlers.desk import JULIA, PIPELINES, PRIYA, Desk, desk
from tests.integration.handlers.test_registering import WHOLE, approved, claims, deal_of, registered

REFERRAL = Pipeline(motion=Motion.REFERRAL, stages=(Stage(label="Intro Logged"), Stage(label="Validate")))
LEADS = [
    "I'd like to register a lead: Nordwind Logistik AG, contact Karin Holm (karin.holm@nordwind.example).",
    "New lead for you: Nordwind Logistik AG, Karin Holm, karin.holm@nordwind.example",
    "Wir möchten einen Lead registrieren: Nordwind Logistik AG, Kontakt Karin Holm (karin.holm@nordwind.example).",
    "Nous souhaitons enregistrer un lead : Nordwind Logistik AG, contact Karin Holm (karin.holm@nordwind.example).",
]


@pytest.fixture
async def office(tmp_path):
    async with desk(tmp_path) as running:
        yield running


@pytest.mark.parametrize("words", LEADS)
async def test_a_lead_needs_a_company_and_a_contact_and_becomes_a_deal_of_the_motion_of_leads(
    tmp_path, words, monkeypatch
):
    monkeypatch.setitem(PIPELINES, Motion.REFERRAL, REFERRAL)
    async with desk(tmp_path) as office:
        claim = await registered(office, words)
        assert (claim.kind, claim.state, claim.motion) == (Kind.LEAD, State.SUBMITTED, Motion.REFERRAL)
        assert claim.due_at is not None
        assert claim.due_at - claim.claimed_at == timedelta(hours=24)
        assert "registers a lead" in office.last(PRIYA).text
        await approved(office)
        deal = await deal_of(office, claim)
        assert (deal.motion, deal.stage, deal.amount) == (Motion.REFERRAL, "Intro Logged", None)
        assert deal.company == "Nordwind Logistik AG"
        assert await office.failures() == []


async def test_what_a_lead_lacks_is_asked_for_and_it_stays_a_lead(office: Desk):
    await office.mail("I'd like to register a lead: Nordwind Logistik AG.")
    assert "a contact there" in office.last().text
    assert "amount" not in office.last().text
    await office.mail("Karin Holm, karin.holm@nordwind.example", to=office.last())
    (claim,) = await claims(office)
    assert (claim.kind, claim.state) == (Kind.LEAD, State.SUBMITTED)


ANSWERS = {
    "alone": WHOLE,
    "behind thanks": f"Thanks for letting us know. {WHOLE}",
    "in lines": "Please register:\nNordwind Logistik AG, Karin Holm, karin.holm@nordwind.example, 85,000 EUR, "
    "end of March 2027",
    "as a form": "Company: Nordwind Logistik AG\nContact: Karin Holm, karin.holm@nordwind.example\n"
    "Amount: 85,000 EUR\nClose date: 31 March 2027",
    "several": f"{WHOLE}\n\n{WHOLE.replace('Nordwind Logistik AG', 'Alster Werft GmbH').replace('nordwind', 'alster')}",
}


@pytest.mark.parametrize("words", ANSWERS.values(), ids=ANSWERS.keys())
@pytest.mark.parametrize("notice", ["moved", "protection ends", "nudge", "receipt", "decided"])
async def test_an_answer_to_a_notice_about_one_deal_that_registers_another_leaves_the_first_alone(
    tmp_path, notice, words
):
    rhythm = Rhythm(stalled_days=0, notes_days=7, action_days=0, follow_up_hours=0) if notice == "nudge" else None
    async with desk(tmp_path, rhythm=rhythm) as office:
        asked = await _told(office, notice)
        before = {d: await office.deal(d) for d in ("D1", "D2", "D3")}
        known = {c.number for c in await claims(office)}
        await office.mail(words, to=asked)
        new = [c for c in await claims(office) if c.number not in known]
        assert [c.state for c in new] == [State.SUBMITTED] * len(new)
        assert len(new) == 1 + ("Alster" in words)
        assert new[0].draft.amount == Decimal(85000)
        for name, deal in before.items():
            now = await office.deal(name)
            assert replace(now, updated_at=deal.updated_at) == deal
        assert all(c.number in office.last(JULIA).text for c in new)
        assert await office.failures() == []


async def _told(office: Desk, notice: str):
    match notice:
        case "moved":
            return await office.moved(stage="Configure & Quote")
        case "protection ends":
            end = office.clock().date()
            office.crm.move(
                "D1", {DealField.PROTECTED_UNTIL: end + timedelta(days=7), DealField.REGISTRATION_STATUS: "protected"}
            )
            await office.wait()
        case "nudge":
            await office.wait(days=8)
        case "receipt":
            await office.mail("Acme rollout: the amount is 60,000 EUR now.")
        case "decided":
            await office.mail(WHOLE.replace("Nordwind Logistik AG", "Bornholm Ferries").replace("nordwind", "bornholm"))
            await approved(office)
    return office.last(JULIA)
