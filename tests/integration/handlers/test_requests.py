"""A request in the managers' channel shows what became of it, wherever it was decided; nothing is decided twice."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot.domain.policy import Rule
from bot.domain.registrations import State
from bot.domain.terms import Route, Terms
from bot.slack.events import Kind
from tests.integration.handlers.desk import TOM, Desk, desk
from tests.integration.handlers.test_registering import LENA, claims, registered

CHANNEL = "C_MANAGERS"


@pytest.fixture
async def office(tmp_path):
    async with desk(tmp_path, managers_channel=CHANNEL) as running:
        yield running


def posted(office: Desk, words: str) -> tuple[str, str]:
    """The first request with these words: its ts, and how it looks now."""
    found = [
        (post, where.ts)
        for post, where in office.chat.posted
        if words in str(post.blocks) and "'actions'" in str(post.blocks)
    ]
    post, ts = found[0]
    return ts, str(office.chat.edited.get(ts, post).blocks)


async def press(office: Desk, ts: str, action: str, number: str) -> None:
    await office.slack("U_PRIYA", kind=Kind.ACTION, channel=CHANNEL, ts=ts, action=action, value=number)


async def test_a_decided_request_shows_by_whom_and_has_no_buttons(office: Desk):
    claim = await registered(office)
    ts, before = posted(office, "Nordwind")
    assert "'actions'" in before
    await press(office, ts, "approve", claim.number)
    assert (await claims(office))[0].state is State.APPROVED
    _, now = posted(office, "Nordwind")
    assert "'actions'" not in now
    assert "approved by Priya Nair" in now
    assert "Nordwind Logistik AG" in now
    assert "Ask first" not in now
    await press(office, ts, "approve", claim.number)
    assert "had been approved already by Priya Nair" in str(office.chat.posted[-1][0].blocks)
    assert await office.failures() == []


async def test_a_withdrawal_and_a_decision_by_command_take_the_buttons_away_as_well(office: Desk):
    claim = await registered(office)
    await office.mail("Please withdraw the registration.", to=office.last())
    assert "withdrawn by Julia Brandt" in posted(office, "Nordwind")[1]
    other = await registered(office, sender=TOM)
    assert other.number != claim.number
    await office.slack("U_PRIYA", f"reject {other.number}", kind=Kind.COMMAND, channel=CHANNEL)
    assert (await claims(office))[1].state is State.REFUSED
    assert "rejected by Priya Nair" in posted(office, other.number)[1]


async def test_each_step_of_several_shows_its_own_answer(tmp_path):
    terms = Terms(routes=(Route(approvers=("owner", LENA.email), min_amount=Decimal(50000)),))
    async with desk(tmp_path, managers_channel=CHANNEL, terms=terms) as office:
        office.crm.put_manager(LENA)
        claim = await registered(office)
        ts, _ = posted(office, "approval 1 of 2")
        await press(office, ts, "approve", claim.number)
        assert "agreed, passed on to whoever decides next by Priya Nair" in posted(office, "approval 1 of 2")[1]
        assert "'actions'" in posted(office, "approval 2 of 2")[1]


async def test_a_change_that_was_decided_shows_by_whom(tmp_path):
    from bot.domain.policy import Item

    async with desk(tmp_path, managers_channel=CHANNEL, rules={Item.AMOUNT: Rule.MANAGER}) as office:
        await office.mail("Acme rollout: the amount is 60,000 EUR now.")
        ts, before = posted(office, "Acme rollout")
        assert "'actions'" in before
        await press(office, ts, "reject", "CHG-1")
        assert "rejected by Priya Nair" in posted(office, "Acme rollout")[1]
        await press(office, ts, "approve", "CHG-1")
        assert "had been rejected already by Priya Nair" in str(office.chat.posted[-1][0].blocks)
        assert (await office.deal()).amount == Decimal(40000)
        assert await office.failures() == []


async def test_a_request_that_is_posted_after_the_decision_is_brought_up_to_date_at_once(office: Desk):
    from datetime import timedelta

    from bot.errors import TransientError

    office.chat.errors.append(TransientError("away", retry_after=timedelta(milliseconds=200)))
    await office.put(
        office.raw_mail(
            "I'd like to register a deal: Nordwind Logistik AG, contact Karin Holm (karin.holm@nordwind.example), "
            "85,000 EUR, closing end of March 2027."
        )
    )
    await office.settle()
    (claim,) = await claims(office)
    await office.slack("U_PRIYA", f"approve {claim.number}", kind=Kind.COMMAND, channel=CHANNEL)
    assert "approved by Priya Nair" in posted(office, "Nordwind")[1]
