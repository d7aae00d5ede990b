"""The real Bolt behind a Request URL: signatures, url_verification, retries with number and reason."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import SlackServer
from bot.sandbox.slack.state import SandboxError


async def listen(application: web.Application) -> tuple[web.AppRunner, str]:
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"


@pytest.fixture
async def heard(slack: SlackServer, client: AsyncWebClient) -> AsyncIterator[asyncio.Queue[tuple[str, dict[str, Any]]]]:
    """Bolt as the Request URL, and what its listeners got."""
    queue: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()
    app = AsyncApp(client=client, signing_secret=slack.signing_secret)

    @app.event("message")
    async def on_message(body: dict[str, Any]) -> None:
        await queue.put(("message", body))

    @app.action("won")
    async def on_won(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        await queue.put(("action", body))

    @app.command("/deals")
    async def on_deals(ack: Any, body: dict[str, Any]) -> None:
        await ack({"response_type": "in_channel", "text": f"deals: {body['text']}"})

    runner, url = await listen(app.web_app(path="/slack/events"))
    await slack.set_request_url(url)
    yield queue
    await runner.cleanup()


async def test_events_actions_and_commands_pass_bolts_signature_check(
    slack: SlackServer, client: AsyncWebClient, heard: asyncio.Queue[tuple[str, dict[str, Any]]]
) -> None:
    slack.people.say("julia", "#brandt-it", "größer, schöner – 40.000 €")
    name, body = await asyncio.wait_for(heard.get(), 60)
    assert (name, body["event"]["text"]) == ("message", "größer, schöner – 40.000 €")
    button = {"type": "button", "action_id": "won", "text": {"type": "plain_text", "text": "Won"}}
    posted = await client.chat_postMessage(
        channel="C0BRANDTIT0", text="x", blocks=[{"type": "actions", "elements": [button]}]
    )
    assert (await slack.hands.press("julia", "#brandt-it", posted["ts"], "won")).ok
    assert (await asyncio.wait_for(heard.get(), 60))[0] == "action"
    assert (await slack.hands.command("priya.nair", "#partner-managers", "/deals", "open & won")).ok
    assert slack.people.messages("#partner-managers")[-1]["text"] == "deals: open & won"
    await slack.settle()
    assert all(d.acked for d in slack.courier.log)


async def test_a_wrong_secret_is_no_request_url(slack: SlackServer, client: AsyncWebClient) -> None:
    app = AsyncApp(client=client, signing_secret="another secret")
    runner, url = await listen(app.web_app(path="/slack/events"))
    try:
        with pytest.raises(SandboxError, match="did not answer the challenge"):
            await slack.set_request_url(url)
    finally:
        await runner.cleanup()


class Endpoint:
    """An app's endpoint that fails as told and keeps what came."""

    def __init__(self, statuses: list[int], **headers: str) -> None:
        self.statuses = statuses
        self.headers = headers
        self.got: list[tuple[dict[str, str], bytes]] = []

    async def on_post(self, request: web.Request) -> web.Response:
        body = await request.read()
        if b"url_verification" in body:
            return web.json_response({"challenge": (await request.json())["challenge"]})
        self.got.append((dict(request.headers), body))
        return web.Response(status=self.statuses.pop(0), headers=self.headers)


async def serve(slack: SlackServer, endpoint: Endpoint) -> web.AppRunner:
    application = web.Application()
    application.router.add_post("/slack/events", endpoint.on_post)
    runner, url = await listen(application)
    await slack.set_request_url(url)
    return runner


