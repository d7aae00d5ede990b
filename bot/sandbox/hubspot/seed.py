"""A portal from data: JSON, TOML or a Python mapping of the same shape. Refuses a seed that HubSpot would refuse.

Everything is optional. In TOML:

    [account]                                   # members of schema.Account
    portal_id = 146000123
    currency = "EUR"

    [[owners]]                                  # the people who work in the portal
    id = "5001"
    user_id = 61001
    email = "priya.nair@meridian.example"
    first_name = "Priya"
    last_name = "Nair"

    [[pipelines]]                               # added to HubSpot's default one
    id = "751001"
    label = "Reseller"
    displayOrder = 1
    stages = [{ id = "1751001", label = "Qualification", displayOrder = 0, metadata = { probability = "0.4" } }]

    [[groups.deals]]                            # property groups, by kind of record
    name = "partner_programme"
    label = "Partner programme"

    [[properties.deals]]                        # PropertyCreate bodies, by kind of record
    name = "protected_until"
    label = "Protected until"
    type = "date"
    fieldType = "date"
    groupName = "partner_programme"

    [[subscriptions]]                           # email subscription types
    id = "5301"
    name = "Marketing Information"

    [[labels]]                                  # labels of associations, in both directions
    from = "deals"
    to = "companies"
    label = "Partner"

    [[rules]]                                   # conditional property rules (2026-09 family and people)
    kind = "deals"
    property = "dealstage"
    values = ["1751009"]
    requires = ["closed_lost_reason"]

    [required_on_create]                        # record creator settings (2026-09 family and people)
    deals = ["closedate"]

    [[companies]]                               # companies, contacts, deals, notes, emails, tasks, …
    id = "7001"                                 # digits; left out, one is made
    properties = { name = "Brandt IT GmbH" }

    [[contacts]]
    id = "8001"
    owner = "5001"                              # who made the record by hand; the first owner when left out
    created = "today-30d"                       # an ISO day or date-time, or today with an offset in days
    companies = ["7001"]                        # associations of the default type, by kind of record

    [contacts.properties]
    email = "julia@brandt-it.example"

In the properties of a record, "today", "today+14d" and "today-3d" become that calendar day (UTC, by the server's
clock), as a date or as midnight. Records are made in the order companies, contacts, deals, activities.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.sandbox.hubspot.errors import HubSpotError
from bot.sandbox.hubspot.kinds import COMPANIES, CONTACTS, DEALS, KINDS, Kind, kind_of
from bot.sandbox.hubspot.portal import Portal
from bot.sandbox.hubspot.properties import PropertyGroup, parse_property
from bot.sandbox.hubspot.records import Record
from bot.sandbox.hubspot.schema import Account, ConditionalRule, Owner, Schema, SubscriptionType, default_schema
from bot.sandbox.hubspot.times import ms_of

Seed = Mapping[str, Any]
_RELATIVE = re.compile(r"today(?:([+-]\d{1,4})d)?\Z")
_ORDER = (COMPANIES, CONTACTS, DEALS, *(kind for kind in KINDS if kind.is_activity))


class SeedError(ValueError):
    """The seed does not describe a portal; the message says where and why."""


def read_seed(path: Path) -> Seed:
    """A seed file; its suffix tells .toml from .json.

    Raises:
        SeedError: when it is neither, or cannot be parsed.
    """
    try:
        text = path.read_text(encoding="utf-8")
        seed: Any = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except ValueError as exc:
        raise SeedError(f"sandbox: {path}: {exc}") from exc
    if not isinstance(seed, dict):
        raise SeedError(f"sandbox: {path}: a seed is an object, not {type(seed).__name__}")
    return seed


def schema_of(seed: Seed, *, now: datetime) -> Schema:
    """The definitions that the seed asks for, on top of HubSpot's own.

    Raises:
        SeedError: naming the entry that is wrong.
    """
    now_ms = ms_of(now)
    schema = default_schema(account=Account(**seed.get("account", {})), now_ms=now_ms)
    for entry in _entries(seed, "owners"):
        owner = Owner(**entry, created_ms=now_ms)
        schema.owners[owner.id] = owner
    for entry in _entries(seed, "subscriptions"):
        schema.add_subscription(SubscriptionType(**entry, created_ms=now_ms))
    for kind in KINDS:
        for entry in seed.get("groups", {}).get(kind.name, ()):
            schema.groups[kind.name][entry["name"]] = PropertyGroup(**entry)
        for entry in seed.get("properties", {}).get(kind.name, ()):
            with _naming(f"property {entry.get('name')} of {kind.name}"):
                property_ = parse_property(entry, now_ms=now_ms)
                schema.group_or_404(kind.name, property_.group)
                schema.properties[kind.name][property_.name] = property_
    for entry in _entries(seed, "pipelines"):
        with _naming(f"pipeline {entry.get('label')}"):
            schema.pipelines.add(entry, now_ms=now_ms, pipeline_id=str(entry["id"]))
    for entry in _entries(seed, "rules"):
        lists = {name: tuple(entry[name]) for name in ("values", "requires") if name in entry}
        schema.rules.append(ConditionalRule(**{**entry, **lists}))
    schema.required_on_create = dict(seed.get("required_on_create", {}))
    return schema


def fill(portal: Portal, seed: Seed, *, now: datetime) -> None:
    """Put the seed's records into an empty portal whose schema came from the same seed.

    Raises:
        SeedError: naming the record that is wrong.
    """
    for entry in _entries(seed, "labels"):
        with _naming(f"label {entry.get('label')}"):
            one, other = kind_of(entry["from"]), kind_of(entry["to"])
            portal.associations.define_label(one.name, other.name, entry["label"], entry["label"])
    made = []
    for kind in _ORDER:
        for number, entry in enumerate(_entries(seed, kind.name)):
            with _naming(f"{kind.name} entry {number + 1} ({entry.get('id', 'no id')})"):
                made.append(_make(portal, kind, entry, now))
    portal.load(made)


def _make(portal: Portal, kind: Kind, entry: Mapping[str, Any], now: datetime) -> Record:
    record_id = str(entry.get("id", ""))
    if record_id and (not record_id.isdecimal() or portal.find(kind, record_id)):
        raise SeedError(f"its id {record_id} is not a number, or is taken")
    properties = {name: _day(value, now) for name, value in entry.get("properties", {}).items()}
    created_ms = ms_of(_moment(str(entry.get("created", "today-1d")), now))
    actor = portal.person(str(entry.get("owner", "")))
    with portal.backdated(created_ms):
        prepared = portal.prepare(kind, properties, actor=actor, dated=False)
        record = portal.commit(prepared, record_id=record_id)
        for other in KINDS:
            for target_id in entry.get(other.name, ()):
                type_ = portal.associations.default_type(kind.name, other.name)
                portal.associate(record, portal.get(other, str(target_id)), type_)
    return record


def _day(value: Any, now: datetime) -> Any:
    match = _RELATIVE.match(value) if isinstance(value, str) else None
    if match is None:
        return value
    return (now.astimezone(UTC) + timedelta(days=int(match.group(1) or 0))).date().isoformat()


def _moment(text: str, now: datetime) -> datetime:
    match = _RELATIVE.match(text)
    if match:
        return now + timedelta(days=int(match.group(1) or 0))
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _entries(seed: Seed, name: str) -> Iterator[Mapping[str, Any]]:
    entries = seed.get(name, ())
    if not isinstance(entries, list | tuple):
        raise SeedError(f"sandbox: seed: {name} is not a list")
    yield from entries


class _naming:  # noqa: N801 -- reads as a word of the with statement
    """Put the name of the entry in front of whatever is wrong with it."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, HubSpotError | ValueError | KeyError | TypeError):
            raise SeedError(f"sandbox: seed: {self._what}: {error}") from error
