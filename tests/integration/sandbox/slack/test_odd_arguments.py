"""No argument, however odd, makes the sandbox fall over: it answers JSON, as Slack does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest

from bot.sandbox.slack import SlackServer
from bot.sandbox.slack.limits import Limits, Tier
from bot.sandbox.slack.webapi import METHODS

NAMES = (
    "attachments",
    "bot",
    "channel",
    "cursor",
    "email",
    "hash",
    "latest",
    "limit",
    "message_ts",
    "metadata",
    "name",
    "oldest",
    "team",
    "text",
    "thread_ts",
    "timestamp",
    "trigger_id",
    "ts",
    "types",
    "user",
    "user_id",
    "users",
    "view",
    "view_id",
)
ODD: tuple[Any, ...] = (
    None,
    0,
    -1,
    True,
    "",
    " ",
    "ü",
    "0",
    "[]",
    "{}",
    "[[",
    [],
    {},
    [[]],
    ["x"],
    {"type": []},
    "x" * 5000,
)
KNOWN: dict[str, Any] = {
    "channel": "C0BRANDTIT0",
    "user": "U0JULIABRAN",
    "user_id": "U0PRIYANAIR",
    "users": "U0PRIYANAIR",
    "name": "eyes",
    "text": "x",
    "email": "priya.nair@meridian.example",
    "view": {"type": "home", "blocks": [{"type": "divider"}]},
}


@pytest.fixture
async def unlimited() -> AsyncIterator[SlackServer]:
    limits = Limits(per_minute=dict.fromkeys(Tier, 10**6), post_burst=10**6)
    server = SlackServer(clock=lambda: datetime.now(UTC), limits=limits, retry_s=())
    await server.start()
    yield server
    await server.stop()


@pytest.mark.parametrize("method", sorted(METHODS))
async def test_odd_arguments_are_answered(unlimited: SlackServer, session: aiohttp.ClientSession, method: str) -> None:
    ts = unlimited.people.say("julia", "#brandt-it", "here")
    sound = KNOWN | {"ts": ts, "timestamp": ts, "message_ts": ts}
    headers = {"Authorization": f"Bearer {unlimited.bot_token}"}
    for name in NAMES:
        for odd in ODD:
            bodies: list[dict[str, Any]] = [{"json": sound | {name: odd}}]
            if isinstance(odd, str):
                form = {k: v for k, v in sound.items() if isinstance(v, str)} | {name: odd}
                bodies.append({"data": form})
            for body in bodies:
                async with session.post(unlimited.api_url + method, headers=headers, **body) as response:
                    assert response.status == 200, (name, odd)
                    assert isinstance((await response.json())["ok"], bool)


@pytest.mark.parametrize("odd", ODD, ids=repr)
async def test_odd_posts_to_a_response_url_are_answered(
    unlimited: SlackServer, session: aiohttp.ClientSession, odd: Any
) -> None:
    julia = unlimited.world.person("julia")
    vendor = unlimited.world.installed_in("T0MERIDIAN")
    assert vendor is not None
    for name in ("text", "blocks", "attachments", "replace_original", "delete_original", "response_type", "thread_ts"):
        key = unlimited.workspace.handles.hook("C0BRANDTIT0", julia, vendor, now_s=0.0)
        unlimited.workspace.handles._hooks[key].issued_s = float("inf")
        async with session.post(f"{unlimited.url}/actions/{key}", json={"text": "x", name: odd}) as response:
            assert response.status in {200, 400}, (name, odd)
            assert isinstance((await response.json())["ok"], bool)
