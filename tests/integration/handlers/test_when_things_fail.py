"""A CRM that refuses, a relay that is away, handling that breaks: nothing is lost, doubled or told wrongly."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from decimal import Decimal

import pytest

from bot.domain.deals import DealField
from bot.errors import SetupError, TransientError, UnknownOutcomeError
from bot.ports import ChangeState, Disposition, IncomingMail, Job, RecipientError, RefusedFieldsError
from tests.integration.handlers.desk import JULIA, PRIYA, Desk, desk

FACT = "The amount is 60k."


@pytest.fixture
async def office(tmp_path):
    async with desk(tmp_path) as one:
        yield one


async def test_a_value_the_crm_refuses_leaves_the_others_written_and_is_named(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    refusal = RefusedFieldsError("validation", fields={"amount": "is above your limit"}, code="400")
    office.crm.fail_next("write", refusal)
    await office.mail("The amount is 60k. Close date is 31 March 2027.", to=notice)
    deal = await office.deal()
    assert (deal.amount, deal.close_date) == (Decimal(40000), date(2027, 3, 31))
    assert "is above your limit" in office.last().text


async def test_after_a_refusal_the_next_value_is_written_and_nobody_else_is_blamed(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    office.crm.fail_next("write", RefusedFieldsError("validation", fields={"amount": "is too much"}, code="400"))
    await office.mail("The amount is 90k.", to=notice)
    inbound = await office.mail(FACT, to=office.last())
    assert inbound.disposition is Disposition.APPLIED
    assert (await office.deal()).amount == Decimal(60000)
    assert "Somebody else" not in office.last().text


async def test_a_write_with_an_unknown_outcome_is_not_repeated_when_the_deal_has_it(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    office.crm.fail_next("write", UnknownOutcomeError("read timed out"), after=True)
    await office.mail(FACT, to=notice)
    assert (await office.deal()).amount == Decimal(60000)
    assert len(office.crm.writes) == 1
    assert "40,000 EUR → 60,000 EUR" in office.last().text


async def test_a_change_by_somebody_else_in_between_is_asked_about_not_overwritten(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    office.crm.move("D1", {DealField.AMOUNT: Decimal(55000)})
    inbound = await office.mail(FACT, to=notice)
    assert inbound.disposition is Disposition.CONFIRMED
    assert (await office.deal()).amount == Decimal(55000)
    assert "Somebody else has changed" in office.last().text
    await office.mail("yes", to=office.last())
    assert (await office.deal()).amount == Decimal(60000)


async def test_a_relay_that_is_away_delays_the_receipt_and_loses_nothing(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    office.post.errors.append(TransientError("421"))
    await office.mail(FACT, to=notice)
    assert "60,000" in office.last().text
    assert len([m for m in office.post.sent if "60,000" in m.text]) == 1


async def test_an_address_that_does_not_exist_is_suppressed_and_the_manager_told(office: Desk):
    office.post.errors.append(RecipientError("no such user", code="550 5.1.1"))
    assert await office.moved(stage="Configure & Quote") is None
    assert JULIA in office.last(PRIYA).text
    async with office.store.unit() as unit:
        assert await unit.suppressed(JULIA) is not None


async def test_a_bounce_of_our_mail_suppresses_the_address_and_a_forged_one_does_nothing(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    report = (
        "From: MAILER-DAEMON@brandt-it.example\r\nTo: {to}\r\nMessage-ID: <{n}@mta.example>\r\nReturn-Path: <>\r\n"
        "Subject: Undelivered\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nno such user\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mta\r\n\r\n"
        "Final-Recipient: rfc822; {who}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
    )
    forged = await office.raw(report.format(to="partners@meridian.example", n=1, who=JULIA).encode())
    assert forged.reason == "bounce of nothing we sent"
    async with office.store.unit() as unit:
        assert await unit.suppressed(JULIA) is None
    await office.raw(report.format(to=notice.envelope_from, n=2, who=JULIA).encode())
    async with office.store.unit() as unit:
        assert await unit.suppressed(JULIA) is not None
    await office.mail("any news?", authentic=False)
    async with office.store.unit() as unit:
        assert await unit.suppressed(JULIA) is not None
    await office.mail("any news?")
    async with office.store.unit() as unit:
        assert await unit.suppressed(JULIA) is None


async def test_a_complaint_is_not_forgotten_when_its_sender_writes(office: Desk):
    async with office.store.unit() as unit:
        await unit.suppress(JULIA, "complaint abuse", now=office.clock())
    await office.mail("any news?")
    async with office.store.unit() as unit:
        assert await unit.suppressed(JULIA) == "complaint abuse"


async def test_refused_credentials_lose_nothing_and_tell_the_partner_nothing_of_our_troubles(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    office.crm.fail_next("write", SetupError("hubspot: the access token is refused"))
    raw = office.raw_mail(FACT, to=notice)
    await office.put(raw)
    async with asyncio.timeout(60):
        while (change := await office.change(1)) is None or change.state is not ChangeState.WRITING:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    assert await office.failures() == []
    assert office.post.sent[-1].message_id == notice.message_id
    assert (await office.deal()).amount == Decimal(40000)


async def test_a_message_that_fails_three_times_is_quarantined_a_person_is_told_and_the_rest_flows_on(
    office: Desk, monkeypatch
):
    notice = await office.moved(stage="Configure & Quote")
    good = office.services.mail_reader.read

    def broken(raw: bytes) -> IncomingMail:
        if b"poison" in raw:
            raise ValueError("a bug of ours")
        return good(raw)

    monkeypatch.setattr(office.services.mail_reader, "read", broken)
    bad = await office.put(office.raw_mail("poison", to=notice))
    await office.put(office.raw_mail(FACT, to=notice))
    async with asyncio.timeout(60):
        while (await office.deal()).amount != Decimal(60000):
            await asyncio.sleep(0.01)
        while (await office.ended(bad)).disposition is None:
            await asyncio.sleep(0.05)
    ended = await office.ended(bad)
    assert (ended.disposition, ended.reason, ended.attempts) == (Disposition.QUARANTINED, "ValueError", 3)
    await office.settle()
    assert f"inbox {ended.id}" in office.last(PRIYA).text


async def test_a_quarantined_message_can_be_replayed_and_does_its_work_once(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    inbound = await office.mail(FACT, to=notice)
    async with office.store.unit() as unit:
        await unit.reopen(inbound.id)
        await unit.enqueue(Job(kind="arrived", ref=str(inbound.id)))
    await office.engine.replay("arrived", str(inbound.id))
    await office.settle()
    assert len(office.crm.writes) == 1
    assert len([m for m in office.post.sent if "60,000" in m.text]) == 1
    assert len(office.crm.notes) == 1


async def test_what_is_older_than_wanted_is_forgotten_and_its_disposition_kept(office: Desk):
    inbound = await office.mail(FACT)
    async with office.store.unit() as unit:
        assert await unit.forget(office.services.now() + timedelta(days=1)) == 1
        kept = await unit.list_inbound()
    assert [(i.id, i.disposition) for i in kept] == [(inbound.id, inbound.disposition)]


async def test_a_receipt_for_what_was_written_is_never_left_out(tmp_path):
    async with desk(tmp_path) as office:
        notice = await office.moved(stage="Configure & Quote")
        for n in range(office.services.programme.answers_per_hour + 2):
            await office.mail(f"The amount is {50 + n}k.", to=notice)
        receipts = [m for m in office.post.sent if "Amount" in m.text and m.to_address == JULIA]
        assert len(receipts) == office.services.programme.answers_per_hour + 2
