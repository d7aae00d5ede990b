"""A worker that only announces: real store, engine, handlers, renderer and mailer over a CRM in memory with as many
readers as wished. Run as a program it works until it is killed: `python -m tests.broadcasting FOLDER PORT READERS`.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import time
from pathlib import Path

import structlog

from bot.app import register_jobs
from bot.clock import utc_now
from bot.crm.memory import MemoryCRM
from bot.domain.announcements import Announcement, State, Text
from bot.domain.partners import Channel, Contact, Partner
from bot.domain.policy import Policies
from bot.domain.preferences import QuietHours, Topic
from bot.domain.routing import Reach
from bot.engine import Engine
from bot.mail_words import mail_words
from bot.render import TemplateRenderer
from bot.slack.reader import SlackReader
from bot.store import Database, SqlLedger, SqlStore, acceptances, upgrade
from handlers import announcing
from handlers.services import Announcing, Programme, Services
from mailer.addressing import ReplyAddressing
from mailer.bulk import MailBulk
from mailer.reader import Reader
from mailer.smtp import Smtp, SmtpSettings

DESK = "partners@meridian.example"
LANGUAGES = ("en", "de", "fr", "nl", "es", "it", "pt")
SLUG = "q1-incentives"
BODY = "Hello {name},\n\nfor deals registered until 31 March there is **five per cent more**.\n\n" + "\n\n".join(
    f"{n}. What this means for motion {n}: see [the terms](https://meridian.example/q1/{n})." for n in range(9)
)


@dataclass(slots=True)
class AnnouncingWorker:
    services: Services
    engine: Engine
    store: SqlStore

    async def announce(self) -> None:
        texts = {language: Text(subject=f"Five per cent more ({language})", body=BODY) for language in LANGUAGES}
        await announcing.announce(
            self.services,
            Announcement(
                id=0,
                slug=SLUG,
                topic=Topic.INCENTIVE,
                texts=texts,
                segment="everyone",
                author="priya@meridian.example",
                created_at=utc_now(),
            ),
        )

    async def state(self) -> State | None:
        async with self.store.unit() as unit:
            found = await unit.announcement_by_slug(SLUG)
        return found.state if found else None


@asynccontextmanager
async def worker(folder: Path, port: int, *, readers: int, url: str | None = None) -> AsyncIterator[AnnouncingWorker]:
    url = url or f"sqlite:///{folder}/broadcast.sqlite"
    await asyncio.to_thread(upgrade, url)
    db = Database(url)
    engine = Engine(SqlLedger(db), worker_id="announcer", clock=utc_now)
    store = SqlStore(db, clock=utc_now, enqueued=engine.nudge)
    settings = SmtpSettings(host="127.0.0.1", port=port, tls="none")
    never = QuietHours(starts=time(), ends=time(), weekends=False)
    async with Smtp(settings) as smtp:
        services = Services(
            store=store,
            crm=_crm(readers),
            renderer=TemplateRenderer(LANGUAGES, programme="Desk"),
            addressing=ReplyAddressing(DESK, (b"secret of the crowd",)),
            mail_reader=Reader(address=DESK, words=mail_words(), trusted_authserv_ids=()),
            chat_reader=SlackReader(),
            post=None,
            chat=None,
            policies=Policies(),
            programme=Programme(languages=LANGUAGES),
            now=utc_now,
            announcing=Announcing(
                reach=Reach(languages=LANGUAGES, default_language="en", ways=frozenset({Channel.EMAIL}), quiet=never),
                acceptances=acceptances(db),
                bulk=MailBulk(smtp, address=DESK, name="Desk", per_second=100_000),
            ),
        )
        register_jobs(engine, services, concurrency=4)
        try:
            yield AnnouncingWorker(services, engine, store)
        finally:
            await engine.stop()
            await db.close()


def _crm(readers: int) -> MemoryCRM:
    crm = MemoryCRM(pipelines={}, clock=utc_now)
    for number in range(0, readers, 5):  # five people a partner
        language = LANGUAGES[number // 5 % len(LANGUAGES)]
        crm.put_partner(Partner(id=f"P{number}", name=f"Partner {number} GmbH", language=language))
    for number in range(readers):
        name, address = f"Robin Pérson{number}", f"person{number}@partner.example"
        crm.put_contact(Contact(id=f"C{number}", partner_id=f"P{number // 5 * 5}", name=name, email=address))
    return crm


async def _work(folder: Path, port: int, readers: int) -> None:
    async with worker(folder, port, readers=readers) as running:
        await running.engine.start()
        await running.engine.wait()


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    asyncio.run(_work(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
