"""The command's entry: its groups, and how errors reach the person at the keyboard."""

from __future__ import annotations

import sys

import click

from bot.cli.demo import demo, sandbox
from bot.cli.explain import explain
from bot.cli.inbox import inbox
from bot.cli.outbox import outbox
from bot.cli.preview import preview
from bot.cli.run import check, run, setup
from bot.errors import ConfigError, OffportalError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="offportal")
def cli() -> None:
    """Partners answer by email and Slack; the CRM is right before anybody opens it.

    \b
    Try it without any account:     offportal demo
    Connect your own:               edit config.toml, then offportal check, offportal setup crm --apply
    Run the worker:                 offportal run
    See what came in and went out:  offportal inbox list, offportal outbox list
    Why was it understood so?       offportal explain case.json
    """


for command in (demo, run, check, setup, preview, explain, inbox, outbox, sandbox):
    cli.add_command(command)


def main() -> None:
    """Run the command; a fault of configuration exits with 2, any other known fault with 1."""
    try:
        cli.main(standalone_mode=True)
    except ConfigError as exc:
        click.echo(f"{len(exc.faults)} fault(s) of configuration:", err=True)
        for fault in exc.faults:
            click.echo(f"  - {fault}", err=True)
        sys.exit(2)
    except OffportalError as exc:
        click.echo(str(exc), err=True)
        sys.exit(1)
