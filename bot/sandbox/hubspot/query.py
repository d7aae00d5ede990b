"""A search request, read and checked as strictly as HubSpot does. Runs nothing.

Limits: developers.hubspot.com, "Search the CRM", 2026-11: 5 groups, 6 filters a group, 18 in all, one sort, 200 a
page, 10,000 results a query, 3,000 characters of text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.hubspot.bodies import objects_in, required_text, text_list, text_of, whole_in
from bot.sandbox.hubspot.errors import bad_request, fields_not_set, invalid_json
from bot.sandbox.hubspot.kinds import Kind, kind_of
from bot.sandbox.hubspot.properties import Property
from bot.sandbox.hubspot.times import parse_any

MAX_GROUPS, MAX_FILTERS, MAX_FILTERS_IN_ALL = 5, 6, 18
MAX_LIMIT, MAX_RESULTS, MAX_QUERY = 200, 10_000, 3_000
RANGES = frozenset({"LT", "LTE", "GT", "GTE", "BETWEEN"})
LISTS = frozenset({"IN", "NOT_IN"})
VALUELESS = frozenset({"HAS_PROPERTY", "NOT_HAS_PROPERTY"})
TOKENS = frozenset({"CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"})
OPERATORS = RANGES | LISTS | VALUELESS | TOKENS | {"EQ", "NEQ"}
ASSOCIATIONS = "associations."


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One condition. `keys` are the values as numbers or epoch milliseconds when the property has such;
    `to_kind` is set instead of a property for the pseudo-properties `associations.<kind>`."""

    name: str
    operator: str
    values: tuple[str, ...] = ()
    keys: tuple[float, ...] = ()
    is_text: bool = False
    to_kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    groups: tuple[tuple[Filter, ...], ...]
    words: tuple[str, ...]
    sort: str
    descending: bool
    limit: int
    offset: int
    properties: tuple[str, ...]


Find = Callable[[str], Property | None]


def parse_query(body: Mapping[str, Any], kind: Kind, find: Find) -> Query:
    """Read a PublicObjectSearchRequest.

    Raises:
        HubSpotError: 400 for anything that HubSpot would not run.
    """
    text = text_of(body.get("query"))
    if len(text) > MAX_QUERY:
        raise bad_request(f"The query is too long: the limit is {MAX_QUERY} characters.")
    sort, descending = _parse_sort(body.get("sorts") or [], kind, find)
    limit = whole_in(body, "limit", default=10)
    offset = whole_in(body, "after", default=0)
    if not 0 < limit <= MAX_LIMIT:
        raise bad_request(f"The requested limit {limit} is not between 1 and {MAX_LIMIT}.")
    if offset < 0 or offset + limit > MAX_RESULTS:
        raise bad_request(f"Paging beyond {MAX_RESULTS} results is not possible: after {offset} with limit {limit}.")
    return Query(
        groups=_parse_groups(body, kind, find),
        words=tuple(text.lower().split()),
        sort=sort,
        descending=descending,
        limit=limit,
        offset=offset,
        properties=tuple(text_list(body, "properties")),
    )


def _parse_groups(body: Mapping[str, Any], kind: Kind, find: Find) -> tuple[tuple[Filter, ...], ...]:
    raw_groups = objects_in(body, "filterGroups")
    if len(raw_groups) > MAX_GROUPS:
        raise bad_request(f"Too many filter groups: {len(raw_groups)}, the limit is {MAX_GROUPS}.")
    groups = []
    for raw in raw_groups:
        if "filters" not in raw:
            raise fields_not_set("filters")
        filters = objects_in(raw, "filters")
        if len(filters) > MAX_FILTERS:
            raise bad_request(f"Too many filters in a group: {len(filters)}, the limit is {MAX_FILTERS}.")
        groups.append(tuple(_parse_filter(item, kind, find) for item in filters))
    if sum(map(len, groups)) > MAX_FILTERS_IN_ALL:
        raise bad_request(f"Too many filters: the limit is {MAX_FILTERS_IN_ALL}.")
    return tuple(groups)


def _parse_filter(raw: Mapping[str, Any], kind: Kind, find: Find) -> Filter:
    name, operator = required_text(raw, "propertyName", "operator")
    if operator not in OPERATORS:
        raise invalid_json(f"operator {operator} is not one of {', '.join(sorted(OPERATORS))}")
    values = _filter_values(raw, operator)
    if name.startswith(ASSOCIATIONS):
        if operator not in {"EQ", "IN"}:
            raise bad_request(f"{name} can only be filtered with EQ and IN.")
        to_kind = kind_of(name.removeprefix(ASSOCIATIONS)).name
        return Filter(name=name, operator=operator, values=values, to_kind=to_kind)
    property_ = find(name)
    if property_ is None:
        raise bad_request(
            f"There was a problem with the request: property {name} does not exist on {kind.singular}.",
            propertyName=[name],
        )
    return Filter(
        name=name,
        operator=operator,
        values=values,
        keys=_keys(property_, values),
        is_text=property_.type in {"string", "phone_number"},
    )


def _filter_values(raw: Mapping[str, Any], operator: str) -> tuple[str, ...]:
    if operator in VALUELESS:
        return ()
    if operator in LISTS:
        values = raw.get("values")
        if not isinstance(values, list) or not values:
            raise bad_request(f"Operator {operator} requires values.")
        return tuple(text_of(value) for value in values)
    if raw.get("value") is None:
        raise bad_request(f"Operator {operator} requires a value.")
    if operator != "BETWEEN":
        return (text_of(raw["value"]),)
    if raw.get("highValue") is None:
        raise bad_request("Operator BETWEEN requires a highValue.")
    return (text_of(raw["value"]), text_of(raw["highValue"]))


def _keys(property_: Property, values: tuple[str, ...]) -> tuple[float, ...]:
    """The comparable values for numbers and times; none for the rest."""
    if property_.type not in {"number", "date", "datetime"}:
        return ()
    keys: list[float] = []
    for value in values:
        try:
            key = float(value) if property_.type == "number" else parse_any(value)
        except ValueError:
            key = None
        if key is None:
            raise bad_request(f"{value} is not a valid {property_.type} for {property_.name}.")
        keys.append(key)
    return tuple(keys)


def _parse_sort(raw: Any, kind: Kind, find: Find) -> tuple[str, bool]:
    if not isinstance(raw, list):
        raise invalid_json("sorts is not an array")
    if len(raw) > 1:
        raise bad_request("Only one sort is allowed.")
    if not raw:
        return "hs_object_id", False
    if isinstance(raw[0], str):
        name, descending = raw[0].removeprefix("-"), raw[0].startswith("-")
    elif isinstance(raw[0], dict) and raw[0].get("propertyName"):
        name = text_of(raw[0]["propertyName"])
        direction = text_of(raw[0].get("direction", "ASCENDING"))
        if direction not in {"ASCENDING", "DESCENDING"}:
            raise invalid_json(f"direction {direction} is not one of ASCENDING, DESCENDING")
        descending = direction == "DESCENDING"
    else:
        raise fields_not_set("propertyName")
    if find(name) is None:
        raise bad_request(f"Cannot sort by {name}: it does not exist on {kind.singular}.", propertyName=[name])
    return name, descending
