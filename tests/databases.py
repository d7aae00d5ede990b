"""A fresh database for a test, on both back ends. Import the fixtures in a conftest.py."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.store import Database, upgrade
from tests import postgres

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)

POSTGRES = pytest.param(
    "postgresql",
    marks=[
        pytest.mark.postgres,
        pytest.mark.skipif(postgres.binaries() is None, reason="no PostgreSQL server is installed"),
    ],
)


@functools.cache
def _template() -> Path:
    home = tempfile.mkdtemp(prefix="offportal-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    path = Path(home) / "template.sqlite"
    upgrade(f"sqlite:///{path}")
    return path


def fresh(kind: str, tmp_path: Path) -> str:
    """The URL of a new database that has our tables."""
    if kind == "postgresql":
        return postgres.server().fresh()
    path = tmp_path / "store.sqlite"
    shutil.copy(_template(), path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", POSTGRES])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Every test that takes it runs twice: over SQLite and over PostgreSQL."""
    return fresh(request.param, tmp_path)


@pytest.fixture
async def db(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    yield database
    await database.close()
