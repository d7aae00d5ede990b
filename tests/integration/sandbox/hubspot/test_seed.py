"""Portals from data."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.hubspot import HubSpotServer, SeedError, read_seed
from bot.sandbox.hubspot import seed as seed_module
from bot.sandbox.hubspot.kinds import DEALS
from bot.sandbox.hubspot.query import parse_query
from bot.sandbox.hubspot.search import run_query
from bot.sandbox.world import MOTIONS, demo_world, pipeline_id, stage_id
from tests.integration.sandbox.hubspot.rig import running

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def server_of(seed: dict[str, Any]) -> HubSpotServer:
    return HubSpotServer(token="t", seed=seed, clock=lambda: NOW)


async def test_the_documented_seed_works(tmp_path: Path) -> None:
    documented = re.search(r"In TOML:\n\n(.*?)\nIn the properties", seed_module.__doc__ or "", re.DOTALL)
    assert documented is not None
    path = tmp_path / "seed.toml"
    path.write_text("\n".join(line.removeprefix("    ") for line in documented.group(1).splitlines()))
    portal = server_of(dict(read_seed(path))).hands
    julia = portal.look("contacts", "8001")
    assert julia["properties"]["email"] == "julia@brandt-it.example"
    assert julia["createdAt"] == "2026-10-25T09:30:00Z"
    assert julia["associations"] == {"companies": ["7001"]}
    assert julia["propertiesWithHistory"]["email"][0]["updatedByUserId"] == 61001


async def test_a_seed_may_be_json(tmp_path: Path) -> None:
    (tmp_path / "seed.json").write_text(json.dumps(demo_world()))
    assert (
        server_of(dict(read_seed(tmp_path / "seed.json"))).hands.look("deals", "9001")["stageLabel"] == "Qualification"
    )


async def test_days_are_relative_to_the_clock() -> None:
    deal = server_of(demo_world()).hands.look("deals", "9002")["properties"]
    assert deal["closedate"] == "2027-01-08T00:00:00Z"
    assert deal["protected_until"] == "2027-01-04"


@pytest.mark.parametrize(
    ("seed", "words"),
    [
        ({"deals": [{"id": "9", "properties": {"dealname": "x"}}]}, "deals entry 1 (9): Error creating DEAL"),
        ({"deals": [{"id": "D9", "properties": {}}]}, "deals entry 1 (D9): "),
        ({"companies": [{"properties": {"nom": "x"}}]}, "PROPERTY_DOESNT_EXIST"),
        ({"contacts": [{"properties": {"firstname": "x"}, "companies": ["1"]}]}, "contacts entry 1"),
        ({"contacts": [{"properties": {"firstname": "x"}, "created": "soon"}]}, "Invalid isoformat string"),
        ({"contacts": {}}, "contacts is not a list"),
        ({"pipelines": [{"id": "1", "label": "X"}]}, "pipeline X: "),
        ({"properties": {"deals": [{"name": "x"}]}}, "property x of deals: "),
        ({"contacts": [{"properties": {"firstname": "x"}, "owner": "5"}]}, "Owner 5 does not exist"),
    ],
)
async def test_a_wrong_seed_is_refused_and_the_entry_named(seed: dict[str, Any], words: str) -> None:
    with pytest.raises(SeedError) as caught:
        server_of(seed)
    assert str(caught.value).startswith("sandbox: seed: ")
    assert words in str(caught.value)


@pytest.mark.parametrize(("name", "text"), [("x.json", "{"), ("x.toml", "a ="), ("x.json", "[]")])
async def test_an_unreadable_seed_file_is_refused(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(SeedError, match=name.replace(".", r"\.")):
        read_seed(tmp_path / name)


async def test_the_demo_world_is_whole() -> None:
    async with running() as rig:
        hands = rig.server.hands
        deals = hands.look_at_all("deals")
        acme = hands.look("deals", "9001")
        assert acme["properties"]["dealname"] == "Acme rollout"
        assert (acme["pipelineLabel"], acme["stageLabel"]) == ("Reseller", "Qualification")
        assert acme["properties"]["closedate"] == "2026-12-31T00:00:00Z"
        partners = {one["id"]: one["properties"] for one in hands.look_at_all("companies")}
        assert [one["id"] for one in deals if not one["properties"].get("partner_account")] == ["9101"]  # direct sales'
        for deal in (one for one in deals if one["id"] != "9101"):
            partner = partners[deal["properties"]["partner_account"]]
            assert partner["partner_status"] == "active"
            assert deal["properties"]["pipeline"] == pipeline_id(deal["properties"]["partner_motion"])
            for contact in deal["associations"]["contacts"]:
                assert hands.look("contacts", contact)["associations"]["companies"] == [
                    deal["properties"]["partner_account"]
                ]
        assert {one["properties"]["partner_language"] for one in hands.look_at_all("companies")[:8]} == {
            "en", "de", "fr", "nl", "es", "it", "pt",
        }  # fmt: skip
        assert [len(stages) for *_, stages in MOTIONS] == [5] * 5


async def test_ten_thousand_deals_are_loaded_and_found() -> None:
    seed = demo_world()
    stage = stage_id("reseller", "Qualification")
    for number in range(10_000):
        properties = {"dealname": f"Deal {number}", "pipeline": "751200", "dealstage": stage, "amount": str(number)}
        properties |= {"partner_account": str(7001 + number % 7)}
        seed["deals"].append(
            {"id": str(100_000 + number), "created": f"today-{number % 300}d", "properties": properties}
        )
    portal = server_of(seed).portal
    since = {"propertyName": "hs_lastmodifieddate", "operator": "GTE", "value": "2026-11-01"}
    partner = {"propertyName": "partner_account", "operator": "EQ", "value": "7001"}
    for filters in ([since], [partner], [since, partner]):
        body = {"filterGroups": [{"filters": filters}], "sorts": ["hs_lastmodifieddate"], "limit": 200}
        query = parse_query(body, DEALS, lambda name: portal.schema.property("deals", name))
        total, page = run_query(query, portal.indexes["deals"], portal.associations)
        assert total > 100
        assert len(page) == min(200, total)
