"""What a walk over all readers costs in HubSpot, and where HubSpot's own unsubscribing meets our topics."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.domain.preferences import Cadence, Preferences, Topic, Wish, wished
from bot.errors import SetupError, TransientError
from bot.ports import GoneError, RefusedFieldsError
from bot.sandbox.hubspot import Failure, Limits
from bot.sandbox.record import Recorder
from tests.contracts.crm.names import ACME, ANA, BRANDT, JULIA, TOM
from tests.contracts.crm.seed import hubspot_seed
from tests.contracts.crm.worlds import HubSpotWorld, hubspot_world

TOMS = "tom@people.example"
NEWS, PROMOTIONS = "5301", "5302"
TYPES = [{"id": NEWS, "name": "News"}, {"id": PROMOTIONS, "name": "Promotions"}]
MAPPED = {Topic.PROGRAMME: NEWS, Topic.INCENTIVE: PROMOTIONS}
NO_INCENTIVES = Preferences(cadences={Topic.INCENTIVE: Cadence.OFF})


@pytest.fixture(params=["2026-09", "v3"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[HubSpotWorld]:
    seed = hubspot_seed() | {"subscriptions": TYPES}
    async with hubspot_world(request.param, seed=seed, subscriptions=MAPPED) as found:
        yield found
        assert not found.server.deviations


async def cadences_of(world: HubSpotWorld, contact_id: str) -> dict[Topic, Cadence]:
    reader = await world.crm.reader(contact_id)
    assert reader is not None
    return dict(reader.preferences.cadences)


def state_of(world: HubSpotWorld, email: str, subscription_id: str) -> str:
    return world.server.portal.subscriptions.of(email, subscription_id).state


# ---- the walk ---------------------------------------------------------------------------------------------


def crowd(partners: int, each: int) -> dict[str, Any]:
    """That many partners with that many contacts, under ids as long as HubSpot's."""
    base = 12_345_600_000
    seed = hubspot_seed()
    companies = [
        {"id": str(base + n), "properties": {"name": f"Partner {n}", "partner_status": "active"}}
        for n in range(partners)
    ]
    contacts = [
        {
            "id": str(base + 1_000_000 + n),
            "properties": {"email": f"reader{n}@people.example"},
            "companies": [str(base + n % partners)],
        }
        for n in range(partners * each)
    ]
    return seed | {"companies": companies, "contacts": contacts, "deals": []}


async def test_a_walk_over_a_thousand_readers_takes_seven_searches_and_one_read_of_the_owners(tmp_path: Path) -> None:
    with Recorder(tmp_path / "requests.jsonl") as recorder:
        async with hubspot_world("2026-09", seed=crowd(250, 4), record=recorder) as world:
            world.server.requests.clear()
            pages = [page async for page in world.crm.readers()]
            assert sum(map(len, pages)) == 1000
            assert len({reader.contact.id for page in pages for reader in page}) == 1000
            assert max(map(len, pages)) == 200
            assert dict(world.server.requests) == {
                "POST /crm/objects/2026-09/{kind}/search": 2
                + 2
                + 2
                + 1,  # companies, then the contacts of 100, 100 and 50 of them
                "GET /crm/owners/2026-09": 1,
            }
    bodies = [json.loads(line)["body"] for line in (tmp_path / "requests.jsonl").read_text().splitlines()]
    assert max(len(body) for body in bodies if body) <= 3_000  # HubSpot's search guide


async def test_a_walk_waits_its_turn_and_ends_whole() -> None:
    limits = Limits(per_ten_seconds=100_000, searches_per_second=5)
    async with hubspot_world("2026-09", limits=limits, searches_per_s=10.0) as world:
        world.server.failures.order(Failure(method="POST", path="contacts/search", status=502, times=1))
        assert {r.contact.id async for page in world.crm.readers() for r in page} >= {JULIA, TOM}


async def test_a_walk_that_cannot_go_on_says_so_instead_of_ending() -> None:
    async with hubspot_world("2026-09") as world:
        world.server.failures.order(Failure(method="POST", path="contacts/search", status=502, times=20))
        with pytest.raises(TransientError):
            [page async for page in world.crm.readers()]


async def test_the_contact_of_a_customer_is_no_reader_until_the_customer_is_a_partner(world) -> None:
    assert await world.crm.reader(ANA) is None
    world.server.hands.change("companies", ACME, {"partner_status": "paused"})
    reader = await world.crm.reader(ANA)
    assert reader is not None
    assert not reader.partner.active


async def test_motions_that_nobody_knows_are_left_out() -> None:
    text = {"name": "partner_motions", "label": "Motions", "type": "string", "fieldType": "text"}
    seed = hubspot_seed()
    seed["properties"]["companies"] = [
        text | {"groupName": "offportal"} if p["name"] == "partner_motions" else p
        for p in seed["properties"]["companies"]
    ]
    seed["companies"][0]["properties"]["partner_motions"] = "Reseller, resale; services"
    async with hubspot_world("2026-09", seed=seed) as own:
        reader = await own.crm.reader(JULIA)
        assert reader is not None
        assert {m.value for m in reader.motions} == {"reseller", "services"}
        assert await own.crm.check() == []


