"""The Web API through slack_sdk's own client: what Slack takes, and in which words it refuses."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ConfigError
from bot.sandbox.record import Recorder
from bot.sandbox.slack import SlackServer
from bot.sandbox.slack.limits import Limits, Tier
from bot.sandbox.slack.seed import DEMO
from tests.integration.sandbox.slack.calling import ASHBY, BRANDT, MANAGERS, error_of, refused


async def test_the_app_learns_who_it_is(client: AsyncWebClient) -> None:
    answer = await client.auth_test()
    assert (answer["user_id"], answer["bot_id"], answer["team_id"]) == ("U0OFFPORTAL", "B0OFFPORTAL", "T0MERIDIAN")
    assert "chat:write" in answer.headers["X-OAuth-Scopes"]
    assert (await client.bots_info(bot=answer["bot_id"]))["bot"]["user_id"] == "U0OFFPORTAL"
    assert (await client.team_info())["team"]["domain"] == "meridian-software"
    assert (await client.team_info(team="T0BRANDTIT"))["team"]["name"] == "Brandt IT GmbH"


@pytest.mark.parametrize(
    ("token", "method", "code"),
    [
        ("", "auth.test", "not_authed"),
        ("xoxb-somebody-else", "auth.test", "invalid_auth"),
        ("app", "chat.postMessage", "not_allowed_token_type"),
        ("bot", "apps.connections.open", "not_allowed_token_type"),
        ("bot", "chat.shout", "unknown_method"),
    ],
)
async def test_a_wrong_token_or_method_is_refused(
    slack: SlackServer, session: aiohttp.ClientSession, token: str, method: str, code: str
) -> None:
    token = {"app": slack.app_token, "bot": slack.bot_token}.get(token, token)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with session.post(slack.api_url + method, headers=headers) as response:
        assert response.status == 200
        assert (await response.json())["error"] == code


@pytest.mark.parametrize(
    ("content_type", "body", "code"),
    [
        ("text/plain", b"channel=C1", "channel_not_found"),
        ("image/png", b"channel=C1", "invalid_post_type"),
        ("application/json; charset=utf-8", b"{", "invalid_json"),
        ("application/json; charset=utf-8", b"[]", "json_not_object"),
        ("application/x-www-form-urlencoded", b"\xff", "invalid_form_data"),
    ],
)
async def test_a_wrong_body_is_refused(
    slack: SlackServer, session: aiohttp.ClientSession, content_type: str, body: bytes, code: str
) -> None:
    headers = {"Authorization": f"Bearer {slack.bot_token}", "Content-Type": content_type}
    async with session.post(slack.api_url + "chat.postMessage", headers=headers, data=body) as response:
        assert (await response.json())["error"] == code


async def test_a_json_body_without_charset_is_warned_of(slack: SlackServer, session: aiohttp.ClientSession) -> None:
    headers = {"Authorization": f"Bearer {slack.bot_token}", "Content-Type": "application/json"}
    body = json.dumps({"channel": BRANDT, "text": "hello"}).encode()
    async with session.post(slack.api_url + "chat.postMessage", headers=headers, data=body) as response:
        answer = await response.json()
    assert answer["ok"] is True
    assert answer["warning"] == "missing_charset"
    assert answer["response_metadata"] == {"warnings": ["missing_charset"]}


async def test_a_reading_method_does_not_read_json(client: AsyncWebClient) -> None:
    answer = await error_of(client, "conversations.info", channel=BRANDT)
    assert answer["response_metadata"]["messages"] == ["[ERROR] missing required field: channel"]


async def test_a_channel_takes_a_burst_and_then_one_post_a_second(slack: SlackServer, client: AsyncWebClient) -> None:
    for _ in range(4):
        await client.chat_postMessage(channel=BRANDT, text="x")
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=BRANDT, text="x")
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "1"
    assert caught.value.response["error"] == "ratelimited"
    await client.chat_postMessage(channel=ASHBY, text="another channel has its own pace")
    assert len(slack.people.messages("#brandt-it")) == 4


async def test_tiers_are_configurable(session: aiohttp.ClientSession) -> None:
    limits = Limits(per_minute=dict.fromkeys(Tier, 2))
    server = SlackServer(clock=lambda: datetime.now(UTC), limits=limits)
    await server.start()
    try:
        client = AsyncWebClient(token=server.bot_token, base_url=server.api_url, session=session, retry_handlers=[])
        for _ in range(2):
            await client.users_list()
        with pytest.raises(SlackApiError) as caught:
            await client.users_list()
        assert 58 <= int(caught.value.response.headers["Retry-After"]) <= 60
        await client.users_info(user="U0PRIYANAIR")
    finally:
        await server.stop()


async def test_scripted_trouble_meets_the_next_calls(slack: SlackServer, client: AsyncWebClient) -> None:
    slack.fail("chat.postMessage", "ratelimited", seconds=7)
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=BRANDT, text="x")
    assert caught.value.response.headers["Retry-After"] == "7"
    slack.fail("chat.postMessage", "error", code="team_access_not_granted")
    assert await refused(client, "chat.postMessage", channel=BRANDT, text="x") == "team_access_not_granted"
    slack.fail("*", "server_error", times=2)
    for _ in range(2):
        with pytest.raises(SlackApiError) as caught:
            await client.auth_test()
        assert caught.value.response.status_code == 500
    slack.fail("chat.postMessage", "drop_before")
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=BRANDT, text="never arrived")
    slack.fail("chat.postMessage", "drop_after")
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=BRANDT, text="arrived unseen")
    slack.fail("chat.postMessage", "slow", seconds=0.3)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await client.chat_postMessage(channel=BRANDT, text="slow")
    await client.chat_postMessage(channel=BRANDT, text="well again")
    assert [m["text"] for m in slack.people.messages("#brandt-it")][:1] == ["arrived unseen"]


async def test_requests_are_recorded_without_secrets_and_driving_is_not(
    tmp_path: Path, session: aiohttp.ClientSession
) -> None:
    path = tmp_path / "record.jsonl"
    with Recorder(path) as record:
        server = SlackServer(clock=lambda: datetime.now(UTC), record=record)
        await server.start()
        client = AsyncWebClient(token=server.bot_token, base_url=server.api_url, session=session)
        await client.chat_postMessage(channel=BRANDT, text="hello")
        async with session.get(f"{server.url}/_sandbox/world") as response:
            assert response.status == 200
        await server.stop()
    [line] = [json.loads(line) for line in path.read_text().splitlines()]
    assert (line["kind"], line["method"], line["path"]) == ("slack", "POST", "/api/chat.postMessage")
    assert json.loads(line["body"])["text"] == "hello"
    assert server.bot_token not in path.read_text()


def test_a_seed_is_refused_with_all_its_faults_at_once() -> None:
    seed = {
        "teams": [{"id": "T1", "name": "One"}],
        "users": [{"id": "U1", "team": "T2", "name": "a", "real_name": "A", "shoe_size": 44}],
        "channels": [{"id": "C1", "name": "c", "host": "T1", "members": ["U9"], "kind": "party"}],
        "extra": 1,
    }
    with pytest.raises(ConfigError) as caught:
        SlackServer(clock=lambda: datetime.now(UTC), seed=seed)
    assert len(caught.value.faults) == 6, caught.value.faults


def test_the_demo_world_keeps_its_ids() -> None:
    world = SlackServer(clock=lambda: datetime.now(UTC)).world
    assert {c.name: c.id for c in world.channels.values()} == {
        "partner-managers": MANAGERS,
        "brandt-it": BRANDT,
        "ashby-digital": ASHBY,
    }
    assert world.person("julia@brandt-it.example").id == "U0JULIABRAN"
    assert set(DEMO) == {"app", "teams", "users", "installed", "channels"}
