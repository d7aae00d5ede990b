"""Operations on associations, v4 and 2026-09: both speak the same bodies. Holds no relations itself."""

from __future__ import annotations

from typing import Any

from bot.sandbox.hubspot.associations import AssociationType
from bot.sandbox.hubspot.bodies import object_in, objects_in, required_text, text_of
from bot.sandbox.hubspot.call import Call, Reply, Route
from bot.sandbox.hubspot.errors import HubSpotError, Json, bad_request, fields_not_set, invalid_json
from bot.sandbox.hubspot.kinds import Kind, kind_of
from bot.sandbox.hubspot.portal import parse_spec
from bot.sandbox.hubspot.records import Record
from bot.sandbox.hubspot.render import batch_json, paging_json

MAX_READ, MAX_WRITE, PAGE = 1000, 2000, 500


def _kinds(call: Call) -> tuple[Kind, Kind]:
    return kind_of(call.path["from"]), kind_of(call.path["to"])


def _pair(call: Call) -> tuple[Record, Record]:
    one, other = _kinds(call)
    return call.portal.get(one, call.path["from_id"]), call.portal.get(other, call.path["to_id"])


def read(call: Call) -> Reply:
    one, other = _kinds(call)
    record = call.portal.get(one, call.path["from_id"])
    limit = call.number("limit", default=PAGE, most=PAGE)
    to, more = _page(call, record, other, call.text("after"), limit)
    return Reply(body={"results": to} | (paging_json(more) if more else {}))


def create(call: Call) -> Reply:
    record, target = _pair(call)
    specs = call.value()
    if not isinstance(specs, list) or not specs:
        raise invalid_json("the body is not an array of association types")
    types = [_type(call, record.kind, target.kind, spec) for spec in specs]
    for type_ in types:
        call.portal.associate(record, target, type_)
    return Reply(status=201, body=_labels_json(record, target, types))


def create_default(call: Call) -> Reply:
    record, target = _pair(call)
    started = call.portal.now_ms()
    results = _associate_default(call, record, target)
    return Reply(body=batch_json(results, started_ms=started, now_ms=call.portal.now_ms()))


def delete(call: Call) -> Reply:
    record, target = _pair(call)
    call.portal.dissociate(record, target)
    return Reply(status=204)


def batch_read(call: Call) -> Reply:
    one, other = _kinds(call)
    started = call.portal.now_ms()
    results, errors = [], []
    for item in call.inputs(most=MAX_READ):
        (record_id,) = required_text(item, "id")
        record = call.portal.find(one, record_id)
        to, more = _page(call, record, other, text_of(item.get("after")), PAGE) if record else ([], "")
        if to:
            results.append({"from": {"id": record_id}, "to": to} | (paging_json(more) if more else {}))
        else:
            errors.append(_none_found(one, other, record_id))
    body = batch_json(results, started_ms=started, now_ms=call.portal.now_ms(), errors=errors)
    return Reply(status=207 if errors else 200, body=body)


def batch_create(call: Call) -> Reply:
    one, other = _kinds(call)
    started = call.portal.now_ms()
    results, errors = [], []
    for item in call.inputs(most=MAX_WRITE):
        specs = objects_in(item, "types")
        if not specs:
            raise fields_not_set("types")
        types = [_type(call, one, other, spec) for spec in specs]
        try:
            record, target = _ends(call, item)
        except HubSpotError as error:
            errors.append(error.within_batch())
            continue
        for type_ in types:
            call.portal.associate(record, target, type_)
        results.append(_labels_json(record, target, types))
    body = batch_json(results, started_ms=started, now_ms=call.portal.now_ms(), errors=errors)
    return Reply(status=207 if errors else 201, body=body)


def batch_default(call: Call) -> Reply:
    started = call.portal.now_ms()
    results: list[Json] = []
    errors: list[Json] = []
    for item in call.inputs(most=MAX_WRITE):
        try:
            results += _associate_default(call, *_ends(call, item))
        except HubSpotError as error:
            errors.append(error.within_batch())
    return Reply(body=batch_json(results, started_ms=started, now_ms=call.portal.now_ms(), errors=errors))


def batch_archive(call: Call) -> Reply:
    one, other = _kinds(call)
    for item in call.inputs(most=MAX_WRITE):
        record = call.portal.find(one, _id_in(item, "from"))
        for to in objects_in(item, "to"):
            target = call.portal.find(other, required_text(to, "id")[0])
            if record is not None and target is not None:
                call.portal.dissociate(record, target)
    return Reply(status=204)


def batch_archive_labels(call: Call) -> Reply:
    one, other = _kinds(call)
    for item in call.inputs(most=MAX_WRITE):
        record, target = _ends(call, item)
        for spec in objects_in(item, "types"):
            call.portal.dissociate(record, target, _type(call, one, other, spec))
    return Reply(status=204)


def labels(call: Call) -> Reply:
    one, other = _kinds(call)
    types = call.portal.associations.types_between(one.name, other.name)
    return Reply(body={"results": [type_.json() for type_ in types]})


