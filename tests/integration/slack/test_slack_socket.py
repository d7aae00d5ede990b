"""The socket: it comes back by itself, and says when it never will."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import PermanentError
from bot.sandbox.slack import SlackServer
from bot.slack.app import build_app
from bot.slack.check import check
from bot.slack.client import Installation, open_client
from bot.slack.events import Kind
from bot.slack.settings import SlackSettings
from bot.slack.socket_mode import run_socket
from tests.integration.slack.listening import QUICK, now, over_a_socket, until


@pytest.fixture
async def running(app, slack: SlackServer, installation, health):
    async with over_a_socket(app, slack, installation, health) as task:
        yield task


@pytest.mark.usefixtures("running")
async def test_a_refresh_opens_the_new_connection_before_the_old_one_is_closed(
    slack: SlackServer, inbox, health
) -> None:
    await slack.socket.disconnect("warning")
    await until(lambda: health.connections == 2)
    await until(lambda: slack.socket.connections == 1)
    slack.people.direct("priya.nair", "approve CHG-17")
    await inbox.one(Kind.MESSAGE)
    await slack.settle()
    assert [d.acked for d in slack.courier.log] == [True]
    assert health.connected
    assert health.last_event_at is not None


@pytest.mark.usefixtures("running")
async def test_a_broken_connection_is_replaced_and_nothing_is_lost(slack: SlackServer, inbox, health) -> None:
    for _ in range(2):
        before = health.connections
        slack.socket.kill()
        await until(lambda: health.connections > before and health.connected)  # noqa: B023 - waited for within the turn
    slack.people.direct("priya.nair", "approve CHG-17")
    await slack.settle()
    assert len(inbox.of(Kind.MESSAGE)) == 1


@pytest.mark.usefixtures("running")
async def test_what_is_in_hand_is_acknowledged_before_a_connection_closes(slack: SlackServer, inbox, health) -> None:
    inbox.slow_s = 0.3
    slack.people.direct("priya.nair", "approve CHG-17")
    await until(lambda: inbox.calls == 1)
    await slack.socket.disconnect("warning")
    await slack.settle()
    assert [d.acked for d in slack.courier.log] == [True]
    await until(lambda: health.connections == 2)


async def test_stopping_finishes_what_is_in_hand(app, slack: SlackServer, installation, health, inbox) -> None:
    async with over_a_socket(app, slack, installation, health):
        inbox.slow_s = 0.3
        slack.people.direct("priya.nair", "approve CHG-17")
        await until(lambda: inbox.calls == 1)
    assert len(inbox.stored) == 1
    assert not health.connected
    assert [d.acked for d in slack.courier.log] == [True]
    assert slack.socket.connections == 0


@pytest.mark.usefixtures("running")
async def test_trouble_at_slack_is_waited_out(slack: SlackServer, health) -> None:
    slack.fail("apps.connections.open", "server_error", times=2)
    slack.fail("auth.test", "server_error", times=2)
    slack.socket.kill()
    await until(lambda: health.connections == 2 and health.connected)


async def test_a_socket_needs_no_signing_secret(slack: SlackServer, installation, health, inbox, forms) -> None:
    app = build_app(SlackSettings(), installation, inbox.receive, forms)
    async with over_a_socket(app, slack, installation, health):
        slack.people.direct("priya.nair", "approve CHG-17")
        await inbox.one(Kind.MESSAGE)


async def test_what_nobody_handles_is_acknowledged_and_not_stored(
    slack: SlackServer, installation, health, inbox, forms
) -> None:
    app = build_app(SlackSettings(), installation, inbox.receive, forms)
    async with over_a_socket(app, slack, installation, health):
        slack.people.open_home("priya.nair")
        await slack.settle()
    assert [d.acked for d in slack.courier.log] == [True]
    assert inbox.calls == 0


@pytest.mark.parametrize("app_token", ["xapp-wrong", "xoxb-not-an-app-token"])
async def test_a_wrong_app_token_is_an_error_and_no_loop(app, installation, health, app_token: str) -> None:
    with pytest.raises(PermanentError, match=r"apps\.connections\.open"):
        async with asyncio.timeout(60):
            await run_socket(app, app_token, installation, health=health, clock=now, pace=QUICK)
    assert not health.connected


async def test_a_wrong_bot_token_is_an_error_and_no_loop(app, slack: SlackServer, health) -> None:
    async with open_client("xoxb-wrong", base_url=slack.api_url) as client:
        with pytest.raises(PermanentError, match="invalid_auth"):
            async with asyncio.timeout(60):
                await run_socket(app, slack.app_token, Installation(client), health=health, clock=now, pace=QUICK)


async def test_a_token_revoked_while_connected_ends_the_socket(running, slack: SlackServer) -> None:
    slack.uninstall("T0MERIDIAN")
    with pytest.raises(PermanentError):
        async with asyncio.timeout(60):
            await running


async def test_a_good_set_up_has_no_faults(installation, slack: SlackServer) -> None:
    assert await check(installation, slack.app_token) == []


async def test_every_fault_of_a_set_up_is_named(slack: SlackServer) -> None:
    lacking = slack.install("julia", scopes=["chat:write"])
    async with open_client(lacking.bot_token, base_url=slack.api_url) as client:
        scopes, app_token = await check(Installation(client), "xapp-wrong")
    assert "groups:history" in scopes
    assert "chat:write" not in scopes
    assert "apps.connections.open" in app_token


async def test_a_channel_where_nothing_can_be_said_is_a_fault_that_says_where_it_is_named(
    installation, slack: SlackServer
) -> None:
    slack.people.archive("#ashby-digital")
    slack.people.leave("U0OFFPORTAL", "#brandt-it")
    places = {"C0MANAGERS0": "the managers", "C0ASHBYDIG0": "Ashby", "C0BRANDTIT0": "Brandt", "C0NOSUCH000": "nobody"}
    assert await check(installation, None, places) == [
        "slack: Ashby: 'C0ASHBYDIG0': is_archived: unarchive the channel, or name another one in the CRM",
        "slack: Brandt: 'C0BRANDTIT0': not_in_channel: invite the app to the channel",
        (
            "slack: nobody: 'C0NOSUCH000': channel_not_found: invite the app to the channel, or correct "
            "the channel's id in the CRM"
        ),
    ]
