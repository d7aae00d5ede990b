"""The composition root: builds every part from the configuration, once, and owns the clock. Holds no rule."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog

from bot import web
from bot.config import Config, MailConfig, ServerConfig, SlackConfig
from bot.crm.hubspot import HubSpotCRM, HubSpotSettings
from bot.domain.partners import Channel
from bot.domain.policy import Policies
from bot.engine import Cron, Engine, LocalBuckets, Quotas
from bot.errors import OffportalError
from bot.language import Case, Speaker, understand
from bot.mail_words import mail_words
from bot.ports import CRM, Received, Store
from bot.render import TemplateRenderer
from bot.slack.app import build_app
from bot.slack.chat import SlackChat
from bot.slack.client import Installation, open_client
from bot.slack.events import SlackEvent
from bot.slack.http import http_routes
from bot.slack.reader import SlackReader
from bot.slack.settings import SlackSettings
from bot.slack.socket_mode import SocketHealth, run_socket
from bot.store import Database, SqlLedger, SqlRates, SqlStore, upgrade
from bot.worker import Health, Lease, run_until
from handlers.apply import on_apply
from handlers.arrived import on_arrived
from handlers.deal_changed import on_deal_changed, poll
from handlers.deliver import on_deliver
from handlers.gave_up import on_gave_up
from handlers.note import on_note
from handlers.people import manager_of
from handlers.received import store_received, store_unreadable
from handlers.services import Programme, Services
from mailer.addressing import ReplyAddressing
from mailer.imap import Fetched, ImapSettings, Mailbox, Position
from mailer.login import TokenSource
from mailer.oauth import ClientCredentials, ServiceAccount
from mailer.post import MailPost
from mailer.reader import Reader
from mailer.smtp import Smtp, SmtpSettings

log = structlog.get_logger()

Loop = Callable[[], Awaitable[None]]
GRACE_S = 10.0


def utc_now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


@dataclass(slots=True, kw_only=True)
class App:
    """Everything that runs, built and connected to nothing yet."""

    config: Config
    services: Services
    engine: Engine
    store: Store
    mailbox: Mailbox | None = None
    smtp: Smtp | None = None
    installation: Installation | None = None
    loops: dict[str, Loop] = field(default_factory=dict)
    health: Health = field(default_factory=Health)
    slack_health: SocketHealth = field(default_factory=SocketHealth)


@asynccontextmanager
async def crm_of(config: Config) -> AsyncIterator[HubSpotCRM]:
    """The CRM alone, for what needs no store."""
    crm = _crm(config, Quotas(LocalBuckets(), clock=utc_now))
    try:
        yield crm
    finally:
        await crm.close()


@asynccontextmanager
async def opened(config: Config, *, now: Callable[[], datetime] = utc_now) -> AsyncIterator[App]:
    """Build the app; closes all connections on leaving. Starts nothing by itself.

    Raises:
        ConfigError: Templates or adapters find faults in what they were given.
        TransientError: The database cannot be reached.
    """
    async with AsyncExitStack() as stack:
        await asyncio.to_thread(upgrade, config.store.url)
        db = Database(config.store.url)
        stack.push_async_callback(db.close)
        ledger = SqlLedger(db)
        name = config.worker.name or f"{socket.gethostname()}-1"
        engine = Engine(ledger, worker_id=name, clock=now)
        store = SqlStore(db, clock=now, enqueued=engine.nudge)
        quotas = Quotas(SqlRates(db) if ledger.shared else LocalBuckets(), clock=now)
        crm = _crm(config, quotas)
        stack.push_async_callback(crm.close)
        installation = await _installation(config.slack, stack)
        smtp = Smtp(_smtp_settings(config.mail)) if config.mail else None
        if smtp is not None:
            stack.push_async_callback(smtp.close)
        chat = _chat(config.slack, installation, quotas, crm)
        services = _services(config, store=store, crm=crm, smtp=smtp, chat=chat, now=now)
        app = App(config=config, services=services, engine=engine, store=store, smtp=smtp, installation=installation)
        register_jobs(engine, services, concurrency=config.worker.concurrency)
        keep = timedelta(days=config.store.keep_days)
        engine.schedule("forget", Cron(expression="41 3 * * *"), partial(_forget, store, keep))
        guard = Lease(store=store, holder=name, now=now).guard if ledger.shared else _alone
        _add_loops(app, guard)
        yield app


async def run(config: Config, stop: asyncio.Event, *, now: Callable[[], datetime] = utc_now) -> None:
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
            async with web.serving(app.config.web, app.health, app.engine.backlog, _http_routes(app)):
                await _take_bearings(app)
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


def register_jobs(engine: Engine, services: Services, *, concurrency: int) -> None:
    """Which handler does which job, at most `concurrency` at a time of those that share a queue."""
    jobs: Mapping[str, tuple[str, Callable[[Services, str], Awaitable[None]]]] = {
        "arrived": ("inbound", on_arrived),
        "apply": ("crm", on_apply),
        "note": ("notes", on_note),
        "deliver": ("outbound", on_deliver),
        "deal_changed": ("inbound", on_deal_changed),
    }

    async def do(handler: Callable[[Services, str], Awaitable[None]], ref: str, _attempt: int) -> None:
        await handler(services, ref)

    for kind, (queue, handler) in jobs.items():
        engine.register(
            kind, partial(do, handler), queue=queue, concurrency=concurrency, on_dead=partial(on_gave_up, services)
        )


async def _forget(store: Store, keep: timedelta, tick: str, _attempt: int) -> None:
    """What is older than the operator wants to keep goes, daily."""
    async with store.unit() as unit:
        gone = await unit.forget(datetime.fromisoformat(tick) - keep)
    log.info("store.forgot", messages=gone)


def _add_loops(app: App, guard: Callable[[str, Loop], Awaitable[None]]) -> None:
    """What listens: the mailbox and the CRM by one worker at a time, Slack by each."""
    config = app.config
    app.loops["crm"] = lambda: guard("crm", partial(_poll_crm, app))
    if config.mail is not None:
        app.mailbox = Mailbox(_imap_settings(config.mail))
        app.loops["mail"] = lambda: guard("mail", partial(_watch_mail, app))
    if config.slack is not None and config.slack.mode == "socket":
        app.loops["slack"] = partial(_listen_to_slack, app)


async def _take_bearings(app: App) -> None:
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
    if slack is None or slack.app_token is None or installation is None:
        return
    bolt = build_app(_slack_settings(slack), installation, partial(_receive_slack, app.services))
    await run_socket(bolt, slack.app_token.reveal(), installation, health=app.slack_health, clock=app.services.now)


def _http_routes(app: App) -> list[web.Route]:
    slack, installation = app.config.slack, app.installation
    if slack is None or slack.mode != "http" or installation is None:
        return []
    settings = _slack_settings(slack)
    return list(http_routes(build_app(settings, installation, partial(_receive_slack, app.services)), settings))


def _crm(config: Config, quotas: Quotas) -> HubSpotCRM:
    hubspot = config.crm.hubspot
    settings = HubSpotSettings(
        access_token=hubspot.access_token.reveal(),
        base_url=hubspot.base_url,
        api_family=hubspot.api,
        portal_id=hubspot.portal_id,
        pipelines=hubspot.pipelines,
        properties=hubspot.properties.deal,
        company_properties=hubspot.properties.company,
        contact_properties=hubspot.properties.contact,
        active_statuses=hubspot.active_statuses,
        calls_per_10_s=hubspot.calls_per_10_s,
        watched=config.crm.watched,
    )
    return HubSpotCRM(settings, quotas)


async def _installation(slack: SlackConfig | None, stack: AsyncExitStack) -> Installation | None:
    if slack is None:
        return None
    client = await stack.enter_async_context(open_client(slack.bot_token.reveal(), base_url=slack.base_url))
    return Installation(client)


def _slack_settings(slack: SlackConfig) -> SlackSettings:
    return SlackSettings(
        signing_secret=slack.signing_secret.reveal() if slack.signing_secret else None,
        partner_of_team={team: partner for partner, teams in slack.partner_teams.items() for team in teams},
    )


def _chat(slack: SlackConfig | None, installation: Installation | None, quotas: Quotas, crm: CRM) -> SlackChat | None:
    if slack is None or installation is None:
        return None

    async def partner_of_channel(channel: str) -> str | None:
        partner = await crm.partner_by_channel(channel)
        return partner.id if partner else None

    return SlackChat(installation, _slack_settings(slack), quotas, partner_of_channel=partner_of_channel)


def _services(
    config: Config, *, store: Store, crm: CRM, smtp: Smtp | None, chat: SlackChat | None, now: Callable[[], datetime]
) -> Services:
    mail, programme, policy = config.mail, config.programme, config.policy
    address = mail.address if mail else "nobody@offportal.invalid"
    return Services(
        store=store,
        crm=crm,
        renderer=TemplateRenderer(programme.languages, programme=programme.name),
        addressing=ReplyAddressing(address, signing_secrets(mail)),
        mail_reader=Reader(
            address=address,
            words=mail_words(),
            trusted_authserv_ids=mail.trusted_authserv_ids if mail else (),
            own_received_by=re.compile(mail.own_received_by) if mail and mail.own_received_by else None,
        ),
        chat_reader=SlackReader(),
        post=MailPost(smtp, address=mail.address, name=mail.name) if mail and smtp else None,
        chat=chat,
        policies=Policies(
            rules=policy.rules,
            default=policy.default,
            shown=policy.shown,
            channels=policy.channels,
            extension_days=policy.extension_days,
        ),
        programme=Programme(
            languages=programme.languages,
            default_language=programme.default_language,
            manager_language=programme.manager_language,
            managers_channel=config.slack.managers_channel if config.slack else None,
            fallback_manager=programme.fallback_manager,
            colleagues=programme.colleagues_may_answer,
            require_authentication=mail.require_authentication if mail else True,
            answers_per_hour=programme.answers_per_hour,
            max_size_bytes=(mail.imap.max_size_mb if mail else 25) * 1_000_000,
        ),
        now=now,
    )


def signing_secrets(mail: MailConfig | None) -> tuple[bytes, ...]:
    """The secrets of reply addresses, the one that signs first."""
    if mail is None:
        return (b"there is no mail",)
    return tuple(s.reveal().encode() for s in (mail.signing_secret, *mail.older_signing_secrets))


def _token_source(server: ServerConfig) -> TokenSource | None:
    oauth = server.oauth
    if oauth is None:
        return None
    if oauth.flow == "client_credentials":
        return ClientCredentials(
            token_url=oauth.token_url,
            client_id=oauth.client_id or "",
            client_secret=oauth.client_secret.reveal() if oauth.client_secret else "",
            scope=oauth.scope,
        )
    return ServiceAccount(
        json.loads(oauth.key.reveal()) if oauth.key else {},
        oauth.subject or server.username or "",
        oauth.scope,
        now=utc_now,
        token_uri=oauth.token_url,
    )


def _smtp_settings(mail: MailConfig) -> SmtpSettings:
    smtp = mail.smtp
    return SmtpSettings(
        host=smtp.host,
        port=smtp.port,
        tls=smtp.tls,
        username=smtp.username or "",
        password=smtp.password.reveal() if smtp.password else "",
        token_source=_token_source(smtp),
        pool_size=smtp.connections,
        local_hostname=smtp.local_hostname or mail.address.rpartition("@")[2],
        ca_file=smtp.ca_file,
    )


def _imap_settings(mail: MailConfig) -> ImapSettings:
    imap = mail.imap
    return ImapSettings(
        host=imap.host,
        port=imap.port,
        tls=imap.tls,
        username=imap.username or mail.address,
        password=imap.password.reveal() if imap.password else "",
        token_source=_token_source(imap),
        folder=imap.mailbox,
        done_folder=imap.move_to,
        limit_bytes=imap.max_size_mb * 1_000_000,
        ca_file=imap.ca_file,
    )
