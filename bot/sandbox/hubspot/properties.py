"""Property definitions: what a field may hold. Says nothing of the values that records have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.hubspot.bodies import flag_in, objects_in, required_text, text_of, whole_in
from bot.sandbox.hubspot.errors import HubSpotError, Json, bad_request
from bot.sandbox.hubspot.times import iso_of

# Which fieldType may carry which type (developers.hubspot.com, "CRM API | Properties", 2026-11).
FIELD_TYPES: Mapping[str, frozenset[str]] = {
    "bool": frozenset({"booleancheckbox", "calculation_equation"}),
    "date": frozenset({"date"}),
    "datetime": frozenset({"date"}),
    "enumeration": frozenset({"select", "radio", "checkbox", "booleancheckbox", "calculation_equation"}),
    "number": frozenset({"number", "calculation_equation"}),
    "phone_number": frozenset({"phonenumber"}),
    "string": frozenset({"text", "textarea", "html", "file", "phonenumber", "calculation_equation"}),
}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}\Z")
_TEXTS = {
    "label": "label",
    "groupName": "group",
    "description": "description",
    "type": "type",
    "fieldType": "field_type",
}
_FLAGS = {"hidden": "hidden", "formField": "form_field"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    label: str
    value: str
    description: str = ""
    display_order: int = -1
    hidden: bool = False

    def json(self) -> Json:
        return {
            "label": self.label,
            "value": self.value,
            "description": self.description,
            "displayOrder": self.display_order,
            "hidden": self.hidden,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """`external` names where the options come from when the definition does not list them (owners, pipelines,
    stages, currencies, timezones); `read_only` values are set by HubSpot alone; times are epoch milliseconds.
    """

    name: str
    label: str
    type: str
    field_type: str
    group: str
    description: str = ""
    options: tuple[Option, ...] = ()
    external: str = ""
    unique: bool = False
    read_only: bool = False
    hubspot_defined: bool = False
    hidden: bool = False
    form_field: bool = False
    display_order: int = -1
    created_ms: int = 0
    updated_ms: int = 0
    archived_ms: int | None = None

    @property
    def allowed(self) -> tuple[str, ...]:
        """The values of the options, in their order."""
        return tuple(option.value for option in self.options)

    def json(self) -> Json:
        """The published schema `Property`."""
        body: Json = {
            "updatedAt": iso_of(self.updated_ms),
            "createdAt": iso_of(self.created_ms),
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": self.field_type,
            "description": self.description,
            "groupName": self.group,
            "options": [option.json() for option in self.options],
            "displayOrder": self.display_order,
            "calculated": False,
            "externalOptions": bool(self.external),
            "archived": self.archived_ms is not None,
            "hasUniqueValue": self.unique,
            "hidden": self.hidden,
            "hubspotDefined": self.hubspot_defined,
            "modificationMetadata": {
                "archivable": not self.hubspot_defined,
                "readOnlyDefinition": self.hubspot_defined,
                "readOnlyOptions": self.hubspot_defined,
                "readOnlyValue": self.read_only,
            },
            "formField": self.form_field,
            "dataSensitivity": "non_sensitive",
        }
        return body | ({"archivedAt": iso_of(self.archived_ms)} if self.archived_ms is not None else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyGroup:
    name: str
    label: str
    display_order: int = -1

    def json(self) -> Json:
        return {"name": self.name, "label": self.label, "displayOrder": self.display_order, "archived": False}


def parse_property(body: Mapping[str, Any], *, now_ms: int) -> Property:
    """A custom property from a PropertyCreate body.

    Raises:
        HubSpotError: 400 for a missing member, an illegal name, or a type and fieldType that do not go together.
    """
    (name, *_) = required_text(body, "name", "label", "type", "fieldType", "groupName")
    if not _NAME.match(name):
        raise HubSpotError(
            400,
            "VALIDATION_ERROR",
            f'Property name "{name}" is not valid: it must start with a letter and hold only lower-case '
            "letters, numbers and underscores.",
            context={"propertyName": [name]},
        )
    unique = flag_in(body, "hasUniqueValue")
    property_ = Property(name=name, unique=unique, created_ms=now_ms, **changes_of(body, now_ms=now_ms))
    check_shape(property_)
    return property_


def changes_of(body: Mapping[str, Any], *, now_ms: int) -> dict[str, Any]:
    """The members of a PropertyUpdate as arguments for `dataclasses.replace`."""
    changes: dict[str, Any] = {ours: text_of(body[theirs]) for theirs, ours in _TEXTS.items() if theirs in body}
    changes |= {ours: flag_in(body, theirs) for theirs, ours in _FLAGS.items() if theirs in body}
    if "displayOrder" in body:
        changes["display_order"] = whole_in(body, "displayOrder", default=-1)
    if "options" in body:
        changes["options"] = parse_options(body)
    return changes | {"updated_ms": now_ms}


def parse_options(body: Mapping[str, Any]) -> tuple[Option, ...]:
    """The options of a property body; labels and values must each be unique, as HubSpot demands."""
    options = []
    for raw in objects_in(body, "options"):
        label, value = required_text(raw, "label", "value")
        options.append(
            Option(
                label=label,
                value=value,
                description=text_of(raw.get("description")),
                display_order=whole_in(raw, "displayOrder", default=-1),
                hidden=flag_in(raw, "hidden"),
            )
        )
    for member in ("label", "value"):
        seen = [getattr(option, member) for option in options]
        if len(seen) != len(set(seen)):
            raise bad_request(f"Property option {member}s must be unique.")
    return tuple(options)


def check_shape(property_: Property) -> None:
    """Refuse a type that does not go with the fieldType, or with the options.

    Raises:
        HubSpotError: 400.
    """
    fields = FIELD_TYPES.get(property_.type)
    if fields is None:
        raise bad_request(f"Property type {property_.type} is not one of {', '.join(sorted(FIELD_TYPES))}")
    if property_.field_type not in fields:
        raise bad_request(
            f"fieldType {property_.field_type} is not allowed for type {property_.type}: "
            f"use one of {', '.join(sorted(fields))}"
        )
    if property_.type == "bool" and set(property_.allowed) != {"true", "false"}:
        raise bad_request(
            "Boolean properties must have exactly two options; one with a value of 'true', the other with a "
            "value of 'false'."
        )
