"""The real Bolt in Socket Mode against the sandbox, and what its listeners heard."""

from __future__ import annotations

import asyncio
from typing import Any

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp

from bot.sandbox.slack import SlackServer


class Heard:
    """What listeners got, and a way to wait for it."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, Any]]] = []
        self._came = asyncio.Condition()

    async def add(self, what: str, body: dict[str, Any]) -> None:
        async with self._came:
            self.got.append((what, body))
            self._came.notify_all()

    async def one(self, what: str, number: int = 1) -> dict[str, Any]:
        """The number-th body of a kind, waited for at most a minute."""
        async with asyncio.timeout(60), self._came:
            await self._came.wait_for(lambda: self.count(what) >= number)
        return [body for name, body in self.got if name == what][number - 1]

    def count(self, what: str) -> int:
        return sum(name == what for name, _ in self.got)


async def connect(app: AsyncApp, slack: SlackServer, *, count: int = 1) -> Any:
    """A connected AsyncSocketModeHandler, whose methods are untyped."""
    handler: Any = AsyncSocketModeHandler(app, slack.app_token, ping_interval=0.2)
    await handler.connect_async()
    await slack.socket.connected(count, timeout_s=60)
    return handler
