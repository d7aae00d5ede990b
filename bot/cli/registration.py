"""registration: which deals partners have claimed, and everything that happened to each claim. Changes nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, NoReturn

import click
from rapidfuzz import process

from bot import app as application
from bot.cli.common import config_option, json_option, loaded, run_async, show_rows
from bot.domain.registrations import HistoryEntry, Registration, State
from bot.errors import PermanentError
from bot.ports import Unit

_LOOKED_THROUGH = 1000  # latest registrations, for the number that was meant


@click.group()
def registration() -> None:
    """Deal registrations in flight, and how each was decided."""


@registration.command("list")
@config_option
@json_option
@click.option("--state", "states", multiple=True, type=click.Choice([s.value for s in State]), help="Only those in it.")
@click.option("--partner", metavar="ID", help="Only those of this partner, by its id in the CRM.")
@click.option("--limit", default=50, show_default=True)
def list_registrations(path: Path, states: tuple[str, ...], partner: str | None, *, as_json: bool, limit: int) -> None:
    """The newest claims first."""

    async def main() -> None:
        async with application.opened(loaded(path)) as app, app.store.unit() as unit:
            wanted = [State(s) for s in states]
            found = await unit.registrations(states=wanted, partner_id=partner, limit=limit)
        show_rows([_row(r) for r in found], as_json=as_json)

    run_async(main)


@registration.command()
@config_option
@json_option
@click.argument("number")
def show(path: Path, number: str, *, as_json: bool) -> None:
    """One registration with all that happened to it and why.

    \b
    offportal registration show REG-1042
    """

    async def main() -> None:
        async with application.opened(loaded(path)) as app, app.store.unit() as unit:
            found = await unit.registration_by_number(number) or await _none(unit, number)
            history = await unit.history(found.id)
        if as_json:
            whole = asdict(found) | {"history": [asdict(entry) for entry in history]}
            click.echo(json.dumps(_plain(whole), ensure_ascii=False))
        else:
            _tell(found, history)

    run_async(main)


async def _none(unit: Unit, number: str) -> NoReturn:
    """There is none with this number, but perhaps one like it."""
    numbers = [r.number for r in await unit.registrations(limit=_LOOKED_THROUGH)]
    nearest = (
        f"did you mean {process.extractOne(number.strip().upper(), numbers)[0]}?" if numbers else "there is none yet"
    )
    raise PermanentError(f"registration {number}: there is none with this number: {nearest}")


def _row(registration: Registration) -> dict[str, object]:
    draft = registration.draft
    return {
        "number": registration.number,
        "claimed_at": registration.claimed_at.isoformat(timespec="seconds"),
        "state": registration.state.value,
        "partner": registration.partner_id,
        "company": draft.company,
        "amount": _amount(registration),
        "close_date": _plain(draft.close_date),
        "due_at": registration.due_at.isoformat(timespec="seconds") if registration.due_at else None,
        "protected_until": _plain(registration.protected_until),
        "deal": registration.deal_id,
    }


def _tell(registration: Registration, history: Sequence[HistoryEntry]) -> None:
    """For a person: what is claimed, what was found, and the history line by line."""
    draft = registration.draft
    facts = {
        "claimed": f"{_minute(registration.claimed_at)} by contact {registration.contact_id} of partner "
        f"{registration.partner_id} (offportal inbox show {registration.inbound_id})",
        "company": " · ".join(filter(None, (draft.company, registration.domain))),
        "contact": " · ".join(filter(None, (draft.contact_name, draft.contact_email))),
        "amount": _amount(registration),
        "close date": _plain(draft.close_date),
        "need": draft.need,
        "motion": _plain(registration.motion),
        "due": _minute(registration.due_at) if registration.state is State.SUBMITTED and registration.due_at else None,
        "decided": f"{_minute(registration.decided_at)} by {registration.decided_by}"
        if registration.decided_at
        else None,
        "reason": registration.reason,
        "protected": f"until {registration.protected_until}" if registration.protected_until else None,
        "deal": registration.deal_id,
    }
    click.echo(f"{registration.number} · {registration.kind.value} · {registration.state.value}")
    for name, fact in facts.items():
        if fact:
            click.echo(f"  {name + ':':<12}{fact}")
    for finding in registration.findings:
        said = " · ".join(filter(None, (finding.shown, finding.internal)))
        click.echo(f"  {'found:':<12}{finding.rule} ({finding.effect.value}) {said}".rstrip())
    click.echo()
    show_rows(
        [{"at": _minute(e.at), "event": e.event, "by": e.by, "text": e.text} for e in history],
        as_json=False,
    )


def _amount(registration: Registration) -> str | None:
    draft = registration.draft
    return None if draft.amount is None else f"{draft.amount} {draft.currency or ''}".rstrip()


def _minute(at: datetime) -> str:
    """In UTC, as everything in the store."""
    return at.strftime("%Y-%m-%d %H:%M UTC")


def _plain(value: Any) -> Any:
    """A value as JSON has it, for scripts: moments and days in ISO 8601, amounts as text, which keeps them exact."""
    match value:
        case dict():
            return {name: _plain(one) for name, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
        case Enum():
            return value.value
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return str(value)
    return value
