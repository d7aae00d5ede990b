"""config.toml as typed values, checked whole; one module a section. Only bot.app reads it: adapters get values."""

from __future__ import annotations

from bot.config.loading import load
from bot.config.mail import MailConfig, ServerConfig
from bot.config.whole import LANGUAGES, Config, SlackConfig, WebConfig

__all__ = [
    "LANGUAGES",
    "Config",
    "MailConfig",
    "ServerConfig",
    "SlackConfig",
    "WebConfig",
    "load",
]
