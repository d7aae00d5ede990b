"""Registrations in flight: each cause has one, each one its number, and whoever claims a company sees the others."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy.exc
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.actions import Draft
from bot.domain.partners import Channel
from bot.domain.registrations import LIVE, Finding, HistoryEntry, Registration, State
from bot.errors import PermanentError
from bot.ports import Received
from bot.store import Database, SqlStore
from tests.databases import NOW

FORMAT = "REG-{n}"
CLAIM = Registration(
    id=0,
    key="in:1/acme",
    number="",
    state=State.SUBMITTED,
    partner_id="partner-1",
    contact_id="contact-1",
    conversation_id=1,
    inbound_id=1,
    claimed_at=NOW,
    draft=Draft(company="Acme GmbH", amount=Decimal("60.00"), close_date=date(2027, 3, 31)),
    company_key="acme",
    domain="acme.example",
)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
async def _received(store: SqlStore):
    async with store.unit() as unit:
        await unit.receive(Received(channel=Channel.EMAIL, key="k", raw=b"", size_bytes=0, received_at=NOW))


async def add(store: SqlStore, *claims: Registration) -> list[Registration]:
    async with store.unit() as unit:
        return [await unit.add_registration(claim, number_format=FORMAT) for claim in claims]


async def test_each_cause_has_one_registration_and_one_number(store: SqlStore):
    [first] = await add(store, CLAIM)
    again, other = await add(store, replace(CLAIM, company_key="changed"), replace(CLAIM, key="in:2/acme"))
    assert (first.number, other.number) == ("REG-1001", "REG-1002")
    assert again == first == replace(CLAIM, id=first.id, number="REG-1001")
    async with store.unit() as unit:
        assert await unit.registration(first.id) == first
        assert await unit.registration(other.id + 1) is None


async def test_many_at_once_get_numbers_of_their_own_and_causes_stay_one(store: SqlStore, url: str):
    second = Database(url)  # as another worker has it

    async def one(where: SqlStore, key: str) -> tuple[str, str]:
        async with where.unit() as unit:
            added = await unit.add_registration(replace(CLAIM, key=key), number_format=FORMAT)
            await asyncio.sleep(0.01)
            return key, added.number

    stores = (store, SqlStore(second, clock=lambda: NOW))
    numbers = await asyncio.gather(*(one(where, f"in:{n}") for n in range(6) for where in stores))
    await second.close()
    assert len(set(numbers)) == 6
    assert len({number for _, number in numbers}) == 6


@pytest.mark.parametrize("said", ["REG-1001", "reg-1001", " Reg-1001\n"])
async def test_it_is_found_by_its_number_however_it_is_written(store: SqlStore, said: str):
    [claim] = await add(store, CLAIM)
    async with store.unit() as unit:
        assert await unit.registration_by_number(said) == claim
        assert await unit.registration_by_number("REG-100") is None


async def test_a_new_format_leaves_old_numbers_alone(store: SqlStore):
    [claim] = await add(store, CLAIM)
    async with store.unit() as unit:
        new = await unit.add_registration(replace(CLAIM, key="in:2"), number_format="DR{n:06}/27")
        assert new.number == "DR001002/27"
        assert await unit.registration_by_number("REG-1001") == claim


texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)  # as both back ends hold them
moments = st.datetimes(timezones=st.just(UTC))
saved = st.builds(
    replace,
    st.just(CLAIM),
    state=st.sampled_from(State),
    draft=st.builds(Draft),
    motion=st.from_type(type(CLAIM.motion)),
    findings=st.lists(st.builds(Finding, shown=texts, internal=texts), max_size=3).map(tuple),
    step=st.integers(0, 9),
    due_at=st.none() | moments,
    decided_at=st.none() | moments,
    decided_by=st.none() | texts,
    reason=st.none() | texts,
    protected_until=st.none() | st.dates(),
    deal_id=st.none() | texts,
    company_key=texts,
    domain=st.none() | texts,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(claim=saved)
async def test_whatever_became_of_it_comes_back(store: SqlStore, claim: Registration):
    [added] = await add(store, CLAIM)
    async with store.unit() as unit:
        later = replace(claim, id=added.id, number=added.number)
        await unit.save_registration(later)
        assert await unit.registration(added.id) == later


async def test_its_number_and_cause_stay_whatever_is_saved(store: SqlStore):
    [claim] = await add(store, CLAIM)
    async with store.unit() as unit:
        await unit.save_registration(replace(claim, key="other", number="REG-1", reason="why"))
        assert await unit.registration(claim.id) == replace(claim, reason="why")
        with pytest.raises(PermanentError, match="no registration 99"):
            await unit.save_registration(replace(claim, id=99))


async def test_claims_meet_by_company_or_domain_while_they_live_the_earliest_first(store: SqlStore):
    same_key = replace(CLAIM, key="2", domain=None, claimed_at=NOW - DAY)
    same_domain = replace(CLAIM, key="3", company_key="acme deutschland")
    nobody = replace(CLAIM, key="4", company_key="", domain=None)
    first, second, third, _ = await add(store, CLAIM, same_key, same_domain, nobody)
    async with store.unit() as unit:
        assert await unit.claims_on("acme", "acme.example") == [second, first, third]
        assert await unit.claims_on("acme", None) == [second, first]
        assert await unit.claims_on("", "acme.example") == [first, third]
        assert await unit.claims_on("acm", "example") == []
        assert await unit.claims_on("", None) == await unit.claims_on("", "") == []


async def test_only_live_claims_stand_in_the_way(store: SqlStore):
    added = await add(store, *(replace(CLAIM, key=state, state=state) for state in State))
    async with store.unit() as unit:
        assert {claim.state for claim in await unit.claims_on("acme", None)} == LIVE
        ended = [replace(claim, state=State.WITHDRAWN) for claim in added]
        for claim in ended:
            await unit.save_registration(claim)
        assert await unit.claims_on("acme", None) == []


async def test_of_two_claims_at_the_same_instant_the_second_sees_the_first(store: SqlStore):
    saw: list[int] = []

    async def one(key: str) -> None:
        async with store.unit() as unit:
            await unit.hold("company:acme")
            saw.append(len(await unit.claims_on("acme", None)))
            await unit.add_registration(replace(CLAIM, key=key), number_format=FORMAT)
            await asyncio.sleep(0.01)

    await asyncio.gather(*(one(str(n)) for n in range(4)))
    assert saw == [0, 1, 2, 3]


async def test_two_that_change_one_registration_do_so_one_after_the_other(store: SqlStore):
    [claim] = await add(store, CLAIM)

    async def approve() -> None:
        async with store.unit() as unit:
            held = await unit.registration_by_number(claim.number)
            assert held is not None
            await asyncio.sleep(0.01)
            await unit.save_registration(replace(held, step=held.step + 1))

    await asyncio.gather(*(approve() for _ in range(4)))
    async with store.unit() as unit:
        assert await unit.registration(claim.id) == replace(claim, step=4)


async def test_the_newest_claims_are_listed_first_of_a_partner_or_a_state(store: SqlStore):
    claims = [
        replace(CLAIM, key="a", claimed_at=NOW - DAY),
        replace(CLAIM, key="b", state=State.REFUSED),
        replace(CLAIM, key="c", partner_id="partner-2"),
        replace(CLAIM, key="d", claimed_at=NOW + DAY, state=State.DRAFT),
    ]
    await add(store, *claims)
    async with store.unit() as unit:
        assert [c.key for c in await unit.registrations()] == ["d", "c", "b", "a"]
        assert [c.key for c in await unit.registrations(limit=2)] == ["d", "c"]
        assert [c.key for c in await unit.registrations(states=[State.REFUSED, State.DRAFT])] == ["d", "b"]
        assert [c.key for c in await unit.registrations(partner_id="partner-2")] == ["c"]
        assert await unit.registrations(states=[State.DRAFT], partner_id="partner-2") == []


async def test_the_history_is_told_from_the_beginning(store: SqlStore):
    first, other = await add(store, CLAIM, replace(CLAIM, key="other"))
    entries = [
        HistoryEntry(at=NOW - DAY, event="told", by="policy", text="asked for the amount"),
        HistoryEntry(at=NOW, event="completed", by="Anna"),
        HistoryEntry(at=NOW, event="approved", by="Marc", text="fine 👍"),
    ]
    async with store.unit() as unit:
        for entry in (entries[1], entries[2], entries[0]):
            await unit.add_history(first.id, entry)
        assert await unit.history(first.id) == entries
        assert await unit.history(other.id) == []


async def test_a_history_of_nothing_and_a_claim_of_no_message_are_refused(store: SqlStore):
    with pytest.raises(sqlalchemy.exc.IntegrityError):
        async with store.unit() as unit:
            await unit.add_history(99, HistoryEntry(at=NOW, event="told", by="policy"))
    with pytest.raises(sqlalchemy.exc.IntegrityError):
        await add(store, replace(CLAIM, inbound_id=99))


@pytest.mark.parametrize(
    ("claim", "heard_of", "stays"),
    [
        pytest.param({}, [], True, id="waits for a decision, however long"),
        pytest.param({"state": State.APPROVED, "decided_at": NOW - 90 * DAY}, [NOW - 90 * DAY], True, id="protected"),
        pytest.param({"state": State.REFUSED, "decided_at": NOW - 8 * DAY}, [NOW - 8 * DAY], False, id="refused"),
        pytest.param({"state": State.REFUSED, "decided_at": NOW}, [], True, id="refused just now"),
        pytest.param({"state": State.EXPIRED, "decided_at": NOW - 90 * DAY}, [NOW], True, id="ended just now"),
        pytest.param({"state": State.DROPPED}, [], False, id="dropped, and nothing was written about it"),
    ],
)
async def test_what_ended_long_ago_is_forgotten_with_its_history(store: SqlStore, claim, heard_of, *, stays: bool):
    old = {"claimed_at": NOW - 100 * DAY}
    [added] = await add(store, replace(CLAIM, **old | claim))
    async with store.unit() as unit:
        for at in heard_of:
            await unit.add_history(added.id, HistoryEntry(at=at, event="told", by="clock"))
        await unit.forget(NOW - 7 * DAY)
    async with store.unit() as unit:
        assert (await unit.registration(added.id) is not None) is stays
        assert len(await unit.history(added.id)) == (len(heard_of) if stays else 0)


async def test_a_forgotten_number_is_never_given_again(store: SqlStore):
    await add(store, replace(CLAIM, state=State.DROPPED))
    async with store.unit() as unit:
        await unit.forget(NOW + DAY)
    [next_one] = await add(store, CLAIM)
    assert next_one.number == "REG-1002"


async def test_a_naive_time_is_refused(store: SqlStore):
    with pytest.raises(sqlalchemy.exc.StatementError, match="no time zone"):
        await add(store, replace(CLAIM, claimed_at=datetime(2026, 11, 24)))  # noqa: DTZ001
