"""A whole office for acceptance tests: the loopback world, and real worker processes in it that can be killed.

Looks into the workers' store from outside; never reaches into their process.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from bot.ledger import Backlog, DeadLetter
from bot.ports import Change, Inbound, Message
from bot.sandbox.demo import ROOT, MailSystem, Worker, World, start_worker, world
from bot.sandbox.hubspot.limits import Limits
from bot.sandbox.hubspot.server import Settings
from bot.sandbox.mail import MailServer
from bot.sandbox.playing import StoryError, until
from bot.sandbox.world import demo_world
from bot.store import Database, SqlLedger, SqlStore

#: Nobody waits for quotas in these tests: they are about what happens, not about how fast.
UNHURRIED = {"calls_per_10_s = 100": "calls_per_10_s = 100000"}
LIMITS = Settings(limits=Limits(per_ten_seconds=1_000_000, searches_per_second=1_000, per_day=10_000_000))
CONFIG = (ROOT / "config.toml").read_text(encoding="utf-8")
MINUTES_S = 600.0  # only a test that fails waits for it
CONNECTED = b'"slack.connected"'


def with_sections(config: Path, sections: Mapping[str, str]) -> None:
    """Replace whole sections of a config.toml by other text, or by nothing."""
    text = config.read_text(encoding="utf-8")
    for name, new in sections.items():
        text, found = re.subn(rf"^\[{re.escape(name)}\].*?(?=^\[|\Z)", new, text, flags=re.MULTILINE | re.DOTALL)
        assert found == 1, name
    config.write_text(text, encoding="utf-8")


async def _more(log: Path, times: int) -> bool:
    return log.read_bytes().count(CONNECTED) > times


@dataclass(slots=True, kw_only=True)
class Office:
    """The world with its workers. `mail` is the sandbox's server where no other mail system was given."""

    world: World
    folder: Path
    config: Path
    store: SqlStore
    ledger: SqlLedger
    sandbox_mail: MailServer | None
    workers: list[Worker] = field(default_factory=list)

    @property
    def mail(self) -> MailServer:
        assert self.sandbox_mail is not None
        return self.sandbox_mail

    async def start(self, config: Path | None = None) -> Worker:
        """One more worker, ready; its log stands beside its configuration."""
        config = config or self.config
        log = config.with_suffix(".log")
        connected = log.read_bytes().count(CONNECTED) if log.exists() else 0
        worker = await start_worker(config, self.world.environ, log=log)
        self.workers.append(worker)
        if 'mode = "socket"' in config.read_text(
            encoding="utf-8"
        ):  # Slack repeats what it could not deliver in a minute
            await until("the worker hears Slack", lambda: _more(log, connected), MINUTES_S)
        return worker

    async def kill(self, worker: Worker) -> None:
        """What a power cut does."""
        worker.kill()
        await worker.process.wait()
        self.workers.remove(worker)

    async def stop(self) -> None:
        for worker in self.workers:
            await worker.stop()
        self.workers.clear()

    # ---- what is on record ---------------------------------------------------------------------------------

    async def inbox(self) -> Sequence[Inbound]:
        """All that came in, oldest first, without the raw bytes."""
        async with self.store.unit() as unit:
            found = await unit.list_inbound(limit=100_000)
        return sorted(found, key=lambda inbound: inbound.id)

    async def received(self, inbound_id: int) -> Inbound:
        """One of them with its raw bytes."""
        async with self.store.unit() as unit:
            return await unit.inbound(inbound_id)

    async def outbox(self) -> Sequence[Message]:
        async with self.store.unit() as unit:
            found = await unit.list_messages(limit=100_000)
        return sorted(found, key=lambda message: message.id)

    async def changes_of(self, inbound_id: int) -> Sequence[Change]:
        async with self.store.unit() as unit:
            return await unit.changes_of(inbound_id)

    async def unfinished(self) -> int:
        """How many jobs are left to do, without those that look at a registration on a later day."""
        waiting = (await self.backlog()).waiting
        return sum(number for kind, number in waiting.items() if not kind.endswith("_timer"))

    async def backlog(self) -> Backlog:
        return await self.ledger.backlog(self.world.clock())

    async def dead_letters(self) -> Sequence[DeadLetter]:
        return await self.ledger.dead_letters(100)

    async def handled(self, count: int, within_s: float = MINUTES_S) -> Sequence[Inbound]:
        """Wait until `count` messages in all came in, each has its disposition, and no work is left."""

        async def look() -> bool:
            if await self.unfinished():
                return False
            found = await self.inbox()
            return len(found) >= count and all(i.disposition is not None for i in found)

        try:
            await until(f"{count} messages are handled", look, within_s)
        except StoryError as exc:
            inbox, left = await self.inbox(), await self.backlog()
            waiting = [i.id for i in inbox if i.disposition is None]
            raise StoryError(f"{exc}: {len(inbox)} came in, of which {waiting} wait; {left}") from exc
        return await self.inbox()

    async def quiet(self, within_s: float = MINUTES_S) -> None:
        """Wait until no work is left."""
        await self.handled(0, within_s)

    # ---- what people see -----------------------------------------------------------------------------------

    def deal(self, deal_id: str) -> dict[str, Any]:
        properties: dict[str, Any] = self.world.hubspot.hands.look("deals", deal_id)["properties"]
        return properties

    def history(self, deal_id: str, name: str) -> list[str]:
        """The values a property has had, oldest first."""
        entries = self.world.hubspot.hands.look("deals", deal_id)["propertiesWithHistory"][name]
        return [entry["value"] for entry in reversed(entries)]

    def notes_with(self, words: str) -> int:
        """How many notes hold these words."""
        notes = self.world.hubspot.hands.look_at_all("notes")
        return sum(words in (note["properties"].get("hs_note_body") or "") for note in notes)


