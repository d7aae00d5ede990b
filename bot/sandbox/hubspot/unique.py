"""Values that no two records of a kind may share. Only tells; the portal refuses or stores."""

from __future__ import annotations

from collections.abc import Mapping

from bot.sandbox.hubspot.errors import HubSpotError, already_exists, bad_request
from bot.sandbox.hubspot.kinds import CONTACTS, Kind
from bot.sandbox.hubspot.records import Record
from bot.sandbox.hubspot.schema import Schema
from bot.sandbox.hubspot.writes import unique_properties


class UniqueValues:
    """Who holds which value, for every property with hasUniqueValue and for contacts' addresses, which a
    secondary one (hs_additional_emails) blocks too. Compared without regard to case."""

    def __init__(self, schema: Schema, records: Mapping[str, Mapping[str, Record]]) -> None:
        self._schema = schema
        self._records = records
        self._holders: dict[tuple[str, str], dict[str, str]] = {}

    def check(self, kind: Kind, name: str) -> None:
        """Refuse a property that cannot identify records.

        Raises:
            HubSpotError: 400.
        """
        property_ = self._schema.property(kind.name, name)
        if property_ is None or not property_.unique:
            raise bad_request(f"{name} is not a unique property of {kind.name}", idProperty=[name])

    def find(self, kind: Kind, name: str, value: str) -> str | None:
        return self._table(kind, name).get(value.strip().lower())

    def check_new(self, kind: Kind, values: Mapping[str, str], *, own_id: str) -> None:
        """Refuse values that another record holds; a record that is to be created has an id of its own already.

        Raises:
            HubSpotError: 409 for a contact's address, else 400.
        """
        for property_ in unique_properties(self._schema, kind):
            for value in _split(property_.name, values):
                holder = self.find(kind, property_.name, value)
                if holder is not None and holder != own_id:
                    raise self._clash(kind, property_.name, value, own_id, holder)

    def among(self, kind: Kind, values: Mapping[str, str]) -> set[tuple[str, str]]:
        """The unique values of a write, for comparing the inputs of one batch with each other."""
        names = [property_.name for property_ in unique_properties(self._schema, kind)]
        return {(name, value) for name in names for value in _split(name, values)}

    def remember(self, record: Record) -> None:
        for property_ in unique_properties(self._schema, record.kind):
            table = self._table(record.kind, property_.name)
            for value in _split(property_.name, record.version.properties):
                table[value] = record.id

    def forget(self, record: Record) -> None:
        for property_ in unique_properties(self._schema, record.kind):
            table = self._table(record.kind, property_.name)
            for value in _split(property_.name, record.version.properties):
                if table.get(value) == record.id:
                    del table[value]

    def _clash(self, kind: Kind, name: str, value: str, own_id: str, holder: str) -> HubSpotError:
        if (kind, name) == (CONTACTS, "email"):
            return already_exists(f"Contact already exists. Existing ID: {holder}", code="CONFLICT")
        # 400 as public clients of the API report it for creates and updates of deals, companies and products
        # (2023-2026); HubSpot's own pages do not say.
        return HubSpotError(
            400,
            "VALIDATION_ERROR",
            f"Cannot set PropertyValueCoordinates{{portalId={self._schema.account.portal_id}, objectTypeId="
            f"ObjectTypeId{{legacyObjectType={kind.singular.upper()}}}, propertyName={name}, value={value}}} on "
            f"{own_id}. {holder} already has that value.",
            errors=[
                {
                    "message": f"{name} must be unique",
                    "code": "CONFLICTING_UNIQUE_VALUE",
                    "context": {"propertyName": [name]},
                }
            ],
        )

    def _table(self, kind: Kind, name: str) -> dict[str, str]:
        """Built when first needed: a property may become known long after its records."""
        key = (kind.name, name)
        if key not in self._holders:
            self._holders[key] = {
                value: record.id
                for record in self._records[kind.name].values()
                if record.archived_ms is None
                for value in _split(name, record.version.properties)
            }
        return self._holders[key]


def _split(name: str, values: Mapping[str, str]) -> list[str]:
    """The values that count for a unique property, in lower case; an address may be a secondary one."""
    found = [values.get(name, "")]
    if name == "email":
        found += values.get("hs_additional_emails", "").split(";")
    return [value.strip().lower() for value in found if value.strip()]
