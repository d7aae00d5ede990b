"""Announcements, their recipients, what came of them and people's wishes are kept, on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from bot.domain.announcements import (
    Announcement,
    Engaged,
    Engagement,
    Recipient,
    RecipientState,
    State,
    Text,
)
from bot.domain.partners import Channel
from bot.domain.preferences import Cadence, Preferences, QuietHours, Topic
from bot.errors import PermanentError
from bot.store import SqlStore
from tests.databases import NOW

INCENTIVE = Announcement(
    id=0,
    slug="q1-incentives",
    topic=Topic.INCENTIVE,
    texts={"en": Text(subject="Q1", body="5 % more"), "de": Text(subject="Q1", body="5 % mehr · ☀")},
    segment="tier:gold",
    channels=(Channel.EMAIL,),
    at=NOW + timedelta(days=1),
    their_time=True,
    author="priya@meridian.example",
    created_at=NOW,
)


async def added(store: SqlStore, one: Announcement = INCENTIVE) -> Announcement:
    async with store.unit() as unit:
        stored = await unit.add_announcement(one)
    assert stored is not None
    return stored


def to(announcement: Announcement, contact: str, **values: object) -> Recipient:
    return replace(
        Recipient(
            announcement_id=announcement.id,
            contact_id=contact,
            partner_id="7001",
            name="Julia",
            channel=Channel.EMAIL,
            to=f"{contact}@brandt-it.example",
            language="de",
        ),
        **values,  # type: ignore[arg-type]
    )


async def test_an_announcement_comes_back_as_it_was_and_its_slug_is_taken(store: SqlStore):
    stored = await added(store)
    async with store.unit() as unit:
        assert await unit.announcement(stored.id) == stored == await unit.announcement_by_slug("q1-incentives")
        assert await unit.add_announcement(INCENTIVE) is None
        await unit.save_announcement(replace(stored, state=State.PAUSED, reason="refusals", slack="C1:1.0", version=2))
    async with store.unit() as unit:
        (one,) = await unit.announcements()
        assert (one.state, one.reason, one.slack, one.version) == (State.PAUSED, "refusals", "C1:1.0", 2)
        with pytest.raises(PermanentError, match="no announcement 99"):
            await unit.save_announcement(replace(stored, id=99))


async def test_each_contact_is_a_recipient_once_and_stays_as_it_was(store: SqlStore):
    one = await added(store)
    async with store.unit() as unit:
        assert await unit.add_recipients([]) == 0
        assert await unit.add_recipients([to(one, "a"), to(one, "b")]) == 2
        assert await unit.add_recipients([to(one, "b", language="fr"), to(one, "c")]) == 1
        b = await unit.recipient(one.id, "b")
        assert b is not None
        assert b.language == "de"
        assert [r.contact_id for r in await unit.recipients_in(one.id, after=b.id)] == ["c"]


async def test_those_who_are_due_are_taken_once_in_their_order(store: SqlStore):
    one = await added(store)
    later = NOW + timedelta(hours=1)
    async with store.unit() as unit:
        assert await unit.next_due(one.id) is None
        await unit.add_recipients([to(one, "a"), to(one, "late", not_before=later), to(one, "b")])
        await unit.add_recipients([to(one, "never", state=RecipientState.SKIPPED, reason="bounced")])
        assert await unit.next_due(one.id) == datetime.min.replace(tzinfo=UTC)
        first = await unit.take_recipients(one.id, limit=1, now=NOW)
        rest = await unit.take_recipients(one.id, limit=9, now=NOW)
        assert [r.contact_id for r in (*first, *rest)] == ["a", "b"]
        assert {r.state for r in (*first, *rest)} == {RecipientState.SENDING}
        assert await unit.next_due(one.id) == later
        await unit.save_recipients([replace(first[0], state=RecipientState.SENT, message_id="x@y", sent_at=NOW)])
        assert [r.contact_id for r in await unit.take_recipients(one.id, limit=9, now=later)] == ["late"]
        assert await unit.count_recipients(one.id) == {
            (RecipientState.SENT, ""): 1,
            (RecipientState.SENDING, ""): 2,
            (RecipientState.SKIPPED, "bounced"): 1,
        }
        (sent,) = await unit.recipients_in(one.id, [RecipientState.SENT])
        assert (sent.message_id, sent.sent_at) == ("x@y", NOW)


async def test_two_units_at_once_never_take_the_same_recipient(store: SqlStore):
    one = await added(store)
    async with store.unit() as unit:
        await unit.add_recipients([to(one, str(n)) for n in range(50)])

    async def take() -> list[str]:
        async with store.unit() as unit:
            taken = [r.contact_id for r in await unit.take_recipients(one.id, limit=10, now=NOW)]
            await asyncio.sleep(0)
            return taken

    taken = [contact for some in await asyncio.gather(*(take() for _ in range(5))) for contact in some]
    assert len(taken) == len(set(taken)) == 50


async def test_what_somebody_did_is_noted_once(store: SqlStore):
    one = await added(store)
    click = Engagement(announcement_id=one.id, contact_id="a", what=Engaged.CLICKED, key="1", at=NOW, detail="deck")
    async with store.unit() as unit:
        assert await unit.engage(click)
        assert not await unit.engage(click)
        assert await unit.engage(replace(click, key="2", at=NOW - timedelta(hours=1)))
        assert [e.key for e in await unit.engagements(one.id)] == ["2", "1"]


async def test_wishes_come_back_as_they_were(store: SqlStore):
    wishes = Preferences(
        cadences={Topic.PRODUCT: Cadence.OFF, Topic.DEALS: Cadence.DIGEST},
        channel=Channel.SLACK,
        language="pt",
        quiet=QuietHours(starts=time(20), ends=time(8), weekends=False),
        timezone="America/Sao_Paulo",
        paused_until=date(2027, 1, 1),
    )
    async with store.unit() as unit:
        assert await unit.preferences("8001") is None
        await unit.keep_preferences("8001", wishes, now=NOW)
        await unit.keep_preferences("8002", Preferences(), now=NOW)
        assert await unit.preferences("8001") == wishes
        assert await unit.preferences("8002") == Preferences()
