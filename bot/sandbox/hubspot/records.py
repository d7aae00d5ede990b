"""Records, their versions and their history. Decides nothing: the portal says what may change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.sandbox.hubspot.errors import Json
from bot.sandbox.hubspot.kinds import Kind
from bot.sandbox.hubspot.times import iso_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who changes something: sourceType CRM_UI is a person, INTEGRATION a token, CALCULATED HubSpot itself."""

    source_type: str
    source_id: str
    label: str = ""
    user_id: int | None = None

    @property
    def is_person(self) -> bool:
        return self.source_type == "CRM_UI"


CALCULATED = Actor(source_type="CALCULATED", source_id="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One value that a property had."""

    value: str
    at_ms: int
    actor: Actor

    def json(self) -> Json:
        """The published schema `ValueWithTimestamp`."""
        body: Json = {
            "value": self.value,
            "timestamp": iso_of(self.at_ms),
            "sourceType": self.actor.source_type,
        }
        if self.actor.source_id:
            body["sourceId"] = self.actor.source_id
        if self.actor.label:
            body["sourceLabel"] = self.actor.label
        if self.actor.user_id is not None:
            body["updatedByUserId"] = self.actor.user_id
        return body


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What one actor sets; `keys` holds the comparable value of those that have one."""

    values: Mapping[str, str]
    keys: Mapping[str, float | None]
    actor: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A record as it was from `modified_ms` on. `keys` holds the comparable value of numbers and times."""

    properties: Mapping[str, str]
    keys: Mapping[str, float]
    modified_ms: int


@dataclass(slots=True, kw_only=True, eq=False)
class Record:
    """`version` is replaced, never changed, so that whoever holds one sees the past."""

    id: str
    kind: Kind
    created_ms: int
    version: Version
    history: dict[str, list[Change]] = field(default_factory=dict)
    archived_ms: int | None = None

    def value(self, name: str) -> str:
        return self.version.properties.get(name, "")

    def write(self, *edits: Edit, now_ms: int) -> None:
        """Set properties and move the time of the last change, which never stands still nor goes back."""
        at = max(now_ms, self.version.modified_ms + 1)
        properties = dict(self.version.properties)
        keys = dict(self.version.keys)
        for edit in edits:
            for name, value in edit.values.items():
                if properties.get(name, "") != value:
                    past = self.history.setdefault(name, [])
                    past.insert(0, Change(value=value, at_ms=at, actor=edit.actor))
                properties[name] = value
                key = edit.keys.get(name)
                if key is None:
                    keys.pop(name, None)
                else:
                    keys[name] = key
        properties[self.kind.modified] = iso_of(at)
        keys[self.kind.modified] = at
        self.version = Version(properties=properties, keys=keys, modified_ms=at)


def start_record(*, record_id: str, kind: Kind, created_ms: int) -> Record:
    """A record that has only what HubSpot itself puts on every one."""
    properties = {"hs_object_id": record_id, kind.created: iso_of(created_ms)}
    keys = {"hs_object_id": float(record_id), kind.created: float(created_ms)}
    if kind.created != "hs_createdate" and kind.name != "contacts":
        properties["hs_createdate"] = iso_of(created_ms)
        keys["hs_createdate"] = float(created_ms)
    version = Version(properties=properties, keys=keys, modified_ms=created_ms - 1)
    return Record(id=record_id, kind=kind, created_ms=created_ms, version=version)
