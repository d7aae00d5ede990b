"""Searching, with its limits and its lateness."""

from __future__ import annotations

from typing import Any

import pytest
from hubspot.crm.deals.exceptions import ApiException

from tests.integration.sandbox.hubspot.rig import DATED, FAMILIES, MARKS, Rig

pytestmark = [*MARKS, FAMILIES]


def asking(*filters: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"filterGroups": [{"filters": list(filters)}] if filters else [], **more}


def where(name: str, operator: str, *values: str) -> dict[str, Any]:
    condition: dict[str, Any] = {"propertyName": name, "operator": operator}
    if operator in {"IN", "NOT_IN"}:
        return condition | {"values": list(values)}
    if operator == "BETWEEN":
        return condition | {"value": values[0], "highValue": values[1]}
    return condition | ({"value": values[0]} if values else {})


async def ids(rig: Rig, family: str, body: dict[str, Any], kind: str = "deals") -> list[str]:
    api = getattr(rig.client(family).crm, kind).search_api
    rig.catch_up()  # also lets a second pass, so that no test meets the limit of five
    found = await rig.call(api.do_search, body)
    assert found.total >= len(found.results)
    return [one.id for one in found.results]


FOUND = [
    (where("dealname", "EQ", "acme ROLLOUT"), ["9001"]),
    (where("dealname", "NEQ", "acme rollout"), [*(str(n) for n in range(9002, 9012)), "9101"]),
    (where("amount", "EQ", "40000.0"), ["9001", "9007"]),
    (where("amount", "GT", "72000"), ["9005", "9006", "9101"]),
    (where("amount", "GTE", "72000"), ["9005", "9006", "9010", "9101"]),
    (where("amount", "LT", "26000"), ["9008"]),
    (where("amount", "LTE", "26000"), ["9003", "9008"]),
    (where("amount", "BETWEEN", "40000", "43000"), ["9001", "9007", "9009"]),
    (where("partner_account", "IN", "7002", "7003"), ["9004", "9005", "9006", "9007"]),
    (where("partner_motion", "NOT_IN", "reseller", "services", "referral"), ["9004", "9005", "9009", "9010", "9101"]),
    (where("protected_until", "NOT_HAS_PROPERTY"), ["9005", "9010", "9101"]),
    (where("protected_until", "HAS_PROPERTY"), [str(n) for n in range(9001, 9012) if n not in (9005, 9010)]),
    (where("protected_until", "LT", "2026-12-30"), ["9003", "9004"]),
    (where("closedate", "EQ", "1798675200000"), ["9001"]),
    (where("dealname", "CONTAINS_TOKEN", "verrerie"), ["9006"]),
    (where("dealname", "CONTAINS_TOKEN", "verr*"), ["9006"]),
    (where("dealname", "CONTAINS_TOKEN", "errerie"), []),
    (where("dealname", "NOT_CONTAINS_TOKEN", "*a*"), ["9006", "9101"]),
    (where("partner_source", "EQ", "Sourced"), []),
    (where("hs_object_id", "GT", "9009"), ["9010", "9011", "9101"]),
    (where("associations.contact", "EQ", "8002"), ["9001", "9003"]),
    (where("associations.company", "IN", "7101", "7104"), ["9001", "9004"]),
]


@pytest.mark.parametrize(
    ("condition", "wanted"), FOUND, ids=[f"{c['propertyName']}-{c['operator']}-{n}" for n, (c, _) in enumerate(FOUND)]
)
async def test_a_filter_finds(rig: Rig, family: str, condition: dict[str, Any], wanted: list[str]) -> None:
    assert await ids(rig, family, asking(condition, limit=100)) == wanted


async def test_in_wants_text_in_lower_case(rig: Rig, family: str) -> None:
    # Documented for string properties: the stored text is lowered, the asked values are not.
    assert await ids(rig, family, asking(where("dealname", "IN", "Acme rollout"))) == []
    assert await ids(rig, family, asking(where("dealname", "IN", "acme rollout"))) == ["9001"]


async def test_filters_of_a_group_are_anded_and_groups_are_ored(rig: Rig, family: str) -> None:
    both = [where("partner_account", "EQ", "7001"), where("amount", "GT", "30000")]
    assert await ids(rig, family, asking(*both)) == ["9001", "9002"]
    either = {"filterGroups": [{"filters": [one]} for one in (where("amount", "GT", "100000"), both[0])]}
    assert await ids(rig, family, either) == ["9001", "9002", "9003", "9005"]


async def test_words_are_looked_for_in_the_searchable_properties(rig: Rig, family: str) -> None:
    assert await ids(rig, family, {"query": "BRANDT julia"}, kind="contacts") == ["8001"]
    assert await ids(rig, family, {"query": "seaux"}, kind="companies") == ["7003"]


