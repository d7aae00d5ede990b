"""A deal that was given to another partner after the notice: the old thread shows and changes nothing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.domain.policy import Item, Rule
from bot.ports import Disposition
from tests.integration.handlers.desk import PRIYA, Desk, desk

FACT = "The amount is 60k."


@pytest.fixture
async def office(tmp_path):
    async with desk(tmp_path) as one:
        yield one


async def give_away(office: Desk, deal_id: str = "D1") -> None:
    office.crm.put_deal(replace(await office.deal(deal_id), partner_id="P2"), contact_ids=["C3"])


async def amounts(office: Desk) -> list[Decimal | None]:
    return [(await office.deal(deal_id)).amount for deal_id in ("D1", "D2", "D3")]


async def test_an_answer_to_the_old_notice_is_not_taken_for_the_only_deal_left(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    await give_away(office)
    before = await amounts(office)
    inbound = await office.mail(FACT, to=notice)
    assert inbound.disposition is Disposition.ASKED
    assert await amounts(office) == before
    answer = office.last().text
    assert "Elbtal Bau" in answer
    assert "Acme" not in answer


async def test_another_deal_named_in_the_old_thread_is_changed(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    await give_away(office)
    await office.mail("Elbtal Bau: the amount is 60k.", to=notice)
    assert await amounts(office) == [Decimal(40000), Decimal(60000), Decimal(40000)]


async def test_the_old_receipt_undoes_nothing_and_shows_nothing(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    await office.mail(FACT, to=notice)
    await give_away(office)
    inbound = await office.mail("undo", to=office.last())
    assert (inbound.disposition, inbound.reason) == (Disposition.REFUSED, "nothing to undo")
    assert (await office.deal()).amount == Decimal(60000)
    assert "40,000" not in office.last().text


async def test_a_yes_to_the_old_question_changes_nothing(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    await office.mail("It will probably be 60k.", to=notice)
    await give_away(office)
    before = await amounts(office)
    await office.mail("yes", to=office.last())
    assert await amounts(office) == before


async def test_a_change_approved_too_late_is_not_written_to_another_partners_deal(tmp_path):
    async with desk(tmp_path, rules={Item.AMOUNT: Rule.MANAGER}) as office:
        notice = await office.moved(stage="Configure & Quote")
        await office.mail(FACT, to=notice)
        await give_away(office)
        await office.mail("approve", sender=PRIYA, to=office.last(PRIYA))
        assert (await office.deal()).amount == Decimal(40000)
        assert "no longer there" in office.last().text
        assert not await office.failures()


async def test_a_closed_deal_talked_about_stays_the_one_that_is_meant(office: Desk):
    """D1 is won in a thread that began without a deal; with one open deal left, the next words are still about D1."""
    await office.mail("Acme rollout is signed.")
    receipt = office.last()
    await office.mail(FACT, to=receipt)
    assert (await office.deal("D2")).amount == Decimal(40000)
