"""inbox: what came in, how it ended, and another try."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from bot import app as application
from bot.cli.common import config_option, json_option, loaded, run_async, show_rows
from bot.ports import Inbound, Job


@click.group()
def inbox() -> None:
    """Received mails and Slack messages with their disposition and its reason."""


def _row(message: Inbound) -> dict[str, object]:
    return {
        "id": message.id,
        "received_at": message.received_at.isoformat(timespec="seconds"),
        "channel": message.channel.value,
        "sender": message.sender,
        "disposition": message.disposition.value if message.disposition else "waiting",
        "reason": message.reason,
        "size_bytes": message.size_bytes,
    }


@inbox.command("list")
@config_option
@json_option
@click.option("--waiting", is_flag=True, help="Only those without a disposition yet.")
@click.option("--limit", default=50, show_default=True)
def list_inbox(path: Path, *, as_json: bool, waiting: bool, limit: int) -> None:
    """The newest first."""

    async def main() -> None:
        async with application.opened(loaded(path)) as app, app.store.unit() as unit:
            found = await unit.list_inbound(undisposed=waiting, limit=limit)
        show_rows([_row(m) for m in found], as_json=as_json)

    run_async(main)


@inbox.command()
@config_option
@click.argument("number", type=int)
def show(path: Path, number: int) -> None:
    """The raw message as it came, after a line about how it ended."""

    async def main() -> None:
        async with application.opened(loaded(path)) as app, app.store.unit() as unit:
            message = await unit.inbound(number)
        click.echo(" · ".join(f"{k}: {v}" for k, v in _row(message).items() if v is not None), err=True)
        sys.stdout.buffer.write(message.raw)

    run_async(main)


@inbox.command()
@config_option
@click.argument("number", type=int)
def replay(path: Path, number: int) -> None:
    """Handle a message again, as if it had just come. What it has already done is not done twice."""

    async def main() -> None:
        async with application.opened(loaded(path)) as app:
            async with app.store.unit() as unit:
                await unit.reopen(number)
                await unit.enqueue(Job(kind="arrived", ref=str(number)))
            await app.engine.replay("arrived", str(number))
        click.echo(f"Message {number} is handled again by the running worker.")

    run_async(main)
