"""What the HubSpot adapter sends is what the vendor has published, in both API families.

The published schemas are those of the vendor's own client, which is generated from its OpenAPI descriptions. One
version of the client stands for both families here. Says nothing about what HubSpot does with a body.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot.domain.deals import DealField, FieldChange
from bot.domain.preferences import Cadence, Preferences, Topic
from bot.sandbox.record import Recorder
from tests.contracts.crm.names import BRANDT, CHANNEL, JULIA, ROLLOUT, TOM
from tests.contracts.crm.seed import hubspot_seed
from tests.contracts.crm.test_registrations import NEW
from tests.contracts.crm.worlds import HubSpotWorld, hubspot_world

# Method and path without family and version, and the schema of the body: package and class of the vendor's client.
SCHEMAS = {
    r"POST /objects/\w+/search": ("objects", "PublicObjectSearchRequest"),
    r"POST /objects/\w+/batch/read": ("objects", "BatchReadInputSimplePublicObjectId"),
    r"PATCH /objects/\w+/\d+": ("objects", "SimplePublicObjectInput"),
    r"POST /objects/\w+": ("objects", "SimplePublicObjectInputForCreate"),
    r"POST /associations/\w+/\w+/batch/read": ("associations.v4", "BatchInputPublicFetchAssociationsBatchRequest"),
    r"PUT /objects/\w+/\d+/associations/\w+/\d+": ("associations.v4", "list[AssociationSpec]"),
    r"POST /properties/\w+/groups": ("properties", "PropertyGroupCreate"),
    r"POST /properties/\w+": ("properties", "PropertyCreate"),
    r"POST /associations/\w+/\w+/labels": ("associations.v4.schema", "PublicAssociationDefinitionCreateRequest"),
}
_STRICT = SimpleNamespace(client_side_validation=True)
PLAIN = {"str": str, "int": int, "bool": bool, "float": float}


def faults(value: Any, kind: str, package: str, where: str = "body") -> Iterator[str]:
    """Where a value is not of a type as the vendor's client names it: str, list[Filter], dict[str, str] …"""
    inner = re.fullmatch(r"(list|dict)\[(?:str, ?)?(\w+)\]", kind)
    if inner is not None:
        if not isinstance(value, list if inner[1] == "list" else dict):
            yield f"{where}: {value!r} is no {inner[1]}"
            return
        for key, one in enumerate(value) if isinstance(value, list) else value.items():
            yield from faults(one, inner[2], package, f"{where}.{key}")
    elif kind in PLAIN:
        if type(value) is not PLAIN[kind]:
            yield f"{where}: {value!r} is no {kind}"
    else:
        yield from _object_faults(value, kind, package, where)


def _object_faults(value: Any, kind: str, package: str, where: str) -> Iterator[str]:
    schema = getattr(importlib.import_module(f"hubspot.crm.{package}.models"), kind)
    if not isinstance(value, dict):
        yield f"{where}: {value!r} is no object"
        return
    names = {theirs: ours for ours, theirs in schema.attribute_map.items()}
    yield from (f"{where}.{key}: {kind} has no such key" for key in value.keys() - names.keys())
    known = {names[key]: one for key, one in value.items() if key in names}
    try:
        schema(**known, local_vars_configuration=_STRICT)  # what is required, and the values that a key may have
    except ValueError as exc:
        yield f"{where}: {exc}"
    for name, one in known.items():
        yield from faults(one, schema.openapi_types[name], package, f"{where}.{name}")


def schema_of(line: dict[str, Any]) -> tuple[str, str] | None:
    path = re.sub(r"^/crm/(?:v[34]/)?|/\d{4}-\d{2}(?=/|$)", "/", line["path"]).replace("//", "/").rstrip("/")
    found = [schema for pattern, schema in SCHEMAS.items() if re.fullmatch(pattern, f"{line['method']} {path}")]
    return found[0] if found else None


async def everything(family: str, record: Path) -> None:
    """Have the adapter send each kind of body."""
    with Recorder(record) as recorder:
        async with hubspot_world(family, record=recorder) as world:
            deal = await world.crm.deal(ROLLOUT)
            assert deal is not None
            await world.crm.open_deals_of(BRANDT)
            await world.crm.partner_by_channel(CHANNEL)
            await world.crm.slack_channels()
            await world.crm.contacts_by_email("jb@brandt.example")
            await world.crm.contacts_of(deal)
            page = await world.crm.changes_since(None, datetime.now(UTC))
            await world.move(ROLLOUT, {DealField.AMOUNT: Decimal(5)})
            await world.crm.changes_since(page.cursor, datetime.now(UTC))
            await world.crm.write(ROLLOUT, [FieldChange(field=DealField.STAGE, old=deal.stage, new="Transact")])
            await world.crm.note(deal, "Hello", at=datetime.now(UTC), key="k", contact_id=JULIA, look=True)
            await everything_of_registrations(world)
            await everything_of_audiences(world)
        bare = {name: found for name, found in hubspot_seed().items() if name in {"account", "owners", "pipelines"}}
        async with hubspot_world(family, record=recorder, seed=bare) as world:
            await world.hubspot.apply_setup(await world.hubspot.plan_setup())


async def everything_of_registrations(world: HubSpotWorld) -> None:
    now = datetime.now(UTC)
    await world.crm.accounts_like(domain="acme.example", name="Acme GmbH")
    for look in (False, True):
        await world.crm.create_deal(NEW, look=look)
    await world.crm.protected_deals(until=now.date())
    await world.crm.quiet_deals(since=now)
    await world.meet(ROLLOUT, "Demo", ended_at=now)
    await world.crm.meetings_ended(after=now - timedelta(days=1), before=now)


async def everything_of_audiences(world: HubSpotWorld) -> None:
    assert [page async for page in world.crm.readers()]
    await world.crm.save_preferences(TOM, Preferences(language="fr", cadences={Topic.PRODUCT: Cadence.OFF}))
    await world.crm.log_engagement(TOM, "Clicked.", at=datetime.now(UTC), key="k", look=True)


@pytest.mark.parametrize("family", ["2026-09", "v3"])
async def test_every_body_is_as_published(tmp_path, family: str) -> None:
    await everything(family, tmp_path / "requests.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "requests.jsonl").read_text(encoding="ascii").splitlines()]
    wrong, seen = [], set()
    for line in (one for one in lines if one["body"]):
        called = f"{line['method']} {line['path']}"
        schema = schema_of(line)
        if schema is None:
            wrong.append(f"{called}: no schema is known")
            continue
        seen.add(schema[1])
        wrong += [f"{called}: {fault}" for fault in faults(json.loads(line["body"]), schema[1], schema[0])]
    assert not wrong, "\n".join(sorted(set(wrong)))
    assert seen >= {name for _, name in SCHEMAS.values()}, seen


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"filterGroups": [{"filters": [{"propertyName": "x", "operator": "LIKE"}]}]}, "Invalid value for `operator`"),
        ({"filterGroups": [{"filters": [{"operator": "EQ"}]}]}, "Invalid value for `property_name`"),
        ({"filterGroups": [], "limit": "200"}, "body.limit: '200' is no int"),
        ({"filters": []}, "has no such key"),
    ],
)
def test_a_body_that_is_not_as_published_is_named(body: dict[str, Any], fault: str) -> None:
    assert fault in "\n".join(faults(body, "PublicObjectSearchRequest", "objects"))
