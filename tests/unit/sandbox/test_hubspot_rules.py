"""The sandbox HubSpot's pure parts, held against properties."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.hubspot.associations import Associations
from bot.sandbox.hubspot.defaults import default_properties
from bot.sandbox.hubspot.errors import HubSpotError
from bot.sandbox.hubspot.failures import Failure, Failures
from bot.sandbox.hubspot.index import SearchIndex
from bot.sandbox.hubspot.kinds import DEALS, KINDS
from bot.sandbox.hubspot.properties import FIELD_TYPES
from bot.sandbox.hubspot.published import SCHEMAS, deviations
from bot.sandbox.hubspot.query import OPERATORS, parse_query
from bot.sandbox.hubspot.records import Actor, Edit, Record, start_record
from bot.sandbox.hubspot.search import run_query
from bot.sandbox.hubspot.server import ROUTES
from bot.sandbox.hubspot.times import iso_of, moment_of, ms_of, parse_any, parse_instant
from bot.sandbox.hubspot.values import Accepted, judge

PROPERTIES = {property_.name: property_ for property_ in default_properties("deals")}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
MS = st.integers(min_value=-62_135_596_800_000, max_value=253_402_300_799_999)
AMOUNTS = st.none() | st.integers(min_value=-5, max_value=5)


@given(text=st.text(max_size=40), name=st.sampled_from(sorted(PROPERTIES)), dated=st.booleans())
def test_judging_a_value_never_raises_and_what_it_keeps_it_takes_again(text: str, name: str, *, dated: bool) -> None:
    property_ = PROPERTIES[name]
    verdict = judge(property_, text, allowed=property_.allowed, dated=dated)
    if isinstance(verdict, Accepted):
        again = judge(property_, verdict.value, allowed=property_.allowed, dated=dated)
        assert again == Accepted(value=verdict.value, key=verdict.key)


@given(ms=MS)
def test_instants_survive_being_written(ms: int) -> None:
    assert ms_of(moment_of(ms)) == ms
    assert parse_instant(iso_of(ms), zone_required=True) == ms
    assert parse_any(iso_of(ms)) == ms
    assert parse_any(str(ms)) == ms


@given(text=st.text(max_size=40))
def test_reading_a_time_never_raises(text: str) -> None:
    parse_any(text)


@given(body=st.dictionaries(st.sampled_from(["filterGroups", "sorts", "limit", "after", "query", "properties"]), JSON))
def test_a_search_request_is_read_or_refused(body: dict[str, Any]) -> None:
    refusal = None
    try:
        parse_query(body, DEALS, PROPERTIES.get)
    except HubSpotError as error:
        refusal = error
    assert refusal is None or refusal.status == 400


def _deals(amounts: list[int | None]) -> list[Record]:
    actor = Actor(source_type="CRM_UI", source_id="userId:1")
    records = []
    for number, amount in enumerate(amounts, start=1):
        record = start_record(record_id=str(number), kind=DEALS, created_ms=0)
        text = "" if amount is None else str(amount)
        key = None if amount is None else float(amount)
        values, keys = {"amount": text, "dealname": f"D{text}"}, {"amount": key}
        record.write(Edit(values=values, keys=keys, actor=actor), now_ms=number % 3)
        records.append(record)
    return records


def _meets(amount: int | None, operator: str, low: int, high: int) -> bool:
    match operator:
        case "HAS_PROPERTY":
            return amount is not None
        case "NOT_HAS_PROPERTY":
            return amount is None
        case "NEQ" | "NOT_IN":
            return amount not in ({low} if operator == "NEQ" else {low, high})
        case "EQ" | "IN":
            return amount in ({low} if operator == "EQ" else {low, high})
        case "BETWEEN":
            return amount is not None and low <= amount <= high
        case _:
            orders = {"LT": (-1,), "LTE": (-1, 0), "GT": (1,), "GTE": (0, 1)}
            return amount is not None and (amount > low) - (amount < low) in orders[operator]


@given(
    amounts=st.lists(AMOUNTS, max_size=12),
    operator=st.sampled_from(sorted(OPERATORS - {"CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"})),
    low=st.integers(min_value=-5, max_value=5),
    high=st.integers(min_value=-5, max_value=5),
    descending=st.booleans(),
)
def test_a_search_finds_what_looking_at_each_finds(
    amounts: list[int | None], operator: str, low: int, high: int, *, descending: bool
) -> None:
    index = SearchIndex(DEALS, lag_s=0.0, timer=lambda: 0.0)
    index.load(_deals(amounts))
    filter_: dict[str, Any] = {"propertyName": "amount", "operator": operator, "value": str(low)}
    filter_ |= {"highValue": str(high), "values": [str(low), str(high)]}
    body = {"filterGroups": [{"filters": [filter_]}], "sorts": ["-hs_object_id" if descending else "hs_object_id"]}
    total, found = run_query(parse_query(body | {"limit": 200}, DEALS, PROPERTIES.get), index, Associations())
    wanted = [n for n, amount in enumerate(amounts, start=1) if _meets(amount, operator, low, high)]
    assert total == len(wanted)
    assert found == (wanted[::-1] if descending else wanted)


@given(amounts=st.lists(AMOUNTS, min_size=1, max_size=12), changes=st.lists(st.integers(0, 11), max_size=20))
def test_the_index_stays_in_order_whatever_changes(amounts: list[int | None], changes: list[int]) -> None:
    now = [0.0]
    index = SearchIndex(DEALS, lag_s=1.0, timer=lambda: now[0])
    records = _deals(amounts)
    index.load(records)
    index.equal_to("amount", "")  # from here on the table of equals is kept up too
    actor = Actor(source_type="CRM_UI", source_id="userId:1")
    for change in changes:
        record = records[change % len(records)]
        record.write(Edit(values={"amount": "7"}, keys={"amount": 7.0}, actor=actor), now_ms=change)
        index.show_later(record)
        now[0] += 0.5
    now[0] += 1.0
    query = parse_query({"sorts": ["hs_lastmodifieddate"], "limit": 200}, DEALS, PROPERTIES.get)
    total, found = run_query(query, index, Associations())
    assert total == len(records)
    assert found == sorted(found, key=lambda number: (records[number - 1].version.modified_ms, number))
    sevens = {int(record.id) for record in records if record.value("amount") == "7"}
    assert index.equal_to("amount", "7") == sevens


@given(steps=st.lists(st.integers(min_value=-3, max_value=3), max_size=20))
def test_the_time_of_the_last_change_only_grows(steps: list[int]) -> None:
    record = start_record(record_id="1", kind=DEALS, created_ms=100)
    actor, now, seen = Actor(source_type="CRM_UI", source_id="userId:1"), 100, [99]
    for step in steps:
        now += step
        record.write(Edit(values={"amount": str(step)}, keys={}, actor=actor), now_ms=now)
        seen.append(record.version.modified_ms)
    assert seen == sorted(set(seen))


def test_default_properties_are_consistent() -> None:
    for kind in KINDS:
        names = [property_.name for property_ in default_properties(kind.name)]
        assert len(names) == len(set(names))
        assert {kind.created, kind.modified, "hs_object_id", *kind.shown, *kind.searched} <= set(names)
        for property_ in default_properties(kind.name):
            assert property_.field_type in FIELD_TYPES[property_.type]
            assert bool(property_.options) == (property_.type in {"enumeration", "bool"} and not property_.external), (
                property_.name
            )


def test_an_association_type_and_its_inverse_point_at_each_other() -> None:
    associations = Associations()
    for one in KINDS:
        for other in KINDS:
            for type_ in associations.types_between(one.name, other.name):
                back = associations.type_of(other.name, one.name, type_.category, type_.inverse)
                assert back.inverse == type_.type_id


def test_every_published_schema_belongs_to_an_operation() -> None:
    assert SCHEMAS.keys() <= {(route.method, route.numbered) for route in ROUTES}


@given(operation=st.sampled_from(sorted(SCHEMAS)), body=JSON)
def test_comparing_a_body_never_raises(operation: tuple[str, str], body: Any) -> None:
    deviations(*operation, body)


def test_failures_are_used_up_in_order() -> None:
    failures = Failures()
    failures.order(Failure(path="/deals/", status=500))
    failures.order(Failure(method="GET|PATCH", status=423, times=2))
    taken = [failures.take("GET", path) for path in ("/contacts/1", "/deals/1", "/deals/1", "/deals/1")]
    assert [failure.status if failure else None for failure in taken] == [423, 500, 423, None]
    assert failures.take("POST", "/contacts") is None


def test_a_moment_is_written_without_a_fraction_when_it_has_none() -> None:
    assert iso_of(ms_of(datetime(2026, 11, 24, tzinfo=UTC))) == "2026-11-24T00:00:00Z"
    assert iso_of(ms_of(datetime(2026, 11, 24, 1, 2, 3, 50_000, tzinfo=UTC))) == "2026-11-24T01:02:03.050Z"