@pytest.mark.parametrize(
    ("sorts", "wanted"),
    [
        (["amount"], ["9008", "9003", "9011"]),
        (["-amount"], ["9005", "9101", "9006"]),
        ([{"propertyName": "amount", "direction": "DESCENDING"}], ["9005", "9101", "9006"]),
        ([{"propertyName": "dealname"}], ["9001", "9009", "9007"]),
        (["protected_until"], ["9004", "9003", "9006"]),
    ],
)
async def test_results_come_sorted(rig: Rig, family: str, sorts: list[Any], wanted: list[str]) -> None:
    assert await ids(rig, family, {"sorts": sorts, "limit": 3}) == wanted


async def test_polling_by_the_last_change_pages_through_everything_in_order(rig: Rig, family: str) -> None:
    for place in (5, 3, 8):
        rig.clock.pass_time(1)
        rig.server.hands.change("deals", f"900{place}", {"hs_next_step": "Call"})
    since = where("hs_lastmodifieddate", "GTE", str(int(rig.clock.moment.timestamp() * 1000) - 60_000))
    body = asking(since, sorts=["hs_lastmodifieddate"], limit=2, properties=["hs_next_step"])
    rig.catch_up()
    api = rig.client(family).crm.deals.search_api
    first = await rig.call(api.do_search, body | {"after": ""})
    assert (first.total, [one.id for one in first.results], first.paging.next.after) == (3, ["9005", "9003"], "2")
    assert first.results[0].properties["hs_next_step"] == "Call"
    second = await rig.call(api.do_search, body | {"after": first.paging.next.after})
    assert [one.id for one in second.results] == ["9008"]
    assert second.paging is None


async def test_a_search_shows_the_past_for_a_moment(rig: Rig, family: str) -> None:
    body = asking(where("amount", "EQ", "40001"), properties=["amount"])
    rig.catch_up()
    rig.server.hands.change("deals", "9001", {"amount": "40001"})
    api = rig.client(family).crm.deals.search_api
    assert (await rig.call(api.do_search, body)).total == 0
    stale = await rig.call(api.do_search, asking(where("hs_object_id", "EQ", "9001"), properties=["amount"]))
    assert stale.results[0].properties["amount"] == "40000"
    rig.clock.pass_time(0.3)
    fresh = await rig.call(api.do_search, body)
    assert fresh.results[0].properties["amount"] == "40001"


async def test_archived_records_are_never_found(rig: Rig, family: str) -> None:
    made = rig.server.hands.create("companies", {"name": "Short-lived"})
    rig.server.hands.archive("companies", made)
    rig.server.hands.archive("deals", "9001")
    assert await ids(rig, family, {"query": "short-lived"}, kind="companies") == []
    assert "9001" not in await ids(rig, family, {"limit": 100})


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("201 a page", {"limit": 201}),
    ("none a page", {"limit": 0}),
    ("beyond 10,000", {"limit": 200, "after": "9900"}),
    ("an after that is no number", {"after": "next"}),
    ("six groups", {"filterGroups": [{"filters": [where("amount", "HAS_PROPERTY")]}] * 6}),
    ("seven filters", asking(*[where("amount", "HAS_PROPERTY")] * 7)),
    ("nineteen filters", {"filterGroups": [{"filters": [where("amount", "HAS_PROPERTY")] * 5}] * 4}),
    ("two sorts", {"sorts": ["amount", "dealname"]}),
    ("an unknown property", asking(where("no_such_thing", "EQ", "1"))),
    ("an unknown sort", {"sorts": ["no_such_thing"]}),
    ("an unknown operator", asking(where("amount", "LIKE", "4%"))),
    ("a filter without an operator", asking({"propertyName": "amount", "value": "1"})),
    ("a filter without a value", asking(where("amount", "EQ"))),
    ("no values", asking(where("amount", "IN"))),
    ("half a range", asking({"propertyName": "amount", "operator": "BETWEEN", "value": "1"})),
    ("a word for a number", asking(where("amount", "GT", "many"))),
    ("a word for a day", asking(where("closedate", "GT", "tomorrow"))),
    ("a group without filters", {"filterGroups": [{}]}),
    ("3,001 characters", {"query": "x" * 3001}),
    ("an association by GT", asking(where("associations.contact", "GT", "1"))),
]


@pytest.mark.parametrize("body", [row[1] for row in REFUSED], ids=[row[0] for row in REFUSED])
async def test_a_search_that_hubspot_would_not_run_is_400(rig: Rig, family: str, body: dict[str, Any]) -> None:
    with pytest.raises(ApiException) as caught:
        await rig.call(rig.client(family).crm.deals.search_api.do_search, body)
    assert caught.value.status == 400
    assert '"category":"VALIDATION_ERROR"' in caught.value.body


async def test_unknown_properties_to_show_are_left_out(rig: Rig, family: str) -> None:
    path = "/crm/objects/2026-09/deals/search" if family == DATED else "/crm/v3/objects/deals/search"
    answer = await rig.ask("POST", path, {"properties": ["amount", "no_such_thing", "hs_next_step"], "limit": 1})
    assert answer.status == 200
    assert answer.body["results"][0]["properties"] == {
        "amount": "40000",
        "createdate": "2026-10-25T09:30:00Z",
        "hs_lastmodifieddate": answer.body["results"][0]["updatedAt"],
        "hs_next_step": None,
        "hs_object_id": "9001",
    }
