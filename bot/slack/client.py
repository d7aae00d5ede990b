"""The one HTTP client for Slack: one session, a time limit, no hidden retries. Decides nothing about errors."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.slack.errors import Failure, refusal, translate

SLACK_API = "https://slack.com/api/"


@asynccontextmanager
async def open_client(
    bot_token: str, *, base_url: str = SLACK_API, timeout_s: float = 10.0
) -> AsyncIterator[AsyncWebClient]:
    """A client for one installation; closes its connections on leaving.

    slack_sdk's default retry posts a message twice when a connection drops after the request was sent, so there is
    none; its own `timeout` is not used with a shared session, so the session has it.
    """
    timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=min(5.0, timeout_s))
    async with aiohttp.ClientSession(timeout=timeout) as session:
        yield AsyncWebClient(token=bot_token, base_url=base_url, session=session, retry_handlers=[])


async def call(request: Awaitable[AsyncSlackResponse], method: str, *, creates: bool = False) -> AsyncSlackResponse:
    """Await a call of AsyncWebClient; what it raises becomes one of ours (bot/slack/errors.py)."""
    try:
        return await request
    except Failure as exc:
        raise translate(exc, method, creates=creates) from exc


async def call_response_url(client: AsyncWebClient, url: str, body: dict[str, Any]) -> None:
    """Post to a response_url, which answers "ok" or JSON with an error; raises as `call` does."""
    hook = AsyncWebhookClient(url, session=client.session, retry_handlers=[])
    try:
        answer = await hook.send_dict(body)
    except Failure as exc:
        raise translate(exc, "response_url", creates=False) from exc
    said = _json(answer.body)
    if answer.status_code != HTTPStatus.OK or said.get("ok") is False:
        raise refusal("response_url", answer.status_code, said, answer.headers, creates=False)


def _json(text: str) -> dict[str, Any]:
    """A JSON object, a bare error word ("used_url"), or "ok"."""
    try:
        said = json.loads(text)
    except ValueError:
        return {} if text == "ok" else {"ok": False, "error": text[:80]}
    return said if isinstance(said, dict) else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who we are in Slack. `own_teams` are the ids that mean the vendor: the workspace, and its Enterprise Grid."""

    team_id: str
    bot_user_id: str
    bot_id: str
    own_teams: frozenset[str]
    scopes: frozenset[str]


class Installation:
    """The app in one workspace: auth.test is asked once and remembered."""

    def __init__(self, client: AsyncWebClient) -> None:
        self.client = client
        self._identity: Identity | None = None

    async def identity(self) -> Identity:
        """Raises PermanentError for a token that Slack does not accept."""
        return self._identity or await self.prove()

    async def prove(self) -> Identity:
        """Ask Slack now, whatever is remembered; raises as `identity` does."""
        answer = await call(self.client.auth_test(), "auth.test")
        teams = (answer.get("team_id"), answer.get("enterprise_id"))
        headers: Any = answer.headers
        self._identity = Identity(
            team_id=str(answer["team_id"]),
            bot_user_id=str(answer["user_id"]),
            bot_id=str(answer.get("bot_id") or ""),
            own_teams=frozenset(str(t) for t in teams if t),
            scopes=frozenset(s.strip() for s in str(headers.get("x-oauth-scopes") or "").split(",") if s.strip()),
        )
        return self._identity
