"""Somebody opens the app's home tab."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.slack.inbox import Inbox
from bot.slack.reading import read_app_home_opened


def register(app: AsyncApp, inbox: Inbox) -> None:
    @app.event("app_home_opened")
    async def on_app_home_opened(body: dict[str, Any]) -> None:
        await inbox.put(read_app_home_opened(body))
