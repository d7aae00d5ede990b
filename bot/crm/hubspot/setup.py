"""Makes a portal fit for a partner programme: shows what is missing, and creates it. Never changes what is there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from bot.crm.hubspot.errors import Call, InvalidError
from bot.crm.hubspot.settings import HubSpotSettings
from bot.crm.hubspot.transport import Operation, Transport
from bot.crm.hubspot.wanted import (
    GROUP,
    GROUP_LABEL,
    LABELS,
    WantedLabel,
    WantedProperty,
    wanted_properties,
)
from bot.errors import PermanentError, SetupError

KINDS = ("deals", "companies", "contacts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a portal lacks. `groups` are the record types without our property group; `conflicts` are sentences
    about what a person has to change, because nothing that exists is ever altered."""

    groups: tuple[str, ...] = ()
    properties: tuple[WantedProperty, ...] = ()
    labels: tuple[WantedLabel, ...] = ()
    conflicts: tuple[str, ...] = ()

    @property
    def is_done(self) -> bool:
        return not (self.groups or self.properties or self.labels or self.conflicts)


class Setup:
    """Plans and carries out the setting up of one portal; both may be repeated."""

    def __init__(self, transport: Transport, settings: HubSpotSettings) -> None:
        self._transport = transport
        self._settings = settings

    async def plan(self) -> Plan:
        """What is missing, or of another type than we can use."""
        existing = await self._all_properties()
        wanted = wanted_properties(self._settings)
        missing = tuple(p for p in wanted if p.name not in existing[p.kind])
        conflicts = (why_not_usable(p, existing[p.kind][p.name]) for p in wanted if p.name in existing[p.kind])
        grouped = await asyncio.gather(*(self._has_group(kind) for kind in KINDS))
        used = {p.kind for p in missing}
        return Plan(
            groups=tuple(k for k, there in zip(KINDS, grouped, strict=True) if k in used and not there),
            properties=missing,
            labels=tuple([label for label in LABELS if not await self._has_label(label)]),
            conflicts=tuple(c for c in conflicts if c),
        )

    async def apply(self, plan: Plan) -> list[str]:
        """Create what the plan names; what exists by now is left alone. Returns what could not be created and why."""
        for kind in plan.groups:
            what = f"create property group {GROUP} of {kind}"
            await self._create(what, _group_of(kind), partial(self._has_group, kind))
        for wanted in plan.properties:
            what = f"create property {wanted.name} of {wanted.kind}"
            await self._create(what, _property_of(wanted), partial(self._has_property, wanted))
        faults = list(plan.conflicts)
        for label in plan.labels:
            what = f"create association label {label.label} from {label.kind} to {label.to}"
            try:
                await self._create(what, _label_of(label), partial(self._has_label, label))
            except (PermanentError, SetupError) as exc:  # labels need a paid edition; offportal works without them
                faults.append(f"{exc} (labels are for people to see; offportal works without them)")
        return faults

    async def property_faults(self) -> list[str]:
        """What `check` says of properties: every one that is missing or of a type we cannot use."""
        existing = await self._all_properties()
        faults = []
        for wanted in wanted_properties(self._settings):
            if (found := existing[wanted.kind].get(wanted.name)) is None:
                faults.append(
                    f"hubspot: {wanted.kind} have no property {wanted.name} for {wanted.term}: "
                    "run offportal setup, or map the term to another property"
                )
            elif why := why_not_usable(wanted, found):
                faults.append(why)
        for kind, of in (("companies", "company"), ("contacts", "contact")):
            faults += [
                f"hubspot: {kind} have no property {name} for the fact {word}: name another, or create it in HubSpot"
                for word, name in self._settings.facts_of(of).items()
                if name not in existing[kind]
            ]
        return faults

    async def _create(self, what: str, operation: Operation, exists: Callable[[], Awaitable[bool]]) -> None:
        """Create it; a refusal is none when it exists by now."""
        try:
            await self._transport.send(Call(what=what, writes=True, expect=(200, 201)), operation)
        except InvalidError:
            if not await exists():
                raise

    async def _has_property(self, wanted: WantedProperty) -> bool:
        return wanted.name in await self._properties_of(wanted.kind)

    async def _all_properties(self) -> dict[str, dict[str, Mapping[str, Any]]]:
        return dict(zip(KINDS, await asyncio.gather(*map(self._properties_of, KINDS)), strict=True))

    async def _properties_of(self, kind: str) -> dict[str, Mapping[str, Any]]:
        answer = await self._transport.send(
            Call(what=f"read the properties of {kind}"),
            lambda hub: hub.crm.properties.core_api.get_all(kind, _preload_content=False),
        )
        return {p["name"]: p for p in answer["results"]}

    async def _has_group(self, kind: str) -> bool:
        answer = await self._transport.send(
            Call(what=f"read the property groups of {kind}"),
            lambda hub: hub.crm.properties.groups_api.get_all(kind, _preload_content=False),
        )
        return any(group["name"] == GROUP for group in answer["results"])

    async def _has_label(self, label: WantedLabel) -> bool:
        answer = await self._transport.send(
            Call(what=f"read the association labels from {label.kind} to {label.to}"),
            lambda hub: hub.crm.associations.v4.schema.definitions_api.get_all(
                label.kind, label.to, _preload_content=False
            ),
        )
        return any(found.get("label") == label.label for found in answer["results"])


def why_not_usable(wanted: WantedProperty, found: Mapping[str, Any]) -> str | None:
    """Why an existing property cannot hold our term, or None when it can."""
    types = (wanted.type, *wanted.also)
    if found.get("type") not in types:
        return (
            f"hubspot: property {wanted.name} of {wanted.kind} is of type {found.get('type')}, "
            f"not {' or '.join(types)}: map {wanted.term} to another property"
        )
    if not wanted.options or found.get("type") != "enumeration":
        return None
    there = {str(option.get("value")) for option in found.get("options", ())}
    if missing := [value for value in wanted.options if value not in there]:
        return (
            f"hubspot: property {wanted.name} of {wanted.kind} lacks the options {', '.join(missing)}: "
            "add them in HubSpot's property settings"
        )
    return None


def _group_of(kind: str) -> Operation:
    body = {"name": GROUP, "label": GROUP_LABEL, "displayOrder": -1}
    return lambda hub: hub.crm.properties.groups_api.create(kind, body, _preload_content=False)


def _property_of(wanted: WantedProperty) -> Operation:
    body = wanted.definition()
    return lambda hub: hub.crm.properties.core_api.create(wanted.kind, body, _preload_content=False)


def _label_of(label: WantedLabel) -> Operation:
    body = label.definition()
    return lambda hub: hub.crm.associations.v4.schema.definitions_api.create(
        label.kind, label.to, body, _preload_content=False
    )
