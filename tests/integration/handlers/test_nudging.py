"""Quiet deals and meetings without a word after them: who is asked what is next, and how often."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.deals import Outcome
from bot.domain.partners import Manager, Motion
from bot.domain.rhythm import Rhythm
from bot.domain.terms import Terms
from bot.errors import TransientError
from bot.ports import Disposition, Email, Meeting
from handlers.nudging import on_nudge, on_nudge_sweep
from tests.integration.handlers.desk import JULIA, PRIYA, TOM, Desk, desk
from tests.integration.handlers.test_registering import claims

LENA = "lena@meridian.example"


@pytest.fixture
async def office(tmp_path):
    async with desk(tmp_path, rhythm=Rhythm()) as running:
        yield running


def nudges(office: Desk, to: str = JULIA, about: str = "Acme") -> list[Email]:
    return [m for m in office.post.sent if m.to_address == to and about in m.subject]


async def pass_days(office: Desk, days: int) -> None:
    for _ in range(days):
        await office.wait(days=1)


async def look(office: Desk) -> None:
    await on_nudge_sweep(office.services, office.clock().isoformat())
    office.engine.nudge()
    await office.settle()


async def meeting(office: Desk, **values: object) -> None:
    ended = Meeting(id="E1", deal_id="D1", title="Demo", ended_at=office.clock(), owner_id=None, followed_up=False)
    office.crm.put_meeting(replace(ended, **values))  # type: ignore[arg-type]


async def test_a_deal_that_is_quiet_for_a_week_is_asked_about_once(office: Desk):
    await office.wait(days=6, hours=23)
    assert office.post.sent == []
    await office.wait(hours=1)
    for _ in range(3):
        await look(office)
    (nudge,) = nudges(office)
    assert "what is next" in nudge.subject
    assert "7 days" in nudge.text
    assert len(nudges(office, TOM, "Redwood")) == 1
    assert await office.failures() == []


async def test_the_answer_becomes_the_deals_next_step_and_the_deal_is_left_alone_for_a_week(office: Desk):
    await office.wait(days=7)
    (nudge,) = nudges(office)
    answered = await office.mail("Next step: demo with the CTO", to=nudge)
    assert answered.disposition is Disposition.APPLIED
    assert (await office.deal()).next_step == "demo with the CTO"
    told = len(nudges(office))  # the receipt as well
    await pass_days(office, 6)
    assert len(nudges(office)) == told


async def test_what_else_is_answered_is_noted_on_the_deal(office: Desk):
    await office.wait(days=7)
    await office.mail("They are reorganising their IT department at the moment.", to=nudges(office)[0])
    assert any("reorganising" in note.body and note.deal_id == "D1" for note in office.crm.notes)


async def test_a_stalled_deal_is_asked_about_as_such_and_then_monthly(office: Desk):
    await pass_days(office, 70)
    days = [n.subject.partition(": ")[2] for n in nudges(office)]
    assert days == ["what is next?"] * 4 + ["is it still on?"] * 2


async def test_a_worker_that_was_away_for_months_asks_once(office: Desk):
    await office.wait(days=100)
    (nudge,) = nudges(office)
    assert "is it still on" in nudge.subject
    await pass_days(office, 6)
    assert len(nudges(office)) == 1


async def test_a_partner_with_many_quiet_deals_is_asked_about_a_few_a_day(tmp_path):
    async with desk(tmp_path, rhythm=Rhythm(per_day=2)) as office:
        first = await office.deal()
        for number in range(10, 15):
            older = first.updated_at - timedelta(days=number)
            deal = replace(first, id=f"D{number}", name=f"Deal {number}", company=f"Company {number}", updated_at=older)
            office.crm.put_deal(deal, contact_ids=["C1"])
        await office.wait(days=8)
        await look(office)
        assert len([m for m in office.post.sent if m.to_address == JULIA]) == 2
        assert nudges(office, about="Company 14")
        await pass_days(office, 3)
        asked = [m.subject for m in office.post.sent if m.to_address == JULIA]
        assert len(asked) == len(set(asked)) == 7


async def test_a_deal_in_its_first_stage_or_closed_is_not_asked_about(office: Desk):
    deal = await office.deal()
    office.crm.put_deal(replace(deal, stage="Deal Registration"), contact_ids=["C1"])
    second = await office.deal("D2")
    office.crm.put_deal(replace(second, stage="Closed won", outcome=Outcome.WON), contact_ids=["C1"])
    await office.wait(days=8)
    assert [m for m in office.post.sent if m.to_address == JULIA] == []


async def test_a_deal_whose_protection_ends_soon_is_warned_of_and_not_nudged(office: Desk):
    until = office.clock().astimezone(ZoneInfo("Europe/Berlin")).date() + timedelta(days=14)  # where Julia is
    office.crm.put_deal(replace(await office.deal(), protected_until=until), contact_ids=["C1"])
    await pass_days(office, 12)
    assert ["protection ends" in n.subject for n in nudges(office)] == [True, True]


async def test_a_step_that_the_partner_set_is_asked_of_the_partner(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    await office.mail("Next step: demo with the CTO", to=notice)
    await office.wait(days=8)
    nudge = nudges(office)[-1]
    assert "did the next step happen" in nudge.subject
    assert "demo with the CTO" in nudge.text
    assert nudges(office, PRIYA) == []


async def test_a_step_that_the_vendor_set_is_asked_of_the_deals_owner(office: Desk):
    office.crm.put_manager(Manager(id="M2", name="Lena Fischer", email=LENA))
    deal = replace(await office.deal(), owner_id="M2", next_step="Send the quote", url="https://crm.example/D1")
    office.crm.put_deal(deal, contact_ids=["C1"])
    await office.wait(days=8)
    assert nudges(office) == []
    (nudge,) = nudges(office, LENA)
    assert "Send the quote" in nudge.text
    assert "Brandt IT GmbH" in nudge.text


async def test_a_deal_that_is_touched_before_the_nudge_goes_out_is_left_alone(office: Desk):
    office.clock.ahead += timedelta(days=8)
    office.crm.move("D1", {})
    ref = f"D1:stale_notes:{office.clock():%Y%m%dT%H%M%S}"
    deal = await office.deal()
    office.crm.put_deal(replace(deal, updated_at=office.clock()), contact_ids=["C1"])
    await on_nudge(office.services, ref)
    await office.settle()
    assert nudges(office) == []


async def test_a_nudge_that_is_repeated_after_a_crash_goes_out_once(office: Desk):
    office.clock.ahead += timedelta(days=8)
    for _ in range(2):
        await on_nudge(office.services, "D1:stale_notes:20270301T090000")
    await office.settle()
    assert len(nudges(office)) == 1


async def test_looks_at_the_same_instant_ask_once(office: Desk):
    office.clock.ahead += timedelta(days=8)
    tick = office.clock().isoformat()
    await asyncio.gather(*(on_nudge_sweep(office.services, tick) for _ in range(3)))
    await office.settle()
    assert len(nudges(office)) == 1


async def test_a_crm_that_fails_while_we_look_costs_no_nudge(office: Desk):
    office.clock.ahead += timedelta(days=8)
    office.crm.fail_next("quiet_deals", TransientError("crm: look: not now"))
    with pytest.raises(TransientError):
        await look(office)
    await look(office)
    assert len(nudges(office)) == 1


async def test_the_field_that_partners_may_not_see_is_not_in_their_nudge(tmp_path):
    async with desk(tmp_path, rhythm=Rhythm()) as office:
        notice = await office.moved(stage="Configure & Quote")
        await office.mail("Next step: demo with the CTO", to=notice)
        policies = replace(office.services.policies, shown=frozenset())
        hidden = replace(office.services, policies=policies)
        office.clock.ahead += timedelta(days=8)
        await on_nudge(hidden, "D1:action_cycle:20270301T090000")
        said = (await office.outbox())[0]
        assert said.event == "nudge"
        assert "CTO" not in str(said.notice)


async def test_a_meeting_without_a_word_after_it_is_brought_to_its_owner_once(office: Desk):
    office.crm.put_manager(Manager(id="M2", name="Lena Fischer", email=LENA))
    await meeting(office, owner_id="M2")
    await office.wait(hours=23)
    assert nudges(office, LENA) == []
    await office.wait(hours=2)
    await look(office)
    (asked,) = nudges(office, LENA)
    assert "Demo" in asked.text
    assert "Brandt IT GmbH" in asked.text
    assert nudges(office, JULIA) == []


@pytest.mark.parametrize("owner", [None, "M9"], ids=["nobody's", "of somebody who is gone"])
async def test_a_meeting_without_an_owner_is_the_partners_managers(office: Desk, owner):
    await meeting(office, owner_id=owner)
    await office.wait(hours=25)
    assert len(nudges(office, PRIYA)) == 1


async def test_a_meeting_that_was_followed_up_or_is_long_over_is_left_alone(office: Desk):
    await meeting(office, followed_up=True)
    await meeting(office, id="E2", deal_id="D2", ended_at=office.clock() - timedelta(days=9))
    await office.wait(hours=25)
    assert [m for m in office.post.sent if m.to_address == PRIYA] == []


async def test_a_programme_that_wants_no_reminders_gives_none(tmp_path):
    off = Rhythm(stalled_days=0, notes_days=0, action_days=0, follow_up_hours=0)
    async with desk(tmp_path, rhythm=off) as office:
        await meeting(office)
        await office.wait(days=60)
        assert office.post.sent == []


async def test_a_referral_is_promised_within_a_day_and_its_reminder_comes_before(tmp_path):
    async with desk(tmp_path, terms=Terms(default_motion=Motion.REFERRAL)) as office:
        await office.mail(
            "I'd like to register a deal: Nordwind Logistik AG, contact Karin Holm (karin.holm@nordwind.example), "
            "85,000 EUR, closing end of March 2027."
        )
        (claim,) = await claims(office)
        assert claim.due_at is not None
        assert timedelta(hours=23) < claim.due_at - claim.claimed_at <= timedelta(hours=24)
        before = len(office.post.sent)
        await office.wait(hours=13)
        assert [m.to_address for m in office.post.sent[before:]] == [PRIYA]
