"""Puts everything together, once, and runs it until it is told to stop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot import web
from bot.app.jobs import forget, nudge_sweep, register_jobs, sweep
from bot.app.loops import add_loops, slack_routes, take_bearings
from bot.app.parts import App, Loop
from bot.app.settings import (
    announcing_from,
    chat_from,
    crm_from,
    forms_from,
    installation_from,
    services_from,
    smtp_settings,
)
from bot.clock import Clock, utc_now
from bot.config import Config
from bot.crm.hubspot import HubSpotCRM
from bot.engine import Cron, Engine, Every, LocalBuckets, Quotas
from bot.language import Case, Speaker, understand
from bot.store import Database, SqlLedger, SqlRates, SqlStore, acceptances, upgrade
from bot.worker import Lease, run_until
from mailer.smtp import Smtp

log = structlog.get_logger()
GRACE_S = 10.0


@asynccontextmanager
async def crm_of(config: Config) -> AsyncIterator[HubSpotCRM]:
    """The CRM alone, for what needs no store."""
    crm = crm_from(config, Quotas(LocalBuckets(), clock=utc_now))
    try:
        yield crm
    finally:
        await crm.close()


@asynccontextmanager
async def opened(config: Config, *, now: Callable[[], datetime] | None = None) -> AsyncIterator[App]:
    """Build the app; closes all connections on leaving. Starts nothing by itself.

    Raises:
        ConfigError: Templates or adapters find faults in what they were given.
        TransientError: The database cannot be reached.
    """
    now = now or Clock(config.worker.clock_ahead_file)
    async with AsyncExitStack() as stack:
        await asyncio.to_thread(upgrade, config.store.url)
        db = Database(config.store.url)
        stack.push_async_callback(db.close)
        ledger = SqlLedger(db)
        name = config.worker.name or f"{socket.gethostname()}-1"
        engine = Engine(ledger, worker_id=name, clock=now)
        store = SqlStore(db, clock=now, enqueued=engine.nudge)
        quotas = Quotas(SqlRates(db) if ledger.shared else LocalBuckets(), clock=now)
        crm = crm_from(config, quotas)
        stack.push_async_callback(crm.close)
        installation = await installation_from(config.slack, stack)
        smtp = Smtp(smtp_settings(config.mail)) if config.mail else None
        if smtp is not None:
            stack.push_async_callback(smtp.close)
        chat = chat_from(config.slack, installation, quotas, crm)
        announcing = announcing_from(config, smtp, acceptances(db))
        services = services_from(config, store=store, crm=crm, smtp=smtp, chat=chat, now=now, announcing=announcing)
        app = App(
            config=config,
            services=services,
            engine=engine,
            store=store,
            smtp=smtp,
            installation=installation,
            forms=forms_from(config, chat, now),
        )
        register_jobs(engine, services, concurrency=config.worker.concurrency)
        keep = timedelta(days=config.store.keep_days)
        engine.schedule("protection_sweep", Every(interval=timedelta(hours=1)), partial(sweep, services))
        engine.schedule("nudge_sweep", Every(interval=timedelta(hours=1)), partial(nudge_sweep, services))
        engine.schedule("forget", Cron(expression="41 3 * * *"), partial(forget, store, keep))
        guard = Lease(store=store, holder=name, now=now).guard if ledger.shared else _alone
        add_loops(app, guard)
        yield app


async def run(config: Config, stop: asyncio.Event, *, now: Callable[[], datetime] | None = None) -> None:
    """Run the worker until `stop` is set; then finish or hand back what is in hand within ten seconds.

    Raises:
        OffportalError: The worker cannot start, or another process took its place.
    """
    async with opened(config, now=now) as app:
        await app.engine.start()
        warming = asyncio.create_task(asyncio.to_thread(warm_up, config.programme.languages), name="warm-up")
        engine = asyncio.create_task(app.engine.wait(), name="engine")
        engine.add_done_callback(lambda _: stop.set())
        try:
            async with web.serving(app.config.web, app.health, app.engine.backlog, slack_routes(app)):
                await take_bearings(app)
                log.info("worker.ready", loops=sorted(app.loops))
                await run_until(stop, app.loops, app.health)
        finally:
            await app.engine.stop(GRACE_S)
            await warming
        await engine


def warm_up(languages: Sequence[str]) -> None:
    """Read a word in each language, so that the first partner does not wait while vocabularies are compiled (about
    a second for seven)."""
    for language in languages:
        nobody = Speaker(name="", email="", org="", locale=language)
        day = utc_now().date()
        understand(Case(id="", today=day, channel="email", speaker=nobody, deals=(), stages={}, text="60k"))


async def _alone(_name: str, loop: Loop) -> None:
    """The only worker needs no lease."""
    await loop()
