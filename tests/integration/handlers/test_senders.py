"""Who is heard and who is not: tokens, verdicts, colleagues, strangers and machines."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot.domain.partners import Contact
from bot.ports import Disposition, RecipientError
from tests.integration.handlers.desk import JULIA, LUKAS, TOM, Desk, desk

FACT = "The amount is 60k."


@pytest.fixture
async def office(tmp_path):
    async with desk(tmp_path) as one:
        yield one


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


async def test_two_machines_talking_stop_after_some_answers(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    told = len(office.post.sent)
    for n in range(30):
        await office.mail(f"Is this robot number {n}?", to=notice)
    assert (
        len([m for m in office.post.sent[told:] if m.to_address == JULIA]) <= office.services.programme.answers_per_hour
    )


async def test_an_address_of_two_partners_people_is_not_guessed_at(office: Desk):
    for contact, partner in (("C8", "P1"), ("C9", "P2")):
        office.crm.put_contact(Contact(id=contact, partner_id=partner, name="Team", email="team@both.example"))
    notice = await office.moved(stage="Configure & Quote")
    inbound = await office.mail("Acme rollout: the amount is 60k.", sender="team@both.example")
    assert (inbound.disposition, inbound.reason) == (Disposition.REFUSED, "ambiguous_sender")
    assert (await office.deal()).amount == Decimal(40000)
    inbound = await office.mail("The amount is 60k.", sender="team@both.example", to=notice)
    assert inbound.disposition is Disposition.APPLIED
    assert (await office.deal()).amount == Decimal(60000)
