"""Properties, groups, pipelines, owners and the account."""

from __future__ import annotations

from typing import Any

import pytest
from hubspot.crm.pipelines.exceptions import ApiException as PipelinesError
from hubspot.crm.properties.exceptions import ApiException

from tests.integration.sandbox.hubspot.rig import DATED, FAMILIES, MARKS, Rig

pytestmark = [*MARKS, FAMILIES]

KEY = {
    "name": "our_key",
    "label": "Our key",
    "type": "string",
    "fieldType": "text",
    "groupName": "dealinformation",
    "hasUniqueValue": True,
}


async def test_all_properties_of_a_kind_are_listed(rig: Rig, family: str) -> None:
    found = await rig.call(rig.client(family).crm.properties.core_api.get_all, "deals")
    by_name = {one.name: one for one in found.results}
    source = by_name["partner_source"]
    assert [option.value for option in source.options] == ["sourced", "influenced"]
    assert (source.type, source.field_type, source.group_name) == ("enumeration", "select", "partner_programme")
    assert source.hubspot_defined is False
    stage = by_name["dealstage"]
    assert (stage.external_options, stage.options, stage.hubspot_defined) == (True, [], True)
    assert by_name["hs_is_closed"].modification_metadata.read_only_value is True
    assert by_name["registration_id"].has_unique_value is True


async def test_a_property_is_made_used_changed_and_archived(rig: Rig, family: str) -> None:
    client = rig.client(family)
    api = client.crm.properties.core_api
    made, status, _ = await rig.call(api.create_with_http_info, "deals", KEY)
    assert status == 201
    assert made.has_unique_value is True
    await rig.call(client.crm.deals.basic_api.update, "9001", {"properties": {"our_key": "k1"}})
    found = await rig.call(client.crm.deals.basic_api.get_by_id, "k1", id_property="our_key")
    assert found.id == "9001"
    changed = await rig.call(api.update, "deals", "our_key", {"label": "Key of ours"})
    assert changed.label == "Key of ours"
    _, status, _ = await rig.call(api.archive_with_http_info, "deals", "our_key")
    assert status == 204
    with pytest.raises(ApiException) as caught:
        await rig.call(api.get_by_name, "deals", "our_key")
    assert caught.value.status == 404
    assert (await rig.call(api.get_by_name, "deals", "our_key", archived=True)).archived is True


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"name": "partner_source"}, 409, "OBJECT_ALREADY_EXISTS"),
        ({"name": "amount"}, 409, "OBJECT_ALREADY_EXISTS"),
        ({"name": "Our Key"}, 400, "is not valid"),
        ({"groupName": "nowhere"}, 404, "Property group nowhere does not exist"),
        ({"type": "text"}, 400, "Property type text is not one of"),
        ({"fieldType": "date"}, 400, "fieldType date is not allowed for type string"),
        ({"type": "bool", "fieldType": "booleancheckbox"}, 400, "exactly two options"),
        (
            {"type": "enumeration", "fieldType": "select", "options": [{"label": "A", "value": "a"}] * 2},
            400,
            "must be unique",
        ),
        ({"label": ""}, 400, "[label]"),
    ],
)
async def test_a_property_that_cannot_be_is_refused(
    rig: Rig, family: str, change: dict[str, Any], status: int, words: str
) -> None:
    with pytest.raises(ApiException) as caught:
        await rig.call(rig.client(family).crm.properties.core_api.create, "deals", KEY | change)
    assert caught.value.status == status
    assert words in caught.value.body


async def test_hubspots_own_properties_stay_as_they_are(rig: Rig, family: str) -> None:
    api = rig.client(family).crm.properties.core_api
    for refused in (
        lambda: api.update("deals", "amount", {"label": "Sum"}),
        lambda: api.archive("deals", "amount"),
    ):
        with pytest.raises(ApiException) as caught:
            await rig.call(refused)
        assert caught.value.status == 400


async def test_properties_in_batches(rig: Rig, family: str) -> None:
    api = rig.client(family).crm.properties.batch_api
    made, status, _ = await rig.call(api.create_with_http_info, "deals", {"inputs": [KEY, KEY | {"name": "amount"}]})
    assert (status, [one.name for one in made.results], made.num_errors) == (207, ["our_key"], 1)
    assert made.errors[0].category == "OBJECT_ALREADY_EXISTS"
    body = {"archived": False, "inputs": [{"name": "our_key"}, {"name": "nothing"}]}
    found, status, _ = await rig.call(api.read_with_http_info, "deals", body)
    assert (status, [one.name for one in found.results]) == (207, ["our_key"])
    _, status, _ = await rig.call(api.archive_with_http_info, "deals", {"inputs": [{"name": "our_key"}]})
    assert status == 204


async def test_property_groups(rig: Rig, family: str) -> None:
    api = rig.client(family).crm.properties.groups_api
    made, status, _ = await rig.call(api.create_with_http_info, "deals", {"name": "ours", "label": "Ours"})
    assert (status, made.name, made.archived) == (201, "ours", False)
    with pytest.raises(ApiException) as caught:
        await rig.call(api.create, "deals", {"name": "ours", "label": "Ours"})
    assert caught.value.status == 409
    changed = await rig.call(api.update, "deals", "ours", {"label": "Ours alone"})
    assert changed.label == "Ours alone"
    assert "ours" in [one.name for one in (await rig.call(api.get_all, "deals")).results]
    assert (await rig.call(api.get_by_name, "deals", "ours")).label == "Ours alone"
    await rig.call(api.archive, "deals", "ours")
    with pytest.raises(ApiException) as caught:
        await rig.call(api.archive, "deals", "partner_programme")
    assert caught.value.status == 400


