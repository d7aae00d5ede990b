"""What the worker is made of. Holds no rule."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.config import Config
from bot.engine import Engine
from bot.ports import Store
from bot.slack.client import Installation
from bot.slack.forms import Forms
from bot.slack.socket_mode import SocketHealth
from bot.worker import Health
from handlers.services import Services
from mailer.imap import Mailbox
from mailer.smtp import Smtp

Loop = Callable[[], Awaitable[None]]


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
    forms: Forms | None = None
    loops: dict[str, Loop] = field(default_factory=dict)
    health: Health = field(default_factory=Health)
    slack_health: SocketHealth = field(default_factory=SocketHealth)
