"""Adapters out of the configuration: each gets its values, none the configuration itself."""

from __future__ import annotations

import asyncio
import importlib
import json
import re
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime, timedelta

from bot.clock import utc_now
from bot.config import Config, SlackConfig
from bot.config.mail import MailConfig, ServerConfig
from bot.crm.hubspot import HubSpotCRM, HubSpotSettings
from bot.domain.motions import DEFAULTS, Motions
from bot.domain.partners import Channel
from bot.domain.policy import Policies
from bot.domain.routing import Reach
from bot.engine import Quotas
from bot.errors import ConfigError
from bot.mail_words import mail_words
from bot.ports import CRM, Acceptances, Proposer, Store
from bot.render import TemplateRenderer
from bot.render.renderer import TEMPLATES
from bot.render.words import load_words
from bot.slack.chat import SlackChat
from bot.slack.client import Installation, open_client
from bot.slack.forms import Forms, FormSettings
from bot.slack.reader import SlackReader
from bot.slack.settings import SlackSettings
from bot.slack.views.form import FormWords
from handlers.services import Announcing, Programme, Services
from mailer.addressing import ReplyAddressing
from mailer.bulk import MailBulk
from mailer.dkim import Signer
from mailer.imap import ImapSettings
from mailer.login import TokenSource
from mailer.oauth import ClientCredentials, ServiceAccount
from mailer.post import MailPost
from mailer.reader import Reader
from mailer.smtp import Smtp, SmtpSettings


def crm_from(config: Config, quotas: Quotas) -> HubSpotCRM:
    return HubSpotCRM(hubspot_settings(config), quotas)


def hubspot_settings(config: Config) -> HubSpotSettings:
    hubspot = config.crm.hubspot
    return HubSpotSettings(
        access_token=hubspot.access_token.reveal(),
        base_url=hubspot.base_url,
        api_family=hubspot.api,
        portal_id=hubspot.portal_id,
        pipelines=hubspot.pipelines,
        properties=hubspot.properties.deal,
        company_properties=hubspot.properties.company,
        contact_properties=hubspot.properties.contact,
        facts=hubspot.properties.facts,
        subscriptions=hubspot.subscriptions,
        active_statuses=hubspot.active_statuses,
        customer_stages=frozenset(stage.casefold() for stage in hubspot.customer_stages),
        calls_per_10_s=hubspot.calls_per_10_s,
        watched=config.crm.watched,
    )


async def installation_from(slack: SlackConfig | None, stack: AsyncExitStack) -> Installation | None:
    if slack is None:
        return None
    client = await stack.enter_async_context(open_client(slack.bot_token.reveal(), base_url=slack.base_url))
    return Installation(client)


def slack_settings(slack: SlackConfig) -> SlackSettings:
    return SlackSettings(
        signing_secret=slack.signing_secret.reveal() if slack.signing_secret else None,
        partner_of_team={team: partner for partner, teams in slack.partner_teams.items() for team in teams},
    )


def chat_from(
    slack: SlackConfig | None, installation: Installation | None, quotas: Quotas, crm: CRM
) -> SlackChat | None:
    if slack is None or installation is None:
        return None

    async def partner_of_channel(channel: str) -> str | None:
        partner = await crm.partner_by_channel(channel)
        return partner.id if partner else None

    return SlackChat(installation, slack_settings(slack), quotas, partner_of_channel=partner_of_channel)


def forms_from(config: Config, chat: SlackChat | None, now: Callable[[], datetime]) -> Forms | None:
    """The forms in Slack, in the words of the templates."""
    if chat is None:
        return None
    programme = config.programme
    words = {
        language: load_words(TEMPLATES, language) for language in {*programme.languages, programme.manager_language}
    }
    settings = FormSettings(
        words={language: FormWords(labels=w.forms, rules=w.rules, motions=w.motions) for language, w in words.items()},
        language=programme.default_language,
        manager_language=programme.manager_language,
        terms=config.registration.terms(),
        motions=tuple(config.crm.hubspot.pipelines),
    )
    return Forms(settings, chat.open_view, now)


