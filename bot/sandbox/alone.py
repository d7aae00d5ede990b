"""One service of the sandbox by itself, for other people's tests to stand between it and a worker."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bot.clock import utc_now
from bot.sandbox.demo import HUBSPOT_TOKEN, PARTNER_DESK, PASSWORD, ROOT
from bot.sandbox.hubspot import HubSpotServer, read_seed
from bot.sandbox.mail import MailServer
from bot.sandbox.record import Recorder
from bot.sandbox.slack.server import SlackServer
from bot.sandbox.world import demo_world


async def serve(
    service: str, port: int, record: Path | None, seed: Path | None, *, tell: Callable[[str], None]
) -> None:
    """Serve until cancelled. The mail server's seed is {"accounts": {address: password}, "authentic_domains": []}."""
    recorder = Recorder(record)
    given = read_seed(seed) if seed else None
    server = _server(service, port, recorder, given)
    await server.start()
    tell(f"{service} listens on 127.0.0.1:{port}" + (f" (SMTP) and {port + 1} (IMAP)" if service == "mail" else ""))
    if service == "hubspot":
        tell(f"access token: {HUBSPOT_TOKEN}")
    if isinstance(server, SlackServer):
        tell(f"bot token: {server.bot_token}, app token: {server.app_token}, secret: {server.signing_secret}")
    try:
        await asyncio.Event().wait()
    finally:
        await server.stop()
        recorder.close()


def _server(
    service: str, port: int, recorder: Recorder, seed: Mapping[str, Any] | None
) -> MailServer | HubSpotServer | SlackServer:
    match service:
        case "hubspot":
            return HubSpotServer(
                token=HUBSPOT_TOKEN, port=port, record=recorder, seed=seed or demo_world(), clock=utc_now
            )
        case "slack":
            manifest = json.loads((ROOT / "bot" / "slack" / "manifest.json").read_text(encoding="utf-8"))
            return SlackServer(port=port, record=recorder, seed=seed, manifest=manifest, clock=utc_now)
    world = demo_world()
    people = [c["properties"]["email"] for c in world["contacts"]] + [o["email"] for o in world["owners"]]
    seed = seed or {}
    return MailServer(
        seed.get("accounts") or dict.fromkeys([PARTNER_DESK, *people], PASSWORD),
        smtp_port=port,
        imap_port=port + 1,
        recorder=recorder,
        authentic_domains=seed.get("authentic_domains", ()),
    )
