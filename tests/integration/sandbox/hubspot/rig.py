"""The real hubspot-api-client against a sandbox portal, in both families of paths."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import urllib3
from hubspot import HubSpot

from bot.sandbox.hubspot import HubSpotServer, Settings
from bot.sandbox.record import Recorder
from bot.sandbox.world import demo_world

TOKEN = "pat-eu1-sandbox"
DATED, NUMBERED = "2026-09", "v3"
FAMILIES = pytest.mark.parametrize("family", [DATED, NUMBERED])
# urllib3 deprecates what the client calls. That nothing leaves the machine is held by pytest-socket (pyproject.toml).
MARKS = [pytest.mark.filterwarnings("ignore:HTTPResponse.getheader:DeprecationWarning")]
_DATED_PREFIXES = {
    "/crm/v3/objects": "/crm/objects/2026-09",
    "/crm/v4/objects": "/crm/objects/2026-09",
    "/crm/v4/associations": "/crm/associations/2026-09",
    "/crm/v3/properties": "/crm/properties/2026-09",
    "/crm/v3/pipelines": "/crm/pipelines/2026-09",
    "/crm/v3/owners": "/crm/owners/2026-09",
}


class Clock:
    """A clock and a timer that move only when told to."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
        self.seconds = 1000.0

    def now(self) -> datetime:
        return self.moment

    def timer(self) -> float:
        return self.seconds

    def pass_time(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)
        self.seconds += seconds


@dataclass(kw_only=True)
class Answer:
    """One HTTP answer, undigested."""

    status: int
    body: Any
    headers: Mapping[str, str]


@dataclass(kw_only=True)
class Rig:
    server: HubSpotServer
    clock: Clock
    pool: urllib3.PoolManager

    def client(self, family: str = DATED) -> Any:
        """The vendor's client, whose models refuse answers that lack a required member."""
        return HubSpot(
            access_token=TOKEN,
            host=self.server.url,
            base_url=self.server.url,
            api_factory=_factory(self.pool, dated=family == DATED),
        )

    async def call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """A call of the client, in a thread."""
        return await asyncio.to_thread(function, *args, **kwargs)

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str = TOKEN,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = 60.0,
    ) -> Answer:
        """A plain HTTP request."""
        sent = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **(headers or {})}
        response = await asyncio.to_thread(
            self.pool.request,
            method,
            self.server.url + path,
            body=None if body is None else json.dumps(body),
            headers=sent,
            timeout=timeout_s,
        )
        text = response.data.decode()
        return Answer(status=response.status, body=json.loads(text) if text else None, headers=dict(response.headers))

    def catch_up(self) -> None:
        """Let the search index take in everything."""
        self.clock.pass_time(1.0)


def _factory(pool: urllib3.PoolManager, *, dated: bool) -> Callable[..., Any]:
    def factory(package: Any, name: str, config: Mapping[str, Any]) -> Any:
        configuration = package.Configuration(host=config["host"])
        configuration.access_token = config["access_token"]
        configuration.client_side_validation = True
        api_client = package.ApiClient(configuration=configuration)
        api_client.rest_client.pool_manager = pool
        original = api_client.rest_client.request

        def request(method: str, url: str, **kwargs: Any) -> Any:
            path = url.removeprefix(configuration.host)
            if dated:
                for old, new in _DATED_PREFIXES.items():
                    if path.startswith(old):
                        path = new + path.removeprefix(old)
            return original(method, configuration.host + path, **{**kwargs, "_request_timeout": (3, 15)})

        api_client.rest_client.request = request
        return getattr(package, name)(api_client=api_client)

    return factory


@asynccontextmanager
async def running(
    *,
    settings: Settings | None = None,
    record: Recorder | None = None,
    seed: Mapping[str, Any] | None = None,
) -> AsyncIterator[Rig]:
    """A portal with the demo world, or with another seed."""
    clock = Clock()
    server = HubSpotServer(
        token=TOKEN,
        record=record,
        seed=demo_world() if seed is None else seed,
        clock=clock.now,
        timer=clock.timer,
        settings=settings,
    )
    await server.start()
    pool = urllib3.PoolManager(retries=False, maxsize=4)
    try:
        yield Rig(server=server, clock=clock, pool=pool)
    finally:
        pool.clear()
        await server.stop()
