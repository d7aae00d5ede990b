"""Registrations in HubSpot: whatever is cut, there is one deal, one company, one contact, and all that binds them."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.crm.hubspot.fields import stamp
from bot.errors import OffportalError
from bot.ports import GoneError, RefusedFieldsError
from bot.sandbox.hubspot import Effect, Failure
from tests.contracts.crm.names import BRANDT, CONTOSO, EVE, JULIA, MUELLER, PRIYA, ROLLOUT
from tests.contracts.crm.seed import hubspot_seed
from tests.contracts.crm.test_registrations import NEW
from tests.contracts.crm.worlds import HubSpotWorld, hubspot_world

FAMILIES = pytest.mark.parametrize("family", ["2026-09", "v3"])
LATE_S = 600.0  # the search shows nothing new while a test runs


class CutAt:
    """Stands in for the server's failures: the request of that number fails, carried out before or not at all."""

    def __init__(self, number: int, *, applied: bool) -> None:
        self.left = number
        self.applied = applied

    def take(self, *_: str) -> Failure | None:
        self.left -= 1
        return Failure(effect=Effect.RESET, applied=self.applied) if self.left == 0 else None


async def labelled(world: HubSpotWorld) -> HubSpotWorld:
    await world.hubspot.apply_setup(await world.hubspot.plan_setup())
    return world


def companies_of(world: HubSpotWorld, deal_id: str) -> dict[str, set[str | None]]:
    """The labels of each company of a deal."""
    found = world.server.portal.associations.of(("deals", deal_id), "companies")
    return {company_id: {t.label for t in types} for company_id, types in found}


def contacts_of(world: HubSpotWorld, deal_id: str) -> dict[str, set[str | None]]:
    found = world.server.portal.associations.of(("deals", deal_id), "contacts")
    return {contact_id: {t.label for t in types} for contact_id, types in found}


def made(world: HubSpotWorld, kind: str) -> list[str]:
    """What of a kind was not in the seed."""
    seeded = {entry["id"] for entry in hubspot_seed()[kind]}
    return [r["id"] for r in world.server.hands.look_at_all(kind) if r["id"] not in seeded]


def assert_whole(world: HubSpotWorld, deal_id: str, *, account_id: str | None = None) -> None:
    assert made(world, "deals") == [deal_id]
    company_id = account_id or "".join(made(world, "companies"))
    assert made(world, "companies") == ([] if account_id else [company_id])
    (contact_id,) = made(world, "contacts")
    assert companies_of(world, deal_id) == {BRANDT: {None, "Partner"}, company_id: {None, "Primary"}}
    assert contacts_of(world, deal_id) == {JULIA: {None, "Partner contact"}, contact_id: {None}}
    look = world.server.hands.look("contacts", contact_id)
    assert look["associations"]["companies"] == [company_id]
    assert look["properties"]["associatedcompanyid"] == company_id


@FAMILIES
@pytest.mark.parametrize("account_id", [None, MUELLER], ids=["new", "known"])
async def test_deal_company_and_contact_stand_together_with_their_labels(family, account_id) -> None:
    async with hubspot_world(family) as world:
        await labelled(world)
        deal_id = await world.crm.create_deal(replace(NEW, account_id=account_id), look=False)
        assert_whole(world, deal_id, account_id=account_id)
        held = world.server.hands.look("deals", deal_id)["properties"]
        assert (held["partner_tier"], held["partner_certification"]) == ("gold", "certified")
        assert held["description"] == "Time tracking for 400 people"
        assert not world.server.deviations


@pytest.mark.parametrize("applied", [True, False], ids=["carried out", "lost"])
@pytest.mark.parametrize("account_id", [None, MUELLER], ids=["new", "known"])
async def test_a_call_cut_at_any_request_is_completed_by_a_repeat(account_id, *, applied: bool) -> None:
    new, number, cut = replace(NEW, account_id=account_id), 0, True
    while cut:
        number += 1
        async with hubspot_world("2026-09", lag_s=LATE_S, read_s=0.5) as world:
            await labelled(world)
            world.server.failures = CutAt(number, applied=applied)  # type: ignore[assignment]
            with suppress(OffportalError):
                await world.crm.create_deal(new, look=False)
            cut = world.server.failures.left <= 0  # type: ignore[attr-defined]
            deal_id = await world.crm.create_deal(new, look=True)
            assert_whole(world, deal_id, account_id=account_id)
    assert number > 5


async def test_a_repeat_that_is_cut_as_well_is_completed_by_the_next() -> None:
    async with hubspot_world("2026-09", lag_s=LATE_S, read_s=0.5) as world:
        await labelled(world)
        for number in range(1, 30):
            world.server.failures = CutAt(number, applied=number % 2 == 0)  # type: ignore[assignment]
            try:
                deal_id = await world.crm.create_deal(NEW, look=True)
            except OffportalError:
                continue
        assert_whole(world, deal_id)


