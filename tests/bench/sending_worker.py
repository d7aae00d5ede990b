"""A worker that only tells: real store, engine, handlers and renderer, over a CRM in memory with one large partner."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from bot.app import register_jobs
from bot.clock import utc_now
from bot.crm.memory import MemoryCRM
from bot.domain.deals import Deal, DealField, Pipeline, Stage
from bot.domain.partners import Channel, Contact, Motion, Partner
from bot.domain.policy import Policies
from bot.engine import Engine
from bot.mail_words import mail_words
from bot.render import TemplateRenderer
from bot.slack.reader import SlackReader
from bot.store import Database, SqlLedger, SqlStore, upgrade
from handlers.deal_changed import on_deal_changed, poll
from handlers.services import Programme, Services
from mailer.addressing import ReplyAddressing
from mailer.post import MailPost
from mailer.reader import Reader
from mailer.smtp import Smtp

DESK = "partners@meridian.example"
STAGES = ("Qualification", "Configure & Quote")
CONCURRENCY = 8  # of [worker] in config.toml
DEAL = "D1"


@dataclass(slots=True)
class TellingWorker:
    services: Services
    engine: Engine
    store: SqlStore
    crm: MemoryCRM

    async def tell(self) -> None:
        """The deal moves; a message and a job for every contact are stored."""
        await poll(self.services)
        self.crm.move(DEAL, {DealField.STAGE: STAGES[1]})
        await poll(self.services)
        async with self.store.unit() as unit:
            page = await self.crm.changes_since("0", utc_now())
        del unit
        await on_deal_changed(self.services, f"{DEAL}:{page.changes[0].key}")

    async def deliver(self, mails: int) -> None:
        """Until every job is done."""
        await self.engine.start()
        async with asyncio.timeout(180):
            while sum((await self.engine.backlog()).waiting.values()):
                await asyncio.sleep(0.25)  # a look costs as much as some mails
        async with self.store.unit() as unit:
            sent = [m for m in await unit.list_messages(limit=mails + 1) if m.sent_at is not None]
        if len(sent) != mails:
            raise RuntimeError(f"sending: {len(sent)} of {mails} mails were sent")


@asynccontextmanager
async def worker(folder: Path, smtp: Smtp, *, contacts: int) -> AsyncIterator[TellingWorker]:
    url = f"sqlite:///{folder}/bench.sqlite"
    await asyncio.to_thread(upgrade, url)
    db = Database(url)
    engine = Engine(SqlLedger(db), worker_id="bench", clock=utc_now)
    store = SqlStore(db, clock=utc_now, enqueued=engine.nudge)
    crm = _crm(contacts)
    services = Services(
        store=store,
        crm=crm,
        renderer=TemplateRenderer(("en",), programme="Desk"),
        addressing=ReplyAddressing(DESK, (b"secret of the bench",)),
        mail_reader=Reader(address=DESK, words=mail_words(), trusted_authserv_ids=()),
        chat_reader=SlackReader(),
        post=MailPost(smtp, address=DESK, name="Desk"),
        chat=None,
        policies=Policies(),
        programme=Programme(languages=("en",)),
        now=utc_now,
    )
    register_jobs(engine, services, concurrency=CONCURRENCY)
    try:
        yield TellingWorker(services, engine, store, crm)
    finally:
        await engine.stop()
        await db.close()


def _crm(contacts: int) -> MemoryCRM:
    """One partner with that many contacts, all on one deal."""
    pipeline = Pipeline(motion=Motion.RESELLER, stages=tuple(Stage(label=label) for label in STAGES))
    crm = MemoryCRM(pipelines={Motion.RESELLER: pipeline}, clock=utc_now)
    crm.put_partner(Partner(id="P1", name="Brandt IT GmbH", language="en"))
    for number in range(contacts):
        crm.put_contact(
            Contact(
                id=f"C{number}",
                partner_id="P1",
                name=f"Robin Person{number}",
                email=f"person{number}@partner.example",
                channels=(Channel.EMAIL,),
            )
        )
    deal = Deal(
        id=DEAL,
        name="Acme rollout",
        company="Acme GmbH",
        partner_id="P1",
        motion=Motion.RESELLER,
        stage=STAGES[0],
        amount=Decimal(40000),
        currency="EUR",
        updated_at=utc_now(),
    )
    crm.put_deal(deal, contact_ids=[f"C{number}" for number in range(contacts)])
    return crm
