"""A stage change at a gate: held, completed by the answer, decided by a person, or skipped in the CRM."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bot.domain.deals import DealField
from bot.domain.motions import DEFAULTS, Exit
from bot.domain.partners import Motion
from bot.domain.terms import Terms
from bot.ports import Disposition, Email
from tests.integration.handlers.desk import JULIA, PRIYA, Desk, desk


@pytest.fixture
async def office(tmp_path):
    exits = tuple(
        Exit(stage=e.stage, criterion=e.criterion, requires=("close_date",)) if e.stage == "Launch & Activate" else e
        for e in DEFAULTS[Motion.RESELLER]
    )
    async with desk(tmp_path, motions={Motion.RESELLER: exits}) as one:
        yield one


async def stands(office: Desk, **values: Any) -> Email:
    """The deal as the vendor's people left it, and the mail that told Julia of its stage."""
    office.crm.put_deal(replace(await office.deal(), **({"source": "sourced"} | values)), contact_ids=["C1"])
    told: Email = await office.moved(next_step="Call on Monday") or office.last()
    return told


async def test_a_stage_change_waits_and_the_answer_completes_both(office: Desk):
    notice = await stands(office, close_date=None)
    inbound = await office.mail("Please move the stage to Configure & Quote.", to=notice)
    held = office.last()
    assert inbound.disposition is Disposition.ASKED
    assert "before acme rollout moves to configure & quote" in held.text.casefold()
    assert "the expected close date" in held.text
    assert "amount" not in held.text
    assert "What completes a stage" in held.text
    assert "Qualification: The reseller confirms real demand" in held.text
    assert office.crm.writes == []
    before = len(office.post.sent)
    await office.mail("End of March 2027.", to=held)
    deal = await office.deal()
    assert (deal.stage, deal.close_date) == ("Configure & Quote", date(2027, 3, 31))
    assert len(office.post.sent) == before + 1
    assert "Configure & Quote" in office.last().text
    assert not await office.failures()


async def test_a_hold_that_nobody_answers_is_reminded_once_and_dropped(office: Desk):
    notice = await stands(office, close_date=None)
    await office.mail("Please move the stage to Configure & Quote.", to=notice)
    before = len(office.post.sent)
    await office.wait(days=3, minutes=1)
    (reminder,) = office.post.sent[before:]
    assert reminder.to_address == JULIA
    assert "still need" in reminder.text
    assert "the expected close date" in reminder.text
    await office.wait(days=10)
    assert len(office.post.sent) == before + 1
    await office.wait(days=1)
    (_, dropped) = office.post.sent[before:]
    assert "Acme rollout stays where it is" in dropped.text
    await office.mail("End of March 2027.", to=dropped)
    deal = await office.deal()
    assert (deal.stage, deal.close_date) == ("Qualification", date(2027, 3, 31))
    before = len(office.post.sent)
    await office.wait(days=30)
    assert len(office.post.sent) == before
    assert not await office.failures()


async def test_the_reminder_of_a_hold_is_answered_like_the_question(office: Desk):
    notice = await stands(office, close_date=None)
    await office.mail("Please move the stage to Configure & Quote.", to=notice)
    await office.wait(days=4)
    await office.mail("End of March 2027.", to=office.last())
    deal = await office.deal()
    assert (deal.stage, deal.close_date) == ("Configure & Quote", date(2027, 3, 31))
    before = len(office.post.sent)
    await office.wait(days=15)
    assert len(office.post.sent) == before


async def test_half_an_answer_starts_the_time_of_a_hold_again(office: Desk):
    notice = await stands(office, close_date=None)
    office.crm.move("D1", {DealField.NEXT_STEP: None})
    await office.mail("Please move the stage to Transact.", to=notice)
    await office.wait(days=2)
    await office.mail("Close date is 31 March 2027.", to=office.last())
    before = len(office.post.sent)
    await office.wait(days=2)
    assert len(office.post.sent) == before
    await office.wait(days=1, minutes=1)
    (reminder,) = office.post.sent[before:]
    assert "the next step" in reminder.text
    assert "close date" not in reminder.text


async def test_what_the_vendor_fills_in_meanwhile_leaves_a_yes_to_say(office: Desk):
    notice = await stands(office, close_date=None)
    await office.mail("Please move the stage to Configure & Quote.", to=notice)
    await office.moved(close_date=date(2027, 3, 31))
    before = len(office.post.sent)
    await office.wait(days=3, minutes=1)
    (reminder,) = office.post.sent[before:]
    assert "Nothing is missing any more" in reminder.text
    await office.mail("Yes", to=reminder)
    assert (await office.deal()).stage == "Configure & Quote"


async def test_a_hold_on_a_deal_that_moved_or_was_given_away_is_forgotten_in_silence(office: Desk):
    notice = await stands(office, close_date=None)
    await office.mail("Please move the stage to Configure & Quote.", to=notice)
    await office.moved(stage="Configure & Quote")
    before = len(office.post.sent)
    await office.wait(days=15)
    assert len(office.post.sent) == before
    assert not await office.failures()


async def test_what_the_same_message_brings_counts(office: Desk):
    notice = await stands(office, close_date=None)
    await office.mail("Stage is Configure & Quote. Close date is 31 March 2027.", to=notice)
    assert (await office.deal()).stage == "Configure & Quote"


