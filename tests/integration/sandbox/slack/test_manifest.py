"""With a manifest the sandbox gives the app what it asked for and nothing else."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ConfigError
from bot.sandbox.slack import SlackServer, manifest
from bot.sandbox.slack.state import SandboxError

ROOT = Path(__file__).parents[4]

SMALL: dict[str, Any] = {
    "features": {"slash_commands": [{"command": "/partner", "should_escape": True}]},
    "oauth_config": {"scopes": {"bot": ["channels:history", "chat:write", "commands"]}},
    "settings": {"event_subscriptions": {"bot_events": ["message.channels"]}},
}


@pytest.fixture
async def small() -> AsyncIterator[SlackServer]:
    server = SlackServer(clock=lambda: datetime.now(UTC), manifest=SMALL, retry_s=())
    await server.start()
    yield server
    await server.stop()


async def test_events_without_a_subscription_are_not_sent(small: SlackServer) -> None:
    ts = small.people.say("julia", "#brandt-it", "hello <@U0OFFPORTAL>")
    small.people.react("julia", "#brandt-it", ts, "eyes")
    small.people.direct("priya.nair", "hello")
    await small.settle()
    assert [d.type for d in small.courier.log] == ["message"]


async def test_a_scope_that_was_not_asked_for_is_missing(small: SlackServer, session: aiohttp.ClientSession) -> None:
    client = AsyncWebClient(token=small.bot_token, base_url=small.api_url, session=session)
    with pytest.raises(SlackApiError) as caught:
        await client.users_info(user="U0PRIYANAIR")
    refused = caught.value.response
    assert (refused["error"], refused["needed"]) == ("missing_scope", "users:read")
    assert refused["provided"] == "channels:history,chat:write,commands"


async def test_other_commands_shortcuts_and_homes_do_not_exist(small: SlackServer) -> None:
    outcome = await small.hands.command("priya.nair", "#partner-managers", "/deals")
    assert outcome.error == "/deals is not a valid command."
    with pytest.raises(SandboxError, match="is not in the app's manifest"):
        await small.hands.shortcut("priya.nair", "register")
    with pytest.raises(SandboxError, match="does not enable its Home tab"):
        small.people.open_home("priya.nair")


async def test_tabs_that_are_off_take_nothing(small: SlackServer, session: aiohttp.ClientSession) -> None:
    client = AsyncWebClient(token=small.bot_token, base_url=small.api_url, session=session)
    with pytest.raises(SlackApiError, match="messages_tab_disabled"):
        await client.chat_postMessage(channel="U0PRIYANAIR", text="x")
    with pytest.raises(SlackApiError, match="not_enabled"):
        await client.views_publish(user_id="U0PRIYANAIR", view={"type": "home", "blocks": [{"type": "divider"}]})


def test_a_manifest_that_slack_would_refuse_is_refused_with_all_its_faults() -> None:
    wrong = {
        "features": {"slash_commands": [{"command": "deals"}]},
        "oauth_config": {"scopes": {"bot": ["chat:write"]}},
        "settings": {"event_subscriptions": {"bot_events": ["app_mention", "channel_id_changed"]}},
    }
    with pytest.raises(ConfigError) as caught:
        manifest.read(wrong)
    assert caught.value.faults == (
        "manifest.bot_events: app_mention needs the scope app_mentions:read",
        "manifest.bot_events: channel_id_changed needs the scope channels:read or groups:read",
        "manifest.slash_commands: need the scope commands",
        "manifest.slash_commands: 'deals' does not begin with a slash",
    )


def test_our_own_manifest_is_one_that_slack_takes() -> None:
    settings = manifest.read(json.loads((ROOT / "bot/slack/manifest.json").read_text(encoding="utf-8")))
    assert settings.hears("app_mention")
    assert settings.escapes("/partner")
