"""Up to a hundred records in one request."""

from __future__ import annotations

from typing import Any

import pytest
from hubspot.crm.deals.exceptions import ApiException

from bot.sandbox.world import stage_id
from tests.integration.sandbox.hubspot.rig import DATED, FAMILIES, MARKS, Rig

pytestmark = [*MARKS, FAMILIES]


def deal(name: str, **more: Any) -> dict[str, Any]:
    properties = {"dealname": name, "pipeline": "751200", "dealstage": stage_id("reseller", "Qualification")}
    trace = {"objectWriteTraceId": more.pop("trace")} if "trace" in more else {}
    return {"properties": properties | more, "associations": []} | trace


async def test_a_batch_read_answers_200_when_all_are_there(rig: Rig, family: str) -> None:
    body = {
        "inputs": [{"id": "9001"}, {"id": "9002"}],
        "properties": ["amount"],
        "propertiesWithHistory": ["dealstage"],
    }
    found, status, _ = await rig.call(rig.client(family).crm.deals.batch_api.read_with_http_info, body)
    assert status == 200
    assert found.status == "COMPLETE"
    assert [(one.id, one.properties["amount"]) for one in found.results] == [("9001", "40000"), ("9002", "31000")]
    assert found.results[0].properties_with_history["dealstage"][0].value == "75120002"


async def test_a_batch_read_answers_207_and_names_the_missing(rig: Rig, family: str) -> None:
    body = {"inputs": [{"id": "9001"}, {"id": "123"}, {"id": "124"}], "properties": [], "propertiesWithHistory": []}
    found, status, _ = await rig.call(rig.client(family).crm.deals.batch_api.read_with_http_info, body)
    assert status == 207
    assert [one.id for one in found.results] == ["9001"]
    assert found.num_errors == 1
    assert found.errors[0].category == "OBJECT_NOT_FOUND"
    assert found.errors[0].context == {"ids": ["123", "124"]}


async def test_a_batch_reads_by_a_unique_property(rig: Rig, family: str) -> None:
    body = {"inputs": [{"id": "tom@ashby-digital.example"}], "idProperty": "email", "properties": ["firstname"]}
    found = await rig.call(rig.client(family).crm.contacts.batch_api.read, body | {"propertiesWithHistory": []})
    assert [one.properties["firstname"] for one in found.results] == ["Tom"]


async def test_a_batch_create_answers_201(rig: Rig, family: str) -> None:
    api = rig.client(family).crm.deals.batch_api
    made, status, _ = await rig.call(api.create_with_http_info, {"inputs": [deal("One"), deal("Two")]})
    assert status == 201
    assert sorted(one.properties["dealname"] for one in made.results) == ["One", "Two"]
    assert len({one.id for one in made.results}) == 2


async def test_one_bad_input_fails_an_untraced_batch_and_makes_nothing(rig: Rig, family: str) -> None:
    before = len(rig.server.hands.look_at_all("deals"))
    with pytest.raises(ApiException) as caught:
        await rig.call(
            rig.client(family).crm.deals.batch_api.create, {"inputs": [deal("One"), deal("Two", amount="x")]}
        )
    assert caught.value.status == 400
    assert "INVALID_NUMBER" in caught.value.body
    assert len(rig.server.hands.look_at_all("deals")) == before


async def test_with_trace_ids_the_good_inputs_go_through(rig: Rig, family: str) -> None:
    inputs = [deal("One", trace="t1"), deal("Two", trace="t2", amount="x"), deal("Three", trace="t3")]
    made, status, _ = await rig.call(rig.client(family).crm.deals.batch_api.create_with_http_info, {"inputs": inputs})
    assert status == 207
    assert [one.object_write_trace_id for one in made.results] == ["t1", "t3"]
    assert made.errors[0].context == {"objectWriteTraceId": ["t2"]}
    assert made.errors[0].errors[0].code == "INVALID_NUMBER"


async def test_two_inputs_of_a_batch_cannot_share_a_unique_value(rig: Rig, family: str) -> None:
    inputs = [deal("One", registration_id="R-1"), deal("Two", registration_id="r-1")]
    with pytest.raises(ApiException) as caught:
        await rig.call(rig.client(family).crm.deals.batch_api.create, {"inputs": inputs})
    assert caught.value.status == 409


async def test_a_batch_update_changes_what_is_there(rig: Rig, family: str) -> None:
    inputs = [{"id": "9001", "properties": {"amount": "1"}}, {"id": "123", "properties": {"amount": "2"}}]
    api = rig.client(family).crm.deals.batch_api
    _, status, _ = await rig.call(api.update_with_http_info, {"inputs": inputs[:1]})
    assert status == 200
    changed, status, _ = await rig.call(api.update_with_http_info, {"inputs": inputs})
    assert status == 207
    assert changed.errors[0].context == {"ids": ["123"]}
    assert rig.server.hands.look("deals", "9001")["properties"]["amount"] == "1"


async def test_one_record_cannot_be_updated_twice_in_a_batch(rig: Rig, family: str) -> None:
    inputs = [{"id": "9001", "properties": {"amount": "1"}}, {"id": "9001", "properties": {"amount": "2"}}]
    with pytest.raises(ApiException) as caught:
        await rig.call(rig.client(family).crm.deals.batch_api.update, {"inputs": inputs})
    assert caught.value.status == 400
    assert "Duplicate IDs found in batch input: [9001]. IDs must be unique" in caught.value.body


async def test_an_upsert_makes_once_and_then_updates(rig: Rig, family: str) -> None:
    api = rig.client(family).crm.deals.batch_api
    properties = deal("By key")["properties"]
    inputs = [{"idProperty": "registration_id", "id": "REG-77", "properties": properties}]
    first, status, _ = await rig.call(api.upsert_with_http_info, {"inputs": inputs})
    assert status == 200
    second = await rig.call(api.upsert, {"inputs": inputs})
    assert (first.results[0].new, second.results[0].new) == (True, False)
    assert first.results[0].id == second.results[0].id
    assert first.results[0].properties["registration_id"] == "REG-77"


async def test_a_batch_archive_answers_204(rig: Rig, family: str) -> None:
    api = rig.client(family).crm.deals.batch_api
    _, status, _ = await rig.call(api.archive_with_http_info, {"inputs": [{"id": "9001"}, {"id": "123"}]})
    assert status == 204
    assert "9001" not in [one["id"] for one in rig.server.hands.look_at_all("deals")]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "[inputs]"),
        ({"inputs": [{"id": str(number)} for number in range(101)]}, "The maximum batch size is 100"),
        (
            {"inputs": [{"id": str(n)} for n in range(51)], "propertiesWithHistory": ["amount"]},
            "The maximum batch size is 50",
        ),
        ({"inputs": ["9001"]}, "not an array of objects"),
        ({"inputs": [{}]}, "[id]"),
    ],
)
async def test_a_batch_has_a_shape_and_a_size(rig: Rig, family: str, body: dict[str, Any], words: str) -> None:
    prefix = "/crm/objects/2026-09" if family == DATED else "/crm/v3/objects"
    answer = await rig.ask("POST", f"{prefix}/deals/batch/read", body)
    assert answer.status == 400
    assert words in answer.body["message"]
