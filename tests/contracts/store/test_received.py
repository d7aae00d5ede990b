"""What was received is kept raw, once, and ends once."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone

import pytest
import sqlalchemy.exc

from bot.domain.partners import Channel
from bot.errors import PermanentError
from bot.ports import Disposition, Received
from bot.store import SqlStore
from tests.databases import NOW


def received(key: str = "imap:INBOX:7:1", raw: bytes = b"hello", at: datetime = NOW) -> Received:
    return Received(channel=Channel.EMAIL, key=key, raw=raw, size_bytes=len(raw), received_at=at)


async def test_a_key_is_stored_once(store: SqlStore):
    async with store.unit() as unit:
        first = await unit.receive(received())
        assert await unit.receive(received(raw=b"again")) is None
    async with store.unit() as unit:
        assert await unit.receive(received(raw=b"later")) is None
        assert first is not None
        assert (await unit.inbound(first)).raw == b"hello"


async def test_a_mail_of_25_megabytes_comes_back_byte_for_byte(store: SqlStore):
    raw = bytes(range(256)) * (25 * 4096)
    async with store.unit() as unit:
        number = await unit.receive(received(raw=raw))
    async with store.unit() as unit:
        assert number is not None
        assert (await unit.inbound(number)).raw == raw


async def test_a_time_comes_back_as_the_same_moment_in_utc(store: SqlStore):
    at = datetime(2026, 11, 24, 10, 30, 0, 123456, tzinfo=timezone(timedelta(hours=1)))
    async with store.unit() as unit:
        number = await unit.receive(received(at=at))
        assert number is not None
        back = (await unit.inbound(number)).received_at
    assert back == at
    assert back.utcoffset() == timedelta()


async def test_a_time_without_a_zone_is_refused(store: SqlStore):
    with pytest.raises(sqlalchemy.exc.StatementError, match="no time zone"):
        async with store.unit() as unit:
            await unit.receive(received(at=datetime(2026, 11, 24)))  # noqa: DTZ001


async def test_it_ends_once(store: SqlStore):
    async with store.unit() as unit:
        number = await unit.receive(received())
        assert number is not None
        assert await unit.dispose(
            number, Disposition.APPLIED, "stage", sender="anna@partner.example", conversation_id=7, now=NOW
        )
        assert not await unit.dispose(number, Disposition.REFUSED, "late", now=NOW)
        ended = await unit.inbound(number)
    assert (ended.disposition, ended.reason) == (Disposition.APPLIED, "stage")
    assert (ended.sender, ended.conversation_id) == ("anna@partner.example", 7)


async def test_reopened_it_may_end_again(store: SqlStore):
    async with store.unit() as unit:
        number = await unit.receive(received())
        assert number is not None
        assert await unit.failed_attempt(number) == 1
        assert await unit.failed_attempt(number) == 2
        await unit.dispose(number, Disposition.QUARANTINED, "three times", now=NOW)
        await unit.reopen(number)
        assert (await unit.inbound(number)).attempts == 0
        assert await unit.dispose(number, Disposition.APPLIED, "second reading", now=NOW)


async def test_only_what_has_not_ended_is_listed_when_asked(store: SqlStore):
    async with store.unit() as unit:
        for key in ("a", "b", "c"):
            await unit.receive(received(key))
        await unit.dispose(2, Disposition.IGNORED, "automatic", now=NOW)
        assert [one.key for one in await unit.list_inbound(undisposed=True)] == ["c", "a"]
        assert [one.key for one in await unit.list_inbound(limit=2)] == ["c", "b"]


async def test_the_first_copy_of_a_mail_owns_its_fingerprint(store: SqlStore):
    async with store.unit() as unit:
        await unit.receive(received("a"))
        await unit.receive(received("b"))
        assert await unit.claim(1, "same mail") == 1
    async with store.unit() as unit:
        assert await unit.claim(2, "same mail") == 1
        assert await unit.claim(2, "another") == 2
        assert await unit.claim(1, "same mail") == 1


async def test_two_copies_at_the_same_time_agree_on_the_owner(store: SqlStore):
    async with store.unit() as unit:
        for key in ("a", "b"):
            await unit.receive(received(key))

    async def claim(number: int) -> int:
        async with store.unit() as unit:
            owner = await unit.claim(number, "same mail")
            await asyncio.sleep(0.01)
            return owner

    owners = await asyncio.gather(claim(1), claim(2))
    assert len(set(owners)) == 1


async def test_what_no_text_column_can_hold_is_replaced_not_lost(store: SqlStore):
    async with store.unit() as unit:
        number = await unit.receive(received("nul\0 and \udc80 and ü"))
        assert number is not None
        assert (await unit.inbound(number)).key == "nul\ufffd and \ufffd and ü"


async def test_an_unknown_number_is_for_a_person(store: SqlStore):
    with pytest.raises(PermanentError, match="no inbound 99"):
        async with store.unit() as unit:
            await unit.inbound(99)
