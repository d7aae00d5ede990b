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
    body: dict[str, Any] = {"well": health.is_well, "loops": {name: e or "well" for name, e in health.loops.items()}}
    return web.json_response(body, status=200 if health.is_well else 503)


async def _metrics(health: Health, backlog: Callable[[], Awaitable[Backlog]]) -> web.Response:
    registry = CollectorRegistry()
    loops = Gauge("offportal_loop_well", "Whether a loop is well (1) or failing (0).", ["loop"], registry=registry)
    for name, error in health.loops.items():
        loops.labels(name).set(0 if error else 1)
    waiting = await backlog()
    jobs = Gauge("offportal_jobs", "Jobs by state.", ["state"], registry=registry)
    for state in ("ready", "delayed", "running", "dead"):
        jobs.labels(state).set(getattr(waiting, state))
    oldest = Gauge("offportal_oldest_ready_job_seconds", "Age of the oldest job that could run.", registry=registry)
    oldest.set(waiting.oldest_ready_s)
    body = generate_latest(registry)
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})