def signer_from(mail: MailConfig) -> Signer | None:
    """What signs our mails where the relay does not. Raises ConfigError when its key is none."""
    if mail.dkim is None:
        return None
    domain = mail.dkim.domain or mail.address.rpartition("@")[2]
    try:
        return Signer(domain=domain, selector=mail.dkim.selector, key_pem=mail.dkim.key.reveal().encode())
    except ValueError as exc:
        raise ConfigError([f"mail.dkim.key: {exc}: openssl genrsa 2048 makes one"]) from exc


def announcing_from(config: Config, smtp: Smtp | None, taken: Acceptances) -> Announcing:
    """What announcements need, with a door of their own to the relay."""
    mail, programme, ours = config.mail, config.programme, config.announcements
    ways = {Channel.EMAIL: mail, Channel.SLACK: config.slack}
    bulk = None
    if mail is not None and smtp is not None:
        bulk = MailBulk(smtp, address=mail.address, name=mail.name, per_second=ours.mails_per_s, sign=signer_from(mail))
    return Announcing(
        reach=Reach(
            languages=programme.languages,
            default_language=programme.default_language,
            channels=config.policy.channels,
            ways=frozenset(channel for channel, section in ways.items() if section is not None),
            quiet=ours.quiet(),
            timezone=ours.timezone,
        ),
        acceptances=taken,
        bulk=bulk,
        segments=ours.segments,
        facts=tuple(config.crm.hubspot.properties.facts),
        batch=ours.batch,
        refusals_in_a_row=ours.refusals_in_a_row,
        refusal_share=ours.refusal_share,
        list_domain=mail.address.rpartition("@")[2] if mail else "offportal.invalid",
    )


def services_from(
    config: Config,
    *,
    store: Store,
    crm: CRM,
    smtp: Smtp | None,
    chat: SlackChat | None,
    now: Callable[[], datetime],
    announcing: Announcing,
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
        post=MailPost(smtp, address=mail.address, name=mail.name, sign=signer_from(mail)) if mail and smtp else None,
        chat=chat,
        policies=Policies(
            rules=policy.rules,
            default=policy.default,
            shown=policy.shown,
            shown_to_sharers=policy.shown_to_sharers,
            channels=policy.channels,
            terms=config.registration.terms(),
            rhythm=config.rhythm.rhythm(),
            motions=motions_of(config),
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
        proposer=proposer_from(config.understanding.proposer),
        proposer_timeout=timedelta(seconds=config.understanding.proposer_timeout_s),
        announcing=announcing,
        in_flight=asyncio.Semaphore(mail.smtp.connections if mail else 1),
    )


def motions_of(config: Config) -> Motions:
    """The gates of the motions that run: as configured, else those that offportal comes with."""
    own = {motion: one.exits() for motion, one in config.motions.items()}
    return {motion: own.get(motion, DEFAULTS[motion]) for motion in config.crm.hubspot.pipelines}


def proposer_from(name: str | None) -> Proposer | None:
    """The proposer that [understanding] names as "module:factory". Raises ConfigError when it cannot be made."""
    if name is None:
        return None
    module, _, factory = name.partition(":")
    try:
        proposer: Proposer = getattr(importlib.import_module(module), factory)()
    except (ImportError, AttributeError, TypeError) as exc:
        raise ConfigError([f"understanding.proposer: {name!r} cannot be loaded: {exc}"]) from exc
    if not callable(getattr(proposer, "propose", None)):
        raise ConfigError([f"understanding.proposer: what {name!r} makes has no propose()"])
    return proposer


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


def smtp_settings(mail: MailConfig) -> SmtpSettings:
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


def imap_settings(mail: MailConfig) -> ImapSettings:
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