async def test_pipelines_with_their_stages(rig: Rig, family: str) -> None:
    found = await rig.call(rig.client(family).crm.pipelines.pipelines_api.get_all, "deals")
    assert [one.label for one in found.results] == [
        "Sales Pipeline",
        "Referral",
        "Reseller",
        "Marketplace",
        "Services-led",
        "Technology",
    ]
    reseller = found.results[2]
    assert [(stage.label, stage.metadata["probability"], stage.metadata["isClosed"]) for stage in reseller.stages] == [
        ("Deal Registration", "0.2", "false"),
        ("Qualification", "0.4", "false"),
        ("Configure & Quote", "0.6", "false"),
        ("Transact", "0.8", "false"),
        ("Launch & Activate", "0.9", "false"),
        ("Closed won", "1.0", "true"),
        ("Closed lost", "0.0", "true"),
    ]


async def test_a_pipeline_is_made_changed_and_deleted(rig: Rig, family: str) -> None:
    api = rig.client(family).crm.pipelines.pipelines_api
    stages_api = rig.client(family).crm.pipelines.pipeline_stages_api
    stage = {"label": "First", "displayOrder": 0, "metadata": {"probability": "0.1"}}
    made, status, _ = await rig.call(
        api.create_with_http_info, "deals", {"label": "New", "displayOrder": 9, "stages": [stage]}
    )
    assert status == 201
    second, status, _ = await rig.call(
        stages_api.create_with_http_info, "deals", made.id, stage | {"label": "Won", "metadata": {"probability": "1.0"}}
    )
    assert (status, second.metadata["isClosed"]) == (201, "true")
    renamed = await rig.call(stages_api.update, "deals", made.id, second.id, {"label": "Signed"})
    assert renamed.label == "Signed"
    assert (await rig.call(api.update, "deals", made.id, {"label": "Newer"})).label == "Newer"
    assert {one.label for one in (await rig.call(stages_api.get_all, "deals", made.id)).results} == {"First", "Signed"}
    _, status, _ = await rig.call(stages_api.archive_with_http_info, "deals", made.id, second.id)
    assert status == 204
    _, status, _ = await rig.call(api.archive_with_http_info, "deals", made.id)
    assert status == 204
    with pytest.raises(PipelinesError) as caught:
        await rig.call(api.get_by_id, "deals", made.id)
    assert caught.value.status == 404


@pytest.mark.parametrize(
    ("path", "method", "body", "status"),
    [
        ("/deals/751200", "DELETE", None, 400),
        ("/deals/751200/stages/75120002", "DELETE", None, 400),
        ("/deals/751200/stages", "POST", {"label": "No chance", "displayOrder": 1, "metadata": {}}, 400),
        (
            "/deals/751200/stages",
            "POST",
            {"label": "Qualification", "displayOrder": 1, "metadata": {"probability": "0.1"}},
            409,
        ),
        ("/deals/751200/stages/1", "GET", None, 404),
        ("/contacts", "GET", None, 400),
    ],
)
async def test_what_pipelines_refuse(
    rig: Rig, family: str, path: str, method: str, body: dict[str, Any] | None, status: int
) -> None:
    prefix = "/crm/pipelines/2026-09" if family == DATED else "/crm/v3/pipelines"
    assert (await rig.ask(method, prefix + path, body)).status == status


async def test_owners_are_paged_and_found(rig: Rig, family: str) -> None:
    api = rig.client(family).crm.owners.owners_api
    first = await rig.call(api.get_page, limit=1)
    assert [(one.id, one.email, one.user_id) for one in first.results] == [
        ("5001", "priya.nair@meridian.example", 61001)
    ]
    second = await rig.call(api.get_page, limit=1, after=first.paging.next.after)
    assert [one.id for one in second.results] == ["5002"]
    assert second.paging is None
    by_address = await rig.call(api.get_page, email="Franco.DeSantis@meridian.example")
    assert [one.id for one in by_address.results] == ["5002"]
    assert (await rig.call(api.get_by_id, 5001)).first_name == "Priya"
    assert (await rig.call(api.get_by_id, 61002, id_property="userId")).id == "5002"
    path = "/crm/owners/2026-09" if family == DATED else "/crm/v3/owners"
    assert [(await rig.ask("GET", path + end)).status for end in ("", "/", "/1")] == [200, 200, 404]


async def test_the_account_tells_of_itself(rig: Rig, family: str) -> None:
    answer = await rig.ask("GET", f"/account-info/{family}/details")
    assert answer.status == 200
    assert answer.body["portalId"] == 146000123
    assert answer.body["companyCurrency"] == "EUR"
    assert answer.body["additionalCurrencies"] == ["GBP", "USD", "CHF", "BRL"]
    assert (answer.body["utcOffset"], answer.body["utcOffsetMilliseconds"]) == ("+00:00", 0)
