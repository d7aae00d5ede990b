"""Structured logs: static event names with fields, as JSON lines or for people. Never logs bodies or secrets."""

from __future__ import annotations

import logging
import sys
from typing import Literal

import structlog


def configure(form: Literal["auto", "json", "human"], level: str) -> None:
    """Set up structlog and route the libraries' own loggers (warnings and worse) through it; times in UTC."""
    human = form == "human" or (form == "auto" and sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()) if human else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in (
        "slack_bolt",
        "slack_sdk",
        "aioimaplib",
        "alembic",
        "sqlalchemy",
        "urllib3",
        "hubspot",
        "asyncio",
        "aiohttp",
    ):
        logging.getLogger(name).setLevel(logging.WARNING)
