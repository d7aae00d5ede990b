"""Several messages of one person, before the first of them is in the CRM."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot.domain.deals import DealField, FieldChange, Outcome
from bot.ports import Change, ChangeState, Disposition
from handlers.under_way import expected
from tests.integration.handlers.desk import PIPELINES, Desk, desk, fill


@pytest.fixture
async def office(tmp_path):
    async with desk(tmp_path) as one:
        yield one


async def test_replies_in_a_row_are_written_in_their_order_and_nobody_is_asked(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    for amount in (61, 62, 63, 64, 65):
        await office.put(
            office.raw_mail(f"The amount is {amount}k.", to=notice, message_id=f"<{amount}@client.example>")
        )
    await office.settle()
    async with office.store.unit() as unit:
        dispositions = [i.disposition for i in await unit.list_inbound(limit=10)]
    assert dispositions == [Disposition.APPLIED] * 5
    assert [c.new for _, changes in office.crm.writes for c in changes] == [Decimal(n * 1000) for n in range(61, 66)]
    receipts = office.post.sent[-5:]
    assert [m.in_reply_to for m in receipts] == [f"{n}@client.example" for n in range(61, 66)]
    assert "61,000 EUR → 62,000 EUR" in receipts[1].text
    assert all(notice.message_id in m.references for m in receipts)


async def test_a_partner_who_says_it_twice_is_told_that_it_is_so_already(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    for number in range(2):
        await office.put(office.raw_mail("The amount is 61k.", to=notice, message_id=f"<{number}@client.example>"))
    await office.settle()
    assert len(office.crm.writes) == 1


async def test_what_somebody_else_wrote_meanwhile_is_still_noticed(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    await office.mail("The amount is 61k.", to=notice)
    office.crm.move("D1", {DealField.AMOUNT: Decimal(70000)})
    inbound = await office.mail("The amount is 62k.", to=notice)
    assert inbound.disposition is Disposition.CONFIRMED
    assert (await office.deal()).amount == Decimal(70000)


async def test_a_deal_under_way_has_the_outcome_of_its_coming_stage_and_keeps_what_was_refused(office: Desk):
    fill(office.crm)
    held = await office.deal()

    def change(field: DealField, new: str | Decimal, state: ChangeState, **results: str) -> Change:
        changes = (FieldChange(field=field, old=held.value(field), new=new),)
        return Change(
            id=1,
            key="k",
            inbound_id=1,
            conversation_id=1,
            deal_id=held.id,
            author_id="C1",
            changes=changes,
            state=state,
            results=results,
        )

    changes = [
        change(DealField.AMOUNT, Decimal(5), ChangeState.DONE, amount="crm_refused: too small"),
        change(DealField.NEXT_STEP, "demo", ChangeState.DONE, next_step="applied"),
        change(DealField.STAGE, "Closed won", ChangeState.PENDING),
    ]
    deal = expected(held, changes, PIPELINES)
    assert (deal.amount, deal.next_step, deal.stage, deal.outcome) == (
        held.amount,
        "demo",
        "Closed won",
        Outcome.WON,
    )
    assert expected(held, [], PIPELINES) == held
