from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.store import Database, SqlStore
from tests.databases import NOW, db, url

__all__ = ["db", "url"]


@pytest.fixture
def store(db: Database) -> SqlStore:
    return SqlStore(db, clock=lambda: NOW)


@pytest.fixture
def nudges(db: Database) -> tuple[SqlStore, list[str]]:
    """A store, and what it called after its commits."""
    called: list[str] = []
    nudge: Callable[[], None] = lambda: called.append("nudge")  # noqa: E731
    return SqlStore(db, clock=lambda: NOW, enqueued=nudge), called
