"""Runs a search over the index. Sees what the index shows, which lags behind the records."""

from __future__ import annotations

import re
from collections.abc import Callable
from math import inf

from bot.sandbox.hubspot.associations import Associations
from bot.sandbox.hubspot.index import SearchIndex
from bot.sandbox.hubspot.query import RANGES, Filter, Query
from bot.sandbox.hubspot.records import Version

Test = Callable[[Version], bool]
Found = list[int] | set[int]  # a list is in the order of the last change, a set in none
_TOKENS = re.compile(r"[\s@.,;:/\\\-_()<>\"']+")


def run_query(query: Query, index: SearchIndex, associations: Associations) -> tuple[int, list[int]]:
    """How many records match, and the numbers of those on the asked page, in the asked order."""
    index.catch_up()
    groups = query.groups or ((),)
    found: Found
    if len(groups) == 1:
        found = _matching(groups[0], index, associations)
    else:
        found = set()
        for group in groups:
            found.update(_matching(group, index, associations))
    if query.words:
        found = _keep(found, lambda number: _has_words(query, index, number))
    ordered = _sorted(found, query, index)
    return len(ordered), ordered[query.offset : query.offset + query.limit]


def _matching(group: tuple[Filter, ...], index: SearchIndex, associations: Associations) -> Found:
    """The records that meet every filter."""
    narrowed: list[Found] = []
    tests: list[Test] = []
    for filter_ in group:
        numbers = _narrow(filter_, index, associations)
        if numbers is None:
            tests.append(_test(filter_))
        else:
            narrowed.append(numbers)
    found = _intersect(narrowed) if narrowed else list(index.all())
    if not tests:
        return found
    for test in tests:
        found = _keep(found, _on_number(test, index))
    return found


def _on_number(test: Test, index: SearchIndex) -> Callable[[int], bool]:
    version = index.version
    return lambda number: test(version(number))


def _intersect(narrowed: list[Found]) -> Found:
    """What all have in common; in order when one of them is."""
    first, *others = sorted(narrowed, key=lambda numbers: isinstance(numbers, set))
    for other in others:
        lookup = other if isinstance(other, set) else set(other)
        first = _keep(first, lookup.__contains__)
    return first


def _keep(found: Found, wanted: Callable[[int], bool]) -> Found:
    if isinstance(found, set):
        return {number for number in found if wanted(number)}
    return [number for number in found if wanted(number)]


def _narrow(filter_: Filter, index: SearchIndex, associations: Associations) -> Found | None:
    """The records that meet a filter, where the index can tell without looking at each; else None."""
    if filter_.to_kind:
        numbers: set[int] = set()
        for other in filter_.values:
            numbers.update(map(int, associations.ids_of((filter_.to_kind, other), index.kind.name)))
        return index.existing(numbers)
    if filter_.name == index.kind.modified and filter_.operator in RANGES:
        low, high = _bounds(filter_)
        return index.modified_between(low, high)
    if filter_.operator == "HAS_PROPERTY":
        return index.having(filter_.name)
    if filter_.keys or filter_.operator not in {"EQ", "IN"}:
        return None
    found: set[int] = set()
    for value in filter_.values:
        if filter_.is_text:
            # EQ ignores case; IN compares the stored text in lower case with what was sent as it is.
            found |= index.equal_to(filter_.name, value.lower() if filter_.operator == "EQ" else value)
        else:
            same = index.equal_to(filter_.name, value.lower())
            found |= {n for n in same if index.version(n).properties.get(filter_.name) == value}
    return found


def _bounds(filter_: Filter) -> tuple[float, float]:
    first = filter_.keys[0]
    match filter_.operator:
        case "GTE":
            return first, inf
        case "GT":
            return first + 1, inf
        case "LTE":
            return -inf, first
        case "LT":
            return -inf, first - 1
        case _:
            return first, filter_.keys[1]


def _test(filter_: Filter) -> Test:
    name = filter_.name
    match filter_.operator:
        case "NOT_HAS_PROPERTY":
            return lambda version: version.properties.get(name, "") == ""
        case "CONTAINS_TOKEN" | "NOT_CONTAINS_TOKEN":
            return _token_test(filter_)
        case "NEQ" | "NOT_IN":
            positive = _equality_test(filter_)
            return lambda version: not positive(version)
        case "EQ" | "IN":
            return _equality_test(filter_)
        case _:
            return _range_test(filter_)


def _equality_test(filter_: Filter) -> Test:
    name = filter_.name
    if filter_.keys:
        keys = frozenset(filter_.keys)
        return lambda version: version.keys.get(name) in keys
    if filter_.is_text:
        lowers = filter_.operator in {"EQ", "NEQ"}
        texts = frozenset(value.lower() if lowers else value for value in filter_.values)
        return lambda version: version.properties.get(name, "").lower() in texts
    values = frozenset(filter_.values)
    return lambda version: version.properties.get(name, "") in values


def _range_test(filter_: Filter) -> Test:
    name = filter_.name
    if not filter_.keys:
        return _text_range_test(filter_)
    low, high = filter_.keys[0], filter_.keys[-1]
    match filter_.operator:
        case "LT":
            return lambda version: version.keys.get(name, inf) < low
        case "LTE":
            return lambda version: version.keys.get(name, inf) <= low
        case "GT":
            return lambda version: version.keys.get(name, -inf) > low
        case "GTE":
            return lambda version: version.keys.get(name, -inf) >= low
        case _:
            return lambda version: low <= version.keys.get(name, inf) <= high


def _text_range_test(filter_: Filter) -> Test:
    name = filter_.name
    low, high = filter_.values[0].lower(), filter_.values[-1].lower()

    def test(version: Version) -> bool:
        text = version.properties.get(name, "").lower()
        if not text:
            return False
        match filter_.operator:
            case "LT":
                return text < low
            case "LTE":
                return text <= low
            case "GT":
                return text > low
            case "GTE":
                return text >= low
            case _:
                return low <= text <= high

    return test


def _token_test(filter_: Filter) -> Test:
    name = filter_.name
    wanted = [re.compile(".*".join(map(re.escape, token.split("*"))) + r"\Z") for token in _tokens(filter_.values[0])]
    positive = filter_.operator == "CONTAINS_TOKEN"

    def test(version: Version) -> bool:
        tokens = _tokens(version.properties.get(name, ""))
        found = all(any(pattern.match(token) for token in tokens) for pattern in wanted)
        return found is positive

    return test


def _tokens(text: str) -> list[str]:
    return [token for token in _TOKENS.split(text.lower()) if token]


def _has_words(query: Query, index: SearchIndex, number: int) -> bool:
    properties = index.version(number).properties
    text = "\n".join(properties.get(name, "") for name in index.kind.searched).lower()
    return all(word in text for word in query.words)


def _sorted(found: Found, query: Query, index: SearchIndex) -> list[int]:
    name, version = query.sort, index.version
    if name == "hs_object_id":
        return sorted(found, reverse=query.descending)
    if name == index.kind.modified and isinstance(found, list):
        return found[::-1] if query.descending else found
    if name == index.kind.modified:
        return sorted(found, key=lambda n: (version(n).modified_ms, n), reverse=query.descending)
    # Records without the value come last, whichever way the rest is sorted.
    having = [n for n in found if version(n).properties.get(name, "") != ""]
    without = sorted(n for n in found if version(n).properties.get(name, "") == "")
    having.sort(
        key=lambda n: (version(n).keys.get(name, 0.0), version(n).properties[name].lower(), n),
        reverse=query.descending,
    )
    return having + without
