"""What Slack's refusals mean: try again, or tell a person? Pure; talks to nobody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.errors import OffportalError, PermanentError, TransientError, UnknownOutcomeError

# https://docs.slack.dev/reference/methods/chat.postMessage#errors (2026-11): "ratelimited" comes with HTTP 429,
# "rate_limited" with 200 when one channel gets too much.
_RATE_CODES = frozenset({"ratelimited", "rate_limited"})
# Slack says of these: "It's possible some aspect of the operation succeeded before the error was raised."
_MAYBE_DONE = frozenset({"internal_error", "fatal_error", "request_timeout"})
_LATER = frozenset({"service_unavailable", "team_added_to_org", "accesslimited"})
_DEFAULT_WAIT = timedelta(seconds=30)

_NEXT: Mapping[str, str] = {
    "channel_not_found": "invite the app to the channel, or correct the channel's id in the CRM",
    "not_in_channel": "invite the app to the channel",
    "is_archived": "unarchive the channel, or name another one in the CRM",
    "restricted_action": "a workspace preference forbids it; a Slack admin has to allow the app to post there",
    "missing_scope": "add the scope (bot/slack/manifest.json has all of them) and reinstall the app",
    "invalid_auth": "install the app again and put its new token into the configuration",
    "not_authed": "put the app's token into the configuration",
    "account_inactive": "the app was removed; install it again and put its new token into the configuration",
    "token_revoked": "install the app again and put its new token into the configuration",
    "token_expired": "token rotation is on; turn it off in the app's settings, or install the app again",
    "not_allowed_token_type": "use a bot token (xoxb-) for the API and an app-level token (xapp-) for Socket Mode",
    "msg_too_long": "shorten the template",
    "invalid_blocks": "correct the template",
    "invalid_blocks_format": "correct the template",
    "user_not_found": "the person is not visible to the app; link them again",
    "user_not_visible": "the person is not visible to the app; link them again",
    "user_disabled": "the person's Slack account is deactivated; link another one, or use email",
    "cannot_dm_bot": "the address is a bot; link a person",
    "expired_trigger_id": "the person has to press again; Slack allows 3 s",
    "exchanged_trigger_id": "the person has to press again; a trigger opens one view",
    "used_url": "nothing can be said through this response_url any more (5 uses in 30 minutes)",
    "expired_url": "nothing can be said through this response_url any more (5 uses in 30 minutes)",
}

Failure = (SlackClientError, aiohttp.ClientError, TimeoutError, ValueError, AttributeError)
"""What AsyncWebClient raises: Slack's own errors, the network's, and ValueError or AttributeError for a body that
is not Slack's JSON (slack_sdk 3.47.0, AsyncSlackResponse.validate)."""


def translate(error: BaseException, method: str, *, creates: bool) -> OffportalError:
    """The one error that says what to do about a failed call of `method`.

    `creates`: repeating the call would make a second thing (a message), so a broken connection after the request
    was sent becomes UnknownOutcomeError; otherwise it is a plain TransientError.
    """
    if isinstance(error, SlackApiError):
        return _refusal(error, method, creates=creates)
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return TransientError(f"slack: {method}: no connection ({error})")
    return _broken(f"slack: {method}: broken off ({type(error).__name__}: {error})", creates=creates)


def _broken(message: str, *, creates: bool) -> TransientError:
    return UnknownOutcomeError(message) if creates else TransientError(message)


def _refusal(error: SlackApiError, method: str, *, creates: bool) -> OffportalError:
    # For a body that is no JSON slack_sdk attaches aiohttp's response (`status`), otherwise its own (`status_code`).
    response = error.response
    status: int = getattr(response, "status_code", None) or getattr(response, "status", None) or 0
    return refusal(method, status, getattr(response, "data", None), getattr(response, "headers", {}), creates=creates)


def refusal(method: str, status: int, body: Any, headers: Mapping[str, str], *, creates: bool) -> OffportalError:
    """What an answer of Slack that is no success means; `body` is its parsed JSON, or anything else."""
    code = str(body.get("error", "")) if isinstance(body, Mapping) else ""
    if status == HTTPStatus.TOO_MANY_REQUESTS or code in _RATE_CODES:
        return TransientError(f"slack: {method}: too fast", retry_after=_retry_after(headers))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or code in _MAYBE_DONE:
        return _broken(f"slack: {method}: {code or f'HTTP {status}'}", creates=creates)
    if code in _LATER:
        return TransientError(f"slack: {method}: {code}")
    if not code:
        return _broken(f"slack: {method}: HTTP {status} without Slack's JSON", creates=creates)
    return PermanentError(f"slack: {method} refused ({code}{_detail(body)}): {next_step(code)}", code=code)


def next_step(code: str) -> str:
    """What a person can do about one of Slack's error codes."""
    return _NEXT.get(code, f"see https://docs.slack.dev/reference/methods for {code!r}")


def _detail(body: Any) -> str:
    """Slack's own words: the missing scope, the faulty block."""
    if not isinstance(body, Mapping):
        return ""
    if needed := body.get("needed"):
        return f", needs {needed}"
    metadata = body.get("response_metadata")
    messages = metadata.get("messages") if isinstance(metadata, Mapping) else None
    return f", {'; '.join(map(str, messages))}" if isinstance(messages, list) and messages else ""


def _retry_after(headers: Mapping[str, str]) -> timedelta:
    """Seconds, as Slack's rate limits page has it (https://docs.slack.dev/apis/web-api/rate-limits)."""
    value = headers.get("Retry-After") or headers.get("retry-after") or ""
    return timedelta(seconds=int(value)) if value.isdecimal() else _DEFAULT_WAIT
