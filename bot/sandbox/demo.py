"""The whole loopback world and a real worker in it: mail server, HubSpot, Slack. No account is needed.

The worker is a process of its own that knows nothing of a demo: it gets a config.toml with loopback addresses.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

from bot.clock import Clock
from bot.sandbox.hubspot.server import HubSpotServer, Settings
from bot.sandbox.mail import MailServer
from bot.sandbox.record import Recorder
from bot.sandbox.slack.server import SlackServer
from bot.sandbox.world import demo_world

ROOT = Path(__file__).parents[2]
PARTNER_DESK = "partners@meridian.example"
PASSWORD = "sandbox"
HUBSPOT_TOKEN = "pat-sandbox-0001"
START_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where the world listens on 127.0.0.1; 0 takes a free one. The defaults are those of config.toml."""

    smtp: int = 8825
    imap: int = 8843
    hubspot: int = 8810
    slack: int = 8820
    web: int = 8800


FREE = Ports(smtp=0, imap=0, hubspot=0, slack=0, web=0)


class MailSystem(Protocol):
    """What the world needs of its mail servers. Everybody's password is PASSWORD, over SMTP and IMAP alike."""

    @property
    def smtp_port(self) -> int: ...

    @property
    def imap_port(self) -> int: ...

    async def mails(self, address: str) -> list[bytes]:
        """What lies in somebody's INBOX, oldest first, byte for byte."""


@dataclass(slots=True, kw_only=True)
class World:
    """The running services; `environ` holds the secrets that the worker's configuration names. `keeps_time` is whether
    the mail servers have this world's clock, too: a mail system that was given keeps its own."""

    mail: MailSystem
    hubspot: HubSpotServer
    slack: SlackServer
    folder: Path
    web_port: int
    clock: Clock
    keeps_time: bool = True
    ahead: timedelta = timedelta()

    def pass_time(self, span: timedelta) -> None:
        """Move the clock of everybody in this world forward, the worker's too."""
        self.ahead += span
        new = self.folder / "clock.new"
        new.write_text(str(int(self.ahead.total_seconds())), encoding="ascii")
        new.replace(self.folder / "clock")

    @property
    def environ(self) -> dict[str, str]:
        return {
            "HUBSPOT_TOKEN": HUBSPOT_TOKEN,
            "MAIL_PASSWORD": PASSWORD,
            "OFFPORTAL_SIGNING_SECRET": "only for the sandbox, never for real mail",
            # Not SLACK_…: Bolt reads those from the environment behind our back, and says that it has no use for them.
            "OFFPORTAL_SLACK_BOT_TOKEN": self.slack.bot_token,
            "OFFPORTAL_SLACK_APP_TOKEN": self.slack.app_token,
            "OFFPORTAL_SLACK_SIGNING_SECRET": self.slack.signing_secret,
        }

    def write_config(self, changes: Mapping[str, str] | None = None) -> Path:
        """config.toml of the project with this world's ports; `changes` replaces further pieces of its text."""
        text = (ROOT / "config.toml").read_text(encoding="utf-8")
        ports = {
            "8825": self.mail.smtp_port,
            "8843": self.mail.imap_port,
            "8810": self.hubspot.url.rpartition(":")[2],
            "8820": self.slack.url.rpartition(":")[2],
            "8800": self.web_port,
        }
        text = re.sub(r"\b88(?:25|43|10|20|00)\b", lambda m: str(ports[m[0]]), text)
        text = text.replace('# clock_ahead_file = "var/clock"', f'clock_ahead_file = "{self.folder}/clock"')
        text = text.replace("sqlite:///var/", f"sqlite:///{self.folder}/")
        for old, new in (changes or {}).items():
            if old not in text:
                raise ValueError(f"config.toml does not hold {old!r}")
            text = text.replace(old, new)
        path = self.folder / "config.toml"
        path.write_text(text, encoding="utf-8")
        return path


def addresses_in(seed: Mapping[str, Any]) -> list[str]:
    """Everybody in a HubSpot seed who has a mailbox, and the partner desk."""
    people = [c["properties"]["email"] for c in seed["contacts"]] + [o["email"] for o in seed["owners"]]
    return [PARTNER_DESK, *people]


@asynccontextmanager
async def world(
    folder: Path,
    *,
    ports: Ports = FREE,
    record: Path | None = None,
    seed: Mapping[str, Any] | None = None,
    mail: MailSystem | None = None,
    hubspot_settings: Settings | None = None,
) -> AsyncIterator[World]:
    """Start the services and stop them at the end; `record` gets every request as JSON Lines. A mail system that
    is given runs already and stays so."""
    folder.mkdir(parents=True, exist_ok=True)
    seed = seed or demo_world()
    manifest = json.loads((ROOT / "bot" / "slack" / "manifest.json").read_text(encoding="utf-8"))
    recorder = Recorder(record)
    ahead = folder / "clock"
    clock = Clock(ahead)
    hubspot = HubSpotServer(
        token=HUBSPOT_TOKEN,
        port=ports.hubspot,
        record=recorder,
        seed=seed,
        clock=clock,
        timer=lambda: clock().timestamp(),  # what changed today is in the search tomorrow, also when a day is skipped
        settings=hubspot_settings,
    )
    slack = SlackServer(port=ports.slack, record=recorder, manifest=manifest, clock=clock)
    keeps_time = mail is None
    async with AsyncExitStack() as stack:
        stack.callback(recorder.close)
        if mail is None:
            accounts = dict.fromkeys(addresses_in(seed), PASSWORD)
            own = MailServer(accounts, smtp_port=ports.smtp, imap_port=ports.imap, recorder=recorder, clock=clock)
            mail = await stack.enter_async_context(own)
        for server in (hubspot, slack):
            await server.start()
            stack.push_async_callback(server.stop)
        yield World(
            mail=mail,
            hubspot=hubspot,
            slack=slack,
            folder=folder,
            web_port=ports.web or _free_port(),
            clock=clock,
            keeps_time=keeps_time,
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(slots=True)
class Worker:
    """A worker process; `kill` is what a power cut does to it."""

    process: asyncio.subprocess.Process
    log: Path

    def kill(self) -> None:
        self.process.kill()

    async def stop(self) -> int:
        """Ask it to stop and wait; returns its exit status."""
        if self.process.returncode is None:
            self.process.terminate()
        return await self.process.wait()


@asynccontextmanager
async def worker(config: Path, environ: Mapping[str, str], *, log: Path) -> AsyncIterator[Worker]:
    """Run `offportal run` until the block ends. Raises RuntimeError when it ends by itself while starting."""
    running = await start_worker(config, environ, log=log)
    try:
        yield running
    finally:
        await running.stop()


async def start_worker(config: Path, environ: Mapping[str, str], *, log: Path) -> Worker:
    """Start a worker and return once it has said that it is ready."""
    offset = log.stat().st_size if log.exists() else 0
    with log.open("ab") as out:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot.cli", "run", "--config", str(config), "--log-format", "json"),
            cwd=ROOT,
            env={**os.environ, **environ},
            stdout=out,
            stderr=out,
        )
    running = Worker(process, log)
    try:
        async with asyncio.timeout(START_S):
            while b'"worker.ready"' not in log.read_bytes()[offset:]:
                if process.returncode is not None:
                    raise RuntimeError(f"the worker ended while starting:\n{log.read_text(encoding='utf-8')[-2000:]}")
                await asyncio.sleep(0.05)
    except BaseException:
        await running.stop()
        raise
    return running
