"""Each of Slack's refusals says whether to try again or whom to tell."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.errors import OffportalError, PermanentError, TransientError, UnknownOutcomeError
from bot.slack.errors import refusal, translate


def answer(status: int, data: Any, headers: dict[str, str] | None = None) -> SlackApiError:
    response = AsyncSlackResponse(
        client=None,
        http_verb="POST",
        api_url="",
        req_args={},
        data=data,
        headers=headers or {},
        status_code=status,
    )
    return refused(response)


def refused(response: Any) -> SlackApiError:
    return SlackApiError("no", response)  # type: ignore[no-untyped-call]


NO_CONNECTION = aiohttp.ClientConnectorError(Mock(), OSError(111, "refused"))


@pytest.mark.parametrize(
    ("error", "post", "read"),
    [
        (answer(429, {"ok": False, "error": "ratelimited"}), TransientError, TransientError),
        (answer(429, "slow down"), TransientError, TransientError),
        (answer(200, {"ok": False, "error": "rate_limited"}), TransientError, TransientError),
        (answer(503, {"ok": False, "error": "service_unavailable"}), UnknownOutcomeError, TransientError),
        (answer(500, "<html>"), UnknownOutcomeError, TransientError),
        (answer(200, {"ok": False, "error": "internal_error"}), UnknownOutcomeError, TransientError),
        (answer(200, {"ok": False, "error": "fatal_error"}), UnknownOutcomeError, TransientError),
        (answer(200, {"ok": False, "error": "service_unavailable"}), TransientError, TransientError),
        (answer(200, {"ok": False, "error": "channel_not_found"}), PermanentError, PermanentError),
        (answer(200, {"ok": False, "error": "some_new_error"}), PermanentError, PermanentError),
        (refused(Mock(spec=["status", "headers"], status=502, headers={})), UnknownOutcomeError, TransientError),
        (TimeoutError(), UnknownOutcomeError, TransientError),
        (aiohttp.ServerDisconnectedError(), UnknownOutcomeError, TransientError),
        (aiohttp.ClientOSError(104, "reset"), UnknownOutcomeError, TransientError),
        (aiohttp.ConnectionTimeoutError(), TransientError, TransientError),
        (NO_CONNECTION, TransientError, TransientError),
    ],
)  # fmt: skip
def test_a_failure_says_what_to_do(error: Exception, post: type[OffportalError], read: type[OffportalError]) -> None:
    assert type(translate(error, "chat.postMessage", creates=True)) is post
    assert type(translate(error, "conversations.info", creates=False)) is read


@pytest.mark.parametrize(("value", "wait_s"), [("7", 7), ("", 30), ("soon", 30)])
def test_too_fast_waits_as_long_as_slack_says(value: str, wait_s: int) -> None:
    error = translate(answer(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": value}), "m", creates=True)
    assert isinstance(error, TransientError)
    assert error.retry_after == timedelta(seconds=wait_s)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": "not_in_channel"}, "invite the app"),
        ({"error": "missing_scope", "needed": "im:write"}, "needs im:write"),
        ({"error": "invalid_blocks", "response_metadata": {"messages": ["[ERROR] too long"]}}, "[ERROR] too long"),
        ({"error": "never_heard_of"}, "docs.slack.dev"),
    ],
)
def test_a_refusal_says_what_next(body: dict[str, Any], words: str) -> None:
    error = refusal("chat.postMessage", 200, body, {}, creates=True)
    assert isinstance(error, PermanentError)
    assert words in str(error)
    assert error.code == body["error"]
