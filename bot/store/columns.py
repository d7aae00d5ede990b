"""The kinds of column that our tables are made of, alike on SQLite and PostgreSQL. Refuses to know any table."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

# SQLite numbers rows by itself only in a column of type INTEGER, and never gives a number twice only with
# AUTOINCREMENT (sqlite.org/autoinc.html); numbers are parts of keys here.
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class Moment(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC with microseconds. Refuses a naive one."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"store: {value!r} has no time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Words(TypeDecorator[str]):
    """Text as both back ends can hold it: PostgreSQL refuses NUL, UTF-8 has no lone surrogates; both come in
    mails, and become U+FFFD."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        del dialect
        if value is None or value.isascii():
            return value and value.replace("\0", "\ufffd")
        return value.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class JsonText(TypeDecorator[Any]):
    """A JSON value kept as text, the same on both back ends, keys in the order given; in ASCII, so that text which
    UTF-8 cannot hold comes back as it was."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str | None:
        del dialect
        return None if value is None else json.dumps(value, separators=(",", ":"), allow_nan=False)

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Any:
        del dialect
        return None if value is None else json.loads(value)


def refers(target: str, *, ondelete: str | None = None) -> sa.ForeignKey:
    """Checked at commit, so that rows of one transaction may be written in any order."""
    return sa.ForeignKey(target, deferrable=True, initially="DEFERRED", ondelete=ondelete)
