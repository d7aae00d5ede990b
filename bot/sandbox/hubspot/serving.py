"""The portal as a process of its own, for the demo's command line. Runs until it is cancelled."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from bot.sandbox.hubspot.seed import read_seed
from bot.sandbox.hubspot.server import HubSpotServer
from bot.sandbox.record import Recorder
from bot.sandbox.world import demo_world

TOKEN = "pat-eu1-sandbox"


async def serve(port: int, record: Path | None, seed: Path | None, *, token: str = TOKEN) -> None:
    """Serve the demo world, or the one of a seed file (seed.py), until cancelled.

    Args:
        port: Where to listen on 127.0.0.1; 0 lets the system choose.
        record: Where to write what was asked, as JSON Lines; None for nowhere.
        seed: A .json or .toml file.
        token: The bearer that clients must bring.

    Raises:
        SeedError: when the seed does not describe a portal.
        OSError: when the port is taken or the record cannot be written.
    """
    world = demo_world() if seed is None else read_seed(seed)
    with Recorder(record) as recorder:
        server = HubSpotServer(token=token, port=port, record=recorder, seed=world, clock=lambda: datetime.now(UTC))
        await server.start()
        try:
            await asyncio.Event().wait()
        finally:
            await server.stop()
