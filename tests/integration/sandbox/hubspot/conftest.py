from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.integration.sandbox.hubspot.rig import Rig, running


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    """The demo world on loopback."""
    async with running() as rig:
        yield rig
