"""Where a request body leaves HubSpot's published schemas. Never refuses: HubSpot itself takes more than it publishes.

The portal answers such a request as HubSpot does and counts it, so that a client can be held to the letter. Source:
HubSpot/HubSpot-public-api-spec-collection, the 2026-09 files of deals, associations, properties and pipelines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Schema = Any  # a type name, a list of one schema, a Members, or MAP
MAP = {"*": "string"}
_TYPES: Mapping[str, type] = {"string": str, "integer": int, "boolean": bool, "object": dict}


@dataclass(frozen=True, slots=True)
class Members:
    """An object with members that it must and members that it may have."""

    required: Mapping[str, Schema]
    optional: Mapping[str, Schema] = field(default_factory=dict)


def deviations(method: str, numbered: str, body: Any) -> list[str]:
    """What of a body does not follow its schema, as "where: what"; nothing for operations without a known one."""
    schema = SCHEMAS.get((method, numbered))
    return [] if schema is None else list(_check(schema, body, "body"))


def _check(schema: Schema, value: Any, where: str) -> Iterator[str]:
    if isinstance(schema, list):
        if not isinstance(value, list):
            yield f"{where}: not an array"
            return
        for item in value:
            yield from _check(schema[0], item, f"{where}[]")
    elif isinstance(schema, Members):
        yield from _check_members(schema, value, where)
    elif schema is MAP:
        if not isinstance(value, dict):
            yield f"{where}: not an object"
            return
        yield from (f"{where}.*: not a string" for one in value.values() if not isinstance(one, str))
    elif not isinstance(value, _TYPES[schema]) or (schema == "integer" and isinstance(value, bool)):
        yield f"{where}: not of type {schema}"


def _check_members(schema: Members, value: Any, where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where}: not an object"
        return
    known = {**schema.required, **schema.optional}
    yield from (f"{where}: {name} is missing" for name in schema.required if name not in value)
    for name, member in value.items():
        if name in known:
            yield from _check(known[name], member, f"{where}.{name}")
        else:
            yield f"{where}: there is no {name}"


_ID = Members({"id": "string"})
_SPEC = Members({"associationCategory": "string", "associationTypeId": "integer"})
_ASSOCIATIONS = [Members({"to": _ID, "types": [_SPEC]})]
_TRACE = {"objectWriteTraceId": "string"}
_FILTER = Members(
    {"propertyName": "string", "operator": "string"}, {"value": "string", "highValue": "string", "values": ["string"]}
)
_OPTION = Members(
    {"label": "string", "value": "string", "hidden": "boolean"}, {"description": "string", "displayOrder": "integer"}
)
_PROPERTY_OPTIONAL: Mapping[str, Schema] = {
    "description": "string",
    "displayOrder": "integer",
    "hidden": "boolean",
    "formField": "boolean",
    "options": [_OPTION],
    "calculationFormula": "string",
}
_PROPERTY = Members(
    {"name": "string", "label": "string", "type": "string", "fieldType": "string", "groupName": "string"},
    {
        **_PROPERTY_OPTIONAL,
        "hasUniqueValue": "boolean",
        "externalOptions": "boolean",
        "referencedObjectType": "string",
    },
)
_PROPERTY_CHANGE = Members(
    {},
    {**_PROPERTY_OPTIONAL, "label": "string", "type": "string", "fieldType": "string", "groupName": "string"},
)
_STAGE = Members({"label": "string", "displayOrder": "integer"}, {"metadata": MAP})


def _inputs(item: Schema, **more: Schema) -> Members:
    return Members({"inputs": [item], **more})


_OBJECTS, _BETWEEN = "/crm/v3/objects/{kind}", "/crm/v4/associations/{from}/{to}"
_PROPERTIES, _PIPELINES = "/crm/v3/properties/{kind}", "/crm/v3/pipelines/{kind}"

SCHEMAS: Mapping[tuple[str, str], Schema] = {
    ("POST", _OBJECTS): Members({"properties": MAP, "associations": _ASSOCIATIONS}),
    ("PATCH", f"{_OBJECTS}/{{id}}"): Members({"properties": MAP}),
    ("POST", f"{_OBJECTS}/search"): Members(
        {
            "filterGroups": [Members({"filters": [_FILTER]})],
            "sorts": ["string"],
            "properties": ["string"],
            "limit": "integer",
            "after": "string",
        },
        {"query": "string"},
    ),
    ("POST", f"{_OBJECTS}/batch/read"): Members(
        {"inputs": [_ID], "properties": ["string"], "propertiesWithHistory": ["string"]}, {"idProperty": "string"}
    ),
    ("POST", f"{_OBJECTS}/batch/create"): _inputs(Members({"properties": MAP, "associations": _ASSOCIATIONS}, _TRACE)),
    ("POST", f"{_OBJECTS}/batch/update"): _inputs(
        Members({"id": "string", "properties": MAP}, {"idProperty": "string", **_TRACE})
    ),
    ("POST", f"{_OBJECTS}/batch/upsert"): _inputs(
        Members({"id": "string", "properties": MAP}, {"idProperty": "string", **_TRACE})
    ),
    ("POST", f"{_OBJECTS}/batch/archive"): _inputs(_ID),
    ("PUT", "/crm/v4/objects/{from}/{from_id}/associations/{to}/{to_id}"): [_SPEC],
    ("POST", f"{_BETWEEN}/batch/read"): _inputs(Members({"id": "string"}, {"after": "string"})),
    ("POST", f"{_BETWEEN}/batch/create"): _inputs(Members({"from": _ID, "to": _ID, "types": [_SPEC]})),
    ("POST", f"{_BETWEEN}/batch/associate/default"): _inputs(Members({"from": _ID, "to": _ID})),
    ("POST", f"{_BETWEEN}/batch/archive"): _inputs(Members({"from": _ID, "to": [_ID]})),
    ("POST", f"{_BETWEEN}/batch/labels/archive"): _inputs(Members({"from": _ID, "to": _ID, "types": [_SPEC]})),
    ("POST", f"{_BETWEEN}/labels"): Members({"label": "string", "name": "string"}, {"inverseLabel": "string"}),
    ("POST", _PROPERTIES): _PROPERTY,
    ("PATCH", f"{_PROPERTIES}/{{name}}"): _PROPERTY_CHANGE,
    ("POST", f"{_PROPERTIES}/batch/create"): _inputs(_PROPERTY),
    ("POST", f"{_PROPERTIES}/batch/read"): _inputs(Members({"name": "string"}), archived="boolean"),
    ("POST", f"{_PROPERTIES}/batch/archive"): _inputs(Members({"name": "string"})),
    ("POST", f"{_PROPERTIES}/groups"): Members({"name": "string", "label": "string"}, {"displayOrder": "integer"}),
    ("POST", _PIPELINES): Members({"label": "string", "displayOrder": "integer", "stages": [_STAGE]}),
    ("POST", f"{_PIPELINES}/{{id}}/stages"): _STAGE,
    ("POST", "/communication-preferences/v4/statuses/{email}"): Members(
        {"channel": "string", "statusState": "string", "subscriptionId": "integer"},
        {"legalBasis": "string", "legalBasisExplanation": "string"},
    ),
}