@pytest.mark.parametrize("found_by", ["search", "contact"])
async def test_a_number_that_the_portal_does_not_keep_unique_is_looked_for(found_by: str) -> None:
    seed = hubspot_seed()
    mine = next(p for p in seed["properties"]["deals"] if p["name"] == "registration_id")
    mine["hasUniqueValue"] = False
    async with hubspot_world("2026-09", seed=seed, lag_s=0.05 if found_by == "search" else LATE_S) as world:
        assert await world.crm.check() == []
        await labelled(world)
        deal_id = await world.crm.create_deal(NEW, look=True)
        if found_by == "search":
            await asyncio.sleep(0.1)
            deal = await world.crm.deal_by_registration("reg-1042")
            assert deal is not None
            assert deal.id == deal_id
        assert await world.crm.create_deal(NEW, look=True) == deal_id
        assert_whole(world, deal_id)


async def test_setup_makes_registration_numbers_unique() -> None:
    seed = hubspot_seed()
    bare = {name: seed[name] for name in ("account", "owners", "pipelines")}
    async with hubspot_world("2026-09", seed=bare) as world:
        await labelled(world)
        assert world.server.portal.schema.properties["deals"]["registration_id"].unique


async def test_without_labels_everything_is_associated_all_the_same() -> None:
    async with hubspot_world("2026-09") as world:
        deal_id = await world.crm.create_deal(NEW, look=False)
        assert companies_of(world, deal_id)[BRANDT] == {None}
        assert contacts_of(world, deal_id)[JULIA] == {None}
        assert await world.crm.create_deal(NEW, look=True) == deal_id


async def test_a_company_that_is_gone_meanwhile_is_made_and_a_contact_that_is_gone_left_out() -> None:
    async with hubspot_world("2026-09") as world:
        world.server.hands.archive("companies", CONTOSO)
        world.server.hands.archive("contacts", JULIA)
        deal_id = await world.crm.create_deal(replace(NEW, account_id=CONTOSO), look=False)
        (company_id,) = made(world, "companies")
        assert set(companies_of(world, deal_id)) == {BRANDT, company_id}
        assert list(contacts_of(world, deal_id)) == made(world, "contacts")


@pytest.mark.parametrize("account_id", [None, MUELLER], ids=["new", "known"])
async def test_a_partner_that_is_gone_is_told_so(account_id: str | None) -> None:
    async with hubspot_world("2026-09") as world:
        world.server.hands.archive("companies", BRANDT)
        with pytest.raises(GoneError):
            await world.crm.create_deal(replace(NEW, account_id=account_id), look=False)


@pytest.mark.parametrize("name", ["Petra van der Meer", None])
async def test_an_address_that_hubspot_refuses_does_not_cost_the_deal_its_contact(name: str | None) -> None:
    new = replace(NEW, contact_name=name, contact_email="petra@elbtal")
    async with hubspot_world("2026-09", lag_s=LATE_S) as world:
        deal_id = await world.crm.create_deal(new, look=False)
        assert await world.crm.create_deal(new, look=True) == deal_id
        (contact_id,) = made(world, "contacts")
        held = world.server.hands.look("contacts", contact_id)["properties"]
        assert held["lastname"] == ("Meer" if name else "petra@elbtal")
        assert "email" not in held


async def test_a_contact_without_address_is_made_once() -> None:
    new = replace(NEW, contact_email=None)
    async with hubspot_world("2026-09", lag_s=LATE_S) as world:
        deal_id = await world.crm.create_deal(new, look=False)
        assert await world.crm.create_deal(new, look=True) == deal_id
        assert len(made(world, "contacts")) == 1


async def test_a_known_contact_keeps_company_and_stands_on_the_deal_once() -> None:
    new = replace(NEW, contact_email="eve@people.example", account_id=MUELLER)
    async with hubspot_world("2026-09", lag_s=LATE_S) as world:
        deal_id = await world.crm.create_deal(new, look=False)
        before = world.server.requests.total()
        assert await world.crm.create_deal(new, look=True) == deal_id
        assert world.server.requests.total() - before == 4  # the deal, what is on it twice, the contact's address
        assert set(contacts_of(world, deal_id)) == {JULIA, EVE}
        assert made(world, "contacts") == []


async def test_a_required_property_is_told_by_its_term_and_nothing_is_made() -> None:
    async with hubspot_world("2026-09") as world:
        world.server.portal.schema.required_on_create = {"deals": ["closed_lost_reason", "hs_priority"]}
        with pytest.raises(RefusedFieldsError, match="REG-1042: values refused, there is no deal") as caught:
            await world.crm.create_deal(NEW, look=False)
        assert set(caught.value.fields) == {"lost_reason", "hs_priority"}
        assert made(world, "deals") == made(world, "companies") == made(world, "contacts") == []


async def test_a_motion_without_pipeline_is_refused() -> None:
    async with hubspot_world("2026-09") as world:
        with pytest.raises(RefusedFieldsError) as caught:
            await world.crm.create_deal(replace(NEW, motion="services"), look=False)  # type: ignore[arg-type]
        assert set(caught.value.fields) == {"motion"}


