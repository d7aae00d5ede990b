"""The slash command. People of organisations without the app cannot use it (bolt-python#767)."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.slack.forms import Forms
from bot.slack.inbox import Inbox
from bot.slack.reading import read_command


def register(app: AsyncApp, inbox: Inbox, forms: Forms, command_name: str) -> None:
    @app.command(command_name)
    async def on_command(body: dict[str, Any], ack: AsyncAck) -> None:
        read = read_command(body)
        if not await forms.opened(read):
            await inbox.put(read)
        await ack()
