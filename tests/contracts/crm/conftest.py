"""The CRMs that the contract is held against."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.contracts.crm.worlds import MemoryWorld, World, hubspot_world


@pytest.fixture(params=["memory", "hubspot-2026-09", "hubspot-v3"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    if request.param == "memory":
        yield MemoryWorld()
        return
    async with hubspot_world(request.param.removeprefix("hubspot-")) as found:
        yield found
        assert not found.server.deviations  # every body was as HubSpot publishes it
