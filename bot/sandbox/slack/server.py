"""The sandbox Slack as one aiohttp server. Listens on 127.0.0.1 alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from aiohttp import web

from bot.sandbox.record import Recorder
from bot.sandbox.slack import control
from bot.sandbox.slack import seed as seeds
from bot.sandbox.slack.courier import ACK_WITHIN_S, RETRY_S, Courier
from bot.sandbox.slack.handles import TRIGGER_LIVES_S, Handles
from bot.sandbox.slack.hands import Hands
from bot.sandbox.slack.hooks import Hooks
from bot.sandbox.slack.httppush import HTTPPush
from bot.sandbox.slack.ids import Mint
from bot.sandbox.slack.installs import Installs
from bot.sandbox.slack.limits import Limiter, Limits
from bot.sandbox.slack.manifest import AppSettings
from bot.sandbox.slack.manifest import read as read_manifest
from bot.sandbox.slack.mishaps import Mishap, Mishaps, Trouble
from bot.sandbox.slack.people import People
from bot.sandbox.slack.snapshot import snapshot
from bot.sandbox.slack.socketmode import SocketMode
from bot.sandbox.slack.state import Installation, Json, SandboxError
from bot.sandbox.slack.webapi import WebAPI
from bot.sandbox.slack.workspace import Workspace

_HOST = "127.0.0.1"


class SlackServer:
    """Slack on loopback.

    `clock` is the world's time (message timestamps, event times); deadlines run on the event loop's own clock.
    `people` and `hands` act for persons, `mishaps` makes the next calls fail, `courier.log` shows each delivery.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], datetime],
        port: int = 0,
        record: Recorder | None = None,
        seed: Mapping[str, Any] | None = None,
        manifest: Mapping[str, Any] | None = None,
        limits: Limits | None = None,
        ack_within_s: float = ACK_WITHIN_S,
        retry_s: Sequence[float] = RETRY_S,
        trigger_lives_s: float = TRIGGER_LIVES_S,
    ) -> None:
        """A `port` of 0 takes a free one. `retry_s` are the pauses before an event is tried again.

        With a `manifest` the app gets its scopes and hears its events and commands, and no others. Raises
        ConfigError with every fault of seed or manifest.
        """
        mint = Mint(clock)
        settings = AppSettings() if manifest is None else read_manifest(manifest)
        seeded = seeds.build(seeds.DEMO if seed is None else seed, now_s=mint.now_s(), scopes=settings.scopes)
        self.world = seeded.world
        self.credentials = seeded.credentials
        self.socket = SocketMode(mint, self.world.app_id, ack_within_s=ack_within_s)
        self.courier = Courier(self.socket, retry_s=retry_s)
        self.workspace = Workspace(
            world=self.world,
            mint=mint,
            courier=self.courier,
            handles=Handles(mint, trigger_lives_s=trigger_lives_s),
            settings=settings,
        )
        self.people = People(workspace=self.workspace)
        self.hands = Hands(workspace=self.workspace, now_s=self._now_s)
        self.mishaps = Mishaps()
        self.installs = Installs(self.world, mint, self.credentials)
        self.web_api = self._web_api(limits or Limits(), record)
        self._hooks = Hooks(workspace=self.workspace, record=record, now_s=self._now_s)
        self._port = port
        self._ack_within_s = ack_within_s
        self._push: HTTPPush | None = None
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://{_HOST}:{self._port}"

    @property
    def api_url(self) -> str:
        """What AsyncWebClient takes for base_url."""
        return f"{self.url}/api/"

    @property
    def signing_secret(self) -> str:
        return self.credentials.signing_secret

    @property
    def app_token(self) -> str:
        return self.credentials.app_token

    @property
    def bot_token(self) -> str:
        """The token of the first installation, the vendor's."""
        return self._first().bot_token

    async def start(self) -> None:
        """Listen; raises OSError when the port is taken."""
        app = web.Application(client_max_size=4 * 1024**2)
        app.add_routes(
            [
                web.route("*", "/api/{method}", self.web_api.on_call),
                web.get("/link/", self.socket.on_connect),
                web.post("/actions/{key:.+}", self._hooks.on_post),
                web.get("/oauth/v2/authorize", self.installs.on_authorize),
                *control.Control(acts=self._acts(), reads=self._reads()).routes(),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, _HOST, self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.workspace.hooks_url = f"{self.url}/actions/"

    async def stop(self) -> None:
        """Give up deliveries, close every connection."""
        await self.courier.close()
        await self.socket.close()
        if self._push is not None:
            await self._push.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def set_request_url(self, url: str) -> None:
        """Deliver over HTTP from now on, once the app has answered the challenge; raises SandboxError."""
        push = HTTPPush(url, signing_secret=self.signing_secret, wall_s=time.time, ack_within_s=self._ack_within_s)
        try:
            await push.verify(self.workspace.mint.key(24).lower())
        except (SandboxError, OSError, TimeoutError) as exc:
            await push.close()
            raise SandboxError(f"{url}: is not a Request URL: {exc}") from exc
        if self._push is not None:
            await self._push.close()
        self._push = self.courier.route = push

    async def use_socket_mode(self) -> None:
        """Deliver over Socket Mode again."""
        self.courier.route = self.socket
        if self._push is not None:
            await self._push.close()
            self._push = None

    async def settle(self, timeout_s: float = 60.0) -> None:
        """Wait until every event is acknowledged or given up; raises TimeoutError."""
        await self.courier.settle(timeout_s)

    def fail(
        self, method: str, trouble: str, *, times: int = 1, seconds: float = 1.0, code: str = "internal_error"
    ) -> None:
        """Let the next calls of a method ("*" for any) meet a Trouble; raises ValueError for an unknown one."""
        mishap = Mishap(method=method, trouble=Trouble(trouble), times=times, seconds=seconds, code=code)
        self.mishaps.add(mishap)

    def install(self, user: str, scopes: Sequence[str] = ()) -> Installation:
        """Install the app in a person's workspace, with the scopes of the vendor's unless others are given."""
        person = self.world.person(user)
        return self.installs.install(person.team_id, person.id, frozenset(scopes) or self._first().scopes)

    def uninstall(self, team_id: str) -> None:
        """Take the app out of a team: its token stops working, and the app is told."""
        installation = self.installs.uninstall(team_id)
        tokens = {"oauth": [], "bot": [installation.bot_user_id]}
        self.workspace.announce({"type": "tokens_revoked", "tokens": tokens}, None, installation)
        self.workspace.announce({"type": "app_uninstalled"}, None, installation)

    def snapshot(self) -> Json:
        """Teams, people and channels as they are."""
        mode = "http" if self._push is not None else "socket"
        return snapshot(self.world, connections=self.socket.connections, mode=mode)

    def _web_api(self, limits: Limits, record: Recorder | None) -> WebAPI:
        return WebAPI(
            workspace=self.workspace,
            credentials=self.credentials,
            installs=self.installs,
            limiter=Limiter(limits),
            mishaps=self.mishaps,
            record=record,
            now_s=self._now_s,
            socket_url=self._socket_url,
        )

    def _acts(self) -> dict[str, control.Verb]:
        people, hands = self.people, self.hands
        return {
            "say": people.say,
            "mention": people.mention,
            "direct": people.direct,
            "edit": people.edit,
            "delete": people.delete,
            "react": people.react,
            "join": people.join,
            "leave": people.leave,
            "archive": people.archive,
            "share": people.share,
            "change_channel_id": people.change_channel_id,
            "deactivate": people.deactivate,
            "open_home": people.open_home,
            "press": hands.press,
            "press_in_view": hands.press_in_view,
            "command": hands.command,
            "submit": hands.submit,
            "close": hands.close,
            "shortcut": hands.shortcut,
            "message_shortcut": hands.message_shortcut,
            "fail": self.fail,
            "forgive": self.mishaps.clear,
            "redeliver": self.courier.send_again,
            "kill_socket": self.socket.kill,
            "disconnect": self.socket.disconnect,
            "set_request_url": self.set_request_url,
            "use_socket_mode": self.use_socket_mode,
            "settle": self.settle,
            "install": self.install,
            "uninstall": self.uninstall,
        }

    def _reads(self) -> dict[str, control.Verb]:
        return {
            "world": self.snapshot,
            "messages": self.people.messages,
            "thread": self.people.thread,
            "views": self.hands.views,
            "home": self.hands.home,
            "deliveries": lambda: self.courier.log,
            "events": lambda: list(self.courier.events.values()),
            "counts": lambda: dict(self.web_api.counts),
        }

    def _first(self) -> Installation:
        return next(iter(self.world.installations.values()))

    def _socket_url(self) -> str:
        return f"ws://{_HOST}:{self._port}/link/?ticket={self.socket.ticket()}&app_id={self.world.app_id}"

    @staticmethod
    def _now_s() -> float:
        return asyncio.get_running_loop().time()
