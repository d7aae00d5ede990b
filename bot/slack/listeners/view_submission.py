"""A submitted modal: it closes once it is stored, and stays open while something in it is wrong."""

from __future__ import annotations

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.slack.forms import Forms
from bot.slack.inbox import Inbox
from bot.slack.reading import read_view_submission


def register(app: AsyncApp, inbox: Inbox, forms: Forms) -> None:
    @app.view(re.compile(""))
    async def on_view_submission(body: dict[str, Any], ack: AsyncAck) -> None:
        read = read_view_submission(body)
        if errors := forms.errors(read):
            await ack(response_action="errors", errors=errors)
            return
        await inbox.put(read)
        await ack()