def create_label(call: Call) -> Reply:
    one, other = _kinds(call)
    body = call.json()
    label, _name = required_text(body, "label", "name")
    if any(t.label == label for t in call.portal.associations.types_between(one.name, other.name)):
        raise bad_request(f"A label {label} exists already between {one.name} and {other.name}")
    inverse = text_of(body.get("inverseLabel")) or label
    types = call.portal.associations.define_label(one.name, other.name, label, inverse)
    return Reply(body={"results": [type_.json() for type_ in types]})


def _page(call: Call, record: Record, other: Kind, after: str, limit: int) -> tuple[list[Json], str]:
    """One page of relations, and where to go on."""
    if after and not after.isdecimal():
        raise bad_request(f"after is not a cursor of this API: {after}")
    start = int(after or 0)
    relations = call.portal.associations.of((record.kind.name, record.id), other.name)
    relations = [entry for entry in relations if int(entry[0]) > start]
    page = relations[:limit]
    # The numbered API writes ids of the other side as numbers, the dated one as its schema says: as text.
    results: list[Json] = [
        {"toObjectId": to if call.dated else int(to), "associationTypes": [type_.json() for type_ in types]}
        for to, types in page
    ]
    return results, page[-1][0] if len(relations) > limit else ""


def _ends(call: Call, item: Json) -> tuple[Record, Record]:
    one, other = _kinds(call)
    return call.portal.get(one, _id_in(item, "from")), call.portal.get(other, _id_in(item, "to"))


def _id_in(item: Json, name: str) -> str:
    end = object_in(item, name)
    if not end:
        raise fields_not_set(name)
    return required_text(end, "id")[0]


def _type(call: Call, one: Kind, other: Kind, spec: Any) -> AssociationType:
    return call.portal.associations.type_of(one.name, other.name, *parse_spec(spec))


def _associate_default(call: Call, record: Record, target: Record) -> list[Json]:
    type_ = call.portal.associations.default_type(record.kind.name, target.kind.name)
    call.portal.associate(record, target, type_)
    return [_default_json(record, target, type_.type_id), _default_json(target, record, type_.inverse)]


def _default_json(record: Record, target: Record, type_id: int) -> Json:
    """The published schema `PublicDefaultAssociation`."""
    return {
        "from": {"id": record.id},
        "to": {"id": target.id},
        "associationSpec": {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id},
    }


def _labels_json(record: Record, target: Record, types: list[AssociationType]) -> Json:
    """The published schema `LabelsBetweenObjectPair`."""
    return {
        "fromObjectTypeId": record.kind.type_id,
        "fromObjectId": record.id,
        "toObjectTypeId": target.kind.type_id,
        "toObjectId": target.id,
        "labels": [type_.label for type_ in types if type_.label is not None],
    }


def _none_found(one: Kind, other: Kind, record_id: str) -> Json:
    """What batch/read answers, as a 207, for a record without relations; for one that is not there, too."""
    return HubSpotError(
        404,
        "OBJECT_NOT_FOUND",
        f"No {other.singular} is associated with {one.singular} {record_id}.",
        sub_category="crm.associations.NO_ASSOCIATIONS_FOUND",
        context={
            "fromObjectId": [record_id],
            "fromObjectType": [one.singular],
            "toObjectType": [other.singular],
        },
    ).within_batch()


_OBJECT, _DATED_OBJECT = "/crm/v4/objects/{from}/{from_id}", "/crm/objects/2026-09/{from}/{from_id}"
_BETWEEN, _DATED_BETWEEN = "/crm/v4/associations/{from}/{to}", "/crm/associations/2026-09/{from}/{to}"
_READ, _WRITE = ("crm.objects.{scope}.read",), ("crm.objects.{scope}.write",)


def _between(method: str, path: str, handler: Any, scopes: tuple[str, ...]) -> Route:
    return Route(
        method=method,
        handler=handler,
        numbered=f"{_BETWEEN}/{path}",
        dated=f"{_DATED_BETWEEN}/{path}",
        scopes=scopes,
    )


def _of_object(method: str, path: str, handler: Any) -> Route:
    return Route(
        method=method,
        handler=handler,
        numbered=f"{_OBJECT}/associations/{path}",
        dated=f"{_DATED_OBJECT}/associations/{path}",
        scopes=_WRITE,
    )


ROUTES = (
    # Reading one record's associations has no counterpart in the published 2026-09 specifications.
    Route(method="GET", handler=read, numbered=f"{_OBJECT}/associations/{{to}}", dated="", scopes=_READ),
    _of_object("PUT", "default/{to}/{to_id}", create_default),
    _of_object("PUT", "{to}/{to_id}", create),
    _of_object("DELETE", "{to}/{to_id}", delete),
    _between("POST", "batch/read", batch_read, _READ),
    _between("POST", "batch/create", batch_create, _WRITE),
    _between("POST", "batch/associate/default", batch_default, _WRITE),
    _between("POST", "batch/archive", batch_archive, _WRITE),
    _between("POST", "batch/labels/archive", batch_archive_labels, _WRITE),
    _between("GET", "labels", labels, _READ),
    _between("POST", "labels", create_label, _WRITE),
)
