"""What the tests of the Slack adapter share: an inbox, paces that never wait, and the two ways to listen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from aiohttp import web
from slack_bolt.async_app import AsyncApp

from bot.domain.partners import Motion
from bot.errors import TransientError
from bot.render.renderer import TEMPLATES
from bot.render.words import load_words
from bot.sandbox.slack import SlackServer
from bot.slack.client import Installation
from bot.slack.events import Kind, SlackEvent
from bot.slack.forms import FormSettings
from bot.slack.http import PATH, http_routes
from bot.slack.settings import SlackSettings
from bot.slack.socket_mode import Pace, SocketHealth, run_socket
from bot.slack.views.form import FormWords


def form_words(language: str) -> FormWords:
    words = load_words(TEMPLATES, language)
    return FormWords(labels=words.forms, rules=words.rules, motions=words.motions)


FORMS = FormSettings(words={language: form_words(language) for language in ("en", "de")}, motions=tuple(Motion))
BRANDT, ASHBY = "T0BRANDTIT", "T0ASHBYDIG"
QUICK = Pace(ping_s=1.0, hello_s=60.0, proof_s=0.2, drain_s=60.0, backoff_s=0.05, backoff_most_s=0.2)


def now() -> datetime:
    return datetime.now(UTC)


class Inbox:
    """A durable inbox: keeps one event a key. `broken` times it fails first; `slow_s` is how long the next takes."""

    def __init__(self) -> None:
        self.stored: dict[str, SlackEvent] = {}
        self.calls = 0
        self.broken = 0
        self.slow_s = 0.0

    async def receive(self, event: SlackEvent) -> None:
        self.calls += 1
        if self.broken > 0:
            self.broken -= 1
            raise RuntimeError("the disk is full")
        slow_s, self.slow_s = self.slow_s, 0.0
        await asyncio.sleep(slow_s)
        self.stored.setdefault(event.key, SlackEvent.from_json(event.to_json()))

    def of(self, kind: Kind) -> list[SlackEvent]:
        return [event for event in self.stored.values() if event.kind is kind]

    async def one(self, kind: Kind) -> SlackEvent:
        await until(lambda: bool(self.of(kind)))
        (event,) = self.of(kind)
        return event


async def until(true: Callable[[], bool], *, within_s: float = 60.0) -> None:
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.01)


class Quotas:
    """Remembers what was asked; makes everybody wait `wait_s`, or raises `busy`."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.wait_s = 0.0
        self.busy: TransientError | None = None

    async def take(self, bucket: str, per_second: float, burst: int) -> float:
        assert per_second == 1.0
        assert burst >= 1
        if self.busy is not None:
            raise self.busy
        self.taken.append(bucket)
        return self.wait_s


@asynccontextmanager
async def over_http(app: AsyncApp, settings: SlackSettings, slack: SlackServer) -> AsyncIterator[str]:
    served = web.Application()
    served.add_routes(http_routes(app, settings))
    runner = web.AppRunner(served, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}{PATH}"
    await slack.set_request_url(url)
    try:
        yield url
    finally:
        await slack.use_socket_mode()
        await runner.cleanup()


@asynccontextmanager
async def over_a_socket(
    app: AsyncApp, slack: SlackServer, installation: Installation, health: SocketHealth
) -> AsyncIterator[asyncio.Task[None]]:
    running = asyncio.create_task(
        run_socket(app, slack.app_token, installation, health=health, clock=now, pace=QUICK), name="socket"
    )
    await until(lambda: health.connected)
    try:
        yield running
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
