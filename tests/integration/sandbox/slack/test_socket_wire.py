"""Socket Mode frame by frame, as a client in another language sees it."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import SlackServer
from bot.sandbox.slack.limits import Limits, Tier


async def open_url(slack: SlackServer, client: AsyncWebClient) -> str:
    url: str = (await client.apps_connections_open(app_token=slack.app_token))["url"]
    return url


async def frame(socket: aiohttp.ClientWebSocketResponse) -> dict[str, Any]:
    received: dict[str, Any] = await socket.receive_json(timeout=60)
    return received


async def test_hello_names_the_app_and_the_connections(
    slack: SlackServer, client: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    async with session.ws_connect(await open_url(slack, client)) as socket:
        hello = await frame(socket)
    assert (hello["type"], hello["num_connections"]) == ("hello", 1)
    assert hello["connection_info"] == {"app_id": "A0OFFPORTAL"}
    assert set(hello["debug_info"]) == {"host", "build_number", "approximate_connection_time"}


async def test_a_ticket_opens_one_connection(
    slack: SlackServer, client: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    url = await open_url(slack, client)
    async with session.ws_connect(url) as socket:
        await frame(socket)
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await session.ws_connect(url)


async def test_the_eleventh_connection_is_one_too_many(
    slack: SlackServer, client: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    slack.web_api.limiter.limits = Limits(per_minute=dict.fromkeys(Tier, 99))
    async with AsyncExitStack() as stack:
        for number in range(10):
            socket = await stack.enter_async_context(session.ws_connect(await open_url(slack, client)))
            assert (await frame(socket))["num_connections"] == number + 1
        eleventh = await stack.enter_async_context(session.ws_connect(await open_url(slack, client)))
        refusal = await frame(eleventh)
        assert (refusal["type"], refusal["reason"]) == ("disconnect", "too_many_websockets")


async def test_an_envelope_without_acknowledgement_comes_again_in_a_new_envelope(
    slack: SlackServer, client: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    async with session.ws_connect(await open_url(slack, client)) as socket:
        await frame(socket)
        slack.socket.ack_within_s = 1.0
        slack.people.say("julia", "#brandt-it", "hello")
        first = await frame(socket)
        slack.socket.ack_within_s = 60.0
        second = await frame(socket)
        await socket.send_json({"envelope_id": second["envelope_id"]})
        await socket.send_json({"envelope_id": second["envelope_id"]})
        await socket.send_str("no json")
        await slack.settle()
    assert (first["type"], first["accepts_response_payload"]) == ("events_api", False)
    assert (first["retry_attempt"], first["retry_reason"]) == (0, "")
    assert (second["retry_attempt"], second["retry_reason"]) == (1, "timeout")
    assert first["envelope_id"] != second["envelope_id"]
    assert first["payload"] == second["payload"]
    assert slack.socket.acks == 1


async def test_a_warning_leaves_the_connection_and_a_refresh_takes_it_out_of_turn(
    slack: SlackServer, client: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    async with session.ws_connect(await open_url(slack, client)) as socket:
        await frame(socket)
        await slack.socket.disconnect("warning")
        assert (await frame(socket))["reason"] == "warning"
        assert slack.socket.connections == 1
        await slack.socket.disconnect()
        assert (await frame(socket))["reason"] == "refresh_requested"
        assert slack.socket.connections == 0
