"""demo and sandbox: the loopback world, with a worker in it or each service alone."""

from __future__ import annotations

import errno
import sys
import tempfile
from pathlib import Path

import click

from bot.cli.common import run_async


@click.command()
@click.option(
    "--script", "as_script", is_flag=True, help="Play the story without the page; exit 0 only if every step held."
)
@click.option("--record", type=click.Path(dir_okay=False, path_type=Path), help="Write every request as JSON Lines.")
@click.option("--port", default=8080, show_default=True, help="Where the page is.")
@click.option("--no-browser", is_flag=True, help="Do not open the page.")
def demo(record: Path | None, port: int, *, as_script: bool, no_browser: bool) -> None:
    """Try offportal without any account: a mail server, a HubSpot and a Slack on loopback, and a real worker.

    The page shows a partner's inbox, the Slack channel and the CRM; answer a mail and watch the deal change.
    """
    from bot.sandbox import page, script  # noqa: PLC0415  the sandbox is an extra, only needed here
    from bot.sandbox.demo import FREE, Ports, worker, world  # noqa: PLC0415

    async def main() -> bool:
        click.echo("Starting a mail server, a HubSpot, a Slack and a worker …")
        with tempfile.TemporaryDirectory(prefix="offportal-demo-") as folder:
            async with world(Path(folder), ports=FREE if as_script else Ports(), record=record) as sandbox:
                config = sandbox.write_config()
                async with worker(config, sandbox.environ, log=Path(folder) / "worker.log"):
                    if as_script:
                        return await script.play(sandbox, click.echo)
                    await page.serve(sandbox, port=port, open_browser=not no_browser, tell=click.echo)
                    return True

    try:
        sys.exit(0 if run_async(main) else 1)
    except OSError as exc:
        if exc.errno != errno.EADDRINUSE:
            raise
        raise click.ClickException(f"a port of the demo is taken; does another demo run? ({exc.strerror})") from exc


@click.command()
@click.argument("service", type=click.Choice(["hubspot", "slack", "mail"]))
@click.option("--port", type=int, required=True, help="Where it listens; mail also takes the next port, for IMAP.")
@click.option("--record", type=click.Path(dir_okay=False, path_type=Path), help="Write every request as JSON Lines.")
@click.option("--seed", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="JSON or TOML; see docs.")
def sandbox(service: str, port: int, record: Path | None, seed: Path | None) -> None:
    """Run one of the sandbox's services alone, until Ctrl-C."""
    from bot.sandbox import alone  # noqa: PLC0415

    run_async(lambda: alone.serve(service, port, record, seed, tell=click.echo))
