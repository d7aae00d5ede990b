"""From a partner's claim to a protected deal, over mail: asked, completed, judged, decided, told."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from bot.domain.clocks import Calendar
from bot.domain.deals import Deal, DealField
from bot.domain.partners import Manager
from bot.domain.registrations import Registration, State
from bot.domain.terms import Overlap, Route, Terms
from bot.errors import TransientError
from bot.ports import Disposition
from tests.integration.handlers.desk import JULIA, LUKAS, PRIYA, TOM, Desk, desk

LENA = Manager(id="M2", name="Lena Fischer", email="lena@meridian.example")
WHOLE = (
    "I'd like to register a deal: Nordwind Logistik AG, contact Karin Holm (karin.holm@nordwind.example), "
    "85,000 EUR, closing end of March 2027."
)


@pytest.fixture
async def office(tmp_path):
    async with desk(tmp_path) as running:
        yield running


async def claims(office: Desk) -> list[Registration]:
    async with office.store.unit() as unit:
        return sorted(await unit.registrations(), key=lambda c: c.id)


async def events(office: Desk, claim: Registration) -> list[str]:
    async with office.store.unit() as unit:
        return [e.event for e in await unit.history(claim.id)]


async def registered(office: Desk, words: str = WHOLE, sender: str = JULIA) -> Registration:
    await office.mail(words, sender=sender)
    return (await claims(office))[-1]


async def deal_of(office: Desk, claim: Registration) -> Deal:
    deal = await office.crm.deal_by_registration(claim.number)
    assert deal is not None
    return deal


async def approved(office: Desk, words: str = "approved") -> None:
    await office.mail(words, sender=PRIYA, to=office.last(PRIYA))


async def test_a_whole_claim_is_acknowledged_and_put_before_the_manager(office: Desk):
    claim = await registered(office)
    assert claim.state is State.SUBMITTED
    assert claim.number in office.last().text
    request = office.last(PRIYA)
    assert claim.number in request.subject
    assert "Nordwind" in request.text
    assert await office.failures() == []


async def test_what_is_missing_is_asked_for_and_the_answer_completes_it(office: Desk):
    await office.mail("Please register a deal for Nordwind Logistik AG, about 85,000 EUR.")
    asked = office.last()
    (draft,) = await claims(office)
    assert draft.state is State.DRAFT
    assert draft.number in asked.text
    await office.mail("Contact is Karin Holm, karin.holm@nordwind.example. Closing end of March 2027.", to=asked)
    (claim,) = await claims(office)
    assert claim.state is State.SUBMITTED
    assert claim.claimed_at == draft.claimed_at
    assert claim.draft.contact_email == "karin.holm@nordwind.example"
    assert claim.draft.amount == Decimal(85000)
    request = office.last(PRIYA).text
    assert request.index("about 85,000 EUR") < request.index("Contact is Karin Holm")  # both mails, in order


async def test_an_approval_puts_the_deal_into_the_crm_and_then_tells_the_partner(office: Desk):
    claim = await registered(office)
    await approved(office)
    deal = await deal_of(office, claim)
    assert deal.protected_until is not None
    assert (deal.partner_id, deal.amount, deal.registration_status) == ("P1", Decimal(85000), "protected")
    assert (deal.protected_until - office.clock().date()).days in {90, 91}  # where Julia is, it may be tomorrow
    told = office.last()
    assert claim.number in told.text
    assert any(claim.number in n.body for n in office.crm.notes)
    assert (await claims(office))[0].state is State.APPROVED
    assert await events(office, claim) == ["claimed", "asked", "approved", "protected"]
    assert await office.failures() == []


async def test_a_refusal_says_the_managers_reason_and_writes_nothing(office: Desk):
    claim = await registered(office)
    await office.mail("Rejected: we sell there ourselves since May.", sender=PRIYA, to=office.last(PRIYA))
    assert (await claims(office))[0].state is State.REFUSED
    assert "we sell there ourselves since May" in office.last().text
    assert await office.crm.deal_by_registration(claim.number) is None


async def test_a_managers_question_goes_to_the_partner_and_the_answer_to_the_manager(office: Desk):
    await registered(office)
    await office.mail("Do they have budget for this year?", sender=PRIYA, to=office.last(PRIYA))
    question = office.last()
    assert "Do they have budget for this year?" in question.text
    await office.mail("Why do you ask? Their CFO signed it off, see our last call.", to=question)
    assert "Their CFO signed it off" in office.last(PRIYA).text
    assert (await claims(office))[0].state is State.SUBMITTED


async def test_a_second_decision_is_told_that_the_first_stands(office: Desk):
    await registered(office)
    request = office.last(PRIYA)
    await approved(office)
    await office.mail("rejected, sorry", sender=PRIYA, to=request)
    assert (await claims(office))[0].state is State.APPROVED
    assert "already" in office.last(PRIYA).text


async def test_another_partner_is_refused_without_a_word_about_the_first(office: Desk):
    await registered(office)
    await approved(office)
    second = await registered(office, WHOLE.replace("Logistik AG", "Logistik"), sender=TOM)
    assert second.state is State.REFUSED
    told = office.last(TOM)
    for secret in ("Brandt", "Julia", "REG-1001", "85,000"):
        assert secret not in told.text.replace(second.number, "")
    assert await office.crm.deal_by_registration(second.number) is None


async def test_the_first_of_two_undecided_claims_keeps_its_place(office: Desk):
    first = await registered(office)
    second = await registered(office, sender=TOM)
    assert (first.state, second.state) == (State.SUBMITTED, State.REFUSED)


async def test_with_overlaps_for_the_manager_still_only_one_holds_the_company(tmp_path):
    async with desk(tmp_path, terms=Terms(overlap=Overlap.MANAGER)) as office:
        await registered(office)
        first = office.last(PRIYA)
        await registered(office, sender=TOM)
        second = office.last(PRIYA)
        await office.mail("approved", sender=PRIYA, to=second)
        await office.mail("approved", sender=PRIYA, to=first)
        states = [c.state for c in await claims(office)]
        assert states == [State.SUBMITTED, State.APPROVED]
        assert "REG-1002" in office.last(PRIYA).text


async def test_several_have_to_agree_where_the_route_says_so(tmp_path):
    route = Route(approvers=("owner", LENA.email), min_amount=Decimal(50000))
    async with desk(tmp_path, terms=Terms(routes=(route,))) as office:
        office.crm.put_manager(LENA)
        claim = await registered(office)
        await approved(office)
        assert await office.crm.deal_by_registration(claim.number) is None
        await office.mail("approved", sender=LENA.email, to=office.last(LENA.email))
        assert await office.crm.deal_by_registration(claim.number) is not None


async def test_policy_approves_small_ones_without_a_person(tmp_path):
    async with desk(tmp_path, terms=Terms(approve_below=Decimal(100000))) as office:
        claim = await registered(office)
        assert (await claims(office))[0].decided_by == "policy"
        assert await office.crm.deal_by_registration(claim.number) is not None


async def test_more_than_the_limit_an_hour_is_told_once_and_not_stored(tmp_path):
    async with desk(tmp_path, terms=Terms(per_hour=2)) as office:
        for company in ("Alster Werft", "Bornholm Ferries", "Cuxhaven Fisch", "Dollart Reederei"):
            await office.mail(WHOLE.replace("Nordwind Logistik", company))
        assert len(await claims(office)) == 2
        async with office.store.unit() as unit:
            ends = [(i.disposition, i.reason) for i in await unit.list_inbound(limit=10)]
        assert ends.count((Disposition.REFUSED, "refused")) == 2
        assert sum("a lot of registrations" in m.text for m in office.post.sent) == 1
        await office.wait(hours=1)
        await office.mail(WHOLE.replace("Nordwind Logistik", "Emden Hafen"))
        assert len(await claims(office)) == 3


async def test_an_incomplete_claim_is_asked_about_once_more_and_dropped_at_last(office: Desk):
    await office.mail("Please register a deal for Nordwind Logistik AG, about 85,000 EUR.")
    sent = len(office.post.sent)
    await office.wait(days=3, minutes=1)
    assert len(office.post.sent) == sent + 1
    await office.wait(days=11)
    assert len(office.post.sent) == sent + 2
    (claim,) = await claims(office)
    assert claim.state is State.DROPPED


async def test_the_manager_is_reminded_and_somebody_else_told_when_the_promise_is_broken(tmp_path):
    terms = Terms(escalate_to=LENA.email)
    async with desk(tmp_path, terms=terms) as office:
        office.crm.put_manager(LENA)
        claim = await registered(office)
        await office.wait(hours=24, minutes=1)
        assert claim.number in office.last(PRIYA).subject
        await office.wait(hours=24)
        assert claim.number in office.last(LENA.email).subject
        assert (await events(office, claim))[-1] == "late"


async def test_the_partner_is_warned_once_each_time_and_a_yes_extends(office: Desk):
    claim = await registered(office)
    await approved(office)
    before = [m for m in office.post.sent if m.to_address == JULIA]
    await office.wait(days=77)
    await office.wait(hours=2)
    warned = [m for m in office.post.sent if m.to_address == JULIA][len(before) :]
    assert len(warned) == 1
    end = (await deal_of(office, claim)).protected_until
    await office.mail("yes please", to=warned[0])
    deal = await deal_of(office, claim)
    assert deal.protected_until is not None
    assert end is not None
    assert (deal.protected_until - end).days == 30
    assert deal.renewals == 1
    await office.wait(days=30)
    again = [m for m in office.post.sent if m.to_address == JULIA][len(before) + 2 :]
    assert len(again) == 1  # the changed day started anew


async def test_the_end_is_flagged_and_told_to_partner_and_manager(office: Desk):
    claim = await registered(office)
    await approved(office)
    await office.wait(days=92)
    deal = await deal_of(office, claim)
    assert deal.registration_status == "expired"
    assert (await claims(office))[0].state is State.EXPIRED
    for person in (JULIA, PRIYA):
        assert "Nordwind" in office.last(person).subject
    sent = len(office.post.sent)
    await office.wait(hours=3)
    assert len(office.post.sent) == sent
    assert (await registered(office, sender=TOM)).state is State.SUBMITTED  # the company is free again


async def test_a_partner_gives_a_registration_back_and_the_manager_hears_of_it(office: Desk):
    claim = await registered(office)
    await approved(office)
    await office.mail("We withdraw the Nordwind registration, they chose to wait.", to=office.last())
    deal = await deal_of(office, claim)
    assert (deal.registration_status, deal.protected_until) == ("released", None)
    assert (await claims(office))[0].state is State.RELEASED
    assert "Nordwind" in office.last(PRIYA).subject
    assert await office.failures() == []


async def test_a_colleague_completes_a_claim(office: Desk):
    await office.mail("Please register a deal for Nordwind Logistik AG, about 85,000 EUR.")
    asked = office.last()
    await office.mail("Karin Holm, karin.holm@nordwind.example, closing end of March 2027", sender=LUKAS, to=asked)
    (claim,) = await claims(office)
    assert claim.state is State.SUBMITTED


@pytest.mark.parametrize("days", [0, 1, 5, 14])
async def test_only_the_nearest_warning_is_told_when_several_are_due(office: Desk, days):
    end = office.clock().astimezone(ZoneInfo("Europe/Berlin")).date() + timedelta(days=days)  # where Julia is
    office.crm.move("D1", {DealField.PROTECTED_UNTIL: end, DealField.REGISTRATION_STATUS: "protected"})
    await office.wait()
    await office.wait(minutes=1)
    assert len([m for m in office.post.sent if m.to_address == JULIA]) == 1


async def test_a_promise_counts_office_hours_where_they_are_configured(tmp_path):
    offices = Calendar(timezone="Europe/Berlin", days=frozenset({1}), opens=time(9), closes=time(10))
    async with desk(tmp_path, terms=Terms(decision_hours=2, reminder_hours=1, office_hours=offices)) as office:
        claim = await registered(office)
        assert claim.due_at is not None
        berlin = claim.due_at.astimezone(ZoneInfo("Europe/Berlin"))
        assert (berlin.isoweekday(), berlin.hour) == (1, 10)
        assert claim.due_at - claim.claimed_at > timedelta(days=6)


async def test_a_number_that_the_crm_gave_to_somebody_else_is_for_a_person(office):
    office.crm.put_deal(replace(await office.deal("D3"), registration="REG-1001"))
    claim = await registered(office)
    await approved(office)
    assert claim.number == "REG-1001"
    assert "deal D3, which is not this partner's" in (await office.failures())[0]
    assert "REG-1001" in office.last(PRIYA).text


async def test_an_extension_is_receipted_with_the_day_alone(office):
    claim = await registered(office)
    await approved(office)
    await office.mail("Please extend Nordwind by 30 days", to=office.last())
    told = office.last().text
    deal = await deal_of(office, claim)
    assert deal.renewals == 1
    assert "Protected until" in told
    assert "Extensions" not in told
    assert "Registration:" not in told


async def test_an_approval_of_somebody_who_has_left_meanwhile_reaches_a_person(tmp_path):
    async with desk(tmp_path, terms=Terms(approve_below=Decimal(100000))) as office:
        office.crm.fail_next("create_deal", TransientError("away", retry_after=timedelta(milliseconds=300)))
        await office.put(office.raw_mail(WHOLE))
        async with asyncio.timeout(60):
            while not (found := await claims(office)) or found[0].state is not State.APPROVED:
                await asyncio.sleep(0.01)
        julia = await office.crm.contact("C1")
        assert julia is not None
        office.crm.put_contact(replace(julia, partner_id=None))
        await office.settle()
        assert "no partner's contact any more" in (await office.failures())[0]
        assert found[0].number in office.last(PRIYA).text
