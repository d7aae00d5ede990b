"""What our own store knows of many readers at once, and what a relay has taken, on both databases."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.announcements import RecipientState
from bot.domain.partners import Contact
from bot.domain.preferences import Cadence, Preferences, Topic
from bot.domain.routing import Standing
from bot.ports import Conversation
from bot.store import Database, SqlStore, acceptances
from tests.contracts.store.test_announcements import added, to
from tests.databases import NOW

STOPPED = Preferences(cadences={Topic.PRODUCT: Cadence.OFF})


def person(one_id: str, email: str = "") -> Contact:
    return Contact(id=one_id, partner_id="7001", name="x", email=email)


async def test_each_readers_standing_is_found(store: SqlStore):
    async with store.unit() as unit:
        await unit.keep_preferences("a", STOPPED, now=NOW)
        await unit.link("T1", "U1", "a", now=NOW)
        await unit.link("T1", "U2", "a", now=NOW.replace(hour=10))
        await unit.suppress("B@x.example", "bounce 5.1.1", now=NOW)
        assert await unit.standings([person("a"), person("b", "b@X.example"), person("c", "c@x.example")]) == {
            "a": Standing(wishes=STOPPED, slack_user="U2"),
            "b": Standing(suppressed="bounce 5.1.1"),
            "c": Standing(),
        }
        assert await unit.standings([]) == {}


async def test_an_address_is_reached_by_the_first_who_is_not_skipped(store: SqlStore):
    one = await added(store)
    shared = "office@brandt-it.example"
    async with store.unit() as unit:
        await unit.add_recipients([
            to(one, "out", to=shared, state=RecipientState.SKIPPED),
            to(one, "a", to=shared),
            to(one, "b", to=shared),
            to(one, "c"),
        ])  # fmt: skip
        assert await unit.reached(one.id, [shared, "nobody@x.example"]) == {shared: "a"}
        assert await unit.reached(one.id + 1, [shared]) == {}


async def test_conversations_that_stand_stay_as_they_are(store: SqlStore):
    one = Conversation(id=7, role="partner", partner_id="7001", contact_id="a", deal_id=None, subject="Q1")
    async with store.unit() as unit:
        await unit.add_conversations([])
        await unit.add_conversations([one, replace(one, id=8)])
        await unit.add_conversations([replace(one, subject="Q2"), replace(one, id=9)])
        assert [c and c.subject for c in [await unit.conversation(n) for n in (7, 8, 9)]] == ["Q1"] * 3


async def test_what_was_taken_is_known_until_it_is_saved(store: SqlStore, db: Database):
    one = await added(store)
    async with store.unit() as unit:
        await unit.add_recipients([to(one, "a"), to(one, "b")])
        a, b = await unit.take_recipients(one.id, limit=2, now=NOW)
    taken = acceptances(db)
    assert await taken.noted(one.id) == frozenset()
    await taken.note(one.id, b.id, "n0.x@y", now=NOW)
    known = await acceptances(db).noted(one.id)
    async with store.unit() as unit:
        rows = await unit.recipients_in(one.id, [RecipientState.SENT])
        assert known | {row.id for row in rows} == {b.id}
        assert not known & {a.id}
    await taken.forget(one.id)
    await taken.forget(one.id)
    assert await taken.noted(one.id) == frozenset()
