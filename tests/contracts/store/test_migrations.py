"""The migrations make the tables that the code expects, whoever runs them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot.store import upgrade
from bot.store.db import connect_args, parse_url
from bot.store.migrate import config
from bot.store.tables import metadata
from tests import postgres
from tests.databases import POSTGRES


@pytest.fixture(params=["sqlite", POSTGRES])
def empty_url(request: pytest.FixtureRequest, tmp_path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/below/new.sqlite"
    server = postgres.server()
    name = f"empty_{tmp_path.name.replace('-', '_')}"
    server.run(f"CREATE DATABASE {name}")
    return server.url(name)


def connect(url: str) -> sa.Engine:
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        parsed = parsed.set(drivername="sqlite")
    return sa.create_engine(parsed, connect_args=connect_args(parsed))


def test_the_tables_are_those_of_the_code(empty_url: str):
    upgrade(empty_url)
    engine = connect(empty_url)
    with engine.connect() as conn:
        assert compare_metadata(MigrationContext.configure(conn), metadata) == []
    engine.dispose()


def test_many_workers_may_start_at_once(empty_url: str):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(upgrade, [empty_url] * 4))
    engine = connect(empty_url)
    with engine.connect() as conn:
        newest = ScriptDirectory.from_config(config(conn)).get_heads()
        assert conn.execute(sa.text("SELECT version_num FROM alembic_version")).scalars().all() == newest
    engine.dispose()
