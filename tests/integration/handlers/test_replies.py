"""What happens to a partner's reply, from the stored mail to the CRM, the timeline and the one answer."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from decimal import Decimal

import pytest

from bot.domain.deals import DealField
from bot.domain.policy import Item, Rule
from bot.errors import SetupError, TransientError, UnknownOutcomeError
from bot.ports import ChangeState, Disposition, IncomingMail, Job, RecipientError, RefusedFieldsError
from tests.integration.handlers.desk import JULIA, LUKAS, PRIYA, TOM, Desk, desk

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


async def test_the_same_mail_twice_is_handled_once(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    first = await office.mail(FACT, to=notice, message_id="<same@client.example>")
    async with office.store.unit() as unit:
        raw = (await unit.inbound(first.id)).raw
    told = len(office.post.sent)
    again = await office.raw(raw)
    assert (again.disposition, again.reason) == (Disposition.IGNORED, f"duplicate of {first.id}")
    assert len(office.post.sent) == told
    assert len(office.crm.notes) == 1


async def test_another_mail_under_the_same_message_id_is_not_taken_for_a_duplicate(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    await office.mail(FACT, to=notice, message_id="<same@client.example>")
    await office.mail("The amount is 65k.", to=notice, message_id="<same@client.example>")
    assert (await office.deal()).amount == Decimal(65000)


@pytest.mark.parametrize(
    ("sender", "authentic", "reason"),
    [
        ("another partner's contact", TOM, "wrong_sender"),
        ("a stranger", "eve@evil.example", "wrong_sender"),
    ],
    ids=["another partner", "a stranger"],
)
async def test_somebody_else_with_the_token_changes_nothing(office: Desk, sender, authentic, reason):
    notice = await office.moved(stage="Configure & Quote")
    inbound = await office.mail(FACT, sender=authentic, to=notice)
    assert (inbound.disposition, inbound.reason) == (Disposition.REFUSED, reason), sender
    assert (await office.deal()).amount == Decimal(40000)


async def test_a_forged_sender_changes_nothing_and_is_told_once_a_day(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    for _ in range(3):
        inbound = await office.mail(FACT, to=notice, authentic=False)
        assert (inbound.disposition, inbound.reason) == (Disposition.REFUSED, "unauthenticated")
    assert (await office.deal()).amount == Decimal(40000)
    assert len([m for m in office.post.sent if "not changed anything" in m.text]) == 1


async def test_a_forged_stranger_is_not_answered_since_the_answer_would_be_spam(office: Desk):
    inbound = await office.mail(FACT, sender="victim@elsewhere.example", authentic=False)
    assert (inbound.disposition, inbound.reason) == (Disposition.REFUSED, "unauthenticated")
    assert not office.post.sent


async def test_a_refusal_that_cannot_be_delivered_troubles_no_manager(office: Desk):
    office.post.errors.append(RecipientError("550 5.1.1 no such address", code="550"))
    await office.mail(FACT, sender="gone@elsewhere.example")
    assert not office.post.sent


async def test_a_colleague_of_the_same_partner_may_answer_with_own_rights(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    await office.mail(FACT, sender=LUKAS, to=notice)
    assert (await office.deal()).amount == Decimal(60000)
    assert office.last(LUKAS).to_address == LUKAS


async def test_a_token_in_references_serves_where_a_server_strips_the_address(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    inbound = await office.mail(FACT, headers=[("References", f"<{notice.message_id}>")])
    assert inbound.disposition is Disposition.APPLIED
    assert (await office.deal()).amount == Decimal(60000)


async def test_a_made_up_token_is_no_token(office: Desk):
    await office.moved(stage="Configure & Quote")
    inbound = await office.mail(FACT, sender="eve@evil.example", to="partners+" + "a" * 39 + "@meridian.example")
    assert (inbound.disposition, inbound.reason) == (Disposition.REFUSED, "unknown_sender")


async def test_an_automatic_reply_is_ignored_and_not_answered(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    told = len(office.post.sent)
    inbound = await office.mail(FACT, to=notice, headers=[("Auto-Submitted", "auto-replied (vacation)")])
    assert inbound.disposition is Disposition.IGNORED
    assert len(office.post.sent) == told
    assert (await office.deal()).amount == Decimal(40000)


async def test_another_partners_deal_is_unknown_not_forbidden(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    await office.mail("Redwood Dairy is now 90k.", to=notice)
    assert (await office.deal("D3")).amount == Decimal(40000)
    assert "Redwood Dairy (" not in office.last().text


async def test_a_partner_whose_programme_ended_is_refused(office: Desk):
    from dataclasses import replace

    notice = await office.moved(stage="Configure & Quote")
    partner = await office.crm.partner("P1")
    assert partner is not None
    office.crm.put_partner(replace(partner, active=False))
    inbound = await office.mail(FACT, to=notice)
    assert (inbound.disposition, inbound.reason) == (Disposition.REFUSED, "partner_ended")


async def test_a_mail_too_large_is_refused_and_answered_once(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    head = f"From: {JULIA}\r\nTo: {notice.reply_to}\r\nMessage-ID: <big@x.example>\r\n\r\n".encode()
    inbound = await office.raw(head, size_bytes=90_000_000)
    assert (inbound.disposition, inbound.reason) == (Disposition.REFUSED, "too_large")


async def test_an_empty_reply_is_explained(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    inbound = await office.mail("\n\n> There is news on Acme rollout\n", to=notice)
    assert inbound.disposition is Disposition.NOTED
    assert "no words of its own" in office.last().text


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


async def test_what_is_so_already_is_not_written_and_said_so(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    await office.mail("The amount is 40k.", to=notice)
    assert office.crm.writes == []
    assert "Already so" in office.last().text


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


@pytest.mark.parametrize("words", ["help", "Hilfe!", "?", " AIDE "])
async def test_a_call_for_help_is_answered_with_what_can_be_said(office: Desk, words):
    notice = await office.moved(stage="Configure & Quote")
    await office.mail(words, to=notice)
    assert "undo" in office.last().text
    assert office.crm.writes == []


async def test_two_machines_talking_stop_after_some_answers(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    told = len(office.post.sent)
    for n in range(30):
        await office.mail(f"Is this robot number {n}?", to=notice)
    assert (
        len([m for m in office.post.sent[told:] if m.to_address == JULIA]) <= office.services.programme.answers_per_hour
    )


async def test_refused_credentials_lose_nothing_and_tell_the_partner_nothing_of_our_troubles(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    office.crm.fail_next("write", SetupError("hubspot: the access token is refused"))
    raw = office.raw_mail(FACT, to=notice)
    await office.put(raw)
    async with asyncio.timeout(10):
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
    async with asyncio.timeout(30):
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
