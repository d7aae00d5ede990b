"""A sandbox Slack, the real slack_sdk client against it, and the real Bolt."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import SlackServer
from tests.integration.sandbox.slack.listening import Heard, connect


@pytest.fixture
def ack_within_s() -> float:
    """How long Slack waits for an acknowledgement: as long as a busy machine takes, where a test does not say less."""
    return 60.0


@pytest.fixture
async def slack(ack_within_s: float) -> AsyncIterator[SlackServer]:
    server = SlackServer(clock=lambda: datetime.now(UTC), ack_within_s=ack_within_s, retry_s=(0.0, 0.1, 0.2))
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def client(slack: SlackServer, session: aiohttp.ClientSession) -> AsyncWebClient:
    """The vendor's bot."""
    return AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[])


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
async def app(slack: SlackServer, client: AsyncWebClient, heard: Heard) -> AsyncApp:
    app = AsyncApp(client=client, signing_secret=slack.signing_secret)

    def on(name: str) -> Callable[..., Any]:
        async def listener(ack: Any, body: dict[str, Any], context: Any) -> None:
            await ack()
            await heard.add(name, body | {"_team": context.team_id, "_actor_team": context.actor_team_id})

        return listener

    for subtype in ("message_changed", "message_deleted"):
        app.event({"type": "message", "subtype": subtype})(on(subtype))
    app.event("message")(on("message"))
    for event in (
        "app_mention",
        "app_home_opened",
        "member_joined_channel",
        "reaction_added",
        "channel_id_changed",
        "channel_archive",
    ):
        app.event(event)(on(event))
    app.action("won")(on("action"))
    app.shortcut("global")(on("shortcut"))
    app.shortcut("on_message")(on("message_shortcut"))
    app.view_closed("register")(on("view_closed"))
    return app


@pytest.fixture
async def connected(app: AsyncApp, slack: SlackServer) -> AsyncIterator[None]:
    handler = await connect(app, slack)
    yield
    await handler.close_async()
