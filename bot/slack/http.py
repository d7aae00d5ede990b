"""Slack over HTTP: one route for events, commands and buttons. Refuses to run without a signing secret."""

from __future__ import annotations

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp

from bot.errors import ConfigError
from bot.slack.settings import SlackSettings

PATH = "/slack/events"


def http_routes(app: AsyncApp, settings: SlackSettings) -> list[web.RouteDef]:
    """Routes for the worker's web server. Bolt checks each request's signature (HMAC-SHA256, 5 minutes,
    https://docs.slack.dev/authentication/verifying-requests-from-slack, 2026-11) and answers 401 otherwise.

    Raises ConfigError without a signing secret, for then anybody could speak as anybody.
    """
    if not settings.signing_secret:
        raise ConfigError(["slack.signing_secret: missing: Slack over HTTP needs it (Basic Information of the app)"])

    async def on_request(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    return [web.post(PATH, on_request)]
