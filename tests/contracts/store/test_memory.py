"""People in Slack, addresses that failed, and small memories."""

from __future__ import annotations

from datetime import timedelta

from bot.store import SqlStore
from tests.databases import NOW


async def test_a_slack_user_is_linked_to_one_contact_and_may_be_linked_anew(store: SqlStore):
    async with store.unit() as unit:
        assert await unit.linked("T1", "U1") is None
        await unit.link("T1", "U1", "contact-1", now=NOW)
        await unit.link("T1", "U1", "contact-2", now=NOW)
        assert await unit.linked("T1", "U1") == "contact-2"
        assert await unit.linked("T2", "U1") is None
        assert await unit.slack_user_of("contact-1") is None


async def test_the_latest_link_of_a_contact_counts(store: SqlStore):
    async with store.unit() as unit:
        await unit.link("T1", "U1", "contact-1", now=NOW)
        await unit.link("T2", "U9", "contact-1", now=NOW - timedelta(days=1))
        assert await unit.slack_user_of("contact-1") == ("T1", "U1")


async def test_an_address_is_suppressed_however_it_is_written(store: SqlStore):
    async with store.unit() as unit:
        assert await unit.suppressed("anna@partner.example") is None
        await unit.suppress("Anna@Partner.example", "5.1.1", now=NOW)
        assert await unit.suppressed("anna@partner.EXAMPLE") == "5.1.1"
        await unit.lift_suppression("ANNA@partner.example")
        assert await unit.suppressed("anna@partner.example") is None


async def test_once_is_true_once(store: SqlStore):
    async with store.unit() as unit:
        assert await unit.once("told:anna:2026-11-24", now=NOW)
        assert not await unit.once("told:anna:2026-11-24", now=NOW)
    async with store.unit() as unit:
        assert not await unit.once("told:anna:2026-11-24", now=NOW + timedelta(days=400))
        assert await unit.once("told:anna:2026-11-25", now=NOW)


async def test_a_memory_is_replaced(store: SqlStore):
    async with store.unit() as unit:
        assert await unit.recall("mailbox:INBOX") is None
        await unit.remember("mailbox:INBOX", {"uidvalidity": 7, "uid": 12}, now=NOW)
        await unit.remember("mailbox:INBOX", {"uidvalidity": 7, "uid": 13}, now=NOW)
        assert await unit.recall("mailbox:INBOX") == {"uidvalidity": 7, "uid": 13}
