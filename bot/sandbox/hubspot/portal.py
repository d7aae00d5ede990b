"""The state of a HubSpot portal and every change to it. Knows nothing of HTTP, tokens or limits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.sandbox.hubspot.associations import HUBSPOT, Associations, AssociationType
from bot.sandbox.hubspot.bodies import object_in, objects_in, required_text
from bot.sandbox.hubspot.derive import derive
from bot.sandbox.hubspot.errors import (
    HubSpotError,
    bad_request,
    fields_not_set,
    invalid_json,
    not_found,
)
from bot.sandbox.hubspot.index import SearchIndex
from bot.sandbox.hubspot.kinds import COMPANIES, CONTACTS, DEALS, KINDS, Kind, kind_of
from bot.sandbox.hubspot.records import CALCULATED, Actor, Edit, Record, start_record
from bot.sandbox.hubspot.schema import Schema
from bot.sandbox.hubspot.subscribed import Status, Subscriptions
from bot.sandbox.hubspot.times import iso_of, ms_of
from bot.sandbox.hubspot.unique import UniqueValues
from bot.sandbox.hubspot.writes import Judged, judge_write

FIRST_ID = 40_000_000_001  # generated ids are longer than any id that a seed is likely to choose

Target = tuple[Record, AssociationType]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A write that was found good; `record` is None for a create."""

    kind: Kind
    record: Record | None
    judged: Judged
    targets: Sequence[Target]
    actor: Actor


