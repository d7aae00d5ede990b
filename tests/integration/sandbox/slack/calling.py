"""Calls of the Web API that are expected to be refused."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

BRANDT, ASHBY, MANAGERS = "C0BRANDTIT0", "C0ASHBYDIG0", "C0MANAGERS0"


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


async def error_of(client: AsyncWebClient, method: str, **args: Any) -> dict[str, Any]:
    """The whole refusal of a JSON call."""
    with pytest.raises(SlackApiError) as caught:
        await client.api_call(method, json=args)
    answer: dict[str, Any] = caught.value.response.data
    assert answer["ok"] is False
    return answer


async def refused(client: AsyncWebClient, method: str, **args: Any) -> str:
    """The error code of a form post, which every method reads."""
    with pytest.raises(SlackApiError) as caught:
        await client.api_call(method, data=args)
    error: str = caught.value.response["error"]
    return error
