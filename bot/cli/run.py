"""run, check and setup: the worker, its check-up, and what the CRM needs. Everything they do is elsewhere."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import click

from bot import app as application
from bot import log
from bot.checkup import faults_of
from bot.cli.common import config_option, json_option, loaded, run_async, show_rows
from bot.crm.hubspot import Plan


@click.command()
@config_option
@click.option("--log-format", type=click.Choice(["auto", "json", "human"]), help="Overrides [log] format.")
def run(path: Path, log_format: str | None) -> None:
    """Run the worker until SIGTERM or Ctrl-C.

    It finishes what is in hand within ten seconds, or hands it back: nothing is lost by stopping or killing it.
    """
    config = loaded(path)
    log.configure(log_format or config.log.format, config.log.level)  # type: ignore[arg-type]  # click checked it

    async def main() -> None:
        stop = asyncio.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        await application.run(config, stop)

    run_async(main)


@click.command()
@config_option
@json_option
def check(path: Path, *, as_json: bool) -> None:
    """Name every fault at once: configuration, credentials, reachability, CRM fields, Slack scopes, templates.

    Exits with 2 when there is any.
    """
    config = loaded(path)
    faults = run_async(lambda: faults_of(config))
    if as_json:
        show_rows([{"fault": fault} for fault in faults], as_json=True)
    elif faults:
        click.echo(f"{len(faults)} fault(s):")
        for fault in faults:
            click.echo(f"  - {fault}")
    else:
        click.echo("All is well.")
    sys.exit(2 if faults else 0)


@click.group()
def setup() -> None:
    """Prepare the services that offportal works with."""


@setup.command("crm")
@config_option
@click.option("--apply", "really", is_flag=True, help="Create what is missing; without it, it is only shown.")
def setup_crm(path: Path, *, really: bool) -> None:
    """Show the CRM properties that a partner programme needs and that are missing; create them with --apply.

    Differently named properties of your own are mapped in config.toml instead: [crm.hubspot.properties].
    """
    config = loaded(path)

    async def main() -> None:
        async with application.crm_of(config) as crm:
            plan = await crm.plan_setup()
            for line in _plan_lines(plan):
                click.echo(line)
            if really and not plan.is_done:
                for left in await crm.apply_setup(plan):
                    click.echo(f"For you to do: {left}")
                click.echo("Created.")

    run_async(main)


def _plan_lines(plan: Plan) -> list[str]:
    if plan.is_done:
        return ["Nothing is missing."]
    return [
        *(f"+ property group for {kind}" for kind in plan.groups),
        *(f"+ {p.kind}: {p.name} ({p.type}), {p.label}" for p in plan.properties),
        *(f"+ association label {one.label}: {one.kind} to {one.to}" for one in plan.labels),
        *(f"! {sentence}" for sentence in plan.conflicts),
    ]
