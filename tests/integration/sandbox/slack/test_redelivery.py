"""The real Bolt over Socket Mode when things go wrong: no acknowledgement, twice the same, lost connections."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import SlackServer
from tests.integration.sandbox.slack.listening import Heard, connect


async def test_an_event_without_acknowledgement_comes_again_with_its_number_and_reason(
    slack: SlackServer, client: AsyncWebClient, heard: Heard
) -> None:
    app = AsyncApp(client=client)

    @app.event("message")
    async def on_message(body: dict[str, Any], request: Any) -> None:
        await heard.add("message", body | {"_retry": request.headers["x-slack-retry-num"][0]})

    @app.middleware
    async def too_slow_at_first(request: Any, next_: Any) -> None:
        if request.headers["x-slack-retry-num"] == ["0"]:
            slack.socket.ack_within_s = 60.0  # for the second time
            while not slack.courier.log:
                await asyncio.sleep(0.01)
        await next_()

    handler = await connect(app, slack)
    slack.socket.ack_within_s = 0.2
    try:
        slack.people.say("julia", "#brandt-it", "hello")
        first, second = await heard.one("message"), await heard.one("message", 2)
        assert first["event_id"] == second["event_id"]
        assert {first["_retry"], second["_retry"]} == {"0", "1"}
        await slack.settle()
        assert [(d.attempt, d.acked) for d in slack.courier.log] == [(0, False), (1, True)]
    finally:
        await handler.close_async()


@pytest.mark.usefixtures("connected")
async def test_bolt_does_not_notice_a_second_delivery(slack: SlackServer, heard: Heard) -> None:
    slack.people.say("julia", "#brandt-it", "once")
    first = await heard.one("message")
    slack.courier.send_again(first["event_id"])
    second = await heard.one("message", 2)
    assert first["event_id"] == second["event_id"]


@pytest.mark.usefixtures("connected")
@pytest.mark.parametrize("how", ["disconnect", "kill"])
async def test_the_client_comes_back_and_what_was_said_meanwhile_arrives(
    slack: SlackServer, heard: Heard, how: str
) -> None:
    if how == "disconnect":
        await slack.socket.disconnect()
    else:
        assert slack.socket.kill() == 1
    assert slack.socket.connections == 0
    await slack.socket.connected(timeout_s=60)
    slack.people.say("julia", "#brandt-it", "still there?")
    assert (await heard.one("message"))["event"]["text"] == "still there?"


async def test_several_connections_share_the_envelopes(slack: SlackServer, app: AsyncApp, heard: Heard) -> None:
    handlers = [await connect(app, slack, count=number) for number in (1, 2, 3)]
    try:
        for number in range(9):
            slack.people.say("julia", "#brandt-it", f"message {number}")
        await heard.one("message", 9)
        await slack.settle()
        assert slack.socket.connections == 3
        assert slack.socket.acks == heard.count("message") == 9
    finally:
        for handler in handlers:
            await handler.close_async()


async def test_nobody_connected_means_given_up_after_the_last_try(slack: SlackServer) -> None:
    slack.people.say("julia", "#brandt-it", "hello?")
    await slack.settle()
    assert [(d.attempt, d.reason) for d in slack.courier.log] == [(n, "connection_failed") for n in range(4)]
