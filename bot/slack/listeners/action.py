"""A pressed button, by anybody who sees it: people of other organisations in shared channels too."""

from __future__ import annotations

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.slack.events import Ignored
from bot.slack.forms import Forms
from bot.slack.inbox import Inbox
from bot.slack.reading import read_action


def register(app: AsyncApp, inbox: Inbox, forms: Forms) -> None:
    @app.action(re.compile(""))
    async def on_action(body: dict[str, Any], ack: AsyncAck) -> None:
        read = read_action(body)
        if isinstance(read, Ignored) or not await forms.opened(read):
            await inbox.put(read)
        await ack()
