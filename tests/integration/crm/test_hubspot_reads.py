"""What reading HubSpot costs, and what it sees while HubSpot's search is behind."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.domain.deals import DealField, FieldChange
from tests.contracts.crm.names import ASHBY, ASHBYS, BRANDT, CHANNEL, JULIA, PRIYA, ROLLOUT, SECOND, TOM
from tests.contracts.crm.seed import hubspot_seed
from tests.contracts.crm.worlds import hubspot_world


@pytest.fixture
async def world():
    async with hubspot_world("2026-09") as found:
        yield found


async def test_a_deal_closed_a_moment_ago_is_not_open_though_the_search_says_so() -> None:
    async with hubspot_world("2026-09", lag_s=60.0) as world:
        world.server.hands.move(ROLLOUT, "Closed Lost")
        world.server.hands.change("deals", SECOND, {"partner_account": ASHBY})
        assert await world.crm.open_deals_of(BRANDT) == ()


async def test_a_deal_we_opened_again_is_open_though_the_search_does_not_know(world) -> None:
    world.server.hands.move(ROLLOUT, "Closed Lost")
    await asyncio.sleep(0.1)
    world.server.portal.indexes["deals"]._lag_s = 60.0
    await world.crm.deal(ROLLOUT)
    await world.crm.write(ROLLOUT, [FieldChange(field=DealField.STAGE, old="Closed Lost", new="Transact")])
    assert ROLLOUT in {d.id for d in await world.crm.open_deals_of(BRANDT)}


async def test_a_contact_made_a_moment_ago_is_found_by_its_address() -> None:
    async with hubspot_world("2026-09", lag_s=60.0) as world:
        new = world.server.hands.create("contacts", {"email": "new@brandt-it.example"}, to=[("companies", BRANDT)])
        (contact,) = await world.crm.contacts_by_email("New@brandt-it.example")
        assert (contact.id, contact.partner_id) == (new, BRANDT)


async def test_an_address_that_was_taken_from_a_contact_is_theirs_no_more() -> None:
    async with hubspot_world("2026-09", lag_s=60.0) as world:
        world.server.hands.change("contacts", JULIA, {"hs_additional_emails": ""})
        assert await world.crm.contacts_by_email("jb@brandt.example") == ()


async def test_a_channel_that_a_partner_gave_up_is_theirs_no_more() -> None:
    async with hubspot_world("2026-09", lag_s=60.0) as world:
        world.server.hands.change("companies", BRANDT, {"partner_slack_channel": ""})
        assert await world.crm.partner_by_channel(CHANNEL) is None


async def test_a_wildcard_in_an_address_finds_nobody_else(world) -> None:
    assert await world.crm.contacts_by_email("*@brandt.example") == ()
    assert await world.crm.contacts_by_email(f"{'j' * 300}@brandt.example") == ()


async def test_a_stage_of_no_pipeline_is_asked_for_once(world) -> None:
    world.server.portal.schema.pipelines._pipelines.pop("751")
    for _ in range(3):
        deal = await world.crm.deal(ROLLOUT)
        assert deal.stage == "7511"
    assert world.server.requests["GET /crm/pipelines/2026-09/{kind}"] == 2


async def test_many_partners_asked_about_at_the_same_time_share_their_searches(world) -> None:
    await world.crm.pipelines()
    before = Counter(world.server.requests)
    partners = [BRANDT, ASHBY, *(str(7500 + n) for n in range(60))]
    found = await asyncio.gather(*(world.crm.open_deals_of(partner) for partner in partners))
    assert [{d.id for d in deals} for deals in found[:3]] == [{ROLLOUT, SECOND}, {ASHBYS}, set()]
    searches = Counter(world.server.requests) - before
    assert searches["POST /crm/objects/2026-09/{kind}/search"] == 2


async def test_one_reply_costs_nine_calls_and_the_next_within_a_minute_four(world) -> None:
    async def one_reply() -> Counter[str]:
        before = Counter(world.server.requests)
        contact = await world.crm.contact(JULIA)
        await world.crm.partner(contact.partner_id)
        await world.crm.open_deals_of(contact.partner_id)
        deal = await world.crm.deal(ROLLOUT)
        await world.crm.write(ROLLOUT, [FieldChange(field=DealField.STAGE, old=deal.stage, new="Transact")])
        await world.crm.note(deal, "words", at=datetime.now(UTC), key="k", contact_id=JULIA, look=False)
        return Counter(world.server.requests) - before

    await world.crm.pipelines()
    await world.crm.deal("1")  # nothing there, and nothing remembered of it
    await world.hubspot._portal.account()
    first = await one_reply()
    assert first.total() == 9, first
    second = await one_reply()
    assert second.total() == 4, second  # deals of the partner, the deal again, PATCH, note


async def test_a_write_is_one_patch_and_needs_a_read_only_for_an_unknown_deals_stage(world) -> None:
    await world.crm.pipelines()
    await world.hubspot._portal.account()
    before = world.server.requests.total()
    await world.crm.write(ROLLOUT, [FieldChange(field=DealField.CLOSE_DATE, old=None, new=date(2027, 1, 1))])
    assert world.server.requests.total() - before == 1
    await world.crm.write(ROLLOUT, [FieldChange(field=DealField.STAGE, old=None, new="Transact")])
    assert world.server.requests.total() - before == 3
    await world.crm.write(ROLLOUT, [FieldChange(field=DealField.STAGE, old=None, new="Qualification")])
    assert world.server.requests.total() - before == 4


async def test_a_close_date_is_written_so_that_new_york_and_utc_see_the_same_day(world) -> None:
    await world.crm.write(ROLLOUT, [FieldChange(field=DealField.CLOSE_DATE, old=None, new=date(2027, 1, 31))])
    held = world.server.hands.look("deals", ROLLOUT)["properties"]["closedate"]
    assert held.startswith("2027-01-31T12:00:00")
    world.server.hands.change("deals", ROLLOUT, {"closedate": "2027-02-01T03:00:00Z"})  # 22:00 on the 31st
    deal = await world.crm.deal(ROLLOUT)
    assert deal.close_date == date(2027, 1, 31)


async def test_a_deal_links_to_its_page(world) -> None:
    deal = await world.crm.deal(ROLLOUT)
    assert deal.url.startswith("https://app")
    assert deal.url.endswith("/contacts/4711/record/0-3/9001")


async def test_hundreds_of_deals_and_contacts_are_read_whole() -> None:
    seed = hubspot_seed()
    template = seed["deals"][1]["properties"]
    for number in range(450):
        properties = {**template, "dealname": f"Deal {number}", "registration_id": f"R-{number}"}
        seed["deals"].append({"id": str(100_000 + number), "properties": properties, "companies": ["7101"]})
        person = {"email": f"p{number}@brandt-it.example"}
        seed["contacts"].append({"id": str(200_000 + number), "properties": person, "companies": [BRANDT]})
    async with hubspot_world("2026-09", seed=seed) as world:
        deals = await world.crm.open_deals_of(BRANDT)
        assert len(deals) == 452
        assert all(d.company == "Acme GmbH" for d in deals)
        contacts = await world.crm.contacts_of(next(d for d in deals if d.id == "100000"))
        assert len(contacts) == 452


async def test_forty_tasks_may_read_at_once(world) -> None:
    found = await asyncio.gather(*(world.crm.deal(ROLLOUT) for _ in range(40)))
    assert {d.id for d in found} == {ROLLOUT}


async def test_a_manager_who_has_left_is_known_but_not_active(world) -> None:
    owners = world.server.portal.schema.owners
    owners[PRIYA] = replace(owners[PRIYA], archived=True)
    manager = await world.crm.manager(PRIYA)
    assert (manager.name, manager.active) == ("Priya Nair", False)
    assert await world.crm.managers() == ()


async def test_people_are_remembered_for_a_minute_only(world) -> None:
    clock = world.hubspot._reads._contacts
    assert (await world.crm.contact(TOM)).name == "Tom Weber"
    world.server.hands.change("contacts", TOM, {"lastname": "Winter"})
    assert (await world.crm.contact(TOM)).name == "Tom Weber"
    started = clock._monotonic()
    clock._monotonic = lambda: started + 61
    assert (await world.crm.contact(TOM)).name == "Tom Winter"