async def test_several_stages_pass_each_gate_on_the_way(office: Desk):
    notice = await stands(office, close_date=None)
    office.crm.move("D1", {DealField.NEXT_STEP: None})
    await office.mail("Please move the stage to Transact.", to=notice)
    held = office.last()
    assert "the expected close date" in held.text
    assert "the next step" in held.text
    await office.mail("Close date is 31 March 2027.", to=held)
    still = office.last()
    assert (await office.deal()).stage == "Qualification"
    assert (await office.deal()).close_date == date(2027, 3, 31)
    assert "the next step" in still.text
    await office.mail("Next step: contract review with legal.", to=still)
    deal = await office.deal()
    assert deal.stage == "Transact"
    assert deal.next_step


async def test_a_bare_next_step_completes_the_gate(office: Desk):
    await stands(office, stage="Configure & Quote")
    notice = await office.moved(next_step=None, amount=Decimal(50000))
    await office.mail("Please move the stage to Transact.", to=notice)
    held = office.last()
    assert "the next step" in held.text
    await office.mail("Demo with the CTO on Friday", to=held)
    deal = await office.deal()
    assert (deal.stage, deal.next_step) == ("Transact", "Demo with the CTO on Friday")


async def test_a_step_that_is_not_plain_and_the_stage_wait_for_one_yes(office: Desk):
    await stands(office, stage="Configure & Quote")
    notice = await office.moved(next_step=None, amount=Decimal(50000))
    await office.mail("Please move the stage to Transact.", to=notice)
    await office.mail("Contract review with legal", to=office.last())
    assert (await office.deal()).stage == "Configure & Quote"
    assert "Contract review with legal" in office.last().text
    await office.mail("Yes", to=office.last())
    deal = await office.deal()
    assert (deal.stage, deal.next_step) == ("Transact", "Contract review with legal")


async def test_winning_passes_the_last_gate_and_losing_none(office: Desk):
    notice = await stands(office, close_date=None)
    await office.mail("We won the deal!", to=notice)
    assert (await office.deal()).stage == "Qualification"
    assert "the expected close date" in office.last().text
    await office.mail("No.", to=office.last())
    await office.mail("We lost it, the customer chose Globex because of the price.", to=notice)
    assert (await office.deal()).stage == "Closed lost"


async def test_a_no_drops_what_waited(office: Desk):
    notice = await stands(office, close_date=None)
    await office.mail("Please move the stage to Configure & Quote.", to=notice)
    held = office.last()
    await office.mail("No.", to=held)
    await office.mail("Close date is 31 March 2027.", to=held)
    deal = await office.deal()
    assert (deal.stage, deal.close_date) == ("Qualification", date(2027, 3, 31))


async def test_what_only_the_vendor_can_fill_goes_to_the_manager(office: Desk):
    notice = await stands(office, source=None)
    inbound = await office.mail("Please move the stage to Configure & Quote.", to=notice)
    assert inbound.disposition is Disposition.ROUTED
    assert (await office.deal()).stage == "Qualification"
    assert "sourced or influenced" in office.last(PRIYA).text


@pytest.mark.parametrize(
    "words", ["Please move the stage to Transact.", "We won the deal!", "We lost it to Globex because of the price."]
)
async def test_a_deal_without_a_motion_is_for_its_manager(office: Desk, words: str):
    notice = await stands(office)
    office.crm.put_deal(replace(await office.deal(), motion=None), contact_ids=["C1"])
    before = len(office.post.sent)
    inbound = await office.mail(f"{words} Amount is 60k.", to=notice)
    assert inbound.disposition is Disposition.APPLIED
    deal = await office.deal()
    assert (deal.stage, deal.amount) == ("Qualification", Decimal(60000))
    (told,) = [m for m in office.post.sent[before:] if m.to_address == PRIYA]
    assert "Acme rollout" in told.text
    assert "no motion" in told.text
    assert "passed this on to Priya" in office.last().text
    assert "no such stage" not in office.last().text
    assert not await office.failures()


async def test_to_extend_until_the_day_that_stands_bothers_nobody(office: Desk):
    notice = await stands(office, protected_until=date(2027, 3, 31), renewals=Decimal(2))
    before = len(office.post.sent)
    await office.mail("Please extend the protection until 31 March 2027.", to=notice)
    (told,) = office.post.sent[before:]
    assert told.to_address == JULIA
    assert "Already so on Acme rollout" in told.text
    assert "31 March 2027" in told.text
    assert (await office.deal()).renewals == 2
    assert office.crm.writes == []


async def test_the_rules_name_other_hours_and_certifications_of_the_motions_that_run(tmp_path):
    terms = Terms(
        decision_hours_by_motion={Motion.RESELLER: 72, Motion.REFERRAL: 24, Motion.SERVICES: 48},
        certifications={Motion.RESELLER: "Seller", Motion.SERVICES: "Implementer"},
    )
    async with desk(tmp_path, terms=terms, motions={Motion.RESELLER: (), Motion.SERVICES: ()}) as office:
        await office.mail("What are the rules?")
        assert "within 48 hours (Resale: 72)" in office.last(JULIA).text
        assert "Only with a certification: Resale, Services" in office.last(JULIA).text


async def test_a_persons_skip_stands_and_the_manager_is_told_once(office: Desk):
    await stands(office)
    before = len(office.post.sent)
    await office.moved(stage="Configure & Quote")
    assert not [m for m in office.post.sent[before:] if m.to_address == PRIYA]
    await office.moved(next_step=None)
    await office.moved(stage="Transact")
    await office.moved()
    told = [m for m in office.post.sent[before:] if m.to_address == PRIYA]
    assert len(told) == 1
    assert "the next step" in told[0].text
    assert "approved products" in told[0].text
    assert (await office.deal()).stage == "Transact"
    assert not await office.failures()
