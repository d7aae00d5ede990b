"""What partners and managers do in Slack: threads, mentions, buttons, commands, and saying who they are."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.domain.partners import Channel
from bot.domain.policy import Item, Rule
from bot.errors import UnknownOutcomeError
from bot.ports import Disposition
from bot.slack.events import Kind
from tests.integration.handlers.desk import JULIA, Desk, desk


async def with_channel(office: Desk) -> None:
    """The partner reads in C1; Julia is linked."""
    partner, julia = await office.crm.partner("P1"), await office.crm.contact("C1")
    assert partner is not None
    assert julia is not None
    office.crm.put_partner(replace(partner, slack_channel="C1"))
    office.crm.put_contact(replace(julia, channels=(Channel.EMAIL, Channel.SLACK)))
    async with office.store.unit() as unit:
        await unit.link("T_BRANDT", "U_JULIA", "C1", now=office.services.now())


@pytest.fixture
async def office(tmp_path):
    async with desk(tmp_path) as one:
        await with_channel(one)
        yield one


async def test_a_notice_is_posted_in_the_partners_channel_and_a_word_in_its_thread_changes_the_deal(office: Desk):
    await office.moved(stage="Configure & Quote")
    notice, posted = office.chat.posted[0]
    assert (notice.channel, notice.partner_id, notice.thread_ts) == ("C1", "P1", None)
    inbound = await office.slack("U_JULIA", "the amount is 60k", thread_ts=posted.ts)
    assert inbound.disposition is Disposition.APPLIED
    assert (await office.deal()).amount == Decimal(60000)
    receipt, _ = office.chat.posted[-1]
    assert receipt.thread_ts == posted.ts
    assert "60,000 EUR" in str(receipt.blocks)
    assert "Julia Brandt (Brandt IT GmbH) by slack" in office.crm.notes[0].body


async def test_the_undo_button_of_a_receipt_takes_it_back(office: Desk):
    await office.moved(stage="Configure & Quote")
    _, posted = office.chat.posted[0]
    await office.slack("U_JULIA", "the amount is 60k", thread_ts=posted.ts)
    receipt, at = office.chat.posted[-1]
    (button,) = [e for b in receipt.blocks if b["type"] == "actions" for e in b["elements"]]
    await office.slack(
        "U_JULIA", kind=Kind.ACTION, action=button["action_id"], value=button["value"], thread_ts=posted.ts, ts=at.ts
    )
    assert (await office.deal()).amount == Decimal(40000)


async def test_yes_and_no_are_buttons_too(office: Desk):
    await office.moved(stage="Configure & Quote")
    _, posted = office.chat.posted[0]
    await office.slack("U_JULIA", "the amount is probably 60k", thread_ts=posted.ts)
    assert (await office.deal()).amount == Decimal(40000)
    await office.slack("U_JULIA", kind=Kind.ACTION, action="confirm", value="confirm", thread_ts=posted.ts)
    assert (await office.deal()).amount == Decimal(60000)


async def test_a_mention_out_of_the_blue_starts_a_thread(office: Desk):
    await office.slack("U_JULIA", "Acme: the amount is 60k", kind=Kind.MENTION, ts="77.1")
    assert (await office.deal()).amount == Decimal(60000)
    assert office.chat.posted[-1][0].thread_ts == "77.1"


async def test_chatter_in_the_channel_that_is_not_for_us_is_left_alone(office: Desk):
    inbound = await office.slack("U_JULIA", "lunch? the amount is 60k")
    assert (inbound.disposition, inbound.reason) == (Disposition.IGNORED, "not addressed to us")
    assert (await office.deal()).amount == Decimal(40000)
    assert office.chat.posted == []


async def test_an_unlinked_person_changes_nothing_and_is_told_how_to_link_in_private(office: Desk):
    await office.moved(stage="Configure & Quote")
    _, posted = office.chat.posted[0]
    inbound = await office.slack("U_EVE", "the amount is 60k", thread_ts=posted.ts)
    assert inbound.disposition is Disposition.REFUSED
    whisper, _ = office.chat.posted[-1]
    assert whisper.only_for == "U_EVE"
    assert (await office.deal()).amount == Decimal(40000)


async def test_linking_takes_the_code_that_went_to_the_address(office: Desk):
    await office.slack("U_LUKAS", "link lukas@brandt-it.example", kind=Kind.MENTION)
    mail = office.last("lukas@brandt-it.example")
    code = mail.subject[:6]
    wrong = await office.slack("U_LUKAS", "000000" if code != "000000" else "111111", kind=Kind.MENTION)
    assert wrong.disposition is Disposition.REFUSED
    await office.slack("U_LUKAS", code, kind=Kind.MENTION)
    async with office.store.unit() as unit:
        assert await unit.linked("T_BRANDT", "U_LUKAS") == "C2"


async def test_a_code_cannot_be_guessed_for_long(office: Desk):
    await office.slack("U_LUKAS", "link lukas@brandt-it.example", kind=Kind.MENTION)
    code = office.last("lukas@brandt-it.example").subject[:6]
    for n in range(5):
        await office.slack("U_LUKAS", f"{(int(code) + n + 1) % 1_000_000:06d}", kind=Kind.MENTION)
    inbound = await office.slack("U_LUKAS", code, kind=Kind.MENTION)
    assert inbound.disposition is Disposition.REFUSED


async def test_claiming_an_unknown_address_tells_nothing(office: Desk):
    await office.slack("U_EVE", "link eve@evil.example", kind=Kind.MENTION)
    unknown = str(office.chat.posted[-1][0].blocks).replace("eve@evil.example", "X")
    await office.slack("U_EVE", f"link {JULIA}", kind=Kind.MENTION)
    known = str(office.chat.posted[-1][0].blocks).replace(JULIA, "X")
    assert unknown == known


async def test_partner_deals_lists_own_open_deals_only_to_the_asker(office: Desk):
    await office.slack("U_JULIA", "deals", kind=Kind.COMMAND)
    answer, _ = office.chat.posted[-1]
    assert answer.only_for == "U_JULIA"
    assert "Acme rollout" in str(answer.blocks)
    assert "Redwood Dairy" not in str(answer.blocks)


async def test_where_commands_do_not_reach_a_mention_does_the_same(office: Desk):
    await office.slack("U_JULIA", "deals", kind=Kind.MENTION)
    answer, _ = office.chat.posted[-1]
    assert answer.only_for == "U_JULIA"
    assert "Acme rollout" in str(answer.blocks)
    await office.slack("U_JULIA", "Hilfe", kind=Kind.MENTION)
    assert "in your own words" in str(office.chat.posted[-1][0].blocks).lower()


async def test_a_manager_approves_by_button_in_the_managers_channel(tmp_path):
    async with desk(tmp_path, rules={Item.AMOUNT: Rule.MANAGER}, managers_channel="C_MGR") as office:
        await with_channel(office)
        await office.moved(stage="Configure & Quote")
        _, posted = office.chat.posted[0]
        await office.slack("U_JULIA", "the amount is 60k", thread_ts=posted.ts)
        request, at = next((m, p) for m, p in office.chat.posted if m.channel == "C_MGR")
        assert request.partner_id is None
        approve = next(e for b in request.blocks if b["type"] == "actions" for e in b["elements"])
        for _ in range(2):
            await office.slack(
                "U_PRIYA",
                kind=Kind.ACTION,
                channel="C_MGR",
                action=approve["action_id"],
                value=approve["value"],
                ts=at.ts,
                thread_ts=at.ts,
            )
        assert (await office.deal()).amount == Decimal(60000)
        assert len(office.crm.writes) == 1
        assert "has approved" in str([m.blocks for m, _ in office.chat.posted if m.channel == "C1"][-1])


async def test_a_partner_pressing_the_managers_button_decides_nothing(tmp_path):
    async with desk(tmp_path, rules={Item.AMOUNT: Rule.MANAGER}, managers_channel="C_MGR") as office:
        await with_channel(office)
        await office.moved(stage="Configure & Quote")
        _, posted = office.chat.posted[0]
        await office.slack("U_JULIA", "the amount is 60k", thread_ts=posted.ts)
        request, at = next((m, p) for m, p in office.chat.posted if m.channel == "C_MGR")
        value = next(e for b in request.blocks if b["type"] == "actions" for e in b["elements"])["value"]
        for channel, ts in (("C_MGR", at.ts), ("C1", posted.ts)):
            await office.slack(
                "U_JULIA", kind=Kind.ACTION, channel=channel, action="approve", value=value, ts=ts, thread_ts=ts
            )
        assert (await office.deal()).amount == Decimal(40000)


async def test_another_partners_person_cannot_press_undo_for_a_receipt_they_know_the_number_of(office: Desk):
    await office.moved(stage="Configure & Quote")
    _, posted = office.chat.posted[0]
    inbound = await office.slack("U_JULIA", "the amount is 60k", thread_ts=posted.ts)
    async with office.store.unit() as unit:
        await unit.link("T_BRANDT", "U_TOM", "C3", now=office.services.now())
    await office.slack("U_TOM", kind=Kind.ACTION, channel="C9", action="undo", value=str(inbound.id), ts="9.9")
    assert (await office.deal()).amount == Decimal(60000)


async def test_a_post_with_an_unknown_outcome_is_found_again_and_not_repeated(office: Desk):
    office.chat.errors.append(UnknownOutcomeError("timeout"))
    await office.moved(stage="Configure & Quote")
    assert len(office.chat.posted) == 1
    async with office.store.unit() as unit:
        assert await unit.conversation_in_slack("C1", office.chat.posted[0][1].ts) is not None
