"""Every fault of a configuration against the real world, at once. Changes nothing anywhere."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from bot import app as application
from bot.config import Config
from bot.errors import ConfigError, OffportalError
from bot.slack.check import check as check_slack


async def faults_of(config: Config) -> list[str]:
    """Sentences that say who, what, why and what next; empty when all is well."""
    try:
        async with application.opened(config) as app:
            checks: dict[str, Callable[[], Awaitable[list[str]]]] = {"crm": app.services.crm.check}
            if app.smtp is not None:
                checks["smtp"] = _silent(app.smtp.check)
            if app.mailbox is not None:
                checks["imap"] = _silent(app.mailbox.check)
            if app.installation is not None and config.slack is not None:
                token = config.slack.app_token.reveal() if config.slack.app_token else None
                installation = app.installation
                checks["slack"] = lambda: check_slack(installation, token)
            found = await asyncio.gather(*(_faults(name, one) for name, one in checks.items()))
            return [fault for faults in found for fault in faults]
    except ConfigError as exc:
        return list(exc.faults)
    except OffportalError as exc:
        return [str(exc)]


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
