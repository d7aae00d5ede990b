"""Whether Slack is set up as offportal needs it, as sentences. Changes nothing in Slack."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from bot.errors import OffportalError
from bot.slack.client import Installation, call


def manifest() -> dict[str, Any]:
    """The app's manifest, as it is pasted into https://api.slack.com/apps."""
    loaded: dict[str, Any] = json.loads(files("bot.slack").joinpath("manifest.json").read_text("utf-8"))
    return loaded


def needed_scopes() -> frozenset[str]:
    return frozenset(manifest()["oauth_config"]["scopes"]["bot"])


async def check(installation: Installation, app_token: str | None) -> list[str]:
    """Every fault of tokens and scopes; empty when all is well. `app_token` is None over HTTP."""
    faults = []
    try:
        who = await installation.prove()
        if missing := sorted(needed_scopes() - who.scopes):
            faults.append(
                f"slack: the app lacks the scopes {', '.join(missing)}: add them (bot/slack/manifest.json has all of "
                "them) and reinstall the app"
            )
    except OffportalError as exc:
        faults.append(str(exc))
    if app_token is not None:
        try:
            await call(installation.client.apps_connections_open(app_token=app_token), "apps.connections.open")
        except OffportalError as exc:
            faults.append(str(exc))
    return faults