# ---- unsubscribing ----------------------------------------------------------------------------------------


async def test_a_topic_switched_off_here_is_unsubscribed_there_and_the_other_way_round(world) -> None:
    await world.crm.save_preferences(TOM, NO_INCENTIVES)
    assert state_of(world, TOMS, PROMOTIONS) == "UNSUBSCRIBED"
    assert state_of(world, TOMS, NEWS) == "NOT_SPECIFIED"
    assert not world.server.hands.look("contacts", TOM)["properties"].get("offportal_topics_off")
    world.server.hands.unsubscribe(TOMS, NEWS)
    world.server.hands.subscribe(TOMS, PROMOTIONS)
    assert await cadences_of(world, TOM) == {Topic.PROGRAMME: Cadence.OFF}


async def test_whoever_wants_a_topic_back_is_subscribed_again(world) -> None:
    world.server.hands.unsubscribe(TOMS, PROMOTIONS)
    wish = Wish(topics=(Topic.INCENTIVE,), cadence=Cadence.DIGEST)
    await world.crm.save_preferences(TOM, wished(NO_INCENTIVES, wish))
    assert state_of(world, TOMS, PROMOTIONS) == "SUBSCRIBED"
    assert await cadences_of(world, TOM) == {Topic.INCENTIVE: Cadence.DIGEST}


async def test_the_same_wish_again_asks_hubspot_for_nothing(world) -> None:
    await world.crm.save_preferences(TOM, NO_INCENTIVES)
    world.server.requests.clear()
    await world.crm.save_preferences(TOM, NO_INCENTIVES)
    assert sorted(called.split()[0] for called in world.server.requests.elements()) == ["GET", "POST"]  # two reads


async def test_a_walk_sees_who_unsubscribed_without_a_request_more() -> None:
    seed = hubspot_seed() | {"subscriptions": TYPES}
    async with hubspot_world("2026-09", seed=seed, subscriptions=MAPPED, lag_s=0.0) as world:
        world.server.hands.unsubscribe(TOMS, PROMOTIONS)
        world.server.requests.clear()
        readers = {r.contact.id: r async for page in world.crm.readers() for r in page}
        assert readers[TOM].preferences == NO_INCENTIVES
        assert readers[JULIA].preferences.cadences == {}
        assert world.server.requests.total() == 3


async def test_what_was_switched_off_before_the_topic_had_a_subscription_stays_off(world) -> None:
    world.server.hands.change("contacts", TOM, {"offportal_topics_off": "incentive"})
    assert await cadences_of(world, TOM) == {Topic.INCENTIVE: Cadence.OFF}


async def test_an_address_with_unusual_characters_is_unsubscribed(world) -> None:
    email = "o'brien+news/50%@people.example"
    world.server.hands.change("contacts", TOM, {"email": email})
    await world.crm.save_preferences(TOM, NO_INCENTIVES)
    assert state_of(world, email, PROMOTIONS) == "UNSUBSCRIBED"
    assert await cadences_of(world, TOM) == dict(NO_INCENTIVES.cadences)


async def test_somebody_without_an_address_keeps_the_wish_as_a_property(world) -> None:
    world.server.hands.change("contacts", TOM, {"email": ""})
    await world.crm.save_preferences(TOM, NO_INCENTIVES)
    assert world.server.hands.look("contacts", TOM)["properties"]["offportal_topics_off"] == "incentive"
    assert await cadences_of(world, TOM) == dict(NO_INCENTIVES.cadences)


async def test_who_is_out_of_all_email_is_not_brought_back_by_us_and_it_is_said(world) -> None:
    world.server.hands.unsubscribe_from_all(TOMS)
    now = await world.crm.reader(TOM)
    await world.crm.save_preferences(TOM, replace(now.preferences, language="fr"))  # all else can be wished
    with pytest.raises(RefusedFieldsError, match="unsubscribed from all email") as caught:
        await world.crm.save_preferences(TOM, Preferences(language="de"))
    assert set(caught.value.fields) == {"programme", "enablement", "incentive", "product", "surveys"}
    contact = await world.crm.contact(TOM)
    assert contact.locale == "de"
    assert state_of(world, TOMS, PROMOTIONS) == "UNSUBSCRIBED"


# ---- refusals ---------------------------------------------------------------------------------------------


async def test_what_hubspot_cannot_hold_is_named_and_the_rest_is_kept(world) -> None:
    wish = replace(NO_INCENTIVES, language="xx", timezone="Europe/Paris")
    with pytest.raises(RefusedFieldsError) as caught:
        await world.crm.save_preferences(TOM, wish)
    assert set(caught.value.fields) == {"language"}
    reader = await world.crm.reader(TOM)
    assert reader.preferences == replace(wish, language=None)


async def test_an_unsubscription_that_hubspot_refuses_is_held_by_our_own_property(world) -> None:
    world.server.portal.schema.subscriptions.pop(PROMOTIONS)
    await world.crm.save_preferences(TOM, NO_INCENTIVES)
    assert world.server.hands.look("contacts", TOM)["properties"]["offportal_topics_off"] == "incentive"
    assert await cadences_of(world, TOM) == dict(NO_INCENTIVES.cadences)


