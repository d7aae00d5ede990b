"""What listens: the mailbox, Slack and the CRM. What comes in is stored before anything else happens."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

import structlog

from bot import web
from bot.app.parts import App, Loop
from bot.app.settings import imap_settings, slack_settings
from bot.domain.partners import Channel
from bot.errors import OffportalError
from bot.ports import Received
from bot.slack.app import build_app
from bot.slack.events import SlackEvent
from bot.slack.http import http_routes
from bot.slack.socket_mode import run_socket
from handlers.deal_changed import poll
from handlers.people import manager_of
from handlers.received import store_received, store_unreadable
from handlers.services import Services
from mailer.imap import Fetched, Mailbox, Position

log = structlog.get_logger()
PROOF_S = 60.0  # between two looks at whether Slack still accepts our token


def add_loops(app: App, guard: Callable[[str, Loop], Awaitable[None]]) -> None:
    """What listens: the mailbox and the CRM by one worker at a time, Slack by each."""
    config = app.config
    app.loops["crm"] = lambda: guard("crm", partial(_poll_crm, app))
    if config.mail is not None:
        app.mailbox = mailbox = Mailbox(imap_settings(config.mail))
        app.health.probes["mail"] = lambda: mailbox.state.last_error if mailbox.state.failures else ""
        app.loops["mail"] = lambda: guard("mail", partial(_watch_mail, app))
    if config.slack is not None:
        socket = config.slack.mode == "socket"
        app.loops["slack"] = partial(_listen_to_slack if socket else _prove_slack, app)


async def take_bearings(app: App) -> None:
    """Look at the CRM once before we call ourselves ready: what changes from now on is told. A CRM that is away
    is left to the loop."""
    try:
        await poll(app.services)
    except OffportalError as exc:
        log.warning("crm.away", error=str(exc))


async def _poll_crm(app: App) -> None:
    while True:
        await poll(app.services)
        await asyncio.sleep(app.config.crm.poll_every_s)


async def _watch_mail(app: App) -> None:
    """Watch the mailbox from where we stopped; every mail is stored with its position before the next."""
    mail, mailbox, services = app.config.mail, app.mailbox, app.services
    if mail is None or mailbox is None:
        return
    account = f"imap:{mail.imap.username or mail.address}:{mail.imap.mailbox}"
    async with app.store.unit() as unit:
        stored = await unit.recall(f"position:{account}")
    if stored:
        position = Position(uid_validity=stored["uid_validity"], uid=stored["uid"])
    else:  # a mailbox may hold years of mail from before our time
        position = await mailbox.position_before(services.now().date() - timedelta(days=mail.imap.first_days))

    async def deliver(fetched: Fetched) -> None:
        raw = fetched.raw or fetched.header or b""
        received = Received(
            channel=Channel.EMAIL,
            key=f"{account}:{fetched.uid_validity}:{fetched.uid}",
            raw=raw,
            size_bytes=len(raw) if fetched.raw is not None else max(fetched.size_bytes or 0, len(raw)),
            received_at=fetched.internal_date or services.now(),
        )
        at = (f"position:{account}", {"uid_validity": fetched.uid_validity, "uid": fetched.uid})
        if fetched.error:
            await store_unreadable(services, received, at, fetched.error, await manager_of(services, None))
        else:
            await store_received(services, received, at)

    await mailbox.watch(position, deliver)


async def _receive_slack(services: Services, event: SlackEvent) -> None:
    raw = event.to_json()
    received = Received(channel=Channel.SLACK, key=event.key, raw=raw, size_bytes=len(raw), received_at=services.now())
    await store_received(services, received, None)


async def _listen_to_slack(app: App) -> None:
    slack, installation = app.config.slack, app.installation
    if slack is None or slack.app_token is None or installation is None or app.forms is None:
        return
    bolt = build_app(slack_settings(slack), installation, partial(_receive_slack, app.services), app.forms)
    await run_socket(bolt, slack.app_token.reveal(), installation, health=app.slack_health, clock=app.services.now)


async def _prove_slack(app: App) -> None:
    """Over HTTP Slack comes to us; a token that it no longer accepts shows here."""
    while app.installation is not None:
        await app.installation.prove()
        await asyncio.sleep(PROOF_S)


def slack_routes(app: App) -> list[web.Route]:
    slack, installation = app.config.slack, app.installation
    if slack is None or slack.mode != "http" or installation is None or app.forms is None:
        return []
    settings = slack_settings(slack)
    bolt = build_app(settings, installation, partial(_receive_slack, app.services), app.forms)
    return list(http_routes(bolt, settings))
