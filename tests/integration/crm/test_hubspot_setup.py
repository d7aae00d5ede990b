"""Making a portal fit: what is missing is shown, made once, and nothing that exists is touched."""

from __future__ import annotations

from typing import Any

import pytest

from bot.crm.hubspot.setup import Plan
from bot.sandbox.hubspot import Failure
from tests.contracts.crm.seed import hubspot_seed
from tests.contracts.crm.worlds import hubspot_world


def bare() -> dict[str, Any]:
    seed = hubspot_seed()
    return {name: seed[name] for name in ("account", "owners", "pipelines")}


@pytest.mark.parametrize("family", ["2026-09", "v3"])
async def test_an_empty_portal_is_made_fit_and_then_has_no_faults(family: str) -> None:
    async with hubspot_world(family, seed=bare()) as world:
        faults = await world.crm.check()
        assert any("deals have no property partner_account for partner: run offportal setup" in f for f in faults)
        plan = await world.hubspot.plan_setup()
        assert plan.groups == ("deals", "companies", "contacts")
        assert {p.name for p in plan.properties} >= {"protected_until", "partner_status", "partner_role"}
        assert len(plan.labels) == 3
        assert await world.hubspot.apply_setup(plan) == []
        assert await world.hubspot.plan_setup() == Plan()
        assert await world.hubspot.apply_setup(plan) == []  # a second person pressed the same button
        assert await world.crm.check() == []


async def test_what_exists_with_another_type_is_told_and_left_alone() -> None:
    seed = hubspot_seed()
    mine = next(p for p in seed["properties"]["deals"] if p["name"] == "protected_until")
    mine |= {"type": "string", "fieldType": "text"}
    for deal in seed["deals"]:
        deal["properties"]["protected_until"] = ""
    async with hubspot_world("2026-09", seed=seed) as world:
        plan = await world.hubspot.plan_setup()
        assert plan.properties == ()
        assert not plan.is_done
        (conflict,) = plan.conflicts
        assert "protected_until of deals is of type string, not date: map protected_until to another" in conflict
        assert await world.hubspot.apply_setup(plan) == [conflict]
        assert world.server.portal.schema.properties["deals"]["protected_until"].type == "string"


async def test_a_portal_without_paid_labels_is_fit_all_the_same() -> None:
    async with hubspot_world("2026-09") as world:
        plan = await world.hubspot.plan_setup()
        world.server.failures.order(Failure(method="POST", path="labels", status=403, times=2))
        faults = await world.hubspot.apply_setup(plan)
        assert len(faults) == 2
        assert "offportal works without them" in faults[0]
        assert await world.crm.check() == []


async def test_a_pipeline_that_is_not_there_is_named_with_those_that_are() -> None:
    async with hubspot_world("2026-09", pipelines={"reseller": "Resale"}) as world:
        (fault,) = await world.crm.check()
        assert "'Resale' is not one of the portal's deal pipelines: Sales Pipeline, Reseller" in fault
