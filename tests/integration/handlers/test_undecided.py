"""What partners say of a registration that has no deal yet: given back, asked about, answered, objected to."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot.domain.registrations import State
from bot.domain.terms import Terms
from bot.ports import Disposition
from tests.integration.handlers.desk import DESK, JULIA, PRIYA, TOM, Desk, desk
from tests.integration.handlers.test_registering import LENA, WHOLE, approved, claims, events, registered


@pytest.fixture
async def office(tmp_path):
    async with desk(tmp_path) as running:
        yield running


async def refused(office: Desk, sender: str = TOM) -> None:
    await registered(office, sender=sender)
    await office.mail("Rejected: we sell there ourselves.", sender=PRIYA, to=office.last(PRIYA))


@pytest.mark.parametrize(
    "words",
    ["Please withdraw the registration.", "We withdraw the Nordwind registration.", "Please withdraw REG-1001."],
)
@pytest.mark.parametrize("where", ["in its thread", "in a new mail"])
async def test_an_undecided_registration_is_given_back_and_no_deal_is_touched(office: Desk, words, where):
    await registered(office, sender=TOM)
    deal = await office.deal("D3")
    before = len(office.post.sent)
    await office.mail(words, sender=TOM, to=office.last(TOM) if where == "in its thread" else DESK)
    (claim,) = await claims(office)
    if where == "in a new mail" and "the registration" in words:
        assert claim.state is State.SUBMITTED  # it might be the deal's: asked
    else:
        assert claim.state is State.WITHDRAWN
        assert "REG-1001" in office.last(TOM).text
        assert {m.to_address for m in office.post.sent[before:]} == {TOM, PRIYA}
        assert (await events(office, claim))[-1] == "given_back"
    assert await office.deal("D3") == deal
    assert await office.failures() == []


async def test_a_draft_is_given_back(office: Desk):
    await office.mail("Please register a deal for Nordwind Logistik AG, about 85,000 EUR.", sender=TOM)
    await office.mail("Sorry, please withdraw this registration.", sender=TOM, to=office.last(TOM))
    (claim,) = await claims(office)
    assert claim.state is State.WITHDRAWN


async def test_a_yes_after_the_withdrawal_is_told_so_and_writes_nothing(office: Desk):
    claim = await registered(office)
    request = office.last(PRIYA)
    await office.mail("We withdraw the registration, please.", to=office.last())
    await office.mail("approved", sender=PRIYA, to=request)
    assert await office.crm.deal_by_registration(claim.number) is None
    assert "withdrawn" in office.last(PRIYA).text


@pytest.mark.parametrize("number", ["REG-1001", "REG-9999", "reg-4711"])
async def test_a_number_that_is_not_the_partners_own_never_means_another_deal(office: Desk, number):
    await registered(office)  # Julia's
    deal = await office.deal("D3")
    inbound = await office.mail(f"Please withdraw {number}.", sender=TOM)
    assert await office.deal("D3") == deal
    assert inbound.disposition is Disposition.ASKED
    assert (await claims(office))[0].state is State.SUBMITTED
    assert "Nordwind" not in office.last(TOM).text


async def test_news_of_a_claim_change_no_deal_and_reach_whoever_decides(office: Desk):
    await registered(office, sender=TOM)
    deal = await office.deal("D3")
    await office.mail("The amount is 95,000 EUR now.", sender=TOM, to=office.last(TOM))
    assert await office.deal("D3") == deal
    (claim,) = await claims(office)
    assert claim.draft.amount == Decimal(85000)
    told = office.last(PRIYA)
    assert claim.number in told.subject
    assert "95,000 EUR" in told.text
    await office.mail("approved", sender=PRIYA, to=told)
    assert (await claims(office))[0].state is State.APPROVED


async def test_a_named_claim_in_a_new_mail_is_meant_itself(office: Desk):
    await registered(office, sender=TOM)
    await office.mail("Nordwind Logistik: the amount is 95,000 EUR now.", sender=TOM)
    assert "REG-1001" in office.last(PRIYA).subject
    assert (await office.deal("D3")).amount == Decimal(40000)


async def test_where_a_claim_stands_is_told(office: Desk):
    await registered(office, sender=TOM)
    await office.mail("Where does Nordwind Logistik stand?", sender=TOM)
    assert "REG-1001" in office.last(TOM).text
    assert "Redwood" not in office.last(TOM).text


async def test_the_answer_to_a_question_is_recorded_and_reaches_who_asked(office: Desk):
    claim = await registered(office, sender=TOM)
    await office.mail("Do they have budget for this year?", sender=PRIYA, to=office.last(PRIYA))
    await office.mail("Yes, the amount is 90k for this year.", sender=TOM, to=office.last(TOM))
    answer = office.last(PRIYA)
    assert "the amount is 90k" in answer.text
    assert (await office.deal("D3")).amount == Decimal(40000)
    assert (await events(office, claim))[-2:] == ["question", "answer"]
    await approved(office)
    assert (await claims(office))[0].state is State.APPROVED


async def test_an_objection_reaches_a_person_and_is_recorded(office: Desk):
    await refused(office)
    inbound = await office.mail("We disagree, we met them in May.", sender=TOM, to=office.last(TOM))
    (claim,) = await claims(office)
    assert claim.state is State.REFUSED
    assert inbound.disposition is Disposition.ROUTED
    objection = office.last(PRIYA)
    assert claim.number in objection.subject
    assert "we met them in May" in objection.text
    assert (await events(office, claim))[-1] == "objection"


async def test_an_objection_goes_where_the_programme_says(tmp_path):
    async with desk(tmp_path, terms=Terms(objections_to=LENA.email)) as office:
        office.crm.put_manager(LENA)
        await refused(office)
        await office.mail("We disagree, we met them in May.", sender=TOM, to=office.last(TOM))
        await office.mail("approved", sender=LENA.email, to=office.last(LENA.email))
        (claim,) = await claims(office)
        assert claim.state is State.APPROVED
        assert await office.crm.deal_by_registration(claim.number) is not None
        assert "taken_up" in await events(office, claim)


async def test_an_objection_may_be_refused_again_and_the_partner_hears_why(office: Desk):
    await refused(office)
    await office.mail("We disagree, we met them in May.", sender=TOM, to=office.last(TOM))
    objection = office.last(PRIYA)
    await office.mail("Rejected: our own contract is from March.", sender=PRIYA, to=objection)
    assert "our own contract is from March" in office.last(TOM).text
    before = len(office.post.sent)
    await office.mail("Rejected: I said it before.", sender=PRIYA, to=objection)
    assert [m.to_address for m in office.post.sent[before:]] == [PRIYA]


async def test_an_objection_cannot_take_the_company_from_its_holder(office: Desk):
    await registered(office, sender=JULIA)
    await approved(office)
    second = await registered(office, sender=TOM)
    await office.mail("We disagree, we met them in May.", sender=TOM, to=office.last(TOM))
    await office.mail("approved", sender=PRIYA, to=office.last(PRIYA))
    assert (await claims(office))[-1].state is State.REFUSED
    assert await office.crm.deal_by_registration(second.number) is None
    assert "REG-1001 holds" in office.last(PRIYA).text


async def test_registering_anew_and_giving_another_back_in_one_mail(office: Desk):
    await registered(office, sender=TOM)
    deal = await office.deal("D3")
    await office.mail(WHOLE.replace("Nordwind Logistik", "Alster Werft") + "\n\nPlease withdraw REG-1001.", sender=TOM)
    assert [c.state for c in await claims(office)] == [State.WITHDRAWN, State.SUBMITTED]
    assert await office.deal("D3") == deal


async def test_the_same_company_claimed_twice_by_one_partner_is_told_its_number(office: Desk):
    await registered(office)
    await registered(office)
    assert [c.state for c in await claims(office)] == [State.SUBMITTED, State.REFUSED]
    assert "REG-1001" in office.last().text
