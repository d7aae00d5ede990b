"""Whether Slack is set up as offportal needs it, as sentences. Changes nothing in Slack."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from bot.errors import OffportalError, PermanentError
from bot.slack.client import Installation, call
from bot.slack.errors import next_step


def manifest() -> dict[str, Any]:
    """The app's manifest, as it is pasted into https://api.slack.com/apps."""
    loaded: dict[str, Any] = json.loads(files("bot.slack").joinpath("manifest.json").read_text("utf-8"))
    return loaded


def needed_scopes() -> frozenset[str]:
    return frozenset(manifest()["oauth_config"]["scopes"]["bot"])


async def check(
    installation: Installation, app_token: str | None, channels: Mapping[str, str] | None = None
) -> list[str]:
    """Every fault of tokens, scopes and channels; empty when all is well. `app_token` is None over HTTP; `channels`
    maps the ids of channels that the app must be in to where they are named, for the sentence."""
    faults = []
    try:
        who = await installation.prove()
        if missing := sorted(needed_scopes() - who.scopes):
            faults.append(
                f"slack: the app lacks the scopes {', '.join(missing)}: add them (bot/slack/manifest.json has all of "
                "them) and reinstall the app"
            )
        faults += await _channel_faults(installation, channels or {})
    except OffportalError as exc:
        faults.append(str(exc))
    if app_token is not None:
        try:
            await call(installation.client.apps_connections_open(app_token=app_token), "apps.connections.open")
        except OffportalError as exc:
            faults.append(str(exc))
    return faults


async def _channel_faults(installation: Installation, channels: Mapping[str, str]) -> list[str]:
    """Channels where nothing could be said. The app's own channels come 200 a call; only what is not among them is
    looked at one by one, for Slack allows about 50 calls a minute."""
    if not channels:
        return []
    joined = await _joined(installation)
    faults = []
    for channel, where in channels.items():
        if channel not in joined and (code := await _why_not_in(installation, channel)) is not None:
            faults.append(f"slack: {where}: {channel!r}: {code}: {next_step(code)}")
    return faults


async def _joined(installation: Installation) -> set[str]:
    found: set[str] = set()
    cursor: str | None = None
    while True:
        request = installation.client.users_conversations(
            types="public_channel,private_channel", exclude_archived=True, limit=200, cursor=cursor
        )
        page = await call(request, "users.conversations")
        found |= {str(channel["id"]) for channel in page.get("channels") or ()}
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or None
        if cursor is None:
            return found


async def _why_not_in(installation: Installation, channel: str) -> str | None:
    """Slack's code for why the app cannot speak there, or None."""
    try:
        answer = await call(installation.client.conversations_info(channel=channel), "conversations.info")
    except PermanentError as exc:
        if exc.code == "missing_scope":
            raise
        return exc.code
    info = answer["channel"]
    if info.get("is_archived"):
        return "is_archived"
    return None if info.get("is_member") else "not_in_channel"
