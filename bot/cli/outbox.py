"""outbox: what is said, what was, and what could not be."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import click

from bot import app as application
from bot.cli.common import config_option, json_option, loaded, run_async, show_rows
from bot.domain.codec import from_json
from bot.errors import PermanentError
from bot.ports import Message, MessageState
from handlers.speak import delivery


@click.group()
def outbox() -> None:
    """Messages to partners and managers, with their state."""


def _row(message: Message) -> dict[str, object]:
    return {
        "id": message.id,
        "created_at": message.created_at.isoformat(timespec="seconds") if message.created_at else None,
        "channel": message.channel.value,
        "to": message.to,
        "event": message.event,
        "state": message.state.value,
        "sent_at": message.sent_at.isoformat(timespec="seconds") if message.sent_at else None,
        "error": message.error,
    }


@outbox.command("list")
@config_option
@json_option
@click.option("--state", type=click.Choice([s.value for s in MessageState]), help="Only those in this state.")
@click.option("--limit", default=50, show_default=True)
def list_outbox(path: Path, *, as_json: bool, state: str | None, limit: int) -> None:
    """The newest first."""

    async def main() -> None:
        async with application.opened(loaded(path)) as app, app.store.unit() as unit:
            found = await unit.list_messages(state=MessageState(state) if state else None, limit=limit)
        show_rows([_row(m) for m in found], as_json=as_json)

    run_async(main)


@outbox.command()
@config_option
@click.argument("number", type=int)
def show(path: Path, number: int) -> None:
    """What a message says, as values and as its reader sees it."""

    async def main() -> None:
        async with application.opened(loaded(path)) as app:
            message = await _message(app, number)
            rendered = app.services.renderer.email(
                from_json(message.notice["notice"]), message.language, reply_to="partners+…@…"
            )
        click.echo(json.dumps(_row(message), ensure_ascii=False))
        click.echo(f"\nSubject: {rendered.subject}\n\n{rendered.text}")

    run_async(main)


@outbox.command()
@config_option
@click.argument("number", type=int)
def retry(path: Path, number: int) -> None:
    """Send a message that failed once more."""

    async def main() -> None:
        async with application.opened(loaded(path)) as app:
            message = await _message(app, number)
            if message.state is MessageState.SENT:
                raise PermanentError(f"message {number}: it was sent already; nothing is sent twice")
            async with app.store.unit() as unit:
                await unit.save_message(replace(message, state=MessageState.QUEUED, error=None))
                await unit.enqueue(delivery(message.id, message.conversation_id))
            await app.engine.replay("deliver", str(number))
        click.echo(f"Message {number} is sent by the running worker.")

    run_async(main)


@outbox.command()
@config_option
@click.argument("number", type=int)
def drop(path: Path, number: int) -> None:
    """Never send a message that waits or failed."""

    async def main() -> None:
        async with application.opened(loaded(path)) as app:
            message = await _message(app, number)
            if message.state is MessageState.SENT:
                raise PermanentError(f"message {number}: it was sent already and cannot be taken back")
            async with app.store.unit() as unit:
                await unit.save_message(replace(message, state=MessageState.DROPPED, error="dropped by hand"))
        click.echo(f"Message {number} will not be sent.")

    run_async(main)


async def _message(app: application.App, number: int) -> Message:
    async with app.store.unit() as unit:
        message = await unit.message(number)
    if message is None:
        raise PermanentError(f"message {number}: there is none with this number; see offportal outbox list")
    return message
