"""The portal's definitions: properties, owners, currencies, and the rules an admin has set. Holds no records."""

from __future__ import annotations

import functools
import zoneinfo
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from bot.sandbox.hubspot.defaults import DEFAULT_STAGES, GROUPS, default_properties
from bot.sandbox.hubspot.errors import Json, not_found
from bot.sandbox.hubspot.kinds import KINDS
from bot.sandbox.hubspot.pipelines import Pipelines
from bot.sandbox.hubspot.properties import Option, Property, PropertyGroup
from bot.sandbox.hubspot.times import iso_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """A person who works in the portal; `user_id` is what histories name, `id` what hubspot_owner_id holds."""

    id: str
    user_id: int
    email: str
    first_name: str
    last_name: str
    created_ms: int = 0
    archived: bool = False

    def json(self) -> Json:
        """The published schema `PublicOwner`."""
        return {
            "id": self.id,
            "email": self.email,
            "type": "PERSON",
            "firstName": self.first_name,
            "lastName": self.last_name,
            "userId": self.user_id,
            "userIdIncludingInactive": self.user_id,
            "createdAt": iso_of(self.created_ms),
            "updatedAt": iso_of(self.created_ms),
            "archived": self.archived,
            "teams": [],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionType:
    """A type of email that contacts may unsubscribe from."""

    id: str
    name: str
    description: str = ""
    active: bool = True
    created_ms: int = 0

    def json(self) -> Json:
        """The published schema `SubscriptionDefinition`."""
        return {
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "purpose": "Marketing",
            "communicationMethod": "Email",
            "isActive": self.active,
            "isDefault": False,
            "isInternal": False,
            "createdAt": iso_of(self.created_ms),
            "updatedAt": iso_of(self.created_ms),
        }

    def opted_out(self) -> Property:
        """The contact property that HubSpot keeps for it."""
        options = tuple(Option(label=v.title(), value=v, display_order=n) for n, v in enumerate(("true", "false")))
        return Property(
            name=f"hs_email_optout_{self.id}",
            label=f"Opted out of email: {self.name}",
            type="bool",
            field_type="booleancheckbox",
            group=GROUPS["contacts"][0].name,
            options=options,
            read_only=True,
            hubspot_defined=True,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionalRule:
    """`requires` must be set once `property` holds one of `values`; enforced by the 2026-09 family, and on people.

    No values means any value. Source: changelog "crm-api-write-validation-enforcement", 2026-08-11.
    """

    kind: str
    property: str
    values: tuple[str, ...] = ()
    requires: tuple[str, ...]

    def applies_to(self, value: str) -> bool:
        return value in self.values if self.values else value != ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The portal itself, as account-info tells it."""

    portal_id: int = 146_000_123
    app_id: int = 9_000_321
    app_name: str = "offportal"
    time_zone: str = "Europe/Berlin"
    currency: str = "EUR"
    more_currencies: tuple[str, ...] = ("GBP", "USD", "CHF")


@dataclass(slots=True, kw_only=True)
class Schema:
    """`rules` and `required_on_create` are what an admin set up; both bind the 2026-09 family only."""

    account: Account = field(default_factory=Account)
    properties: dict[str, dict[str, Property]] = field(default_factory=dict)
    groups: dict[str, dict[str, PropertyGroup]] = field(default_factory=dict)
    pipelines: Pipelines = field(default_factory=Pipelines)
    owners: dict[str, Owner] = field(default_factory=dict)
    subscriptions: dict[str, SubscriptionType] = field(default_factory=dict)
    rules: list[ConditionalRule] = field(default_factory=list)
    required_on_create: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def property(self, kind: str, name: str) -> Property | None:
        """The live definition of that name."""
        found = self.properties[kind].get(name)
        return found if found is not None and found.archived_ms is None else None

    def property_or_404(self, kind: str, name: str, *, archived: bool = False) -> Property:
        found = self.properties[kind].get(name)
        if found is None or (found.archived_ms is not None) is not archived:
            raise not_found(f'Property "{name}" does not exist for object type {kind}', propertyName=[name])
        return found

    def group_or_404(self, kind: str, name: str) -> PropertyGroup:
        if name not in self.groups[kind]:
            raise not_found(f"Property group {name} does not exist for object type {kind}", groupName=[name])
        return self.groups[kind][name]

    def add_subscription(self, type_: SubscriptionType) -> None:
        self.subscriptions[type_.id] = type_
        property_ = type_.opted_out()
        self.properties["contacts"][property_.name] = property_

    def allowed(self, property_: Property) -> Collection[str]:
        """The values an enumeration takes, wherever HubSpot keeps them."""
        match property_.external:
            case "":
                return property_.allowed
            case "owners":
                return [owner.id for owner in self.owners.values() if not owner.archived]
            case "pipelines":
                return self.pipelines.ids()
            case "stages":
                return [stage for pipeline in self.pipelines.all() for stage in pipeline.stages]
            case "currencies":
                return (self.account.currency, *self.account.more_currencies)
            case _:
                return timezone_values()


def default_schema(*, account: Account, now_ms: int) -> Schema:
    """The definitions of a fresh portal."""
    schema = Schema(account=account)
    for kind in KINDS:
        schema.properties[kind.name] = {p.name: p for p in default_properties(kind.name)}
        schema.groups[kind.name] = {group.name: group for group in GROUPS[kind.name]}
    stages = [
        {
            "id": stage_id,
            "label": label,
            "displayOrder": place,
            "metadata": {"probability": probability, "isClosed": closed},
        }
        for place, (stage_id, label, probability, closed) in enumerate(DEFAULT_STAGES)
    ]
    pipeline = {"label": "Sales Pipeline", "displayOrder": 0, "stages": stages}
    schema.pipelines.add(pipeline, now_ms=now_ms, pipeline_id="default")
    return schema


@functools.cache
def timezone_values() -> frozenset[str]:
    """hs_timezone's option values: Europe/Berlin is europe_slash_berlin, a hyphen is spelt out too."""
    return frozenset(
        name.lower().replace("/", "_slash_").replace("-", "_hyphen_").replace("+", "_plus_")
        for name in zoneinfo.available_timezones()
    )