@asynccontextmanager
async def open_office(
    folder: Path,
    *,
    changes: Mapping[str, str] | None = None,
    seed: Mapping[str, Any] | None = None,
    mail: MailSystem | None = None,
    store_url: str | None = None,
) -> AsyncIterator[Office]:
    """The world, without a worker yet; workers still alive at the end are stopped. `changes` are pieces of
    config.toml and what stands there instead."""
    seed = seed or demo_world()
    async with AsyncExitStack() as stack:
        running = await stack.enter_async_context(
            world(folder, record=folder / "requests.jsonl", seed=seed, mail=mail, hubspot_settings=LIMITS)
        )
        config = running.write_config({**UNHURRIED, **spoken(), **(changes or {})})
        db = Database(store_url or f"sqlite:///{folder}/offportal.sqlite")
        stack.push_async_callback(db.close)
        office = Office(
            world=running,
            folder=folder,
            config=config,
            store=SqlStore(db, clock=running.clock),
            ledger=SqlLedger(db),
            sandbox_mail=running.mail if isinstance(running.mail, MailServer) else None,
        )
        stack.push_async_callback(office.stop)
        yield office


def spoken() -> dict[str, str]:
    """The languages that there are templates for."""
    languages = re.search(r"^languages = .*$", CONFIG, re.MULTILINE)
    assert languages
    there_are = sorted(path.suffixes[0][1:] for path in (ROOT / "templates").glob("words.*.toml"))
    return {languages[0]: f"languages = {there_are}".replace("'", '"')}


def reply_to(notice: EmailMessage, words: str, *, sender: str, number: int | str) -> EmailMessage:
    """A short answer without a quote, whose Message-ID holds `number`."""
    reply = EmailMessage()
    reply["From"] = sender
    reply["To"] = str(notice["Reply-To"])
    reply["Subject"] = f"Re: {notice['Subject']}"
    reply["Date"] = datetime.now(UTC)
    reply["Message-ID"] = f"<reply-{number}@client.example>"
    reply["In-Reply-To"] = str(notice["Message-ID"])
    reply["References"] = f"{notice.get('References', '')} {notice['Message-ID']}".strip()
    reply.set_content(words)
    return reply
