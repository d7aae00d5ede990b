"""The command's entry: its groups, and how errors reach the person at the keyboard."""

from __future__ import annotations

import gc
import importlib
import sys

import click

from bot.errors import ConfigError, OffportalError

#: Where each command is; a module is imported only when its command is used, so that `explain` starts at once.
COMMANDS = {
    "announce": "bot.cli.announce:announce",
    "demo": "bot.cli.demo:demo",
    "run": "bot.cli.run:run",
    "check": "bot.cli.run:check",
    "setup": "bot.cli.run:setup",
    "preview": "bot.cli.preview:preview",
    "explain": "bot.cli.explain:explain",
    "inbox": "bot.cli.inbox:inbox",
    "outbox": "bot.cli.outbox:outbox",
    "phrases": "bot.cli.phrases:phrases",
    "registration": "bot.cli.registration:registration",
    "sandbox": "bot.cli.demo:sandbox",
}


#: New objects between two searches for garbage cycles. Reading the vocabularies makes many objects and no garbage:
#: Python's 700 would search hundreds of times, a tenth of the whole start.
GARBAGE_THRESHOLD = 50_000


class _Lazy(click.Group):
    """A group whose commands are looked up by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's interface
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="offportal")
def cli() -> None:
    """Partners answer by email and Slack; the CRM is right before anybody opens it.

    \b
    Try it without any account:     offportal demo
    Connect your own:               edit config.toml, then offportal check, offportal setup crm --apply
    Run the worker:                 offportal run
    See what came in and went out:  offportal inbox list, offportal outbox list
    See what partners claimed:      offportal registration list, offportal registration show REG-1042
    Tell many partners something:   offportal announce news.md --to tier:gold --dry-run
    Why was it understood so?       offportal explain case.json
    """


def main() -> None:
    """Run the command; a fault of configuration exits with 2, any other known fault with 1."""
    gc.set_threshold(GARBAGE_THRESHOLD)
    try:
        cli.main(standalone_mode=True)
    except ConfigError as exc:
        click.echo(f"{len(exc.faults)} fault(s) of configuration:", err=True)
        for fault in exc.faults:
            click.echo(f"  - {fault}", err=True)
        sys.exit(2)
    except ModuleNotFoundError as exc:
        if exc.name not in {"aiosmtpd", "pymap"}:
            raise
        click.echo(
            f"sandbox: {exc.name} is not installed: make demo, or uv sync --extra sandbox, installs it", err=True
        )
        sys.exit(2)
    except OffportalError as exc:
        click.echo(str(exc), err=True)
        sys.exit(1)
