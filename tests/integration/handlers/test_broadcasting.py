"""An announcement reaches each reader once, whatever fails meanwhile, and its author hears how it stands."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.announcements import Announcement, RecipientState, State, Text
from bot.domain.partners import Channel, Contact, Partner
from bot.domain.preferences import Cadence, Preferences, Topic
from bot.domain.routing import Why
from bot.errors import PermanentError, TransientError, UnknownOutcomeError
from bot.ports import RecipientError
from handlers import announcing
from handlers.audience import preview
from handlers.broadcast import on_broadcast
from handlers.broadcast_batch import on_broadcast_batch
from tests.databases import POSTGRES, fresh
from tests.integration.handlers.desk import JULIA, LUKAS, PRIYA, TOM, Desk, desk

NEWS = Announcement(
    id=0,
    slug="q1",
    topic=Topic.INCENTIVE,
    texts={"en": Text(subject="Q1", body="Hello {name}, **5 %** more")},
    segment="everyone",
    author=PRIYA,
    created_at=datetime(2026, 11, 24, tzinfo=UTC),
)


@pytest.fixture(params=["sqlite", POSTGRES])
async def at_desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path, url=fresh(request.param, tmp_path)) as running:
        yield running


async def stands(running: Desk, slug: str = "q1") -> announcing.Report:
    async with running.store.unit() as unit:
        return await announcing.report(unit, slug)


def crowd(running: Desk, count: int) -> None:
    for n in range(count):
        contact = Contact(id=f"X{n:03}", partner_id="P2", name=f"Reader {n}", email=f"reader{n}@ashby.example")
        running.crm.put_contact(contact)


async def test_each_reader_gets_it_once_in_the_bulk_and_its_author_is_told(at_desk: Desk):
    crowd(at_desk, 7)
    await announcing.announce(at_desk.services, NEWS)
    await at_desk.settle()
    assert sorted(at_desk.bulk.to()) == sorted([JULIA, LUKAS, TOM, *(f"reader{n}@ashby.example" for n in range(7))])
    assert len({letter.message_id for letter in at_desk.bulk.letters}) == 10
    report = await stands(at_desk)
    assert (report.announcement.state, report.counts[RecipientState.SENT]) == (State.SENT, 10)
    assert "q1 has been sent" in at_desk.last(PRIYA).subject
    assert await at_desk.failures() == []


async def test_a_mail_holds_its_readers_name_and_a_way_out(at_desk: Desk):
    await announcing.announce(at_desk.services, replace(NEWS, segment="partner:P1"))
    await at_desk.settle()
    letter = next(one for one in at_desk.bulk.letters if one.to_address == JULIA)
    assert (letter.to_name, letter.circular.subject) == ("Julia Brandt", "Q1")
    assert letter.unsubscribe == (f"mailto:{letter.reply_to}?subject=stop&body=stop",)
    assert letter.circular.headers["List-Id"] == "<incentive.announcements.offportal.invalid>"
    assert "<strong>5 %</strong>" in letter.circular.html


async def test_an_answer_to_it_finds_its_announcement(at_desk: Desk):
    await announcing.announce(at_desk.services, NEWS)
    await at_desk.settle()
    letter = next(one for one in at_desk.bulk.letters if one.to_address == JULIA)
    inbound = await at_desk.mail("thank you", to=letter.reply_to)
    assert inbound.conversation_id is not None
    async with at_desk.store.unit() as unit:
        conversation = await unit.conversation(inbound.conversation_id)
        assert conversation is not None
        assert (conversation.contact_id, conversation.about["kind"]) == ("C1", "announcement")


async def test_who_answers_stop_is_left_out_of_the_next(at_desk: Desk):
    await announcing.announce(at_desk.services, NEWS)
    await at_desk.settle()
    letter = next(one for one in at_desk.bulk.letters if one.to_address == JULIA)
    await at_desk.mail("stop", to=letter.reply_to)
    await announcing.announce(at_desk.services, replace(NEWS, slug="q2"))
    await at_desk.settle()
    assert (await stands(at_desk, "q2")).reasons == {(RecipientState.SENT, ""): 2, (RecipientState.SKIPPED, "off"): 1}


async def test_who_wishes_otherwise_is_left_out_with_the_reason(at_desk: Desk):
    crm = at_desk.crm
    await crm.save_preferences("C2", Preferences(cadences={Topic.INCENTIVE: Cadence.OFF}))
    await crm.save_preferences("C3", Preferences(cadences={Topic.INCENTIVE: Cadence.DIGEST}))
    crm.put_contact(Contact(id="C9", partner_id="P1", name="Julia again", email=JULIA.upper()))
    async with at_desk.store.unit() as unit:
        await unit.suppress("gone@ashby.example", "bounce 5.1.1", now=at_desk.clock())
    crm.put_contact(Contact(id="C8", partner_id="P2", name="Gone", email="gone@ashby.example"))
    seen = await preview(at_desk.services, NEWS)
    assert seen.skipped == {Why.OFF: 1, Why.DUPLICATE: 1, Why.BOUNCED: 1}
    assert (seen.people, seen.digest, seen.to) == (2, 1, {(Channel.EMAIL, "en"): 2})
    await announcing.announce(at_desk.services, NEWS)
    await at_desk.settle()
    assert at_desk.bulk.to() == [JULIA]
    assert (await stands(at_desk)).reasons == {
        (RecipientState.SENT, ""): 1,
        (RecipientState.DIGEST, ""): 1,
        (RecipientState.SKIPPED, "off"): 1,
        (RecipientState.SKIPPED, "duplicate"): 1,
        (RecipientState.SKIPPED, "bounced"): 1,
    }


async def test_contacts_who_read_the_same_channel_share_one_post(at_desk: Desk):
    at_desk.crm.put_partner(
        Partner(id="P1", name="Brandt IT GmbH", language="en", manager_id="M1", slack_channel="C77")
    )
    for contact in ("C1", "C2"):
        await at_desk.crm.save_preferences(contact, Preferences(channel=Channel.SLACK))
    await announcing.announce(at_desk.services, replace(NEWS, segment="partner:P1"))
    await at_desk.settle()
    posts = [post for post, _ in at_desk.chat.posted if post.channel == "C77"]
    assert len(posts) == 1
    assert "Hello Brandt IT GmbH" in str(posts[0].blocks)
    assert (await stands(at_desk)).counts[RecipientState.SENT] == 2


@pytest.mark.parametrize("broken_at", [0, 1, 4, 9])
async def test_a_relay_that_falls_silent_repeats_only_the_mail_in_hand(at_desk: Desk, broken_at: int):
    crowd(at_desk, 7)
    at_desk.bulk.breaks[broken_at] = UnknownOutcomeError("silence", retry_after=timedelta(seconds=0))
    await announcing.announce(at_desk.services, NEWS)
    await at_desk.settle()
    assert len(at_desk.bulk.to()) == len(set(at_desk.bulk.to())) == 10
    assert (await stands(at_desk)).announcement.state is State.SENT


async def test_what_the_relay_took_before_a_worker_died_is_not_sent_again(at_desk: Desk):
    await at_desk.engine.stop()  # the jobs are done by hand
    stored = await announcing.announce(at_desk.services, NEWS)
    await on_broadcast(at_desk.services, f"{stored.id}:1")
    async with at_desk.store.unit() as unit:
        taken = await unit.take_recipients(stored.id, limit=3, now=at_desk.clock())
    ours = at_desk.services.announcing
    assert ours is not None
    await ours.acceptances.note(stored.id, taken[0].id, "n0.x@y", now=at_desk.clock())  # and here it died
    await on_broadcast_batch(at_desk.services, f"{stored.id}:2")
    assert at_desk.bulk.to() == [one.to for one in taken[1:]]
    assert (await stands(at_desk)).counts[RecipientState.SENT] == 3
    await on_broadcast_batch(at_desk.services, f"{stored.id}:2")
    await on_broadcast_batch(at_desk.services, f"{stored.id}:3")
    await on_broadcast_batch(at_desk.services, f"{stored.id}:3")
    await on_broadcast(at_desk.services, f"{stored.id}:1")
    assert len(at_desk.bulk.letters) == 2
    assert (await stands(at_desk)).announcement.state is State.SENT


async def test_an_address_that_is_refused_is_suppressed_and_the_others_get_it(at_desk: Desk):
    at_desk.bulk.refuses[1] = RecipientError("no such user", code="550 5.1.1")
    await announcing.announce(at_desk.services, NEWS)
    await at_desk.settle()
    report = await stands(at_desk)
    assert (report.announcement.state, len(at_desk.bulk.letters)) == (State.SENT, 2)
    assert report.reasons[RecipientState.BOUNCED, "550 5.1.1"] == 1
    async with at_desk.store.unit() as unit:
        assert [a for a in (JULIA, LUKAS, TOM) if await unit.suppressed(a)] == [LUKAS]


async def test_a_not_now_for_one_address_is_tried_again_later(at_desk: Desk):
    at_desk.bulk.refuses[0] = TransientError("greylisted")
    await announcing.announce(at_desk.services, NEWS)
    await at_desk.wait(seconds=1)
    assert (await stands(at_desk)).announcement.state is State.SENDING
    await at_desk.wait(minutes=31)
    report = await stands(at_desk)
    assert (report.announcement.state, report.counts[RecipientState.SENT]) == (State.SENT, 3)


async def test_too_many_refusals_pause_it_and_it_goes_on_when_its_author_says_so(at_desk: Desk):
    crowd(at_desk, 40)
    at_desk.bulk.refuses = {n: PermanentError("spam", code="554 5.7.1") for n in range(10, 35)}
    await announcing.announce(at_desk.services, NEWS)
    await at_desk.settle()
    report = await stands(at_desk)
    assert report.announcement.state is State.PAUSED
    assert report.announcement.reason == "20 of 30 were refused, the last with: spam"
    assert "q1 is paused" in at_desk.last(PRIYA).subject
    assert report.counts[RecipientState.QUEUED] == 13
    at_desk.bulk.refuses.clear()
    await announcing.resume(at_desk.services, "q1")
    await at_desk.settle()
    assert (await stands(at_desk)).announcement.state is State.SENT
    assert len(set(at_desk.bulk.to())) == len(at_desk.bulk.to()) == 43


async def test_nothing_is_sent_before_its_time_and_it_can_be_cancelled_until_then(at_desk: Desk):
    later = replace(NEWS, at=at_desk.clock() + timedelta(hours=2))
    await announcing.announce(at_desk.services, later)
    await at_desk.wait(hours=1)
    assert at_desk.bulk.letters == []
    await announcing.cancel(at_desk.services, "q1", "wrong")
    await at_desk.wait(hours=2)
    assert at_desk.bulk.letters == []
    with pytest.raises(PermanentError, match="it is cancelled and cannot be resumed"):
        await announcing.resume(at_desk.services, "q1")


async def test_a_paused_one_is_corrected_for_those_who_have_not_had_it(at_desk: Desk):
    crowd(at_desk, 40)
    at_desk.bulk.refuses = {n: PermanentError("spam", code="554 5.7.1") for n in range(3, 100)}
    await announcing.announce(at_desk.services, NEWS)
    await at_desk.settle()
    at_desk.bulk.refuses.clear()
    await announcing.correct(at_desk.services, "q1", {"en": Text(subject="Q1, rightly", body="6 %")})
    await announcing.resume(at_desk.services, "q1")
    await at_desk.settle()
    subjects = [letter.circular.subject for letter in at_desk.bulk.letters]
    assert subjects == ["Q1"] * 3 + ["Q1, rightly"] * 40


async def test_what_cannot_be_shown_is_sent_to_nobody(at_desk: Desk, monkeypatch: pytest.MonkeyPatch):
    def broken(*_args: object, **_more: object) -> None:
        raise RuntimeError("no such word")

    await at_desk.engine.stop()
    stored = await announcing.announce(at_desk.services, NEWS)
    monkeypatch.setattr(type(at_desk.services.renderer), "slack", broken)
    await on_broadcast(at_desk.services, f"{stored.id}:1")
    report = await stands(at_desk)
    assert report.announcement.state is State.PAUSED
    assert report.announcement.reason == "it cannot be shown: RuntimeError: no such word"
    assert report.reasons == {}
    monkeypatch.undo()
    await announcing.resume(at_desk.services, "q1")
    await on_broadcast(at_desk.services, f"{stored.id}:2")
    assert (await stands(at_desk)).counts[RecipientState.QUEUED] == 3


async def test_a_segment_of_nobody_ends_it_and_says_so(at_desk: Desk):
    await announcing.announce(at_desk.services, replace(NEWS, segment="tier:platinum"))
    await at_desk.settle()
    assert "nobody is in the segment" in at_desk.last(PRIYA).subject
    assert (await preview(at_desk.services, replace(NEWS, segment="tier:platinum"))).faults != ()


async def test_a_slug_names_one_announcement(at_desk: Desk):
    await announcing.announce(at_desk.services, NEWS)
    with pytest.raises(PermanentError, match="there is one of this name"):
        await announcing.announce(at_desk.services, NEWS)


async def test_who_says_stop_while_it_waits_is_left_out(at_desk: Desk):
    later = replace(NEWS, at=at_desk.clock() + timedelta(hours=2))
    await at_desk.engine.stop()
    stored = await announcing.announce(at_desk.services, later)
    await on_broadcast(at_desk.services, f"{stored.id}:1")
    async with at_desk.store.unit() as unit:
        await unit.keep_preferences("C1", Preferences(cadences={Topic.INCENTIVE: Cadence.OFF}), now=at_desk.clock())
    at_desk.clock.ahead += timedelta(hours=3)
    await on_broadcast_batch(at_desk.services, f"{stored.id}:2")
    assert JULIA not in at_desk.bulk.to()
    assert (await stands(at_desk)).reasons[RecipientState.SKIPPED, "off"] == 1


REPORT = (
    "From: MAILER-DAEMON@brandt-it.example\r\nTo: {to}\r\nMessage-ID: <{n}@mta.example>\r\nReturn-Path: <>\r\n"
    "Subject: Undelivered\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
    "--b\r\nContent-Type: text/plain\r\n\r\nno such user\r\n"
    "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mta\r\n\r\n"
    "Final-Recipient: rfc822; {who}\r\nAction: {action}\r\nStatus: {status}\r\n\r\n--b--\r\n"
)


@pytest.mark.parametrize(
    ("who", "action", "status", "bounced"),
    [(JULIA, "failed", "5.1.1", True), (JULIA, "delayed", "4.4.1", False), (TOM, "failed", "5.1.1", False)],
)
async def test_a_copy_that_comes_back_is_counted_and_its_address_written_to_no_more(
    at_desk: Desk,
    who: str,
    action: str,
    status: str,
    bounced: bool,  # noqa: FBT001 - a column
):
    await announcing.announce(at_desk.services, NEWS)
    await at_desk.settle()
    letter = next(one for one in at_desk.bulk.letters if one.to_address == JULIA)
    await at_desk.raw(REPORT.format(to=letter.envelope_from, n=1, who=who, action=action, status=status).encode())
    assert (await stands(at_desk)).counts[RecipientState.BOUNCED] == bounced
    async with at_desk.store.unit() as unit:
        assert (await unit.suppressed(JULIA) is not None) == bounced


async def test_a_forged_report_does_nothing(at_desk: Desk):
    await announcing.announce(at_desk.services, NEWS)
    await at_desk.settle()
    local, domain = at_desk.bulk.letters[0].envelope_from.split("@")
    forged = f"{local[:-10]}{local[-1] * 2}{local[-8:]}@{domain}"  # another signature of the same conversation
    assert forged != at_desk.bulk.letters[0].envelope_from
    await at_desk.raw(REPORT.format(to=forged, n=1, who=JULIA, action="failed", status="5.1.1").encode())
    assert (await stands(at_desk)).counts[RecipientState.BOUNCED] == 0
