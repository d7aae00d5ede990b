"""Relations between records, v4 and dated."""

from __future__ import annotations

from typing import Any

import pytest
from hubspot.crm.associations.v4.exceptions import ApiException

from tests.integration.sandbox.hubspot.rig import DATED, FAMILIES, MARKS, NUMBERED, Rig

pytestmark = [*MARKS, FAMILIES]


def spec(type_id: int, category: str = "HUBSPOT_DEFINED") -> dict[str, Any]:
    return {"associationCategory": category, "associationTypeId": type_id}


async def related(rig: Rig, family: str, one: str, record_id: str, other: str) -> dict[str, list[tuple[int, Any]]]:
    """Id of the other side → (type id, label), read in a batch."""
    api = rig.client(family).crm.associations.v4.batch_api
    found = await rig.call(api.get_page, one, other, {"inputs": [{"id": record_id}]})
    return {
        str(to.to_object_id): [(type_.type_id, type_.label) for type_ in to.association_types]
        for result in found.results
        for to in result.to
    }


async def test_the_first_company_of_a_deal_is_its_primary_one(rig: Rig, family: str) -> None:
    assert await related(rig, family, "deals", "9001", "companies") == {"7101": [(341, None), (5, "Primary")]}
    api = rig.client(family).crm.associations.v4.basic_api
    made, status, _ = await rig.call(api.create_default_with_http_info, "deals", "9001", "companies", "7001")
    assert status == 200
    assert [one.association_spec.association_type_id for one in made.results] == [341, 342]
    assert await related(rig, family, "deals", "9001", "companies") == {
        "7001": [(341, None)],
        "7101": [(341, None), (5, "Primary")],
    }
    assert (await related(rig, family, "companies", "7001", "deals"))["9001"] == [(342, None)]


async def test_a_relation_is_made_with_chosen_types(rig: Rig, family: str) -> None:
    api = rig.client(family).crm.associations.v4.basic_api
    made, status, _ = await rig.call(api.create_with_http_info, "deals", "9004", "contacts", "8001", [spec(3)])
    assert status == 201
    assert (made.from_object_type_id, made.from_object_id) == ("0-3", "9004")
    assert (made.to_object_type_id, made.to_object_id, made.labels) == ("0-1", "8001", [])
    assert set(await related(rig, family, "deals", "9004", "contacts")) == {"8001", "8003"}


async def test_making_a_relation_twice_is_making_it_once(rig: Rig, family: str) -> None:
    api = rig.client(family).crm.associations.v4.basic_api
    before = rig.server.hands.look("deals", "9001")
    await rig.call(api.create_default, "deals", "9001", "contacts", "8001")
    assert rig.server.hands.look("deals", "9001") == before


@pytest.mark.parametrize(
    ("specs", "status"),
    [([spec(4)], 400), ([spec(5)], 400), ([{}], 400), ([], 400), ([spec(3, "MINE")], 400)],
)
async def test_a_type_of_another_pair_is_refused(
    rig: Rig, family: str, specs: list[dict[str, Any]], status: int
) -> None:
    api = rig.client(family).crm.associations.v4.basic_api
    with pytest.raises(ApiException) as caught:
        await rig.call(api.create, "deals", "9001", "contacts", "8003", specs)
    assert caught.value.status == status


async def test_an_unknown_end_is_404(rig: Rig, family: str) -> None:
    api = rig.client(family).crm.associations.v4.basic_api
    for ends in (("deals", "1", "contacts", "8001"), ("deals", "9001", "contacts", "1")):
        with pytest.raises(ApiException) as caught:
            await rig.call(api.create_default, *ends)
        assert caught.value.status == 404


async def test_a_relation_is_taken_away_on_both_sides(rig: Rig, family: str) -> None:
    api = rig.client(family).crm.associations.v4.basic_api
    _, status, _ = await rig.call(api.archive_with_http_info, "deals", "9001", "contacts", "8001")
    assert status == 204
    assert set(await related(rig, family, "deals", "9001", "contacts")) == {"8002"}
    assert "9001" not in await related(rig, family, "contacts", "8001", "deals")
    assert rig.server.hands.look("deals", "9001")["properties"]["num_associated_contacts"] == "1"


async def test_a_batch_read_answers_207_for_records_without_relations(rig: Rig, family: str) -> None:
    api = rig.client(family).crm.associations.v4.batch_api
    body = {"inputs": [{"id": "9001"}, {"id": "9002"}, {"id": "1"}]}
    found, status, _ = await rig.call(api.get_page_with_http_info, "deals", "contacts", body)
    assert status == 207
    assert [(one._from.id, len(one.to)) for one in found.results] == [("9001", 2), ("9002", 1)]
    assert found.num_errors == 1
    assert found.errors[0].sub_category == "crm.associations.NO_ASSOCIATIONS_FOUND"
    assert found.errors[0].message == "No contact is associated with deal 1."
    assert found.errors[0].context["fromObjectId"] == ["1"]
    _, status, _ = await rig.call(api.get_page_with_http_info, "deals", "contacts", {"inputs": [{"id": "9001"}]})
    assert status == 200


