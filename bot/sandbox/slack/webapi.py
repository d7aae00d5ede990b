"""The Web API as a whole: who calls, how often, what goes wrong on purpose, which method. Holds no method's rules."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from aiohttp import web

from bot.sandbox.record import Recorder
from bot.sandbox.slack import arguments
from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.call import Call, Credentials, Method, SlackError
from bot.sandbox.slack.installs import Installs
from bot.sandbox.slack.limits import Limiter, Tier
from bot.sandbox.slack.methods import chat, conversations, people, reactions, views
from bot.sandbox.slack.mishaps import Mishap, Mishaps, Trouble
from bot.sandbox.slack.state import Installation, Json
from bot.sandbox.slack.workspace import Workspace

METHODS: Mapping[str, Method] = {
    method.name: method for family in (chat, conversations, people, reactions, views) for method in family.METHODS
}
"""The methods that a bot token calls. api.test, apps.connections.open and oauth.v2.access stand beside them."""


@dataclass(slots=True, kw_only=True)
class WebAPI:
    """Answers `/api/<method>`. `now_s` only goes forward (seconds); `counts` is how often each method was called."""

    workspace: Workspace
    credentials: Credentials
    installs: Installs
    limiter: Limiter
    mishaps: Mishaps
    record: Recorder | None
    now_s: Callable[[], float]
    socket_url: Callable[[], str]
    counts: Counter[str] = field(default_factory=Counter)

    async def on_call(self, request: web.Request) -> web.StreamResponse:
        """One request, from the record to the answer."""
        body = await request.read()
        name = request.match_info["method"]
        if self.record is not None:
            self.record.write("slack", request.method, request.path, request.query, request.headers, body)
        self.counts[name] += 1
        mishap = self.mishaps.take(name)
        if mishap is not None and (response := await self._before(request, mishap)) is not None:
            return response
        try:
            given = await arguments.read(request, body)
            answer: Json = {"ok": True} | await self._answer(request, name, given)
            _warn(answer, given.warning)
        except SlackError as error:
            if error.code == "ratelimited":
                return _ratelimited(error.more["retry_after_s"])
            answer = {"ok": False, "error": error.code} | error.more
        if mishap is not None and mishap.trouble is Trouble.DROP_AFTER:
            return _drop(request)
        return web.json_response(answer, headers=self._headers(request))

    async def _before(self, request: web.Request, mishap: Mishap) -> web.Response | None:
        """What goes wrong before the call is carried out; None when it goes on."""
        match mishap.trouble:
            case Trouble.RATELIMITED:
                return _ratelimited(max(1, round(mishap.seconds)))
            case Trouble.SERVER_ERROR:
                return web.Response(status=HTTPStatus.INTERNAL_SERVER_ERROR, text="Internal Server Error")
            case Trouble.ERROR:
                return web.json_response({"ok": False, "error": mishap.code})
            case Trouble.DROP_BEFORE:
                return _drop(request)
            case Trouble.SLOW:
                await asyncio.sleep(mishap.seconds)
                return None
            case Trouble.DROP_AFTER:
                return None

    async def _answer(self, request: web.Request, name: str, given: Arguments) -> Json:
        match name:
            case "api.test":
                return _api_test({**given.plain, **given.from_json})
            case "oauth.v2.access":
                return self.installs.access(_with_basic_auth(request, dict(given.plain)))
            case "apps.connections.open":
                return self._open_connection(given)
        method = METHODS.get(name)
        if method is None:
            raise SlackError("unknown_method", req_method=name)
        args = {**given.plain, **given.from_json} if method.takes_json else dict(given.plain)
        call = Call(
            method=name,
            args=args,
            installation=self._caller(given.token),
            workspace=self.workspace,
            now_s=self.now_s(),
        )
        if method.scope:
            call.need(method.scope)
        self._pace(method.name, method.tier, call.installation.team_id, channel=call.text("channel"))
        return await method.handler(call)

    def _caller(self, token: str) -> Installation:
        if not token:
            raise SlackError("not_authed")
        if installation := self.workspace.world.installations.get(token):
            return installation
        if token in self.installs.revoked:
            raise SlackError("account_inactive")
        if token == self.credentials.app_token:
            raise SlackError("not_allowed_token_type")
        raise SlackError("invalid_auth")

    def _open_connection(self, given: Arguments) -> Json:
        if given.token != self.credentials.app_token:
            self._caller(given.token)
            raise SlackError("not_allowed_token_type")
        self._pace("apps.connections.open", Tier.ONE, self.workspace.world.app_id)
        return {"url": self.socket_url()}

    def _pace(self, name: str, tier: Tier, team_id: str, *, channel: str = "") -> None:
        wait_s = self.limiter.wait_s(name, tier, team_id, channel=channel, now_s=self.now_s())
        if wait_s:
            raise SlackError("ratelimited", retry_after_s=wait_s)

    def _headers(self, request: web.Request) -> dict[str, str]:
        headers = {"X-Slack-Req-Id": self.workspace.mint.key(32).lower(), "X-Slack-Backend": "r"}
        _, _, token = request.headers.get("Authorization", "").partition(" ")
        if installation := self.workspace.world.installations.get(token):
            headers["X-OAuth-Scopes"] = ",".join(sorted(installation.scopes))
        method = METHODS.get(request.match_info["method"])
        if method is not None and method.scope:
            headers["X-Accepted-OAuth-Scopes"] = method.scope
        return headers


def _api_test(args: dict[str, Any]) -> Json:
    args.pop("token", None)
    if error := args.get("error"):
        raise SlackError(str(error), args=args)
    return {"args": args} if args else {}


def _with_basic_auth(request: web.Request, args: dict[str, str]) -> dict[str, str]:
    """client_id and client_secret may come as Basic authentication."""
    scheme, _, packed = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            client_id, _, client_secret = b64decode(packed).decode().partition(":")
        except ValueError as exc:
            raise SlackError("bad_client_secret") from exc
        args |= {"client_id": client_id, "client_secret": client_secret}
    return args


def _warn(answer: Json, warning: str) -> None:
    if warning:
        answer["warning"] = ",".join(filter(None, (answer.get("warning"), warning)))
        answer.setdefault("response_metadata", {}).setdefault("warnings", []).append(warning)


def _ratelimited(retry_after_s: int) -> web.Response:
    answer = {"ok": False, "error": "ratelimited"}
    headers = {"Retry-After": str(retry_after_s)}
    return web.json_response(answer, status=HTTPStatus.TOO_MANY_REQUESTS, headers=headers)


def _drop(request: web.Request) -> web.Response:
    """Break the connection: whatever is returned after this reaches nobody."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
