"""The optional HTTP endpoint: /healthz, /metrics in Prometheus' format, and what adapters mount. No state."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from bot.config import WebConfig
from bot.ledger import Backlog
from bot.worker import Health

Route = web.RouteDef


@asynccontextmanager
async def serving(
    config: WebConfig | None, health: Health, backlog: Callable[[], Awaitable[Backlog]], routes: Sequence[Route]
) -> AsyncIterator[None]:
    """Serve while the block runs; without a configuration nothing listens."""
    if config is None:
        yield
        return
    app = web.Application()
    app.add_routes([web.get("/healthz", lambda _: _healthz(health)), *routes])
    app.add_routes([web.get("/metrics", lambda _: _metrics(health, backlog))])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, config.listen, config.port).start()
        yield
    finally:
        await runner.cleanup()


async def _healthz(health: Health) -> web.Response:
    """200 when every loop is well, else 503 with what ails each."""
    errors = health.errors()
    well = not any(errors.values())
    body: dict[str, Any] = {"well": well, "loops": {name: error or "well" for name, error in errors.items()}}
    return web.json_response(body, status=200 if well else 503)


async def _metrics(health: Health, backlog: Callable[[], Awaitable[Backlog]]) -> web.Response:
    registry = CollectorRegistry()
    loops = Gauge("offportal_loop_well", "Whether a loop is well (1) or failing (0).", ["loop"], registry=registry)
    for name, error in health.errors().items():
        loops.labels(name).set(0 if error else 1)
    now = await backlog()
    waiting = Gauge("offportal_jobs_waiting", "Unfinished jobs, running ones included.", ["kind"], registry=registry)
    for kind, count in now.waiting.items():
        waiting.labels(kind).set(count)
    Gauge("offportal_jobs_running", "Jobs at work now.", registry=registry).set(now.running)
    Gauge("offportal_jobs_dead", "Jobs given up, which need a person.", registry=registry).set(now.dead)
    late = Gauge("offportal_jobs_late_seconds", "How long the job due longest has been due.", registry=registry)
    late.set(now.late.total_seconds())
    body = generate_latest(registry)
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})
