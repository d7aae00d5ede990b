"""Refusals and the machines that answer them: told once, whatever comes back. Cases B30 to B33 of our list."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from bot.ports import Disposition, Inbound, Message
from bot.sandbox.demo import PARTNER_DESK
from tests.acceptance.cases import STRANGER, TOM, Case, Ours
from tests.acceptance.crowd import START, Crowd, crowded_world, deal_id, mails_of
from tests.acceptance.office import Office, open_office

REFUSED, IGNORED = Disposition.REFUSED, Disposition.IGNORED


@pytest.fixture
async def office(tmp_path):
    async with open_office(tmp_path, seed=crowded_world(1)) as one:
        await one.start()
        yield one


async def told_of_a_deal(office: Office) -> Ours:
    crowd = await Crowd.told(office, deals=1, rounds=1, chance=random.Random(1))  # noqa: S311
    notice = crowd.notices[0]
    return Ours(reply_to=str(notice["Reply-To"]), message_id=str(notice["Message-ID"]), deal_name="Kerr deal 000")


async def arrive(office: Office, ours: Ours, *cases: Case) -> Sequence[Inbound]:
    """These mails come in, one after the other; returns how all there are ended."""
    inbox = await office.inbox()
    for case in cases:
        number = len(inbox)
        await office.mail.deliver(PARTNER_DESK, case.raw(number, ours, 61_000))
        inbox = await office.handled(number + 1)
    assert office.history(deal_id(0), "amount") == [str(START)]
    return inbox


async def refusals(office: Office) -> list[Message]:
    return [m for m in await office.outbox() if m.event == "not_verified"]


async def test_a_machine_that_writes_from_a_new_address_each_time_is_told_once_in_a_thread(office: Office):
    ours = await told_of_a_deal(office)
    bots = [Case(name="B30", expect=REFUSED, sender=f"bot{n}@kerr-sons.example") for n in range(6)]
    found = await arrive(office, ours, *bots)
    assert {(i.disposition, i.reason) for i in found} == {(REFUSED, "wrong_sender")}
    assert [m.to for m in await refusals(office)] == ["bot0@kerr-sons.example"]


async def test_what_answers_a_refusal_is_not_answered(office: Office):
    ours = await told_of_a_deal(office)
    await arrive(office, ours, Case(name="B32", expect=REFUSED, sender=TOM))
    (refusal,) = await mails_of(office, TOM)
    assert refusal["Auto-Submitted"] == "auto-replied"
    back = Ours(reply_to=str(refusal["Reply-To"]), message_id=str(refusal["Message-ID"]), deal_name="")
    automatic = Case(name="B32", expect=IGNORED, sender=TOM, headers=[("Auto-Submitted", "auto-replied")])
    without_a_sign = Case(name="B32", expect=REFUSED, sender="robot@ashby-digital.example", words="We got your mail.")
    *_, one, other = await arrive(office, back, automatic, without_a_sign)
    assert (one.disposition, other.disposition) == (IGNORED, REFUSED)
    assert len(await refusals(office)) == 1


async def test_a_person_may_answer_a_refusal_with_what_is_theirs(office: Office):
    ours = await told_of_a_deal(office)
    await arrive(office, ours, Case(name="B32", expect=REFUSED, sender=TOM))
    (refusal,) = await mails_of(office, TOM)
    back = Ours(reply_to=str(refusal["Reply-To"]), message_id=str(refusal["Message-ID"]), deal_name="")
    mine = Case(name="B32", expect=Disposition.APPLIED, sender=TOM, words="Redwood: the amount is 41,500.")
    *_, found = await arrive(office, back, mine)
    assert found.disposition is Disposition.APPLIED, found.reason
    assert office.deal("9004")["amount"] == "41500"


async def test_a_refusal_that_comes_back_from_elsewhere_troubles_nobody(office: Office):
    office.mail.bounce("noreply@kerr-sons.example")
    ours = await told_of_a_deal(office)
    await arrive(office, ours, Case(name="B31", expect=REFUSED, sender="noreply@kerr-sons.example"))
    (refusal,) = await refusals(office)
    bounce = Case(
        name="B31",
        expect=IGNORED,
        sender="Mail Delivery <postmaster@relay.else.example>",
        to=PARTNER_DESK,
        subject="Undeliverable: Re: a deal",
        words=f"5.1.1 noreply@kerr-sons.example is unknown.\n\nMessage-ID: <{refusal.message_id}>\n",
    )
    found = await arrive(office, ours, *([bounce] if len(await office.inbox()) == 1 else []))
    assert [i.disposition for i in found] == [REFUSED, IGNORED]
    assert "bounce" in str(found[-1].reason)
    said = {m.event for m in await office.outbox()}
    assert said - {"gate_skipped"} == {"deal_changed", "not_verified"}
    assert not await office.dead_letters()


async def test_a_refused_mail_that_stays_in_the_mailbox_is_not_refused_again_after_a_restart(office: Office):
    ours = await told_of_a_deal(office)
    before = await arrive(office, ours, Case(name="B33", expect=REFUSED, sender=TOM))
    for _ in range(2):
        await office.stop()
        await office.start()
        stranger = Case(name="B33", expect=REFUSED, sender=STRANGER, to=PARTNER_DESK, passes=False)
        *_, last = await arrive(office, ours, stranger)
        assert (last.disposition, last.reason) == (REFUSED, "unauthenticated")
    inbox = await office.inbox()
    assert inbox[: len(before)] == before
    assert len(inbox) == len(before) + 2
    assert [m.to for m in await refusals(office)] == [TOM]
    assert len(await mails_of(office, TOM)) == 1
    assert len(await office.mail.mails(PARTNER_DESK)) == len(inbox)
