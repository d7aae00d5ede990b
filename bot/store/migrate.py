"""Bring a database to the newest layout. Refuses to go back: restore the copy made before instead."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.exc import OperationalError

from bot.errors import TransientError
from bot.store.db import SCHEMA, connect_args, explain_failure, parse_url, tune_sqlite

_LOCK = 7_202_114_036_145_873_921  # any number that nobody else locks


def upgrade(url: str) -> None:
    """Run the missing migrations in one transaction; blocking. Several workers may call it at once: the first
    does it, the others wait and find it done. Raises TransientError when the database cannot be reached."""
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        Path(parsed.database or "").parent.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(parsed.set(drivername="sqlite"), connect_args=connect_args(parsed))
        tune_sqlite(engine)  # its BEGIN IMMEDIATE is the lock
    else:
        engine = sa.create_engine(parsed, connect_args=connect_args(parsed))
    try:
        with engine.begin() as conn:
            if conn.dialect.name == "postgresql":
                conn.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
                conn.execute(sa.schema.CreateSchema(SCHEMA, if_not_exists=True))
            command.upgrade(config(conn), "head")
    except OperationalError as exc:
        raise TransientError(explain_failure(parsed, exc)) from exc
    finally:
        engine.dispose()


def config(conn: sa.Connection) -> Config:
    """Alembic's configuration for the migrations beside this file, over an open connection."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = conn
    return made
