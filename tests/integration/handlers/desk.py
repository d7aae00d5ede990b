"""A whole desk in one process: real store, engine, reader, renderer and understanding; CRM and speaking in memory."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from bot.app import register_jobs
from bot.crm.memory import MemoryCRM
from bot.domain.announcements import State
from bot.domain.deals import Deal, DealField, Outcome, Pipeline, Stage
from bot.domain.motions import Motions
from bot.domain.partners import Channel, Contact, Manager, Motion, Partner
from bot.domain.policy import Item, Policies, Rule
from bot.domain.preferences import QuietHours
from bot.domain.rhythm import Rhythm
from bot.domain.routing import Reach, starts_at
from bot.domain.terms import Terms
from bot.engine import Engine
from bot.mail_words import mail_words
from bot.ports import Change, ChatPerson, Email, Inbound, Message, Proposer, Received
from bot.render import TemplateRenderer
from bot.slack.events import Kind, SlackEvent
from bot.slack.reader import SlackReader
from bot.slack.views.place import Place
from bot.store import Database, SqlLedger, SqlStore, acceptances, upgrade
from handlers import deal_changed
from handlers.nudging import on_nudge_sweep
from handlers.protection import on_protection_sweep
from handlers.received import store_received
from handlers.services import Announcing, Programme, Services
from mailer.addressing import ReplyAddressing
from mailer.reader import Reader
from tests.integration.handlers.doors import Bulk, Chat, MovedClock, Post

DESK = "partners@meridian.example"
JULIA, LUKAS, TOM, PRIYA = (
    "julia@brandt-it.example",
    "lukas@brandt-it.example",
    "tom@ashby.example",
    "priya@meridian.example",
)
NEVER_QUIET = QuietHours(starts=time(), ends=time(), weekends=False)
#: A desk that nudges nobody, where time passes for other reasons.
NEVER = Rhythm(stalled_days=0, notes_days=0, action_days=0, follow_up_hours=0)
STAGES = ("Deal Registration", "Qualification", "Configure & Quote", "Transact", "Launch & Activate")
PIPELINES = {
    Motion.RESELLER: Pipeline(
        motion=Motion.RESELLER,
        stages=(
            *(Stage(label=s) for s in STAGES),
            Stage(label="Closed won", outcome=Outcome.WON),
            Stage(label="Closed lost", outcome=Outcome.LOST),
        ),
    )
}


@dataclass
class Desk:
    crm: MemoryCRM
    post: Post
    chat: Chat
    services: Services
    engine: Engine
    store: SqlStore
    clock: MovedClock
    bulk: Bulk
    taken: int = 0

    async def settle(self) -> None:
        """Wait until nothing is left to do by now."""
        async with asyncio.timeout(60):
            while await self._is_busy():
                await asyncio.sleep(0.005)

    async def _is_busy(self) -> bool:
        """Whether anything is due or tried again; looks that are set for later are not waited for."""
        backlog = await self.engine.backlog()
        later = {"broadcast", "broadcast_batch"} | (
            {"registration_timer", "hold_timer"} if backlog.late == timedelta() else set()
        )
        waits = any(n for kind, n in backlog.waiting.items() if kind not in later)
        return backlog.running > 0 or waits or await self._announces()

    async def _announces(self) -> bool:
        """Whether an announcement has something to do by now."""
        now, at_once = self.clock(), datetime.min.replace(tzinfo=UTC)
        async with self.store.unit() as unit:
            for one in await unit.announcements():
                if one.state is State.SCHEDULED and (starts_at(one) or at_once) <= now:
                    return True
                if one.state is State.SENDING and (await unit.next_due(one.id) or at_once) <= now:
                    return True
        return False

    async def wait(self, **span: float) -> None:
        """Time passes: what was to be done until then is done, the looks at protections and quiet deals included."""
        self.clock.ahead += timedelta(**span)
        await on_protection_sweep(self.services, self.clock().isoformat())
        await on_nudge_sweep(self.services, self.clock().isoformat())
        self.engine.nudge()
        await self.settle()

    async def moved(self, deal_id: str = "D1", **values: object) -> Any:
        """The vendor changes the deal; returns the mail that told Julia, None when there was none."""
        before = len(self.post.sent)
        await deal_changed.poll(self.services)
        self.crm.move(deal_id, {DealField(name): value for name, value in values.items()})  # type: ignore[misc]
        await deal_changed.poll(self.services)
        await self.settle()
        return next((m for m in self.post.sent[before:] if m.to_address == JULIA), None)

    async def mail(
        self,
        words: str,
        *,
        sender: str = JULIA,
        to: Email | str = DESK,
        authentic: bool = True,
        message_id: str | None = None,
        headers: Sequence[tuple[str, str]] = (),
    ) -> Inbound:
        """A mail arrives and is handled; returns how it ended."""
        raw = self.raw_mail(words, sender=sender, to=to, authentic=authentic, message_id=message_id, headers=headers)
        return await self.raw(raw)

    def raw_mail(
        self,
        words: str,
        *,
        sender: str = JULIA,
        to: Email | str = DESK,
        authentic: bool = True,
        message_id: str | None = None,
        headers: Sequence[tuple[str, str]] = (),
    ) -> bytes:
        """A mail as the receiving server hands it over."""
        self.taken += 1
        message = EmailMessage()
        message["From"] = sender
        message["To"] = to if isinstance(to, str) else to.reply_to
        message["Subject"] = "Hello" if isinstance(to, str) else f"Re: {to.subject}"
        message["Date"] = datetime.now(UTC)
        message["Message-ID"] = message_id or f"<{self.taken}@client.example>"
        if not isinstance(to, str):
            message["In-Reply-To"] = f"<{to.message_id}>"
        for name, value in headers:
            message[name] = value
        message.set_content(words)
        domain = sender.rpartition("@")[2].rstrip(">")
        verdict = f"dmarc={'pass' if authentic else 'fail'} header.from={domain}"
        stamp = f"Authentication-Results: mx.test; {verdict}\r\nReceived: from x by mx.test with ESMTP\r\n"
        return stamp.encode() + message.as_bytes()

    async def raw(self, raw: bytes, *, size_bytes: int | None = None) -> Inbound:
        received = await self.put(raw, size_bytes=size_bytes)
        await self.settle()
        return await self.ended(received)

    async def put(self, raw: bytes, *, size_bytes: int | None = None) -> Received:
        """A mail arrives; it is handled when its turn comes."""
        self.taken += 1
        received = Received(
            channel=Channel.EMAIL,
            key=f"imap:test:1:{self.taken}",
            raw=raw,
            size_bytes=size_bytes or len(raw),
            received_at=self.services.now(),
        )
        await store_received(self.services, received, None)
        return received

    async def slack(
        self,
        user: str,
        text: str = "",
        *,
        kind: Kind = Kind.MESSAGE,
        channel: str = "C1",
        thread_ts: str | None = None,
        action: str | None = None,
        value: str | None = None,
        ts: str = "5000.1",
    ) -> Inbound:
        """Somebody does something in Slack and it is handled; returns how it ended."""
        self.taken += 1
        event = SlackEvent(
            kind=kind,
            key=f"Ev{self.taken}",
            team_id="T_BRANDT" if user != "U_PRIYA" else "T_VENDOR",
            user_id=user,
            channel=channel,
            channel_type="channel",
            ts=ts,
            thread_ts=thread_ts,
            text=text,
            plain=text,
            action_id=action,
            value=value,
            command="/partner" if kind is Kind.COMMAND else None,
        )
        return await self.happened(event)

    async def form(self, user: str, name: str, values: dict[str, str], place: Place) -> Inbound:
        """Somebody sends a form that they opened at that place."""
        self.taken += 1
        event = SlackEvent(
            kind=Kind.VIEW_SUBMISSION,
            key=f"Ev{self.taken}",
            team_id="T_BRANDT" if user != "U_PRIYA" else "T_VENDOR",
            user_id=user,
            callback_id=name,
            private_metadata=place.to_json(),
            values=values,
        )
        return await self.happened(event)

    async def happened(self, event: SlackEvent) -> Inbound:
        """Slack tells us of it, and it is handled; returns how it ended."""
        raw = event.to_json()
        received = Received(
            channel=Channel.SLACK, key=event.key, raw=raw, size_bytes=len(raw), received_at=self.services.now()
        )
        await store_received(self.services, received, None)
        await self.settle()
        return await self.ended(received)

    async def change(self, change_id: int) -> Change | None:
        async with self.store.unit() as unit:
            return await unit.change(change_id)

    async def ended(self, received: Received) -> Inbound:
        async with self.store.unit() as unit:
            return next(i for i in await unit.list_inbound(limit=1000) if i.key == received.key)

    async def failures(self) -> list[str]:
        """What was given up and why."""
        return [f"{d.kind}:{d.ref}: {d.error}" for d in await self.engine.dead_letters()]

    async def outbox(self) -> Sequence[Message]:
        async with self.store.unit() as unit:
            return await unit.list_messages(limit=1000)

    async def deal(self, deal_id: str = "D1") -> Deal:
        deal = await self.crm.deal(deal_id)
        assert deal is not None
        return deal

    def last(self, to: str = JULIA) -> Email:
        return [m for m in self.post.sent if m.to_address == to][-1]


def fill(crm: MemoryCRM) -> None:
    """Two partners, three contacts, one manager, three deals."""
    crm.put_manager(Manager(id="M1", name="Priya Nair", email=PRIYA))
    crm.put_partner(Partner(id="P1", name="Brandt IT GmbH", language="en", manager_id="M1"))
    crm.put_partner(Partner(id="P2", name="Ashby Digital", language="en", manager_id="M1"))
    for number, (name, email, partner) in enumerate(
        (("Julia Brandt", JULIA, "P1"), ("Lukas Weber", LUKAS, "P1"), ("Tom Ashby", TOM, "P2")), start=1
    ):
        crm.put_contact(
            Contact(
                id=f"C{number}",
                partner_id=partner,
                name=name,
                email=email,
                locale="en-GB",
                timezone="Europe/Berlin",
                channels=(Channel.EMAIL,),
            )
        )
    deals = (("D1", "Acme rollout", "P1", "C1"), ("D2", "Elbtal Bau", "P1", "C1"), ("D3", "Redwood Dairy", "P2", "C3"))
    for deal_id, name, partner, contact in deals:
        crm.put_deal(
            Deal(
                id=deal_id,
                name=name,
                company=f"{name.split()[0]} GmbH",
                partner_id=partner,
                motion=Motion.RESELLER,
                stage="Qualification",
                amount=Decimal(40000),
                currency="EUR",
                close_date=date(2026, 12, 31),
                updated_at=datetime.now(UTC),
            ),
            contact_ids=[contact],
        )


@asynccontextmanager
async def desk(
    folder: Path,
    *,
    rules: dict[Item, Rule] | None = None,
    managers_channel: str | None = None,
    slack: bool = True,
    proposer: Proposer | None = None,
    proposer_timeout: timedelta = timedelta(minutes=1),
    terms: Terms | None = None,
    rhythm: Rhythm | None = None,
    url: str | None = None,
    motions: Motions | None = None,
) -> AsyncIterator[Desk]:
    """A running desk; jobs are done as they come. Its store is a new file in `folder`, or the database at `url`."""

    now = MovedClock()
    url = url or f"sqlite:///{folder}/desk.sqlite"
    await asyncio.to_thread(upgrade, url)
    db = Database(url)
    engine = Engine(SqlLedger(db), worker_id="desk", clock=now)
    store = SqlStore(db, clock=now, enqueued=engine.nudge)
    crm = MemoryCRM(pipelines=PIPELINES, clock=now)
    fill(crm)
    post, bulk, chat = Post(), Bulk(), Chat(people={"U_PRIYA": ChatPerson(name="Priya", email=PRIYA, is_ours=True)})
    services = Services(
        store=store,
        crm=crm,
        renderer=TemplateRenderer(("en",), programme="Desk"),
        addressing=ReplyAddressing(DESK, (b"secret of the test",)),
        mail_reader=Reader(
            address=DESK,
            words=mail_words(),
            trusted_authserv_ids=("mx.test",),
            own_received_by=re.compile(r"by mx\.test"),
        ),
        chat_reader=SlackReader(),
        post=post,
        chat=chat if slack else None,
        policies=Policies(
            rules={"partner": rules or {}}, terms=terms or Terms(), rhythm=rhythm or NEVER, motions=motions or {}
        ),
        programme=Programme(languages=("en",), fallback_manager=PRIYA, managers_channel=managers_channel),
        now=now,
        proposer=proposer,
        proposer_timeout=proposer_timeout,
        announcing=Announcing(
            reach=Reach(
                languages=("en",),
                default_language="en",
                ways=frozenset(Channel) if slack else frozenset({Channel.EMAIL}),
                quiet=NEVER_QUIET,
            ),
            acceptances=acceptances(db),
            bulk=bulk,
            batch=3,
        ),
    )
    register_jobs(engine, services, concurrency=4)
    await engine.start()
    try:
        yield Desk(crm=crm, post=post, bulk=bulk, chat=chat, services=services, engine=engine, store=store, clock=now)
    finally:
        await engine.stop()
        await db.close()