# ---- accounts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("domain", ["mueller-bau.example", "mbau.example", "muellerbau.example"])
async def test_a_company_is_found_by_each_of_its_domains(domain: str) -> None:
    async with hubspot_world("2026-09") as world:
        (mueller,) = await world.crm.accounts_like(domain=domain, name="Elsewhere")
        assert (mueller.id, mueller.domain) == (MUELLER, domain)
        new = replace(NEW, domain=domain, company="Elsewhere")
        deal_id = await world.crm.create_deal(new, look=False)
        assert MUELLER in companies_of(world, deal_id)


async def test_among_more_than_a_page_of_names_alike_the_one_meant_comes_first() -> None:
    seed = hubspot_seed()
    crowd = [{"id": str(100_000 + n), "properties": {"name": f"Elbtal {n} AG"}} for n in range(450)]
    crowd.append({"id": "200000", "properties": {"name": "Elbtal Bau & Soehne", "domain": "elbtal.example"}})
    async with hubspot_world("2026-09", seed=seed | {"companies": [*seed["companies"], *crowd]}) as world:
        found = await world.crm.accounts_like(domain="elbtal.example", name="Elbtal")
        assert (found[0].id, len(found)) == ("200000", 100)
        deal_id = await world.crm.create_deal(NEW, look=False)
        assert "200000" in companies_of(world, deal_id)


async def test_accounts_cost_three_calls_and_a_new_deal_two_or_four() -> None:
    async with hubspot_world("2026-09") as world:
        await labelled(world)
        first = replace(NEW, registration="REG-1", domain="a.example", contact_email=None)
        await world.crm.create_deal(first, look=False)
        for ask, calls in (
            (world.crm.accounts_like(domain="contoso.example", name="Müller"), 3),
            (world.crm.create_deal(replace(NEW, account_id=MUELLER), look=False), 2),
            (world.crm.create_deal(replace(NEW, registration="REG-2", contact_email="x@y.example"), look=False), 5),
        ):
            before = world.server.requests.copy()
            await ask
            asked = world.server.requests - before
            assert asked.total() == calls, asked


# ---- what is due ------------------------------------------------------------------------------------------


async def test_more_deals_than_a_query_shows_are_all_found() -> None:
    seed = hubspot_seed()
    rollout = seed["deals"][0]["properties"]
    many: list[dict[str, Any]] = [
        {"id": str(100_000 + n), "properties": rollout | {"registration_id": f"R-{n}"}} for n in range(450)
    ]
    async with hubspot_world("2026-09", seed=seed | {"deals": many}) as world:
        before = Counter(world.server.requests)
        found = await world.crm.protected_deals(until=datetime(2027, 1, 15, tzinfo=UTC).date())
        assert len(found) == 450
        searches = (world.server.requests - before)["POST /crm/objects/2026-09/{kind}/search"]
        assert searches == 3


@pytest.mark.parametrize("outcome", ["CANCELED", "RESCHEDULED", "NO_SHOW"])
async def test_a_meeting_that_did_not_happen_needs_no_follow_up(outcome: str) -> None:
    async with hubspot_world("2026-09") as world:
        now = datetime.now(UTC)
        await world.meet(ROLLOUT, "Demo", ended_at=now - timedelta(hours=2))
        (meeting,) = world.server.hands.look_at_all("meetings")
        world.server.hands.change("meetings", meeting["id"], {"hs_meeting_outcome": outcome})
        await asyncio.sleep(0.1)
        assert await world.crm.meetings_ended(after=now - timedelta(days=1), before=now) == ()


@pytest.mark.parametrize(
    ("kind", "properties", "about", "follows"),
    [
        ("notes", {"hs_note_body": "Sent"}, timedelta(), True),
        ("tasks", {"hs_task_subject": "Call them"}, timedelta(days=3), True),
        ("emails", {"hs_email_direction": "EMAIL"}, timedelta(), True),
        ("calls", {"hs_call_title": "Call"}, timedelta(minutes=-5), True),
        ("meetings", {"hs_meeting_title": "Next"}, timedelta(days=7), True),
        ("notes", {"hs_note_body": "Brought in from last year"}, timedelta(days=-300), False),
    ],
)
async def test_whatever_is_logged_about_the_time_since_follows_up(
    kind: str, properties: dict[str, str], about: timedelta, *, follows: bool
) -> None:
    async with hubspot_world("2026-09") as world:
        now = datetime.now(UTC)
        await world.meet(ROLLOUT, "Demo", ended_at=now - timedelta(hours=2))
        world.server.hands.create(kind, properties | {"hs_timestamp": stamp(now + about)}, to=[("deals", ROLLOUT)])
        await asyncio.sleep(0.1)
        (meeting,) = await world.crm.meetings_ended(after=now - timedelta(days=1), before=now)
        assert (meeting.title, meeting.owner_id, meeting.followed_up) == ("Demo", PRIYA, follows)
