"""A HubSpot portal behind HTTP on loopback, for the demo and for tests. Never listens anywhere else."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from aiohttp import web

from bot.sandbox.hubspot import batches, definitions, links, objects, stages, subscriptions
from bot.sandbox.hubspot.call import Reply, Route
from bot.sandbox.hubspot.control import Hands
from bot.sandbox.hubspot.errors import HubSpotError, method_not_allowed, missing_scopes, not_found, unauthenticated
from bot.sandbox.hubspot.failures import Effect, Failures
from bot.sandbox.hubspot.kinds import kind_of
from bot.sandbox.hubspot.limits import Limits, RateLimiter
from bot.sandbox.hubspot.pages import PREFIX, Pages
from bot.sandbox.hubspot.portal import Portal
from bot.sandbox.hubspot.published import deviations
from bot.sandbox.hubspot.records import Actor
from bot.sandbox.hubspot.seed import Seed, fill, schema_of
from bot.sandbox.hubspot.wire import check_media_type, fail, pause, query_of, read_call, respond
from bot.sandbox.record import Recorder

ROUTES = (*batches.ROUTES, *objects.ROUTES, *links.ROUTES, *definitions.ROUTES, *stages.ROUTES, *subscriptions.ROUTES)
MAX_BODY_BYTES = 10 * 1024 * 1024
HttpHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`lag_s` is how long a change takes to reach the search; `scopes` None grants every scope."""

    limits: Limits = field(default_factory=Limits)
    lag_s: float = 0.3
    scopes: frozenset[str] | None = None


class HubSpotServer:
    """One portal on 127.0.0.1.

    `portal` is its state, `hands` what people do in it, `failures` what is to go wrong, and `requests` counts what
    was asked, as "PATCH /crm/v3/objects/{kind}/{id}"; `deviations` counts where bodies left the published schemas,
    which HubSpot mostly forgives. `port` 0 lets the system choose one; see `url`. `clock` gives the present moment
    (aware), `timer` runs in seconds and paces the search index and the rate limits.
    """

    portal: Portal
    hands: Hands

    def __init__(
        self,
        *,
        token: str,
        port: int = 0,
        record: Recorder | None = None,
        seed: Seed | None = None,
        clock: Callable[[], datetime],
        timer: Callable[[], float] = time.monotonic,
        settings: Settings | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self.failures = Failures()
        self.requests: Counter[str] = Counter()
        self.deviations: Counter[str] = Counter()
        self._token = token
        self._port = port
        self._recorder = record or Recorder(None)
        self._seed = seed or {}
        self._clock = clock
        self._timer = timer
        self._runner: web.AppRunner | None = None
        self._stopping = asyncio.Event()
        self._correlation = itertools.count(1)
        self.reset()

    def reset(self) -> None:
        """Back to the seed: records, definitions, failures, limits and counts.

        Raises:
            SeedError: when the seed does not describe a portal.
        """
        now = self._clock()
        schema = schema_of(self._seed, now=now)
        self.portal = Portal(schema, clock=self._clock, timer=self._timer, lag_s=self.settings.lag_s)
        fill(self.portal, self._seed, now=now)
        self.hands = Hands(self.portal)
        self.failures.clear()
        self.requests.clear()
        self.deviations.clear()
        self._limiter = RateLimiter(self.settings.limits, timer=self._timer)
        account = schema.account
        self._app = Actor(source_type="INTEGRATION", source_id=str(account.app_id), label=account.app_name)

    @property
    def url(self) -> str:
        """Where clients find it, without a slash at the end; the port is known once started."""
        return f"http://127.0.0.1:{self._port}"

    async def start(self) -> None:
        app = web.Application(middlewares=[self._answer], client_max_size=MAX_BODY_BYTES)
        for route in ROUTES:
            for path, dated in ((route.numbered, False), (route.dated, True)):
                if path:
                    app.router.add_route(route.method, path, self._serve(route, dated=dated))
        app.add_routes(Pages(self).routes())
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Stop listening; requests that were left hanging are cut."""
        self._stopping.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @web.middleware
    async def _answer(self, request: web.Request, handler: HttpHandler) -> web.StreamResponse:
        """Every request of the API passes here; those of the sandbox's own pages are neither recorded nor failed."""
        if request.path.startswith(PREFIX):
            return await handler(request)
        self._recorder.write(
            "hubspot",
            request.method,
            request.rel_url.raw_path,
            query_of(request),
            dict(request.headers),
            await request.read(),
        )
        resource = request.match_info.route.resource
        self.requests[f"{request.method} {resource.canonical if resource else 'unknown'}"] += 1
        failure = self.failures.take(request.method, request.path)
        correlation_id = str(uuid.UUID(int=next(self._correlation)))
        if failure is None:
            return await self._call(request, handler, correlation_id)
        if failure.effect is Effect.SLOW:
            await pause(failure.delay_s, self._stopping)
            return await self._call(request, handler, correlation_id)
        if failure.applied:
            await self._call(request, handler, correlation_id)
        return await fail(request, failure, correlation_id, self._stopping)

    async def _call(self, request: web.Request, handler: HttpHandler, correlation_id: str) -> web.StreamResponse:
        try:
            response = await handler(request)
        except HubSpotError as error:
            response = respond(Reply(status=error.status, body=error.body(correlation_id)), {})
        except web.HTTPNotFound:
            response = respond(Reply(status=404, body=not_found().body(correlation_id)), {})
        except web.HTTPMethodNotAllowed:
            response = respond(Reply(status=405, body=method_not_allowed().body(correlation_id)), {})
        response.headers["X-HubSpot-Correlation-Id"] = correlation_id
        return response

    def _serve(self, route: Route, *, dated: bool) -> HttpHandler:
        async def handle(request: web.Request) -> web.StreamResponse:
            body = await request.read()
            self._admit(request, route)
            check_media_type(request, body)
            self._compare(route, body)
            call = read_call(request, body, portal=self.portal, actor=self._app, dated=dated, base_url=self.url)
            # Searches answer without rate headers (usage guidelines).
            return respond(route.handler(call), {} if route.is_search else self._limiter.headers())

        return handle

    def _compare(self, route: Route, body: bytes) -> None:
        """Count where a body leaves the published schemas."""
        try:
            value = json.loads(body) if body else None
        except ValueError:
            return  # The handler refuses it.
        if value is not None:
            self.deviations.update(
                f"{route.method} {route.numbered}: {fault}"
                for fault in set(deviations(route.method, route.numbered, value))
            )

    def _admit(self, request: web.Request, route: Route) -> None:
        """Token, scopes and pace, in this order.

        Raises:
            HubSpotError: 401, 403 or 429.
        """
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or token.strip() != self._token:
            raise unauthenticated()
        granted = self.settings.scopes
        if granted is not None and route.scopes:
            segments = [request.match_info[name] for name in ("kind", "from", "to") if name in request.match_info]
            scopes = {kind_of(segment).scope for segment in segments} or {""}
            for scope in sorted(scopes):
                wanted = [template.format(scope=scope) for template in route.scopes]
                if granted.isdisjoint(wanted):
                    raise missing_scopes(wanted)
        self._limiter.admit(is_search=route.is_search)