class Portal:
    """One account's records.

    `clock` gives the present moment (aware); `timer` runs in seconds and may start anywhere; `lag_s` is how long
    a change takes to reach the search.
    """

    def __init__(
        self, schema: Schema, *, clock: Callable[[], datetime], timer: Callable[[], float], lag_s: float
    ) -> None:
        self.schema = schema
        self.associations = Associations()
        self.indexes = {kind.name: SearchIndex(kind, lag_s=lag_s, timer=timer) for kind in KINDS}
        self._clock = clock
        self._records: dict[str, dict[str, Record]] = {kind.name: {} for kind in KINDS}
        self.unique = UniqueValues(schema, self._records)
        self.subscriptions = Subscriptions()
        self._next_id = FIRST_ID
        self._backdated_ms: int | None = None

    def now_ms(self) -> int:
        return ms_of(self._clock()) if self._backdated_ms is None else self._backdated_ms

    @contextmanager
    def backdated(self, at_ms: int) -> Iterator[None]:
        """Let what is done meanwhile have happened then; for seeds."""
        self._backdated_ms = at_ms
        try:
            yield
        finally:
            self._backdated_ms = None

    def person(self, by: str = "") -> Actor:
        """The owner with that id or address, acting by hand; the first one when none is named.

        Raises:
            HubSpotError: 404.
        """
        for owner in self.schema.owners.values():
            if by in {"", owner.id} or by.lower() == owner.email.lower():
                return Actor(source_type="CRM_UI", source_id=f"userId:{owner.user_id}", user_id=owner.user_id)
        if not by:
            return Actor(source_type="CRM_UI", source_id="userId:1", user_id=1)
        raise not_found(f"Owner {by} does not exist", ownerId=[by])

    # ---- reading

    def records(self, kind: Kind, *, archived: bool = False) -> list[Record]:
        """All records of a kind, in the order of their ids."""
        found = [r for r in self._records[kind.name].values() if (r.archived_ms is not None) is archived]
        return sorted(found, key=lambda record: int(record.id))

    def find(self, kind: Kind, record_id: str, *, id_property: str = "", archived: bool = False) -> Record | None:
        """The record with that id, or with that value of a unique property; None when there is none."""
        if id_property and id_property != "hs_object_id":
            self.unique.check(kind, id_property)
            record_id = self.unique.find(kind, id_property, record_id) or ""
        record = self._records[kind.name].get(record_id)
        return record if record is not None and (record.archived_ms is not None) is archived else None

    def get(self, kind: Kind, record_id: str, *, id_property: str = "", archived: bool = False) -> Record:
        """As `find`.

        Raises:
            HubSpotError: 404.
        """
        record = self.find(kind, record_id, id_property=id_property, archived=archived)
        if record is not None:
            return record
        if not id_property and not record_id.isdecimal():
            raise not_found("Object not found.  objectId are usually numeric.", id=[record_id])
        raise not_found()

    # ---- writing

    def prepare(
        self,
        kind: Kind,
        properties: Any,
        *,
        record: Record | None = None,
        associations: Any = None,
        actor: Actor,
        dated: bool,
    ) -> Prepared:
        """Check a create (record None) or an update, and change nothing.

        Raises:
            HubSpotError: 400 or 409.
        """
        enforce = dated or actor.is_person
        judged = judge_write(self.schema, kind, properties, record=record, dated=dated, enforce=enforce)
        self.unique.check_new(kind, judged.values, own_id=record.id if record else str(self._next_id))
        return Prepared(kind=kind, record=record, judged=judged, targets=self._targets(kind, associations), actor=actor)

    def commit(self, prepared: Prepared, *, record_id: str = "") -> Record:
        """Carry out what was prepared; `record_id` gives a new record a chosen id."""
        record, actor = prepared.record, prepared.actor
        if record is not None:
            self._store(record, prepared.judged.values, prepared.judged.keys, actor)
            return record
        record = start_record(record_id=record_id or self.new_id(), kind=prepared.kind, created_ms=self.now_ms())
        self._records[prepared.kind.name][record.id] = record
        origin = {
            "hs_object_source": actor.source_type,
            "hs_object_source_id": actor.source_id,
            "hs_object_source_label": actor.source_type,
        }
        origin_edit = Edit(values=origin, keys={}, actor=CALCULATED)
        self._store(record, prepared.judged.values, prepared.judged.keys, actor, origin_edit)
        for target, type_ in prepared.targets:
            self.associate(record, target, type_)
        return record

    def archive(self, record: Record) -> None:
        """Move a record to the recycling bin, with its associations."""
        record.archived_ms = self.now_ms()
        self.unique.forget(record)
        neighbours = list(self.associations.neighbours((record.kind.name, record.id)))
        self.associations.unlink_all((record.kind.name, record.id))
        self.indexes[record.kind.name].forget(record)
        for kind_name, record_id in neighbours:
            self._recount(self._records[kind_name][record_id], record)

    def associate(self, record: Record, target: Record, type_: AssociationType) -> None:
        """Relate two records; doing it again changes nothing."""
        one, other = (record.kind.name, record.id), (target.kind.name, target.id)
        if self.associations.link(one, other, type_):
            self._recount(record, target)
            self._recount(target, record)

    def dissociate(self, record: Record, target: Record, type_: AssociationType | None = None) -> None:
        self.associations.unlink((record.kind.name, record.id), (target.kind.name, target.id), type_)
        self._recount(record, target)
        self._recount(target, record)

    def load(self, records: Iterable[Record]) -> None:
        """Show seeded records in the search at once."""
        by_kind: dict[str, list[Record]] = {name: [] for name in self.indexes}
        for record in records:
            by_kind[record.kind.name].append(record)
        for name, group in by_kind.items():
            self.indexes[name].load(group)

    # ---- within

    def new_id(self) -> str:
        self._next_id += 1
        return str(self._next_id - 1)

    def _store(
        self,
        record: Record,
        values: Mapping[str, str],
        keys: Mapping[str, float | None],
        actor: Actor,
        *more: Edit,
    ) -> None:
        calculated = derive(record.kind, {**record.version.properties, **values}, self.schema.pipelines)
        self.unique.forget(record)
        own = Edit(values=values, keys=keys, actor=actor)
        record.write(own, calculated, *more, now_ms=self.now_ms())
        self.unique.remember(record)
        self.indexes[record.kind.name].show_later(record)

    def subscribe(self, email: str, subscription_id: str, state: str, *, source: str) -> tuple[Status, str]:
        """Set an address's status of a subscription type, and the property of the contact that has the address; the
        status and HubSpot's word for what happened."""
        status, happened = self.subscriptions.put(email, subscription_id, state, source=source, now_ms=self.now_ms())
        out = {"SUBSCRIBED": "false", "UNSUBSCRIBED": "true"}.get(state, "")
        self._tell_contact(email, {f"hs_email_optout_{subscription_id}": out})
        return status, happened

    def unsubscribe_from_all(self, email: str, *, source: str) -> None:
        for subscription_id in self.schema.subscriptions:
            self.subscribe(email, subscription_id, "UNSUBSCRIBED", source=source)
        self._tell_contact(email, {"hs_email_optout": "true"})

    def _tell_contact(self, email: str, values: Mapping[str, str]) -> None:
        contact_id = self.unique.find(CONTACTS, "email", email)
        contact = contact_id and self.find(CONTACTS, contact_id)
        if contact:
            self._store(contact, values, {}, CALCULATED)

    def _targets(self, kind: Kind, raw: Any) -> list[Target]:
        """The associations of a create: each `{"to": {"id"}, "types": [{associationCategory, associationTypeId}]}`."""
        targets: list[Target] = []
        for item in objects_in({"associations": raw}, "associations"):
            specs = objects_in(item, "types")
            if not specs:
                raise fields_not_set("types")
            (to_id,) = required_text(object_in(item, "to"), "id")
            targets += [self._target(kind, to_id, spec) for spec in specs]
        return targets

    def _target(self, kind: Kind, to_id: str, spec: Any) -> Target:
        category, type_id = parse_spec(spec)
        type_ = self.associations.type_from(kind.name, category, type_id)
        if type_ is None:
            start = next((k for k in KINDS if self.associations.type_from(k.name, category, type_id)), None)
            expected = start.type_id if start is not None else "none"
            raise bad_request(
                f"invalid from object type {kind.type_id} for associations to be created. expected: {expected}"
            )
        target = self.find(kind_of(type_.to_kind), to_id)
        if target is None:
            raise HubSpotError(
                400,
                "VALIDATION_ERROR",
                "One or more associations are invalid",
                context={"INVALID_OBJECT_IDS": [to_id], "objectType": [type_.to_kind]},
            )
        return target, type_

    def _recount(self, record: Record, other: Record) -> None:
        """Relations move the counters of both sides, and with them the time of the last change: a note makes its
        deal look changed, as in HubSpot."""
        node = (record.kind.name, record.id)
        values: dict[str, str] = {}
        if other.kind.is_activity and not record.kind.is_activity:
            count = sum(len(self.associations.ids_of(node, kind.name)) for kind in KINDS if kind.is_activity)
            values = {"num_notes": str(count), "notes_last_updated": iso_of(self.now_ms())}
        elif other.kind is CONTACTS and record.kind in (DEALS, COMPANIES):
            values = {"num_associated_contacts": str(len(self.associations.ids_of(node, "contacts")))}
        elif other.kind is DEALS and record.kind in (CONTACTS, COMPANIES):
            values = {"num_associated_deals": str(len(self.associations.ids_of(node, "deals")))}
        elif other.kind is COMPANIES and record.kind is CONTACTS:
            values = {"associatedcompanyid": self._primary_company(node)}
        if values and record.archived_ms is None:
            keys = {name: float(value) for name, value in values.items() if value.isdecimal()}
            self._store(record, values, keys, CALCULATED)

    def _primary_company(self, contact: tuple[str, str]) -> str:
        companies = self.associations.of(contact, "companies")
        return next((id_ for id_, types in companies if any(t.label == "Primary" for t in types)), "")


def parse_spec(raw: Any) -> tuple[str, int]:
    """Category and type id of a published `AssociationSpec`.

    Raises:
        HubSpotError: 400.
    """
    if not isinstance(raw, Mapping):
        raise invalid_json("an association type is not an object")
    category, type_id = required_text(raw, "associationCategory", "associationTypeId")
    if category not in {HUBSPOT, "USER_DEFINED", "INTEGRATOR_DEFINED", "WORK"} or not (
        type_id.isdecimal() and type_id.isascii()
    ):
        raise invalid_json(f"{category} {type_id} is not an association category and a type id")
    return category, int(type_id)
