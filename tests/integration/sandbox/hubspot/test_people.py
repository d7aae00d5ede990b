"""What people do in the portal, through the sandbox's own door, and what is left of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.sandbox.hubspot.errors import HubSpotError
from bot.sandbox.record import Recorder
from tests.integration.sandbox.hubspot.rig import Rig, running


async def test_a_person_moves_a_deal_by_the_stages_label(rig: Rig) -> None:
    rig.clock.pass_time(5)
    answer = await rig.ask("POST", "/_sandbox/deals/9001/stage", {"stage": "transact", "by": "5002"}, token="")
    assert answer.status == 200
    assert (answer.body["pipelineLabel"], answer.body["stageLabel"]) == ("Reseller", "Transact")
    newest = answer.body["propertiesWithHistory"]["dealstage"][0]
    assert newest == {
        "value": "75120004",
        "timestamp": "2026-11-24T09:30:05Z",
        "sourceType": "CRM_UI",
        "sourceId": "userId:61002",
        "updatedByUserId": 61002,
    }


async def test_a_person_moves_a_deal_to_another_pipeline(rig: Rig) -> None:
    rig.server.hands.move("9001", "Intro Logged")
    assert rig.server.hands.look("deals", "9001")["pipelineLabel"] == "Referral"
    with pytest.raises(HubSpotError, match="No pipeline has a stage Nirvana"):
        rig.server.hands.move("9001", "Nirvana")


async def test_people_are_held_to_the_same_rules(rig: Rig) -> None:
    answer = await rig.ask("PATCH", "/_sandbox/records/deals/9001", {"properties": {"amount": "lots"}})
    assert answer.status == 400
    assert answer.body["errors"][0]["code"] == "INVALID_NUMBER"
    missing = await rig.ask("PATCH", "/_sandbox/records/deals/9001", {})
    assert missing.status == 400
    nobody = await rig.ask("PATCH", "/_sandbox/records/deals/9001", {"properties": {}, "by": "nobody@x.example"})
    assert nobody.body["error"] == "Owner nobody@x.example does not exist"


async def test_records_are_made_looked_at_and_archived_by_hand(rig: Rig) -> None:
    body = {"properties": {"firstname": "Eva"}, "to": [["companies", "7001"]]}
    made = await rig.ask("POST", "/_sandbox/records/contacts", body)
    path = f"/_sandbox/records/contacts/{made.body['id']}"
    assert (await rig.ask("GET", path)).body["associations"] == {"companies": ["7001"]}
    listed = await rig.ask("GET", "/_sandbox/records/contacts")
    assert made.body["id"] in [one["id"] for one in listed.body["results"]]
    await rig.ask("DELETE", path)
    assert (await rig.ask("GET", path)).status == 400


async def test_requests_are_counted_by_operation(rig: Rig) -> None:
    for record_id in ("9001", "9002"):
        await rig.ask("GET", f"/crm/objects/2026-09/deals/{record_id}")
    await rig.ask("GET", "/crm/nothing")
    counts = await rig.ask("GET", "/_sandbox/requests")
    assert counts.body == {"GET /crm/objects/2026-09/{kind}/{id}": 2, "GET unknown": 1}


async def test_bodies_that_leave_the_published_schemas_are_taken_and_counted(rig: Rig) -> None:
    prefix = "/crm/objects/2026-09/deals"
    search = {"filterGroups": [], "sorts": ["amount"], "properties": ["amount"], "limit": 1, "after": ""}
    assert (await rig.ask("POST", f"{prefix}/search", search)).status == 200
    assert (await rig.ask("PATCH", f"{prefix}/9001", {"properties": {"amount": "1"}})).status == 200
    assert (await rig.ask("GET", "/_sandbox/deviations")).body == {}
    assert (await rig.ask("PATCH", f"{prefix}/9001", {"properties": {"amount": 1}, "id": "9001"})).status == 200
    loose = {"sorts": [{"propertyName": "amount"}], "limit": True, "after": 0}
    await rig.ask("POST", f"{prefix}/search", loose)
    counted = await rig.ask("GET", "/_sandbox/deviations")
    assert set(counted.body) == {
        "PATCH /crm/v3/objects/{kind}/{id}: body.properties.*: not a string",
        "PATCH /crm/v3/objects/{kind}/{id}: body: there is no id",
        "POST /crm/v3/objects/{kind}/search: body: filterGroups is missing",
        "POST /crm/v3/objects/{kind}/search: body: properties is missing",
        "POST /crm/v3/objects/{kind}/search: body.sorts[]: not of type string",
        "POST /crm/v3/objects/{kind}/search: body.limit: not of type integer",
        "POST /crm/v3/objects/{kind}/search: body.after: not of type string",
    }


async def test_failures_are_ordered_and_cleared_over_http(rig: Rig) -> None:
    order = {"method": "GET", "path": "/deals/", "times": 5, "effect": "status", "status": 503}
    assert (await rig.ask("POST", "/_sandbox/failures", order)).status == 200
    assert (await rig.ask("GET", "/crm/v3/objects/deals/9001")).status == 503
    await rig.ask("DELETE", "/_sandbox/failures")
    assert (await rig.ask("GET", "/crm/v3/objects/deals/9001")).status == 200
    wrong = await rig.ask("POST", "/_sandbox/failures", {"when": "now"})
    assert (wrong.status, "no such member of a failure: when" in wrong.body["error"]) == (400, True)


async def test_a_reset_brings_the_seed_back(rig: Rig) -> None:
    rig.server.hands.archive("deals", "9001")
    rig.server.hands.create("companies", {"name": "Gone soon"})
    await rig.ask("POST", "/_sandbox/reset")
    assert rig.server.hands.look("deals", "9001")["properties"]["amount"] == "40000"
    assert (await rig.ask("GET", "/crm/v3/objects/deals/9001")).status == 200
    assert "Gone soon" not in json.dumps(rig.server.hands.look_at_all("companies"))


async def test_what_the_api_was_asked_is_recorded_and_the_sandbox_is_not(tmp_path: Path) -> None:
    with Recorder(tmp_path / "hubspot.jsonl") as recorder:
        async with running(record=recorder) as rig:
            await rig.ask("GET", "/crm/v3/objects/deals/9001?properties=amount&properties=closedate")
            await rig.ask("GET", "/_sandbox/requests")
            await rig.ask("PATCH", "/crm/objects/2026-09/deals/9001", {"properties": {"amount": "2"}}, token="bad")
    lines = [json.loads(line) for line in (tmp_path / "hubspot.jsonl").read_text().splitlines()]
    assert [(line["n"], line["kind"], line["method"], line["path"]) for line in lines] == [
        (1, "hubspot", "GET", "/crm/v3/objects/deals/9001"),
        (2, "hubspot", "PATCH", "/crm/objects/2026-09/deals/9001"),
    ]
    assert lines[0]["query"] == {"properties": ["amount", "closedate"]}
    assert json.loads(lines[1]["body"]) == {"properties": {"amount": "2"}}
    assert "pat-eu1-sandbox" not in (tmp_path / "hubspot.jsonl").read_text()
