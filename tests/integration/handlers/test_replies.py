"""What happens to a partner's reply, from the stored mail to the CRM, the timeline and the one answer."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from bot.domain.deals import DealField
from bot.domain.policy import Item, Rule
from bot.ports import Disposition
from tests.integration.handlers.desk import JULIA, PRIYA, Desk, desk

FACT = "The amount is 60k."


@pytest.fixture
async def office(tmp_path):
    async with desk(tmp_path) as one:
        yield one


async def test_a_notice_goes_out_and_its_answer_changes_the_deal_and_is_receipted_in_the_thread(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    assert "Configure & Quote" in notice.text
    inbound = await office.mail(FACT, to=notice)
    assert (inbound.disposition, inbound.sender) == (Disposition.APPLIED, JULIA)
    assert (await office.deal()).amount == Decimal(60000)
    receipt = office.last()
    assert "40,000 EUR → 60,000 EUR" in receipt.text
    assert notice.message_id in receipt.references
    assert receipt.subject == f"Re: {notice.subject}"
    assert receipt.automatic == "auto-replied"
    (note,) = office.crm.notes
    assert note.body.startswith("Julia Brandt (Brandt IT GmbH) by email")
    assert FACT in note.body
    assert "written: amount: 40,000 → 60,000" in note.body


async def test_our_own_write_is_not_told_to_the_partner_as_news(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    await office.mail(FACT, to=notice)
    told = len(office.post.sent)
    from handlers import deal_changed

    assert await deal_changed.poll(office.services) == 0
    await office.settle()
    assert len(office.post.sent) == told


async def test_undo_brings_the_old_values_back_and_says_which_somebody_changed_meanwhile(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    await office.mail("The amount is 60k. Close date is 31 March 2027.", to=notice)
    office.crm.move("D1", {DealField.AMOUNT: Decimal(70000)})
    await office.mail("undo", to=office.last())
    deal = await office.deal()
    assert (deal.amount, deal.close_date) == (Decimal(70000), date(2026, 12, 31))
    assert "31 March 2027 → 31 December 2026" in office.last().text
    assert "somebody else has changed it meanwhile" in office.last().text


async def test_undo_twice_takes_back_once(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    await office.mail(FACT, to=notice)
    receipt = office.last()
    await office.mail("undo", to=receipt)
    writes = len(office.crm.writes)
    inbound = await office.mail("undo", to=receipt)
    assert inbound.disposition is Disposition.REFUSED
    assert len(office.crm.writes) == writes
    assert "nothing to take back" in office.last().text


async def test_a_hedged_value_waits_for_a_yes(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    inbound = await office.mail("The amount is probably 60k.", to=notice)
    assert inbound.disposition is Disposition.CONFIRMED
    assert (await office.deal()).amount == Decimal(40000)
    await office.mail("yes", to=office.last())
    assert (await office.deal()).amount == Decimal(60000)


async def test_what_waits_for_a_yes_goes_on_waiting_while_a_question_is_asked(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    await office.mail("The amount is probably 60k.", to=notice)
    await office.mail("Who signs the contract on your side?", to=office.last())
    await office.mail("yes", to=office.last())
    assert (await office.deal()).amount == Decimal(60000)


async def test_a_no_drops_what_was_pending(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    await office.mail("The amount is probably 60k.", to=notice)
    await office.mail("no", to=office.last())
    assert (await office.deal()).amount == Decimal(40000)
    assert "stays as it is" in office.last().text
    await office.mail("yes", to=office.last())
    assert (await office.deal()).amount == Decimal(40000)


async def test_a_field_that_the_manager_must_approve_is_written_after_the_approval_only(tmp_path):
    async with desk(tmp_path, rules={Item.AMOUNT: Rule.MANAGER}) as office:
        notice = await office.moved(stage="Configure & Quote")
        inbound = await office.mail(FACT, to=notice)
        assert inbound.disposition is Disposition.ROUTED
        assert (await office.deal()).amount == Decimal(40000)
        request = office.last(PRIYA)
        assert "CHG-" in request.subject
        assert FACT in request.text
        await office.mail("approve", sender=PRIYA, to=request)
        assert (await office.deal()).amount == Decimal(60000)
        assert "has approved" in office.last().text
        assert "40,000 EUR → 60,000 EUR" in office.last().text
        again = await office.mail("reject", sender=PRIYA, to=request)
        assert again.disposition is Disposition.REFUSED
        assert "approved already" in office.last(PRIYA).text


async def test_a_rejected_change_is_not_written_and_the_partner_hears_why(tmp_path):
    async with desk(tmp_path, rules={Item.AMOUNT: Rule.MANAGER}) as office:
        notice = await office.moved(stage="Configure & Quote")
        await office.mail(FACT, to=notice)
        await office.mail("Rejected, the price list ends in June.", sender=PRIYA, to=office.last(PRIYA))
        assert (await office.deal()).amount == Decimal(40000)
        assert "has not approved" in office.last().text
        assert "Amount" in office.last().text


async def test_a_partner_cannot_answer_the_managers_request(tmp_path):
    async with desk(tmp_path, rules={Item.AMOUNT: Rule.MANAGER}) as office:
        notice = await office.moved(stage="Configure & Quote")
        await office.mail(FACT, to=notice)
        request = office.last(PRIYA)
        inbound = await office.mail("approve", sender=JULIA, to=request)
        assert (inbound.disposition, inbound.reason) == (Disposition.REFUSED, "wrong_sender")
        assert (await office.deal()).amount == Decimal(40000)


async def test_a_question_reaches_the_manager_with_the_words_and_the_deal(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    inbound = await office.mail("Who signs the contract on your side?", to=notice)
    assert inbound.disposition is Disposition.ROUTED
    asked = office.last(PRIYA)
    assert "Who signs the contract" in asked.text
    assert JULIA in asked.text
    assert "passed this on" in office.last().text


async def test_an_empty_reply_is_explained(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    inbound = await office.mail("\n\n> There is news on Acme rollout\n", to=notice)
    assert inbound.disposition is Disposition.NOTED
    assert "no words of its own" in office.last().text


async def test_what_is_so_already_is_not_written_and_said_so(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    await office.mail("The amount is 40k.", to=notice)
    assert office.crm.writes == []
    assert "Already so" in office.last().text


@pytest.mark.parametrize("words", ["help", "Hilfe!", "?", " AIDE "])
async def test_a_call_for_help_is_answered_with_what_can_be_said(office: Desk, words):
    notice = await office.moved(stage="Configure & Quote")
    await office.mail(words, to=notice)
    assert "undo" in office.last().text
    assert office.crm.writes == []
