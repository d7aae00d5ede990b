"""A submitted modal: it closes once it is stored."""

from __future__ import annotations

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.slack.inbox import Inbox
from bot.slack.reading import read_view_submission


def register(app: AsyncApp, inbox: Inbox) -> None:
    @app.view(re.compile(""))
    async def on_view_submission(body: dict[str, Any], ack: AsyncAck) -> None:
        await inbox.put(read_view_submission(body))
        await ack()
