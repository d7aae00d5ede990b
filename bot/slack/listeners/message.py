"""A message in a channel the app is in, or to the app; its edit; its deletion."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.inbox import Inbox
from bot.slack.reading import read_message


def register(app: AsyncApp, inbox: Inbox) -> None:
    @app.event("message")
    async def on_message(body: dict[str, Any], context: AsyncBoltContext) -> None:
        await inbox.put(
            read_message(body, bot_user_id=context.bot_user_id or "", bot_id=context.bot_id or ""),
        )