async def test_a_failing_endpoint_gets_three_retries_with_number_and_reason(slack: SlackServer) -> None:
    endpoint = Endpoint([HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.FOUND, HTTPStatus.NOT_FOUND, HTTPStatus.OK])
    runner = await serve(slack, endpoint)
    slack.people.say("julia", "#brandt-it", "hello")
    await slack.settle()
    numbers = [(h.get("X-Slack-Retry-Num"), h.get("X-Slack-Retry-Reason")) for h, _ in endpoint.got]
    assert numbers == [(None, None), ("1", "http_error"), ("2", "http_error"), ("3", "http_error")]
    assert len({body for _, body in endpoint.got}) == 1
    verifier = SignatureVerifier(slack.signing_secret)
    assert all(verifier.is_valid_request(body, headers) for headers, body in endpoint.got)
    await runner.cleanup()


async def test_no_retry_is_respected(slack: SlackServer) -> None:
    endpoint = Endpoint([500, 200], **{"X-Slack-No-Retry": "1"})
    runner = await serve(slack, endpoint)
    slack.people.say("julia", "#brandt-it", "hello")
    await slack.settle()
    assert len(endpoint.got) == 1
    await runner.cleanup()


@pytest.mark.parametrize("ack_within_s", [1.0])
@pytest.mark.usefixtures("ack_within_s")
async def test_a_silent_endpoint_times_out_and_a_dead_one_refuses(slack: SlackServer) -> None:
    async def silent(request: web.Request) -> web.Response:
        if b"url_verification" in await request.read():
            return web.json_response({"challenge": (await request.json())["challenge"]})
        await asyncio.sleep(1.5)
        return web.Response()

    application = web.Application()
    application.router.add_post("/slack/events", silent)
    runner, url = await listen(application)
    await slack.set_request_url(url)
    outcome = await slack.hands.command("priya.nair", "#partner-managers", "/deals")
    assert outcome.error == '/deals failed with the error "operation_timeout"'
    await runner.cleanup()
    outcome = await slack.hands.command("priya.nair", "#partner-managers", "/deals")
    assert outcome.error == '/deals failed with the error "dispatch_failed"'
    await slack.use_socket_mode()
    assert slack.snapshot()["mode"] == "socket"


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated")  # slack_sdk 3.48 with aiohttp 3.14
async def test_a_partner_installs_the_app_by_oauth(
    slack: SlackServer, client: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    secrets = slack.credentials
    query = {
        "client_id": secrets.client_id,
        "scope": "chat:write,commands",
        "state": "s1",
        "user": "julia",
        "redirect_uri": "https://worker.example/slack/oauth_redirect",
    }
    async with session.get(f"{slack.url}/oauth/v2/authorize", params=query, allow_redirects=False) as response:
        assert response.status == HTTPStatus.FOUND
        where = response.headers["Location"]
    code = where.partition("code=")[2].partition("&")[0]
    assert where.endswith("state=s1")
    asked = {"client_id": secrets.client_id, "client_secret": secrets.client_secret, "code": code}
    nobody = AsyncWebClient(base_url=slack.api_url, session=session)
    granted = await nobody.oauth_v2_access(**asked, redirect_uri=query["redirect_uri"])
    assert granted["team"] == {"name": "Brandt IT GmbH", "id": "T0BRANDTIT"}
    partner = AsyncWebClient(base_url=slack.api_url, session=session, token=granted["access_token"])
    assert (await partner.auth_test())["team_id"] == "T0BRANDTIT"
    for wrong, error in (
        ({}, "code_already_used"),
        ({"code": "guess"}, "invalid_code"),
        ({"client_secret": "guess"}, "bad_client_secret"),
        ({"client_id": "guess"}, "invalid_client_id"),
    ):
        answer = await _post(session, f"{slack.api_url}oauth.v2.access", asked | wrong)
        assert answer == {"ok": False, "error": error}
    slack.uninstall("T0BRANDTIT")
    answer = await _post(session, f"{slack.api_url}auth.test", {"token": granted["access_token"]})
    assert answer["error"] == "account_inactive"
    assert (await client.auth_test())["ok"] is True


async def _post(session: aiohttp.ClientSession, url: str, form: dict[str, str]) -> dict[str, Any]:
    async with session.post(url, data=form) as response:
        answer: dict[str, Any] = await response.json()
        return answer
