"""Every fault of a configuration against the real world, at once. Changes nothing anywhere."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from bot import app as application
from bot.config import Config
from bot.domain.motions import strangers
from bot.errors import ConfigError, OffportalError
from bot.ports import CRM
from bot.slack.check import check as check_slack
from bot.slack.client import Installation
from handlers.services import Services


async def faults_of(config: Config) -> list[str]:
    """Sentences that say who, what, why and what next; empty when all is well."""
    try:
        async with application.opened(config) as app:
            checks: dict[str, Callable[[], Awaitable[list[str]]]] = {"crm": app.services.crm.check}
            checks["motions"] = partial(_motions, app.services)
            if app.smtp is not None:
                checks["smtp"] = _silent(app.smtp.check)
            if app.mailbox is not None:
                checks["imap"] = _silent(app.mailbox.check)
            if app.installation is not None and config.slack is not None:
                token = config.slack.app_token.reveal() if config.slack.app_token else None
                checks["slack"] = partial(
                    _slack, app.installation, token, config.slack.managers_channel, app.services.crm
                )
            found = await asyncio.gather(*(_faults(name, one) for name, one in checks.items()))
            return [fault for faults in found for fault in faults]
    except ConfigError as exc:
        return list(exc.faults)
    except OffportalError as exc:
        return [str(exc)]


async def _motions(services: Services) -> list[str]:
    """Gates whose stages the CRM has not; a CRM that is away has said so itself."""
    try:
        return strangers(await services.crm.pipelines(), services.policies.motions)
    except OffportalError:
        return []


async def _slack(installation: Installation, token: str | None, managers: str | None, crm: CRM) -> list[str]:
    """Slack with the channels that the CRM and the configuration name; a CRM that is away has said so itself."""
    try:
        partners = await crm.slack_channels()
    except OffportalError:
        partners = {}
    channels = {channel: f"the CRM's Slack channel of {name}" for channel, name in partners.items()}
    if managers is not None:
        channels[managers] = "slack.managers_channel"
    return await check_slack(installation, token, channels)


def _silent(check: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[list[str]]]:
    """A check that raises instead of listing faults."""

    async def listing() -> list[str]:
        await check()
        return []

    return listing


async def _faults(name: str, check: Callable[[], Awaitable[list[str]]]) -> list[str]:
    try:
        return await check()
    except OffportalError as exc:
        return [str(exc) if str(exc).startswith(f"{name}:") else f"{name}: {exc}"]
