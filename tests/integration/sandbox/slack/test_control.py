"""The sandbox's own HTTP interface: a tester in any language drives people and makes trouble."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import SlackServer


class Remote:
    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._url = url
        self._session = session

    async def post(self, verb: str, **given: Any) -> Any:
        async with self._session.post(f"{self._url}/_sandbox/{verb}", json=given) as response:
            return await self._result(response)

    async def get(self, verb: str, **query: str) -> Any:
        async with self._session.get(f"{self._url}/_sandbox/{verb}", params=query) as response:
            return await self._result(response)

    @staticmethod
    async def _result(response: aiohttp.ClientResponse) -> Any:
        answer = await response.json()
        assert (response.status == 200) == answer["ok"]
        return answer["result"] if answer["ok"] else f"{response.status} {answer['error']}"


@pytest.fixture
def remote(slack: SlackServer, session: aiohttp.ClientSession) -> Remote:
    return Remote(slack.url, session)


async def test_a_conversation_is_driven_and_read(remote: Remote, client: AsyncWebClient) -> None:
    ts = await remote.post("say", user="julia@brandt-it.example", channel="#brandt-it", text="Acme: won?")
    await client.chat_postMessage(channel="C0BRANDTIT0", thread_ts=ts, text="Which one, <@U0JULIABRAN>?")
    await remote.post("react", user="julia", channel="C0BRANDTIT0", ts=ts, name=":eyes:")
    thread = await remote.get("thread", channel="#brandt-it", ts=ts)
    assert [m["plain"] for m in thread] == ["Acme: won?", "Which one, @U0JULIABRAN?"]
    assert thread[0]["reactions"][0]["name"] == "eyes"
    await remote.post("delete", user="julia", channel="#brandt-it", ts=ts)
    assert [m["plain"] for m in await remote.get("messages", channel="#brandt-it")] == ["Which one, @U0JULIABRAN?"]


async def test_the_world_shows_teams_channels_and_how_the_app_is_reached(remote: Remote) -> None:
    world = await remote.get("world")
    assert [c["name"] for c in world["channels"]] == ["partner-managers", "brandt-it", "ashby-digital"]
    assert (world["mode"], world["connections"], world["installed"]) == ("socket", 0, ["T0MERIDIAN"])


async def test_trouble_is_scripted_and_forgiven(remote: Remote, client: AsyncWebClient) -> None:
    await remote.post("fail", method="auth.test", trouble="ratelimited", times=9, seconds=3)
    with pytest.raises(SlackApiError):
        await client.auth_test()
    await remote.post("forgive")
    await client.auth_test()
    assert (await remote.get("counts"))["auth.test"] == 2
    assert "not a valid Trouble" in await remote.post("fail", method="auth.test", trouble="earthquake")


async def test_deliveries_and_events_are_open_to_testers(remote: Remote) -> None:
    await remote.post("say", user="julia", channel="#brandt-it", text="hello")
    await remote.post("settle")
    [event] = await remote.get("events")
    assert [d["attempt"] for d in await remote.get("deliveries")] == [0, 1, 2, 3]
    await remote.post("redeliver", event_id=event["event_id"])
    await remote.post("settle")
    assert [d["attempt"] for d in await remote.get("deliveries")] == [0, 1, 2, 3, 1, 2, 3]


@pytest.mark.parametrize(
    ("verb", "given", "why"),
    [
        ("dance", {}, "404 dance: is not one of archive, change_channel_id"),
        ("say", {"user": "julia"}, "400 say: missing a required argument: 'channel'"),
        ("say", {"user": "nobody", "channel": "#brandt-it", "text": "x"}, "400 say: user 'nobody'"),
        ("say", {"user": "tom", "channel": "#brandt-it", "text": "x"}, "400 say: user 'tom': is not a member"),
        ("say", {"user": "julia", "channel": "#nowhere", "text": "x"}, "400 say: channel '#nowhere'"),
        ("press", {"user": "julia", "channel": "#brandt-it", "ts": "1.1", "action_id": "a"}, "400 press: message"),
        ("submit", {"view_id": "V1", "values": {}}, "400 submit: view 'V1': is not open"),
        ("direct", {"user": "julia", "text": "x"}, "400 direct: user 'julia': the app is not installed"),
        ("redeliver", {"event_id": "Ev1"}, "400 redeliver: event 'Ev1'"),
        ("set_request_url", {"url": "http://127.0.0.1:9/"}, "400 set_request_url: http://127.0.0.1:9/: is not"),
    ],
)
async def test_what_cannot_be_done_is_said(remote: Remote, verb: str, given: dict[str, Any], why: str) -> None:
    assert (await remote.post(verb, **given)).startswith(why)


async def test_the_index_lists_every_verb_with_its_arguments(remote: Remote) -> None:
    index = await remote.get("")
    assert index["POST"]["command"].startswith("(user: 'str', channel: 'str', command: 'str'")
    assert set(index["GET"]) == {"world", "messages", "thread", "views", "home", "deliveries", "events", "counts"}


async def test_a_body_that_is_not_an_object_is_refused(slack: SlackServer, session: aiohttp.ClientSession) -> None:
    for body in (b"{", b"[1]"):
        async with session.post(f"{slack.url}/_sandbox/say", data=body) as response:
            assert response.status == 400
            assert (await response.json())["error"].startswith("body: ")
