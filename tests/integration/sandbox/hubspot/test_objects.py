"""Single records and lists, as the vendor's client sees them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hubspot.crm.deals.exceptions import ApiException

from bot.sandbox.world import stage_id
from tests.integration.sandbox.hubspot.rig import DATED, FAMILIES, MARKS, NUMBERED, Rig

pytestmark = [*MARKS, FAMILIES]


def deal(**properties: str) -> dict[str, Any]:
    standard = {"dealname": "New deal", "pipeline": "751200", "dealstage": stage_id("reseller", "Qualification")}
    return {"properties": standard | properties, "associations": []}


async def test_a_deal_is_read_with_the_asked_properties_only(rig: Rig, family: str) -> None:
    api = rig.client(family).crm.deals.basic_api
    found = await rig.call(api.get_by_id, "9001", properties=["amount", "closed_lost_reason", "no_such_thing"])
    assert found.id == "9001"
    assert found.properties == {
        "amount": "40000",
        "closed_lost_reason": None,
        "createdate": "2026-10-25T09:30:00Z",
        "hs_lastmodifieddate": found.properties["hs_lastmodifieddate"],
        "hs_object_id": "9001",
    }
    assert found.created_at == datetime(2026, 10, 25, 9, 30, tzinfo=UTC)
    assert found.archived is False


async def test_without_asking_the_default_properties_are_answered(rig: Rig, family: str) -> None:
    found = await rig.call(rig.client(family).crm.deals.basic_api.get_by_id, "9001")
    assert sorted(found.properties) == [
        "amount",
        "closedate",
        "createdate",
        "dealname",
        "dealstage",
        "hs_lastmodifieddate",
        "hs_object_id",
        "pipeline",
    ]
    assert found.properties["closedate"] == "2026-12-31T00:00:00Z"


async def test_type_ids_and_singulars_name_the_same_records(rig: Rig, family: str) -> None:
    prefix = "/crm/objects/2026-09" if family == DATED else "/crm/v3/objects"
    answers = [await rig.ask("GET", f"{prefix}/{segment}/9001") for segment in ("deals", "0-3", "deal", "DEALS")]
    assert [answer.status for answer in answers] == [200] * 4
    assert all(answer.body == answers[0].body for answer in answers)
    unknown = await rig.ask("GET", f"{prefix}/widgets/9001")
    assert (unknown.status, unknown.body["message"]) == (400, "Unable to infer object type from: widgets")


async def test_a_create_answers_201_with_all_values_and_where_to_find_it(rig: Rig, family: str) -> None:
    api = rig.client(family).crm.deals.basic_api
    made, status, headers = await rig.call(
        api.create_with_http_info, deal(amount="1234.50", closedate="2027-02-28T10:00:00+01:00")
    )
    assert status == 201
    assert made.properties["amount"] == "1234.50"
    assert made.properties["closedate"] == "2027-02-28T09:00:00Z"
    assert made.properties["hs_is_closed"] == "false"
    assert made.properties["hs_deal_stage_probability"] == "0.4"
    assert made.properties["hs_object_source"] == "INTEGRATION"
    assert headers["Location"].endswith(f"/deals/{made.id}")
    again = await rig.call(api.get_by_id, made.id)
    assert again.properties["dealname"] == "New deal"


async def test_a_create_relates_the_new_record_to_others(rig: Rig, family: str) -> None:
    api = rig.client(family).crm.deals.basic_api
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 3}]
    made = await rig.call(api.create, deal() | {"associations": [{"to": {"id": "8001"}, "types": types}]})
    found = await rig.call(api.get_by_id, made.id, associations=["contacts", "companies"])
    assert [(one.id, one.type) for one in found.associations["contacts"].results] == [("8001", "deal_to_contact")]
    assert "companies" not in found.associations
    assert found.associations["contacts"].paging is None


@pytest.mark.parametrize(
    ("type_id", "to_id", "message"),
    [
        (214, "8001", "invalid from object type 0-3 for associations to be created. expected: 0-46"),
        (3, "777", "One or more associations are invalid"),
    ],
)
async def test_a_create_with_a_wrong_relation_makes_nothing(
    rig: Rig, family: str, type_id: int, to_id: str, message: str
) -> None:
    before = len(rig.server.hands.look_at_all("deals"))
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}]
    body = deal() | {"associations": [{"to": {"id": to_id}, "types": types}]}
    with pytest.raises(ApiException) as caught:
        await rig.call(rig.client(family).crm.deals.basic_api.create, body)
    assert caught.value.status == 400
    assert message in caught.value.body
    assert len(rig.server.hands.look_at_all("deals")) == before


async def test_an_update_changes_what_it_names_and_moves_the_time(rig: Rig, family: str) -> None:
    api = rig.client(family).crm.deals.basic_api
    first = await rig.call(api.update, "9001", {"properties": {"amount": "60000", "hs_next_step": "Call Julia"}})
    second = await rig.call(api.update, "9001", {"properties": {"amount": "60000"}})
    assert first.properties["amount"] == "60000"
    assert first.properties["hs_projected_amount"] == "24000.00"
    assert first.updated_at == datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    # The clock stood still, and yet the second write is later: by a millisecond.
    assert second.updated_at == datetime(2026, 11, 24, 9, 30, 0, 1000, tzinfo=UTC)
    assert second.properties["hs_lastmodifieddate"] == "2026-11-24T09:30:00.001Z"


async def test_an_empty_string_clears_a_value(rig: Rig, family: str) -> None:
    api = rig.client(family).crm.deals.basic_api
    await rig.call(api.update, "9001", {"properties": {"amount": ""}})
    found = await rig.call(api.get_by_id, "9001", properties=["amount"], properties_with_history=["amount"])
    assert found.properties["amount"] == ""
    assert [change.value for change in found.properties_with_history["amount"]] == ["", "40000"]


async def test_history_tells_people_from_integrations(rig: Rig, family: str) -> None:
    api = rig.client(family).crm.deals.basic_api
    rig.clock.pass_time(60)
    rig.server.hands.move("9001", "Configure & Quote", by="franco.desantis@meridian.example")
    rig.clock.pass_time(60)
    await rig.call(api.update, "9001", {"properties": {"dealstage": stage_id("reseller", "Transact")}})
    found = await rig.call(api.get_by_id, "9001", properties_with_history=["dealstage", "amount"])
    newest, middle, oldest = found.properties_with_history["dealstage"]
    assert (newest.value, newest.source_type, newest.source_id) == ("75120004", "INTEGRATION", "9000321")
    assert newest.updated_by_user_id is None
    assert (middle.value, middle.source_type, middle.updated_by_user_id) == ("75120003", "CRM_UI", 61002)
    assert middle.source_id == "userId:61002"
    assert oldest.value == "75120002"
    assert newest.timestamp - middle.timestamp == middle.timestamp - datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    assert len(found.properties_with_history["amount"]) == 1


async def test_writing_the_same_value_adds_no_history(rig: Rig, family: str) -> None:
    api = rig.client(family).crm.deals.basic_api
    await rig.call(api.update, "9001", {"properties": {"amount": "40000"}})
    found = await rig.call(api.get_by_id, "9001", properties_with_history=["amount"])
    assert len(found.properties_with_history["amount"]) == 1


async def test_a_contact_is_found_by_any_of_its_addresses(rig: Rig, family: str) -> None:
    api = rig.client(family).crm.contacts.basic_api
    for address in ("julia@brandt-it.example", "JULIA@Brandt-IT.example", "j.brandt@brandt-it.example"):
        found = await rig.call(api.get_by_id, address, id_property="email", properties=["lastmodifieddate"])
        assert found.id == "8001"
        assert found.properties["lastmodifieddate"]


async def test_a_unique_property_identifies_and_another_does_not(rig: Rig, family: str) -> None:
    client = rig.client(family)
    found = await rig.call(client.crm.deals.basic_api.get_by_id, "REG-9003", id_property="registration_id")
    assert found.id == "9003"
    with pytest.raises(ApiException) as caught:
        await rig.call(client.crm.deals.basic_api.get_by_id, "Acme rollout", id_property="dealname")
    assert caught.value.status == 400


@pytest.mark.parametrize(
    ("record_id", "message"),
    [("123456", "resource not found"), ("a/b c@x", "Object not found.  objectId are usually numeric.")],
)
async def test_an_unknown_record_is_404(rig: Rig, family: str, record_id: str, message: str) -> None:
    api = rig.client(family).crm.deals.basic_api
    for request in (
        lambda: api.get_by_id(record_id),
        lambda: api.update(record_id, {"properties": {"amount": "1"}}),
    ):
        with pytest.raises(ApiException) as caught:
            await rig.call(request)
        assert caught.value.status == 404
        assert message in caught.value.body
        assert '"category":"OBJECT_NOT_FOUND"' in caught.value.body


async def test_an_archived_record_is_gone_until_asked_for(rig: Rig, family: str) -> None:
    api = rig.client(family).crm.deals.basic_api
    _, status, _ = await rig.call(api.archive_with_http_info, "9001")
    assert status == 204
    with pytest.raises(ApiException):
        await rig.call(api.get_by_id, "9001")
    archived = await rig.call(api.get_by_id, "9001", archived=True)
    assert archived.archived is True
    assert archived.archived_at == datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    page = await rig.call(api.get_page, archived=True)
    assert [one.id for one in page.results] == ["9001"]
    _, status, _ = await rig.call(api.archive_with_http_info, "9001")
    assert status == 204


async def test_a_list_is_read_page_by_page(rig: Rig, family: str) -> None:
    api = rig.client(family).crm.deals.basic_api
    seen, after = [], None
    for _ in range(4):
        page = await rig.call(api.get_page, limit=3, **({"after": after} if after else {}))
        seen += [one.id for one in page.results]
        after = page.paging.next.after if page.paging else None
    assert after is None
    assert seen == [*(str(9001 + place) for place in range(11)), "9101"]


@pytest.mark.parametrize("kind", ["emails", "tasks", "communications", "calls", "meetings", "notes"])
async def test_activities_are_records_like_others(rig: Rig, family: str, kind: str) -> None:
    prefix = f"/crm/objects/2026-09/{kind}" if family == DATED else f"/crm/v3/objects/{kind}"
    properties = {"hs_timestamp": "2026-11-24T09:00:00Z"}
    if kind == "emails":
        properties |= {"hs_email_direction": "INCOMING_EMAIL", "hs_email_subject": "Re: Acme rollout"}
    made = await rig.ask("POST", prefix, {"properties": properties, "associations": []})
    assert made.status == 201
    found = await rig.ask("GET", f"{prefix}/{made.body['id']}?properties=hs_timestamp,hs_body_preview")
    assert found.body["properties"]["hs_timestamp"] == "2026-11-24T09:00:00Z"
    removed = await rig.ask("DELETE", f"{prefix}/{made.body['id']}")
    assert removed.status == 204


async def test_a_note_belongs_to_its_deal_and_makes_it_look_changed(rig: Rig, family: str) -> None:
    client = rig.client(family)
    before = (await rig.call(client.crm.deals.basic_api.get_by_id, "9001")).updated_at
    note = {
        "properties": {"hs_timestamp": "1764000000000", "hs_note_body": "<p>Amount &amp; date agreed</p>"},
        "associations": [
            {
                "to": {"id": "9001"},
                "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 214}],
            }
        ],
    }
    made = await rig.call(client.crm.objects.notes.basic_api.create, note)
    assert made.properties["hs_body_preview"] == "Amount & date agreed"
    assert made.properties["hs_timestamp"] == "2025-11-24T16:00:00Z"
    deal_ = await rig.call(
        client.crm.deals.basic_api.get_by_id, "9001", properties=["num_notes"], associations=["notes"]
    )
    assert deal_.properties["num_notes"] == "1"
    assert deal_.updated_at > before
    assert [one.id for one in deal_.associations["notes"].results] == [made.id]


async def test_what_the_dated_family_dropped_is_404_there(rig: Rig, family: str) -> None:
    path = "/crm/objects/2026-09" if family == DATED else "/crm/v4/objects"
    answer = await rig.ask("GET", f"{path}/deals/9001/associations/contacts")
    assert answer.status == (404 if family == DATED else 200)
    if family == NUMBERED:
        assert [to["toObjectId"] for to in answer.body["results"]] == [8001, 8002]
