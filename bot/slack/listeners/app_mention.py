"""Somebody names the app. In channels Slack tells the same message as `message` too; the inbox keeps one."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.inbox import Inbox
from bot.slack.reading import read_message


def register(app: AsyncApp, inbox: Inbox) -> None:
    @app.event("app_mention")
    async def on_app_mention(body: dict[str, Any], context: AsyncBoltContext) -> None:
        await inbox.put(
            read_message(body, bot_user_id=context.bot_user_id or "", bot_id=context.bot_id or ""),
        )
