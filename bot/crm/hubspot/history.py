"""The history that HubSpot keeps of a property, told as changes. Pure; leaves out what it cannot read."""

from __future__ import annotations

from collections.abc import Iterator

import structlog

from bot.crm.hubspot.fields import Record, decode, instant, millis
from bot.crm.hubspot.portal import Account
from bot.crm.hubspot.stages import Stages
from bot.domain.deals import DealField, FieldChange, FieldValue, ObservedChange, same
from bot.errors import PermanentError

log = structlog.get_logger()


def entries_of(record: Record, name: str) -> list[Record]:
    """The property's entries, oldest first: each a value, its time and its source."""
    entries = (record.get("propertiesWithHistory") or {}).get(name) or ()
    return sorted(entries, key=lambda entry: instant(str(entry["timestamp"])))


def field_changes(
    record: Record, name: str, field: DealField, stages: Stages, account: Account
) -> Iterator[ObservedChange]:
    """The changes of one field, oldest first, each from the value before; saving the same again is none.

    A value of the wrong kind is passed over: it must not stop the others, and `check` names the wrong property.
    """
    pipeline_id = record["properties"].get("pipeline") or ""
    present: FieldValue = None
    for entry in entries_of(record, name):
        text = entry.get("value")
        try:
            value = decode(field, text, zone=account.zone)
        except PermanentError:
            log.warning("hubspot.value_unreadable", deal=record["id"], field=field.value)
            continue
        if field is DealField.STAGE and text:
            value = stages.label(text, pipeline_id)
        if not same(present, value):
            at = instant(str(entry["timestamp"]))
            yield ObservedChange(
                key=f"{record['id']}:{field}:{millis(at)}",
                deal_id=str(record["id"]),
                change=FieldChange(field=field, old=present, new=value),
                at=at,
                by=_source(entry),
            )
        present = value


def _source(entry: Record) -> str:
    """Where a change came from: CRM_UI:userId:7, INTEGRATION:12345, …"""
    return ":".join(str(part) for part in (entry.get("sourceType"), entry.get("sourceId")) if part)
