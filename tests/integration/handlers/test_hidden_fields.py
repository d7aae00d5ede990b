"""A programme that does not show the amount: it stands in nothing that a partner reads, and the deal changes still."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.domain.deals import DealField
from bot.ports import RefusedFieldsError
from tests.integration.handlers.desk import Desk, desk


@pytest.fixture
async def office(tmp_path):
    async with desk(tmp_path) as one:
        policies = replace(one.services.policies, shown=frozenset({DealField.STAGE, DealField.CLOSE_DATE}))
        object.__setattr__(one.services, "policies", policies)
        yield one


@pytest.mark.parametrize(
    ("words", "amount"),
    [
        ("The amount is 60k.", 60000),
        ("The amount is 40k.", 40000),
        ("The amount is 10% more.", 40000),
        ("It will probably be 60k.", 40000),
        ("Where does Acme stand? The next step is a call.", 40000),
    ],
)
async def test_a_hidden_amount_stands_in_no_answer(office: Desk, words: str, amount: int):
    notice = await office.moved(stage="Configure & Quote")
    await office.mail(words, to=notice)
    assert (await office.deal()).amount == Decimal(amount)
    answer = office.last()
    assert answer is not notice
    for number in ("40,000", "44,000", "60,000"):
        assert number not in answer.text + answer.html


async def test_a_guess_at_a_hidden_amount_is_not_called_right(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    await office.mail("The amount is 40k.", to=notice)
    assert "already" not in office.last().text
    assert "Amount" in office.last().text


async def test_an_undo_does_not_show_what_stood_there(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    await office.mail("The amount is 60k.", to=notice)
    await office.mail("undo", to=office.last())
    assert (await office.deal()).amount == Decimal(40000)
    assert "Amount" in office.last().text
    assert "40,000" not in office.last().text


async def test_the_crms_reason_for_refusing_a_hidden_value_is_not_told(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    refusal = RefusedFieldsError("validation", fields={"amount": "must be above 40,000"}, code="400")
    office.crm.fail_next("write", refusal)
    await office.mail("The amount is 30k.", to=notice)
    assert "our CRM does not accept it" in office.last().text
    assert "40,000" not in office.last().text
