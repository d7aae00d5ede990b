"""Records and pages as HubSpot's JSON. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bot.sandbox.hubspot.associations import PRIMARY, Associations
from bot.sandbox.hubspot.errors import Json
from bot.sandbox.hubspot.kinds import Kind, kind_of
from bot.sandbox.hubspot.records import Record, Version
from bot.sandbox.hubspot.schema import Schema
from bot.sandbox.hubspot.times import iso_of


def object_json(record: Record, schema: Schema, names: Sequence[str], *, version: Version | None = None) -> Json:
    """The published schema `SimplePublicObject`: asked properties that are not set are null, and unknown ones left out.

    `version` shows an earlier state of the record, as searches do.
    """
    kind, version = record.kind, version or record.version
    shown = names or kind.shown
    always = (kind.created, kind.modified, "hs_object_id")
    known = {name for name in (*shown, *always) if schema.property(kind.name, name) is not None}
    body: Json = {
        "id": record.id,
        "properties": {name: version.properties.get(name) for name in sorted(known)},
        "createdAt": iso_of(record.created_ms),
        "updatedAt": iso_of(version.modified_ms),
        "archived": record.archived_ms is not None,
    }
    if record.archived_ms is not None:
        body["archivedAt"] = iso_of(record.archived_ms)
    return body


def written_json(record: Record, schema: Schema, warnings: Sequence[Json]) -> Json:
    """What a create or an update answers: every property that has a value."""
    body = object_json(record, schema, [name for name, value in record.version.properties.items() if value])
    return body | ({"warnings": list(warnings)} if warnings else {})


def history_json(record: Record, names: Iterable[str]) -> Json:
    """`propertiesWithHistory`: each asked property's values, newest first."""
    return {name: [change.json() for change in record.history.get(name, [])] for name in names}


def associations_json(record: Record, associations: Associations, asked: Iterable[str]) -> Json:
    """`associations` of a read: ids by kind, each with the type's name, kinds without any left out."""
    body: Json = {}
    for segment in asked:
        kind = kind_of(segment)
        results = [
            {"id": other, "type": _type_name(record.kind, kind, type_.type_id)}
            for other, types in associations.of((record.kind.name, record.id), kind.name)
            for type_ in types
        ]
        if results:
            body[kind.name] = {"results": results}
    return body


def _type_name(one: Kind, other: Kind, type_id: int) -> str:
    # Where a pair has a primary type, the plain name means that one.
    suffix = "_unlabeled" if type_id in PRIMARY else ""
    return f"{one.singular}_to_{other.singular}{suffix}"


def paging_json(after: str, link: str = "") -> Json:
    """The published schema `ForwardPaging`."""
    return {"paging": {"next": {"after": after} | ({"link": link} if link else {})}}


def batch_json(results: Sequence[Json], *, started_ms: int, now_ms: int, errors: Sequence[Json] = ()) -> Json:
    """A published `BatchResponse…`, with its errors when there are any."""
    body: Json = {
        "status": "COMPLETE",
        "results": list(results),
        "startedAt": iso_of(started_ms),
        "completedAt": iso_of(now_ms),
    }
    return body | ({"numErrors": len(errors), "errors": list(errors)} if errors else {})


def split_lists(query: Mapping[str, Sequence[str]], name: str) -> list[str]:
    """A list parameter: repeated, or separated by commas, or both."""
    return [part.strip() for value in query.get(name, ()) for part in value.split(",") if part.strip()]
