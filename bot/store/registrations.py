"""Registrations in flight and what happened to each. Refuses to decide what may follow on what."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from bot.domain.codec import from_json, to_json
from bot.domain.credits import Source
from bot.domain.partners import Motion
from bot.domain.registrations import LIVE, HistoryEntry, Kind, Registration, State
from bot.errors import PermanentError
from bot.store.db import Transaction
from bot.store.tables import registration_history, registrations

_NUMBERED_FROM = 1000  # the first registration is number 1001
_FIELDS = tuple(f.name for f in dataclasses.fields(Registration))
_FOR_GOOD = frozenset({"id", "key", "number"})  # given when it is added


class RegistrationRows:
    """The part of a unit that is a bot.ports.registering.RegistrationBook."""

    _tx: Transaction

    async def add_registration(self, registration: Registration, *, number_format: str) -> Registration:
        # Looked up first, although the insert would tell: that costs a number even when there is one already.
        stored = await self._one(_BY_KEY, registration.key)
        if stored is not None:
            return stored
        row = await self._tx.insert_new(registrations, ("key",), {"key": registration.key, **_values(registration)})
        if row is None:  # another worker was faster
            return _registration((await self._tx.run(_BY_KEY, {"this": registration.key})).one())
        number = number_format.format(n=_NUMBERED_FROM + row.id)
        await self._tx.run(_GIVE_NUMBER, {"this": row.id, "number": number, "folded_number": _folded(number)})
        return dataclasses.replace(registration, id=row.id, number=number)

    async def registration(self, registration_id: int) -> Registration | None:
        return await self._one(_BY_ID, registration_id)

    async def registration_by_number(self, number: str) -> Registration | None:
        return await self._one(_BY_NUMBER, _folded(number))

    async def save_registration(self, registration: Registration) -> None:
        saved = await self._tx.run(_SAVE, {"this": registration.id, **_values(registration)})
        if saved.rowcount != 1:
            raise PermanentError(f"store: there is no registration {registration.id}")

    async def registrations(
        self, *, states: Sequence[State] = (), partner_id: str | None = None, limit: int = 100
    ) -> Sequence[Registration]:
        return [_registration(row) for row in (await self._tx.run(_newest(states, partner_id, limit))).all()]

    async def claims_on(self, company_key: str, domain: str | None) -> Sequence[Registration]:
        return await self._of_company(_LIVE_CLAIMS, company_key, domain)

    async def refused_on(self, company_key: str, domain: str | None) -> Sequence[Registration]:
        return await self._of_company(_REFUSED_CLAIMS, company_key, domain)

    async def add_history(self, registration_id: int, entry: HistoryEntry) -> None:
        values = {"registration_id": registration_id, **dataclasses.asdict(entry)}
        await self._tx.run(sa.insert(registration_history), values)

    async def history(self, registration_id: int) -> Sequence[HistoryEntry]:
        rows = (await self._tx.run(_HISTORY, {"this": registration_id})).all()
        return [HistoryEntry(at=row.at, event=row.event, by=row.by, text=row.text) for row in rows]

    async def _of_company(
        self, statement: sa.Select[Any], company_key: str, domain: str | None
    ) -> Sequence[Registration]:
        if not company_key and not domain:
            return []
        values = {"company": company_key, "domain": domain or ""}
        return [_registration(row) for row in (await self._tx.run(statement, values)).all()]

    async def _one(self, statement: sa.Select[Any], this: int | str) -> Registration | None:
        row = (await self._tx.run(statement, {"this": this})).one_or_none()
        return None if row is None else _registration(row)


# Who reads one may be about to save it again, as with conversations.
_ONE = sa.select(registrations).with_for_update(key_share=True)
_BY_ID = _ONE.where(registrations.c.id == sa.bindparam("this"))
_BY_KEY = _ONE.where(registrations.c.key == sa.bindparam("this"))
_BY_NUMBER = _ONE.where(registrations.c.folded_number == sa.bindparam("this"))
_GIVE_NUMBER = sa.update(registrations).where(registrations.c.id == sa.bindparam("this"))
_SAVE = sa.update(registrations).where(registrations.c.id == sa.bindparam("this"))
_OF_COMPANY = (
    sa.select(registrations)
    .where(
        # A claim that names no company, or no domain, has the empty text or NULL there, and meets nobody by it.
        sa.or_(
            sa.and_(registrations.c.company_key == sa.bindparam("company"), registrations.c.company_key != ""),
            sa.and_(registrations.c.domain == sa.bindparam("domain"), registrations.c.domain != ""),
        ),
    )
    .order_by(registrations.c.claimed_at, registrations.c.id)
)
_LIVE_CLAIMS = _OF_COMPANY.where(registrations.c.state.in_(sorted(state.value for state in LIVE)))
_REFUSED_CLAIMS = _OF_COMPANY.where(registrations.c.state == State.REFUSED.value)
_HISTORY = (
    sa.select(registration_history)
    .where(registration_history.c.registration_id == sa.bindparam("this"))
    .order_by(registration_history.c.at, registration_history.c.id)
)


def ended_before(before: datetime) -> sa.Delete:
    """Those that ended, were not heard of since, and with them their history. Live ones stay, however old."""
    heard_of = sa.exists().where(
        registration_history.c.registration_id == registrations.c.id, registration_history.c.at >= before
    )
    decided_at = sa.func.coalesce(registrations.c.decided_at, registrations.c.claimed_at)
    return sa.delete(registrations).where(
        registrations.c.state.not_in(sorted(state.value for state in LIVE)), decided_at < before, ~heard_of
    )


def _newest(states: Sequence[State], partner_id: str | None, limit: int) -> sa.Select[Any]:
    newest = sa.select(registrations)
    if states:
        newest = newest.where(registrations.c.state.in_([state.value for state in states]))
    if partner_id is not None:
        newest = newest.where(registrations.c.partner_id == partner_id)
    return newest.order_by(registrations.c.claimed_at.desc(), registrations.c.id.desc()).limit(limit)


def _folded(number: str) -> str:
    return number.strip().casefold()


def _values(registration: Registration) -> dict[str, Any]:
    """What may change of it; a field that the table does not have is refused when it is written."""
    values = {name: getattr(registration, name) for name in _FIELDS if name not in _FOR_GOOD}
    values["kind"] = registration.kind.value
    values["state"] = registration.state.value
    values["motion"] = None if registration.motion is None else registration.motion.value
    values["source"] = None if registration.source is None else registration.source.value
    values["share"] = None if registration.share is None else str(registration.share)
    values["draft"] = to_json(registration.draft)
    values["findings"] = to_json(registration.findings)
    return values


def _registration(row: sa.Row[Any]) -> Registration:
    values = {name: row._mapping[name] for name in _FIELDS}  # noqa: SLF001 - SQLAlchemy's documented name
    values["kind"] = Kind(row.kind)
    values["state"] = State(row.state)
    values["motion"] = None if row.motion is None else Motion(row.motion)
    values["source"] = None if row.source is None else Source(row.source)
    values["share"] = None if row.share is None else Decimal(row.share)
    values["draft"] = from_json(row.draft)
    values["findings"] = from_json(row.findings)
    return Registration(**values)