async def test_ids_are_numbers_in_v4_and_text_in_the_dated_family(rig: Rig, family: str) -> None:
    prefix = "/crm/associations/2026-09" if family == DATED else "/crm/v4/associations"
    answer = await rig.ask("POST", f"{prefix}/deals/contacts/batch/read", {"inputs": [{"id": "9002"}]})
    assert answer.body["results"][0]["to"][0]["toObjectId"] == ("8001" if family == DATED else 8001)


async def test_a_batch_relates_many(rig: Rig, family: str) -> None:
    api = rig.client(family).crm.associations.v4.batch_api
    pairs = [{"from": {"id": "9004"}, "to": {"id": "8001"}}, {"from": {"id": "9005"}, "to": {"id": "8001"}}]
    made, status, _ = await rig.call(
        api.create_with_http_info,
        "deals",
        "contacts",
        {"inputs": [pair | {"types": [spec(3)]} for pair in pairs]},
    )
    assert status == 201
    assert [one.from_object_id for one in made.results] == ["9004", "9005"]
    again, status, _ = await rig.call(
        api.create_default_with_http_info,
        "deals",
        "contacts",
        {"inputs": [*pairs, {"from": {"id": "1"}} | {"to": {"id": "8001"}}]},
    )
    assert status == 200
    assert again.num_errors == 1
    _, status, _ = await rig.call(
        api.archive_with_http_info, "deals", "contacts", {"inputs": [{"from": {"id": "9004"}, "to": [{"id": "8001"}]}]}
    )
    assert status == 204
    assert set(await related(rig, family, "contacts", "8001", "deals")) == {"9001", "9002", "9005"}


async def test_labels_are_listed_and_made(rig: Rig, family: str) -> None:
    api = rig.client(family).crm.associations.v4.schema.definitions_api
    listed = await rig.call(api.get_all, "deals", "companies")
    assert [(one.category, one.type_id, one.label) for one in listed.results] == [
        ("HUBSPOT_DEFINED", 341, None),
        ("HUBSPOT_DEFINED", 5, "Primary"),
        ("USER_DEFINED", 1001, "Partner"),
    ]
    made, status, _ = await rig.call(
        api.create_with_http_info,
        "deals",
        "companies",
        {"label": "Adviser", "name": "adviser", "inverseLabel": "Deal of adviser"},
    )
    assert status == 200
    forth, back = made.results
    assert (forth.category, forth.label, back.label) == ("USER_DEFINED", "Adviser", "Deal of adviser")
    basic = rig.client(family).crm.associations.v4.basic_api
    linked = await rig.call(basic.create, "deals", "9001", "companies", "7001", [spec(forth.type_id, "USER_DEFINED")])
    assert linked.labels == ["Adviser"]
    relations = await related(rig, family, "companies", "7001", "deals")
    assert (back.type_id, "Deal of adviser") in relations["9001"]
    batch = rig.client(family).crm.associations.v4.batch_api
    ends = {"from": {"id": "9001"}, "to": {"id": "7001"}, "types": [spec(forth.type_id, "USER_DEFINED")]}
    await rig.call(batch.archive_labels, "deals", "companies", {"inputs": [ends]})
    assert (await related(rig, family, "companies", "7001", "deals"))["9001"] == [(342, None)]


async def test_another_company_becomes_the_primary_one_in_the_place_of_the_first(rig: Rig, family: str) -> None:
    api = rig.client(family).crm.associations.v4.basic_api
    await rig.call(api.create, "deals", "9001", "companies", "7102", [spec(5)])
    assert await related(rig, family, "deals", "9001", "companies") == {
        "7101": [(341, None)],
        "7102": [(5, "Primary"), (341, None)],
    }
    assert (await related(rig, family, "companies", "7101", "deals"))["9001"] == [(342, None)]


async def test_many_relations_are_read_in_pages(rig: Rig, family: str) -> None:
    for number in range(1, 502):
        rig.server.hands.create("contacts", {"firstname": f"No {number}"}, to=[("companies", "7111")])
    api = rig.client(family).crm.associations.v4.batch_api
    body = {"inputs": [{"id": "7111"}]}
    first = (await rig.call(api.get_page, "companies", "contacts", body)).results[0]
    assert len(first.to) == 500
    body = {"inputs": [{"id": "7111", "after": first.paging.next.after}]}
    rest = (await rig.call(api.get_page, "companies", "contacts", body)).results[0]
    assert len(rest.to) == 1
    assert rest.paging is None


async def test_v4_reads_one_records_relations(rig: Rig, family: str) -> None:
    if family != NUMBERED:
        answer = await rig.ask("GET", "/crm/objects/2026-09/deals/9001/associations/companies")
        assert answer.status == 404
        return
    found = await rig.call(
        rig.client(family).crm.associations.v4.basic_api.get_page, "deals", "9001", "contacts", limit=1
    )
    assert [str(to.to_object_id) for to in found.results] == ["8001"]
    assert found.paging.next.after == "8001"
