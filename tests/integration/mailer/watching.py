"""A consumer of a watched mailbox, as a test sees it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mailer.imap import Fetched, ImapSettings, Mailbox, Position

BOT = "bot@vendor.test"


def settings(port: object, **changes: object) -> ImapSettings:
    """Settings for a server on loopback, with short times."""
    values: dict[str, object] = {
        "host": "127.0.0.1",
        "port": port,
        "tls": "none",
        "username": BOT,
        "password": "pw",
        "timeout_s": 30.0,
        "idle_s": 60.0,
    }
    return ImapSettings(**(values | changes))  # type: ignore[arg-type]


class Taken:
    """What was delivered, in order; `position` is what a store would hold."""

    def __init__(self, position: Position | None = None) -> None:
        self.messages: list[Fetched] = []
        self.position = position

    async def deliver(self, message: Fetched) -> None:
        self.messages.append(message)
        self.position = message.position

    @property
    def raws(self) -> list[bytes | None]:
        return [message.raw for message in self.messages]

    @property
    def uids(self) -> list[int]:
        return [message.uid for message in self.messages]


@asynccontextmanager
async def watching(mailbox: Mailbox, taken: Taken) -> AsyncIterator[None]:
    """Watch meanwhile; what ends the watch by itself is raised, and no task may be left behind."""
    before = asyncio.all_tasks()
    task = asyncio.create_task(mailbox.watch(taken.position, taken.deliver))
    try:
        yield
    finally:
        if task.done():
            task.result()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await asyncio.sleep(0)
    left = [repr(task) for task in asyncio.all_tasks() - before]
    assert [task for task in left if "/mailer/imap" in task or "aioimaplib" in task] == []


def mailbox(port: int, **changes: object) -> Mailbox:
    """A mailbox that reconnects without jitter."""
    return Mailbox(settings(port, **changes), jitter=lambda: 0.0)
