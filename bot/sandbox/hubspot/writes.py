"""Whether a write is taken: every rule about the properties of one record. Changes nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.hubspot.bodies import text_of
from bot.sandbox.hubspot.defaults import REQUIRED
from bot.sandbox.hubspot.errors import HubSpotError, Json, fields_not_set, invalid_json
from bot.sandbox.hubspot.kinds import DEALS, Kind
from bot.sandbox.hubspot.pipelines import stages_in_words
from bot.sandbox.hubspot.properties import Property
from bot.sandbox.hubspot.records import Record
from bot.sandbox.hubspot.schema import Schema
from bot.sandbox.hubspot.values import Accepted, Refused, judge


@dataclass(slots=True, kw_only=True)
class Judged:
    """What of a write is to be stored."""

    values: dict[str, str] = field(default_factory=dict)
    keys: dict[str, float | None] = field(default_factory=dict)
    warnings: list[Json] = field(default_factory=list)


def judge_write(schema: Schema, kind: Kind, raw: Any, *, record: Record | None, dated: bool, enforce: bool) -> Judged:
    """Check the `properties` of a create (record None) or an update.

    Args:
        schema: The portal's definitions.
        kind: What is written.
        raw: The `properties` member as it came.
        record: The record to be changed.
        dated: True for the 2026-09 family.
        enforce: Whether the admin's rules bind this writer (the 2026-09 family, and people).

    Raises:
        HubSpotError: 400 with every property that is not valid.
    """
    if raw is None:
        raise fields_not_set("properties")
    if not isinstance(raw, Mapping):
        raise invalid_json("properties is not an object")
    judged = Judged()
    refused: list[Refused] = []
    for name, value in raw.items():
        verdict = _judge_one(schema, kind, name, text_of(value), record=record, dated=dated)
        if isinstance(verdict, Refused):
            refused.append(verdict)
            continue
        judged.values[name] = verdict.value
        judged.keys[name] = verdict.key
        if verdict.warning is not None:
            judged.warnings.append(verdict.warning)
    if kind is DEALS and not refused:
        refused += _judge_stage(schema, judged, record)
    if refused:
        raise _not_valid(refused, schema.account.portal_id)
    if record is None:
        _check_required(kind, judged)
    if enforce:
        _check_rules(schema, kind, judged, record)
    return judged


def _judge_one(
    schema: Schema, kind: Kind, name: str, text: str, *, record: Record | None, dated: bool
) -> Accepted | Refused:
    property_ = schema.property(kind.name, name)
    if property_ is None:
        message = f'Property "{name}" does not exist'
        return Refused(name=name, code="PROPERTY_DOESNT_EXIST", message=message, value=text)
    if property_.read_only:
        message = f'"{name}" is a calculated property; its value cannot be set.'
        return Refused(name=name, code="READ_ONLY_VALUE", message=message, value=text)
    before = record.value(name) if record is not None else ""
    if property_.external == "stages":
        return Accepted(value=text)  # A stage is judged together with its pipeline.
    return judge(property_, text, allowed=schema.allowed(property_), dated=dated, before=before)


def _judge_stage(schema: Schema, judged: Judged, record: Record | None) -> list[Refused]:
    """A stage must belong to the deal's pipeline, which a create may leave to the stage or to the default."""
    values = judged.values
    if "dealstage" not in values and "pipeline" not in values:
        return []
    stage_id = values.get("dealstage", record.value("dealstage") if record else "")
    pipeline_id = values.get("pipeline", record.value("pipeline") if record else "")
    if record is None and not stage_id:
        return []  # It is missed as a required property.
    if record is None and not pipeline_id:
        # "If a pipeline isn't specified, the default pipeline will be used" (docs, "Deals", 2026-11).
        pipeline_id = schema.pipelines.ids()[0]
        values["pipeline"] = pipeline_id
        judged.keys["pipeline"] = None
    pipeline = next((p for p in schema.pipelines.all() if p.id == pipeline_id), None)
    if pipeline is not None and stage_id in pipeline.stages:
        return []
    options = stages_in_words([pipeline] if pipeline is not None else schema.pipelines.all())
    message = f"{stage_id} is not a valid pipeline stage ID. Valid options are: {options}"
    return [Refused(name="dealstage", code="INVALID_OPTION", message=message, value=stage_id)]


def _check_required(kind: Kind, judged: Judged) -> None:
    missing = [names[0] for names in REQUIRED.get(kind.name, ()) if not any(judged.values.get(name) for name in names)]
    if missing:
        raise HubSpotError(
            400,
            "VALIDATION_ERROR",
            f"Error creating {kind.singular.upper()}. Some required properties were not set.",
            context={"properties": missing},
        )


def _check_rules(schema: Schema, kind: Kind, judged: Judged, record: Record | None) -> None:
    """The rules of an admin: properties demanded on creation, and by the value of another property."""
    problems = []
    if record is None:
        problems += [
            _detail("MISSING_REQUIRED_PROPERTY", f"A value for {name} must be provided", name)
            for name in schema.required_on_create.get(kind.name, ())
            if not judged.values.get(name)
        ]
    after = {**(record.version.properties if record else {}), **judged.values}
    for rule in schema.rules:
        touched = rule.property in judged.values or any(name in judged.values for name in rule.requires)
        if rule.kind != kind.name or not touched or not rule.applies_to(after.get(rule.property, "")):
            continue
        problems += [
            _detail(
                "MISSING_CONDITIONAL_REQUIRED_PROPERTY",
                f"{name} is required because of a conditional property rule based on [{rule.property}]",
                name,
            )
            for name in rule.requires
            if not after.get(name)
        ]
    if problems:
        raise HubSpotError(400, "VALIDATION_ERROR", "The property values provided are invalid", errors=problems)


def _detail(code: str, message: str, name: str) -> Json:
    return {"message": message, "code": code, "context": {"propertyName": [name]}}


def _not_valid(refused: list[Refused], portal_id: int) -> HubSpotError:
    listed = json.dumps([one.json(portal_id) for one in refused], separators=(",", ":"), ensure_ascii=False)
    return HubSpotError(
        400,
        "VALIDATION_ERROR",
        f"Property values were not valid: {listed}",
        errors=[one.detail() for one in refused],
    )


def unique_properties(schema: Schema, kind: Kind) -> list[Property]:
    """The properties of a kind whose values no two records share."""
    return [p for p in schema.properties[kind.name].values() if p.unique and p.archived_ms is None]
