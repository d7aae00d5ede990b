"""Slack over Socket Mode: one live connection, kept alive and proven. Never re-uses a connection that ended.

slack_sdk's own reconnecting loops for ever on a bad token and on a closed session, with only a log line
(bolt-python#1529, python-slack-sdk#1701), so it is off: each connection is a new client, opened before the old one
is closed when Slack announces the change, and a token that Slack refuses is raised.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from aiohttp import WSMessage
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.errors import TransientError
from bot.slack.client import Installation, call

log = structlog.get_logger()

Clock = Callable[[], datetime]


@dataclass(slots=True, kw_only=True)
class SocketHealth:
    """For readiness and metrics. `connected`: a session is live (said hello, answers pings). `last_event_at`: the
    last envelope. `proven_at`: Slack last accepted the bot token. `connections`: opened so far. Aware, UTC."""

    connected: bool = False
    last_event_at: datetime | None = None
    proven_at: datetime | None = None
    connections: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Durations in seconds; the defaults are for production, tests use shorter ones."""

    ping_s: float = 10.0  # a session without an answer to pings for 4 of these is stale
    hello_s: float = 10.0  # how long a new connection may take to say hello
    proof_s: float = 60.0  # between two auth.test
    drain_s: float = 5.0  # how long what is in hand may take when a connection is closed
    backoff_s: float = 1.0  # before another connection is opened; doubles up to backoff_most_s while that fails
    backoff_most_s: float = 30.0


async def run_socket(
    app: AsyncApp,
    app_token: str,
    installation: Installation,
    *,
    health: SocketHealth,
    clock: Clock,
    pace: Pace | None = None,
) -> None:
    """Receive until cancelled, then finish what is in hand and close.

    Raises PermanentError as soon as Slack refuses the bot token or the app-level token: nothing will come any more,
    and a person has to act. Network trouble is waited out.
    """
    supervisor = _Supervisor(app, app_token, installation, health, clock, pace or Pace())
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(supervisor.prove_for_ever())
            tasks.create_task(supervisor.stay_connected())
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from group
    finally:
        health.connected = False


class _Supervisor:
    def __init__(
        self,
        app: AsyncApp,
        app_token: str,
        installation: Installation,
        health: SocketHealth,
        clock: Clock,
        pace: Pace,
    ) -> None:
        self._app = app
        self._app_token = app_token
        self._installation = installation
        self._health = health
        self._clock = clock
        self._pace = pace

    async def prove_for_ever(self) -> None:
        """A token can be revoked while the socket stays open; auth.test says so."""
        while True:
            try:
                await self._installation.prove()
                self._health.proven_at = self._clock()
            except TransientError as exc:
                log.warning("slack.unproven", error=str(exc))
            await asyncio.sleep(self._pace.proof_s)

    async def stay_connected(self) -> None:
        current: _Session | None = None
        try:
            while True:
                old, current = current, await self._connect()
                if old is not None:
                    await old.close()
                self._health.connected = await current.until_it_ends()
                log.info("slack.reconnecting", still_connected=self._health.connected)
                await asyncio.sleep(self._pace.backoff_s)  # a socket that ends at once must not become a storm
        finally:
            if current is not None:
                await current.close()

    async def _connect(self) -> _Session:
        wait_s = self._pace.backoff_s
        while True:
            try:
                session = await self._open()
            except TransientError as exc:
                asked_s = exc.retry_after.total_seconds() if exc.retry_after else 0.0
                log.warning("slack.not_connected", error=str(exc), wait_s=max(wait_s, asked_s))
                await asyncio.sleep(max(wait_s, asked_s))
                wait_s = min(2 * wait_s, self._pace.backoff_most_s)
            else:
                self._health.connected = True
                self._health.connections += 1
                log.info("slack.connected", connections=self._health.connections)
                return session

    async def _open(self) -> _Session:
        client = self._installation.client
        answer = await call(client.apps_connections_open(app_token=self._app_token), "apps.connections.open")
        session = _Session(self._app, self._app_token, self._installation, self._pace, self._heard)
        try:
            await session.open(str(answer["url"]))
        except BaseException:
            await session.close()
            raise
        return session

    def _heard(self) -> None:
        self._health.last_event_at = self._clock()


class _Client(SocketModeClient):
    """slack_sdk's client without its reconnecting: that it should is told to the session."""

    ending: asyncio.Event

    async def connect_to_new_endpoint(self, force: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        self.ending.set()


class _Session:
    """One connection, used once."""

    def __init__(
        self, app: AsyncApp, app_token: str, installation: Installation, pace: Pace, heard: Callable[[], None]
    ) -> None:
        self._app = app
        self._pace = pace
        self._heard = heard
        self._in_hand: set[asyncio.Task[Any]] = set()
        self._hello = asyncio.Event()
        self._client = _Client(
            app_token=app_token,
            web_client=installation.client,
            auto_reconnect_enabled=False,
            ping_interval=pace.ping_s,
        )
        self._client.ending = asyncio.Event()
        self._client.on_close_listeners.append(self._on_close)
        self._client.message_listeners.append(self._on_message)
        self._client.socket_mode_request_listeners.append(self._on_request)

    async def open(self, url: str) -> None:
        """Raises TransientError when there is no hello in time."""
        self._client.wss_uri = url
        try:
            async with asyncio.timeout(self._pace.hello_s):
                await self._client.connect()  # type: ignore[no-untyped-call]
                await self._hello.wait()
        except TimeoutError as exc:
            raise TransientError(f"slack: the socket did not say hello within {self._pace.hello_s:g} s") from exc

    async def until_it_ends(self) -> bool:
        """Wait until Slack asks for a new connection (True: this one still works), or it is closed or stale."""
        while await self._client.is_connected():
            try:
                async with asyncio.timeout(min(1.0, self._pace.ping_s)):
                    await self._client.ending.wait()
                    return await self._client.is_connected()
            except TimeoutError:
                continue
        return False

    async def close(self) -> None:
        """Let what is in hand be stored and acknowledged, then close; what is not will be sent again."""
        try:
            if self._in_hand:
                await asyncio.wait(tuple(self._in_hand), timeout=self._pace.drain_s)
        finally:
            try:
                await self._client.close()  # type: ignore[no-untyped-call]
            finally:  # it stops half-way when it is cancelled
                await self._client.aiohttp_client_session.close()

    async def _on_message(
        self, _client: AsyncBaseSocketModeClient, message: dict[str, object], _raw: str | None = None
    ) -> None:
        if message.get("type") == "hello":
            self._hello.set()

    async def _on_close(self, _message: WSMessage) -> None:
        self._client.ending.set()

    async def _on_request(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine that runs is in a task
        self._in_hand.add(task)
        started = time.time()  # what Bolt's debug line counts from
        try:
            self._heard()
            response = await run_async_bolt_app(self._app, request)
            await send_async_response(client, request, response, started)
        finally:
            self._in_hand.discard(task)
