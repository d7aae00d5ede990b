"""Every other event: acknowledged, or Slack would send it again. Stores nothing."""

from __future__ import annotations

import re
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp

log = structlog.get_logger()


def register(app: AsyncApp) -> None:
    @app.event(re.compile(""))
    async def on_unread_event(event: dict[str, Any]) -> None:
        log.debug("slack.ignored", reason="unread_event", type=event.get("type"))