async def test_a_subscription_that_hubspot_does_not_take_back_is_named_and_the_rest_is_kept(world) -> None:
    world.server.hands.unsubscribe(TOMS, PROMOTIONS)
    world.server.failures.order(Failure(method="POST", path="statuses/", status=400, times=1))
    wish = Preferences(cadences={Topic.INCENTIVE: Cadence.IMMEDIATE}, language="fr")
    with pytest.raises(RefusedFieldsError) as caught:
        await world.crm.save_preferences(TOM, wish)
    assert set(caught.value.fields) == {"incentive"}
    assert (await world.crm.contact(TOM)).locale == "fr"
    assert await cadences_of(world, TOM) == {Topic.INCENTIVE: Cadence.OFF}


async def test_a_wish_that_is_silent_on_a_topic_subscribes_nobody_again(world) -> None:
    world.server.hands.unsubscribe(TOMS, PROMOTIONS)
    with pytest.raises(RefusedFieldsError, match="only a wish that names the topic") as caught:
        await world.crm.save_preferences(TOM, Preferences(language="fr"))
    assert set(caught.value.fields) == {"incentive"}
    assert state_of(world, TOMS, PROMOTIONS) == "UNSUBSCRIBED"
    assert (await world.crm.contact(TOM)).locale == "fr"


async def test_a_busy_hubspot_is_asked_again_with_the_same_wish(world) -> None:
    world.server.failures.order(Failure(method="POST", path="statuses/", status=429, times=1))
    await world.crm.save_preferences(TOM, NO_INCENTIVES)
    assert state_of(world, TOMS, PROMOTIONS) == "UNSUBSCRIBED"


async def test_a_contact_that_goes_while_it_is_noted_on_is_gone(world) -> None:
    world.server.failures.order(
        Failure(
            method="POST",
            path="/notes",
            status=400,
            times=1,
            body={"status": "error", "category": "VALIDATION_ERROR", "context": {"INVALID_OBJECT_IDS": [TOM]}},
        )
    )
    with pytest.raises(GoneError):
        await world.crm.log_engagement(TOM, "Clicked.", at=datetime.now(UTC), key="k", look=False)


async def test_a_cut_between_note_and_property_is_mended_by_the_repeated_call(world) -> None:
    at = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
    world.server.failures.order(Failure(method="PATCH", path=f"contacts/{TOM}", status=403, times=1))
    with pytest.raises(SetupError):
        await world.crm.log_engagement(TOM, "Clicked.", at=at, key="k", look=False)
    await world.crm.log_engagement(TOM, "Clicked.", at=at, key="k", look=True)
    assert len(await world.timeline(TOM)) == 1
    held = world.server.hands.look("contacts", TOM)["properties"]
    assert held["offportal_last_engagement"] == "2026-11-24T10:00:00Z"


# ---- the check --------------------------------------------------------------------------------------------


async def test_a_healthy_portal_with_subscriptions_and_facts_has_no_faults(world) -> None:
    assert await world.crm.check() == []


async def test_facts_and_subscriptions_that_the_portal_lacks_are_named() -> None:
    seed = hubspot_seed() | {"subscriptions": TYPES}
    facts = {"size": "company.headcount", "title": "contact.jobtitle"}
    mapped, there = {Topic.PRODUCT: "99"}, "5301 (News), 5302 (Promotions)"
    async with hubspot_world("2026-09", seed=seed, facts=facts, subscriptions=mapped) as world:
        assert await world.crm.check() == [
            "hubspot: companies have no property headcount for the fact size: name another, or create it in HubSpot",
            f"hubspot: subscriptions: product: there is no active subscription type 99; there are {there}",
        ]


async def test_a_token_that_may_not_set_subscriptions_is_told_at_the_check() -> None:
    seed = hubspot_seed() | {"subscriptions": TYPES}
    kinds = ("deals", "companies", "contacts")
    scopes = {f"crm.objects.{kind}.{may}" for kind in kinds for may in ("read", "write")}
    scopes |= {f"crm.schemas.{kind}.read" for kind in kinds} | {"crm.objects.owners.read"}
    async with hubspot_world("2026-09", seed=seed, subscriptions=MAPPED, scopes=frozenset(scopes)) as world:
        (fault,) = [f for f in await world.crm.check() if "communication" in f]
        assert "lacks scopes: communication_preferences.read_write" in fault


async def test_facts_of_people_and_companies_are_read_in_small_letters() -> None:
    facts = {"size": "company.numberofemployees", "title": "contact.jobtitle", "town": "contact.city"}
    async with hubspot_world("2026-09", facts=facts) as world:
        world.server.hands.change("contacts", TOM, {"jobtitle": "Head of  Sales"})
        reader = await world.crm.reader(TOM)
        assert reader is not None
        assert reader.facts == {"size": ("40",), "title": ("head of sales",)}
        assert reader.partner.id == BRANDT
