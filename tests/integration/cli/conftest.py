"""What a command does to the logs of its process ends with the test."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(autouse=True)
def logs_as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A logger that once remembered a command's settings would write by them in every later test."""
    configure = structlog.configure
    monkeypatch.setattr(structlog, "configure", lambda **said: configure(**said | {"cache_logger_on_first_use": False}))
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()
