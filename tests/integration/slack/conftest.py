"""The whole Slack adapter against the sandbox Slack, over Socket Mode and over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, MutableMapping
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from structlog.testing import capture_logs

from bot.sandbox.slack import SlackServer
from bot.sandbox.slack.seed import DEMO
from bot.slack.app import build_app
from bot.slack.chat import SlackChat
from bot.slack.check import needed_scopes
from bot.slack.client import Installation, open_client
from bot.slack.events import Kind
from bot.slack.forms import Forms
from bot.slack.settings import SlackSettings
from bot.slack.socket_mode import SocketHealth
from tests.integration.slack.listening import ASHBY, BRANDT, FORMS, Inbox, Quotas, now, over_a_socket, over_http


@pytest.fixture(autouse=True)
def logs() -> Iterator[list[MutableMapping[str, Any]]]:
    """What was logged; kept from the terminal, where a pretty traceback would hold up the loop."""
    with capture_logs() as logged:
        yield logged


@pytest.fixture
def ack_within_s() -> float:
    """How long Slack waits for an acknowledgement: as long as a busy machine takes, where a test does not say less."""
    return 60.0


@pytest.fixture
def patience_s() -> float:
    """How long we wait for an answer of Slack's."""
    return 60.0


@pytest.fixture
async def slack(ack_within_s: float) -> AsyncIterator[SlackServer]:
    seed = {**DEMO, "app": {**DEMO["app"], "scopes": sorted(needed_scopes())}}
    server = SlackServer(clock=now, seed=seed, ack_within_s=ack_within_s, retry_s=(0.0, 0.1, 0.2))
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def installation(slack: SlackServer, patience_s: float) -> AsyncIterator[Installation]:
    async with open_client(slack.bot_token, base_url=slack.api_url, timeout_s=patience_s) as client:
        yield Installation(client)


@pytest.fixture
def settings(slack: SlackServer) -> SlackSettings:
    return SlackSettings(
        signing_secret=slack.signing_secret,
        partner_of_team={BRANDT: "7", ASHBY: "8"},
        kinds=frozenset(Kind),
        sorry="Please try again.",
    )


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def health() -> SocketHealth:
    return SocketHealth()


@pytest.fixture
def quotas() -> Quotas:
    return Quotas()


@pytest.fixture
def chat(installation: Installation, settings: SlackSettings, quotas: Quotas) -> SlackChat:
    return SlackChat(installation, settings, quotas)


@pytest.fixture
def forms(chat: SlackChat) -> Forms:
    return Forms(FORMS, chat.open_view, now)


@pytest.fixture
def app(settings: SlackSettings, installation: Installation, inbox: Inbox, forms: Forms) -> AsyncApp:
    return build_app(settings, installation, inbox.receive, forms)


@pytest.fixture(params=["socket", "http"])
async def listening(
    request: pytest.FixtureRequest,
    app: AsyncApp,
    settings: SlackSettings,
    slack: SlackServer,
    installation: Installation,
    health: SocketHealth,
) -> AsyncIterator[str]:
    """The app receives, one way and then the other."""
    if request.param == "http":
        async with over_http(app, settings, slack):
            yield "http"
    else:
        async with over_a_socket(app, slack, installation, health):
            yield "socket"
