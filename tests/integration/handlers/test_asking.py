"""What was asked back is completed by the answer, in the thread; after two failures a person takes over."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from bot.domain.policy import Item, Rule
from bot.ports import Disposition
from tests.integration.handlers.desk import PRIYA, Desk, desk


@pytest.fixture
async def office(tmp_path):
    async with desk(tmp_path) as one:
        yield one


async def test_which_deal_is_asked_and_its_name_completes_it(office: Desk):
    inbound = await office.mail("The amount is 60k.")
    assert inbound.disposition is Disposition.ASKED
    assert "Acme rollout (Acme GmbH" in office.last().text
    assert "Redwood Dairy" not in office.last().text
    answered = await office.mail("Acme", to=office.last())
    assert answered.disposition is Disposition.APPLIED
    assert (await office.deal("D1")).amount == Decimal(60000)
    assert (await office.deal("D2")).amount == Decimal(40000)


async def test_a_missing_date_is_asked_and_a_day_completes_it(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    inbound = await office.mail("The close date is wrong.", to=notice)
    assert inbound.disposition is Disposition.ASKED
    await office.mail("31 March 2027", to=office.last())
    assert (await office.deal()).close_date == date(2027, 3, 31)


async def test_a_loss_without_a_reason_is_asked_for_it(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    inbound = await office.mail("We lost this one.", to=notice)
    assert inbound.disposition is Disposition.ASKED
    assert (await office.deal()).stage == "Configure & Quote"
    await office.mail("They went with Globex because of the price.", to=office.last())
    deal = await office.deal()
    assert (deal.stage, deal.competitor) == ("Closed lost", "Globex")
    assert "the price" in str(deal.lost_reason)


async def test_questions_that_lead_nowhere_go_to_a_person_the_third_time(office: Desk):
    await office.mail("The amount is 60k.")
    for _ in range(2):
        await office.mail("The amount is 60k!", to=office.last())
    assert any("The amount is 60k" in m.text for m in office.post.sent if m.to_address == PRIYA)
    assert (await office.deal("D1")).amount == Decimal(40000)


@pytest.mark.parametrize(
    "words",
    [
        "Where do my deals stand?",
        "Elbtal Bau: the close date is 31 March 2027.",
        "Next step: call the CTO.",
        "Who asks?",
    ],
)
async def test_what_is_no_answer_to_a_question_is_no_yes_to_it(office: Desk, words: str):
    notice = await office.moved(stage="Configure & Quote")
    await office.mail("The amount is probably 60k.", to=notice)
    await office.mail(words, to=office.last())
    assert (await office.deal()).amount == Decimal(40000)


async def test_a_question_stays_open_while_something_else_is_said(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    await office.mail("The amount is probably 60k.", to=notice)
    await office.mail("Next step: call the CTO.", to=office.last())
    assert (await office.deal()).next_step == "call the CTO"
    await office.mail("yes", to=office.last())
    assert (await office.deal()).amount == Decimal(60000)


async def test_a_rule_that_asks_for_a_yes_is_not_passed_by_speaking_of_something_else(tmp_path):
    async with desk(tmp_path, rules={Item.WON: Rule.CONFIRM}) as office:
        notice = await office.moved(stage="Configure & Quote")
        await office.mail("It is signed.", to=notice)
        await office.mail("Where do my deals stand?", to=office.last())
        assert (await office.deal()).stage == "Configure & Quote"
        await office.mail("yes", to=office.last())
        assert (await office.deal()).stage == "Closed won"
