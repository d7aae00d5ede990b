"""Over HTTP only what Slack has signed is heard."""

from __future__ import annotations

import hmac
import time

import aiohttp
import pytest

from bot.errors import ConfigError
from bot.slack.http import http_routes
from bot.slack.settings import SlackSettings
from tests.integration.slack.listening import over_http

BODY = '{"type":"event_callback","event":{"type":"message","channel":"D1","channel_type":"im","user":"U1","ts":"1.0"}}'


@pytest.mark.parametrize(
    ("word", "secret", "age_s", "status"),
    [
        ("signed", None, 0, 200),
        ("wrong secret", "x" * 32, 0, 401),
        ("no secret", "", 0, 401),
        ("too old", None, 400, 401),
    ],
)
async def test_a_request_is_heard_only_with_slacks_signature(
    app, settings, slack, inbox, word, secret, age_s, status
) -> None:
    timestamp = str(int(time.time()) - age_s)
    key = slack.signing_secret if secret is None else secret
    signature = f"v0={hmac.new(key.encode(), f'v0:{timestamp}:{BODY}'.encode(), 'sha256').hexdigest()}"
    headers = {
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": signature,
        "Content-Type": "application/json",
    }
    async with over_http(app, settings, slack) as url, aiohttp.ClientSession() as session:
        answer = await session.post(url, data=BODY, headers=headers)
        assert answer.status == status, word
    assert inbox.calls == (1 if status == 200 else 0)


def test_without_a_signing_secret_http_is_refused(app) -> None:
    with pytest.raises(ConfigError, match="signing_secret"):
        http_routes(app, SlackSettings())
