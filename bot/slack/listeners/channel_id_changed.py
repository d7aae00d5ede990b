"""A channel has a new id; what the CRM holds is the old one."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.slack.inbox import Inbox
from bot.slack.reading import read_channel_id_changed


def register(app: AsyncApp, inbox: Inbox) -> None:
    @app.event("channel_id_changed")
    async def on_channel_id_changed(body: dict[str, Any]) -> None:
        await inbox.put(read_channel_id_changed(body))
