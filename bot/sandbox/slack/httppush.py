"""The Events API over HTTP: signed requests to the app's Request URL. Sends once; the courier repeats."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlencode

import aiohttp

from bot.sandbox.slack.courier import ACK_WITHIN_S, Answer, Category
from bot.sandbox.slack.state import VERIFICATION_TOKEN, Json, SandboxError

_JSON, _FORM = "application/json", "application/x-www-form-urlencoded"


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """X-Slack-Signature, version 0 (docs.slack.dev/authentication/verifying-requests-from-slack, 2026-11)."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


class HTTPPush:
    """A `Route` to one Request URL. `wall_s` is the time of the wire (seconds since the epoch), not the world's."""

    def __init__(
        self, url: str, *, signing_secret: str, wall_s: Callable[[], float], ack_within_s: float = ACK_WITHIN_S
    ) -> None:
        self.url = url
        self._secret = signing_secret
        self._wall_s = wall_s
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ack_within_s))

    async def verify(self, challenge: str) -> None:
        """Slack's url_verification; raises SandboxError when the app does not give the challenge back."""
        request = {"token": VERIFICATION_TOKEN, "challenge": challenge, "type": "url_verification"}
        status, _, text = await self._post(json.dumps(request).encode(), _JSON, {})
        given = text.strip() == challenge or _parsed(text).get("challenge") == challenge
        if status != HTTPStatus.OK or not given:
            raise SandboxError(f"{self.url}: did not answer the challenge (HTTP {status}); is it Bolt's endpoint?")

    async def carry(self, category: Category, payload: Json, *, attempt: int, reason: str) -> Answer:
        """Post one event or interaction."""
        headers = {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason} if attempt else {}
        body, content_type = _encoded(category, payload)
        try:
            status, answered, text = await self._post(body, content_type, headers)
        except TimeoutError:
            return Answer(acked=False, reason="http_timeout")
        except aiohttp.ClientError:
            return Answer(acked=False, reason="connection_failed")
        no_retry = answered.get("X-Slack-No-Retry") == "1"
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return Answer(acked=False, reason="http_error", no_retry=no_retry)
        spoken = _parsed(text) or ({"text": text} if text.strip() else None)
        return Answer(acked=True, body=spoken if category is not Category.EVENT else None, no_retry=no_retry)

    async def close(self) -> None:
        await self._session.close()
        await asyncio.sleep(0)  # lets aiohttp's connector drop its transports before the loop goes on

    async def _post(self, body: bytes, content_type: str, headers: dict[str, str]) -> tuple[int, dict[str, str], str]:
        timestamp = str(int(self._wall_s()))
        signed = headers | {
            "Content-Type": content_type,
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self._secret, timestamp, body),
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "Accept": "*/*",
        }
        async with self._session.post(self.url, data=body, headers=signed, allow_redirects=False) as response:
            return response.status, dict(response.headers), await response.text()


def _encoded(category: Category, payload: Json) -> tuple[bytes, str]:
    match category:
        case Category.EVENT:
            return json.dumps(payload).encode(), _JSON
        case Category.INTERACTIVE:
            return urlencode({"payload": json.dumps(payload)}).encode(), _FORM
        case Category.COMMAND:
            return urlencode(payload).encode(), _FORM


def _parsed(text: str) -> Json:
    try:
        parsed = json.loads(text)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
