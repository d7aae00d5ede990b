"""What a person sees when their command, button or form could not be stored. Hides no error from the log."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp, AsyncRespond
from slack_bolt.error import BoltUnhandledRequestError

from bot.slack.errors import Failure

log = structlog.get_logger()

_RESPOND_S = 1.5  # within the 3 s that Slack waits for our answer


def register(app: AsyncApp, sorry: str) -> None:
    """Events are not acknowledged, so Slack sends them again; people are told, for nobody repeats their press."""

    @app.error
    async def on_error(error: Exception, body: dict[str, Any], respond: AsyncRespond) -> BoltResponse:
        if isinstance(error, BoltUnhandledRequestError):
            log.warning("slack.unhandled", type=body.get("type"), command=body.get("command"))
            return answer(body, sorry) or BoltResponse(status=200)
        log.error("slack.not_stored", type=body.get("type"), exc_info=error)
        if body.get("type") == "block_actions" and body.get("response_url"):
            await _say(respond, sorry)
            return BoltResponse(status=200)
        return answer(body, sorry) or BoltResponse(status=500)


def answer(body: Mapping[str, Any], sorry: str) -> BoltResponse | None:
    """The HTTP answer that shows `sorry` to the person, where Slack offers one: under a command, or at the first
    input of a modal (its error must name an input block). None for everything else."""
    if body.get("command"):
        return BoltResponse(status=200, body={"response_type": "ephemeral", "text": sorry})
    if body.get("type") == "view_submission":
        blocks = body.get("view", {}).get("blocks") or []
        block_id = next((b.get("block_id") for b in blocks if b.get("type") == "input"), None)
        if block_id:
            return BoltResponse(status=200, body={"response_action": "errors", "errors": {block_id: sorry}})
    return None


async def _say(respond: AsyncRespond, sorry: str) -> None:
    try:
        async with asyncio.timeout(_RESPOND_S):
            await respond(text=sorry, response_type="ephemeral", replace_original=False)
    except Failure:
        log.warning("slack.apology_failed")
