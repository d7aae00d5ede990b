"""What several commands share: the configuration option, tables for people and JSON for scripts."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.table import Table

from bot import log
from bot.config import Config, load

T = TypeVar("T")

config_option = click.option(
    "--config",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("config.toml"),
    show_default=True,
    help="The configuration file.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for scripts.")


def loaded(path: Path) -> Config:
    """The configuration, with secrets from this process's environment. Raises ConfigError.

    Logs are for the worker: a command says what it has to say itself, and only errors of others are shown.
    """
    log.configure("human", "error")
    return load(path, os.environ)


def run_async(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine as the whole of a command."""
    return asyncio.run(main())


def show_rows(rows: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """Print rows of the same keys, as a table or as JSON Lines."""
    if as_json:
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False, default=str))
        return
    if not rows:
        click.echo("nothing")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in rows[0]:
        table.add_column(name.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    width = None if sys.stdout.isatty() else 160
    # Partners' words are shown as they are: [EMEA] is no markup, :phone: no emoji.
    Console(width=width, highlight=False, markup=False, emoji=False).print(table)
