"""Conversations, changes and messages come back as they went, each under its key once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy.exc
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.deals import DealField, FieldChange
from bot.domain.partners import Channel
from bot.ports import Change, ChangeState, Conversation, Message, MessageState, Received
from bot.store import SqlStore
from tests.databases import NOW

AMOUNT = FieldChange(field=DealField.AMOUNT, old=Decimal(50), new=Decimal("60.00"))
CLOSE = FieldChange(field=DealField.CLOSE_DATE, old=None, new=date(2027, 1, 31))
CHANGE = Change(
    id=0,
    key="in:1/deal-1",
    inbound_id=1,
    conversation_id=1,
    deal_id="deal-1",
    author_id="contact-1",
    changes=(AMOUNT, CLOSE),
    state=ChangeState.PENDING,
)
MESSAGE = Message(
    id=0,
    key="answer:1",
    channel=Channel.EMAIL,
    conversation_id=1,
    to="anna@partner.example",
    to_name="Anna",
    person_id="contact-1",
    partner_id="partner-1",
    language="de",
    event="answer",
    notice={"text": "lone \udc80 and nul \0", "many": [1, None, {"a": "ü"}]},
    state=MessageState.WAITING,
    inbound_id=1,
)


async def receive(store: SqlStore) -> None:
    async with store.unit() as unit:
        await unit.receive(Received(channel=Channel.EMAIL, key="k", raw=b"", size_bytes=0, received_at=NOW))


async def test_a_conversation_is_replaced_by_its_later_self(store: SqlStore):
    first = Conversation(
        id=2**63 - 1, role="partner", partner_id="p", contact_id="c", deal_id="d", subject="Acme",
        about={"kind": "receipt", "pending": [{"z": 1, "a": 2}]}, mail_ids=("a@x.example", "b@x.example"),
    )  # fmt: skip
    later = replace(first, subject="Acme 2", slack_channel="C1", slack_ts="17.5", about={})
    async with store.unit() as unit:
        assert await unit.conversation(first.id) is None
        await unit.save_conversation(first)
        assert await unit.conversation(first.id) == first
        await unit.save_conversation(later)
        assert await unit.conversation(first.id) == later
        assert await unit.conversation_in_slack("C1", "17.5") == later
        assert await unit.conversation_in_slack("C1", "17.6") is None


async def test_a_change_is_added_once(store: SqlStore):
    await receive(store)
    async with store.unit() as unit:
        number = await unit.add_change(CHANGE)
        assert await unit.add_change(replace(CHANGE, deal_id="other")) == number
        assert await unit.change(number) == replace(CHANGE, id=number)
        assert await unit.change(number + 1) is None


async def test_changes_under_way_are_those_to_be_written_and_those_just_done(store: SqlStore):
    await receive(store)
    async with store.unit() as unit:
        ids = [await unit.add_change(replace(CHANGE, key=str(n))) for n in range(4)]
        await unit.add_change(replace(CHANGE, key="other", deal_id="deal-2"))
        await unit.add_change(replace(CHANGE, key="waits", state=ChangeState.PROPOSED))
        for n, at in ((1, NOW - timedelta(seconds=1)), (2, NOW)):
            await unit.save_change(replace(CHANGE, id=ids[n], key=str(n), state=ChangeState.DONE), now=at)
        await unit.save_change(replace(CHANGE, id=ids[3], key="3", state=ChangeState.WRITING), now=NOW)
        found = await unit.changes_under_way(["deal-1"], since=NOW)
        assert [c.id for c in found] == [ids[0], ids[2], ids[3]]
        assert await unit.changes_under_way([], since=NOW) == []


async def test_a_change_knows_its_message_and_its_undo(store: SqlStore):
    await receive(store)
    async with store.unit() as unit:
        number = await unit.add_change(CHANGE)
        assert await unit.undone_by(number) is None
        undo = replace(CHANGE, key="undo", undo_of=number)
        undo_number = await unit.add_change(undo)
        assert await unit.undone_by(number) == replace(undo, id=undo_number)
        assert [change.id for change in await unit.changes_of(1)] == [number, undo_number]
        done = replace(CHANGE, id=number, state=ChangeState.DONE, results={"amount": "applied"})
        await unit.save_change(done, now=NOW)
        assert await unit.change(number) == done


async def test_a_change_of_no_message_is_refused(store: SqlStore):
    with pytest.raises(sqlalchemy.exc.IntegrityError):
        async with store.unit() as unit:
            await unit.add_change(CHANGE)


MINUTE = timedelta(minutes=1)
SAME = replace(AMOUNT, old=None, new=Decimal(60))


@pytest.mark.parametrize(
    ("saved", "observed", "at", "ours"),
    [
        pytest.param([("pending", 0)], SAME, 0, False, id="not yet written"),
        pytest.param([("writing", 0)], SAME, 1, True, id="being written"),
        pytest.param([("writing", 0)], SAME, 6, False, id="long after it was being written"),
        pytest.param([("writing", 0), ("done", 20)], SAME, 0, True, id="the CRM had it at the first try"),
        pytest.param([("writing", 0), ("done", 20)], SAME, 24, True, id="just after"),
        pytest.param([("writing", 0), ("done", 20)], SAME, 26, False, id="too long after"),
        pytest.param([("writing", 0), ("done", 20)], SAME, -6, False, id="before we wrote"),
        pytest.param([("writing", 0), ("done", 1)], CLOSE, 1, False, id="a field that the CRM refused"),
        pytest.param([("writing", 0)], replace(SAME, new=Decimal(61)), 0, False, id="another value"),
    ],
)
async def test_our_own_writes_are_recognised(
    store: SqlStore, saved: list[tuple[str, int]], observed: FieldChange, at: int, *, ours: bool
):
    await receive(store)
    results = {"amount": "applied", "close_date": "crm_refused"}
    async with store.unit() as unit:
        number = await unit.add_change(CHANGE)
        for state, minute in saved:
            change = replace(CHANGE, id=number, state=ChangeState(state))
            if state == "done":
                change = replace(change, results=results)
            await unit.save_change(change, now=NOW + minute * MINUTE)
        assert await unit.is_ours("deal-1", observed, NOW + at * MINUTE) is ours
        assert not await unit.is_ours("deal-2", observed, NOW + at * MINUTE)


texts = st.text(alphabet=st.characters(exclude_categories=()), max_size=20)
values = st.none() | texts | st.decimals(allow_nan=False, allow_infinity=False) | st.dates()
field_changes = st.builds(FieldChange, field=st.sampled_from(DealField), old=values, new=values)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(changes=st.lists(field_changes, max_size=4).map(tuple))
async def test_values_come_back_exactly(store: SqlStore, changes: tuple[FieldChange, ...]):
    async with store.unit() as unit:
        await unit.receive(Received(channel=Channel.EMAIL, key="k", raw=b"", size_bytes=0, received_at=NOW))
        number = await unit.add_change(CHANGE)
        await unit.save_change(replace(CHANGE, id=number, changes=changes), now=NOW)
        back = await unit.change(number)
    assert back is not None
    assert repr(back.changes) == repr(changes)  # 60 and 60.00 are equal, but not the same


async def test_a_message_is_added_once(store: SqlStore):
    await receive(store)
    async with store.unit() as unit:
        number = await unit.add_message(MESSAGE, now=NOW)
        assert number is not None
        assert await unit.add_message(replace(MESSAGE, to="other@partner.example"), now=NOW) is None
        assert await unit.message(number) == replace(MESSAGE, id=number, created_at=NOW)
        assert await unit.message(number + 1) is None


async def test_a_message_is_found_by_what_became_of_it(store: SqlStore):
    await receive(store)
    sent_at = datetime.fromisoformat("2026-11-24T09:31:00.5+00:00")
    async with store.unit() as unit:
        first = await unit.add_message(MESSAGE, now=NOW)
        second = await unit.add_message(replace(MESSAGE, key="other", inbound_id=None), now=NOW)
        assert first is not None
        assert second is not None
        assert [message.id for message in await unit.waiting_messages(1)] == [first]
        sent = replace(
            MESSAGE, id=first, state=MessageState.SENT, message_id="n1@vendor.example", sent_at=sent_at,
            attempts=2, error="slow", created_at=NOW,
        )  # fmt: skip
        await unit.save_message(sent)
        assert await unit.message_by_mail_id("n1@vendor.example") == sent
        assert await unit.message_by_mail_id("n2@vendor.example") is None
        assert await unit.waiting_messages(1) == []
        assert [message.id for message in await unit.list_messages()] == [second, first]
        assert [message.id for message in await unit.list_messages(state=MessageState.SENT)] == [first]
        last = await unit.last_message_of(1)
        assert last is not None
        assert last.id == second
        assert await unit.last_message_of(2) is None
