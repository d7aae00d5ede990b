"""The story, played: a deal moves, the partner is told and answers, the CRM changes, the partner is told again.

Each step is something a person or the worker does; the story holds only if every step does.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from smtplib import SMTP
from typing import Any

from bot.sandbox.demo import PASSWORD, MailSystem, World

JULIA = "julia@brandt-it.example"
ACME = "9001"
WAIT_S = 15.0


class StoryError(AssertionError):
    """A step did not hold."""


@dataclass(slots=True)
class Mailbox:
    """A person's mailbox, read and answered as a mail program does."""

    world: World
    address: str
    seen: int = 0

    async def next(self, what: str, within_s: float = WAIT_S) -> EmailMessage:
        """The next mail that comes in. Raises StoryError when none does."""
        raw = await until(what, self._unread, within_s)
        self.seen += 1
        message = message_from_bytes(raw, policy=policy.default)
        assert isinstance(message, EmailMessage)  # noqa: S101  policy.default makes nothing else
        return message

    async def _unread(self) -> bytes | None:
        mails = await self.world.mail.mails(self.address)
        return mails[self.seen] if len(mails) > self.seen else None

    async def reply(self, to: EmailMessage, words: str, *, name: str = "Julia Brandt") -> None:
        """Answer above the whole quoted mail, as a phone does."""
        quoted = "\n".join(f"> {line}" for line in text_of(to).splitlines())
        reply = EmailMessage()
        reply["From"] = f"{name} <{self.address}>"
        reply["To"] = to["Reply-To"]
        reply["Subject"] = f"Re: {to['Subject']}"
        reply["Date"] = format_datetime(self.world.clock())
        reply["Message-ID"] = make_msgid(domain=self.address.rpartition("@")[2])
        reply["In-Reply-To"] = to["Message-ID"]
        reply["References"] = f"{to.get('References', '')} {to['Message-ID']}".strip()
        reply.set_content(f"{words}\n\nAm 24.11.2026 um 14:05 schrieb Meridian Partner Desk:\n\n{quoted}\n")
        await asyncio.to_thread(submit, self.world.mail, self.address, reply)


def submit(mail: MailSystem, sender: str, *messages: EmailMessage) -> None:
    """Hand mails to the server as their logged-in author, in this order; blocking."""
    with SMTP("127.0.0.1", mail.smtp_port, timeout=10) as smtp:
        smtp.login(sender, PASSWORD)
        for message in messages:
            smtp.send_message(message, from_addr=sender)


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    return "" if body is None else body.get_content()


async def until(what: str, look: Callable[[], Awaitable[Any]], within_s: float = WAIT_S) -> Any:
    """The first true answer of `look`, asked ten times a second. Raises StoryError after `within_s` seconds."""
    deadline = asyncio.get_running_loop().time() + within_s
    while True:
        if found := await look():
            return found
        if asyncio.get_running_loop().time() > deadline:
            raise StoryError(f"{what}: did not happen within {within_s:.0f} s")
        await asyncio.sleep(0.1)


def deal(world: World, deal_id: str = ACME) -> dict[str, Any]:
    """The deal's properties as the CRM holds them."""
    properties: dict[str, Any] = world.hubspot.hands.look("deals", deal_id)["properties"]
    return properties


async def deal_has(world: World, what: str, **expected: str) -> None:
    """Wait until the deal holds these values; dates are compared by their day."""

    async def look() -> bool:
        held = deal(world)
        return all(str(held.get(name) or "")[: len(value)] == value for name, value in expected.items())

    await until(f"{what}: {expected}", look)


async def play(world: World, tell: Callable[[str], None]) -> bool:
    """Play every step and print it as it happens; False as soon as one does not hold."""
    story = _Story(world, tell)
    try:
        for chapter in (story.by_mail, story.undo, story.by_slack):
            await chapter()
    except StoryError as exc:
        tell(f"✗ {exc}")
        return False
    tell("✓ the whole story held")
    return True


class _Story:
    def __init__(self, world: World, tell: Callable[[str], None]) -> None:
        self.world = world
        self.tell = tell
        self.julia = Mailbox(world, JULIA)
        self.receipt: EmailMessage | None = None

    def step(self, text: str) -> None:
        self.tell(f"• {text}")

    def holds(self, what: str, *, that: bool) -> None:
        if not that:
            raise StoryError(what)

    async def by_mail(self) -> None:
        self.world.hubspot.hands.move(ACME, "Configure & Quote")
        self.step("CRM: Priya moves “Acme rollout” to Configure & Quote")
        notice = await self.julia.next("Julia is told by mail")
        self.step(f"mail to Julia: “{notice['Subject']}”")
        self.holds("the notice is in German", that="Configure & Quote" in text_of(notice))
        words = (
            "Danke! Abschluss verschiebt sich auf Ende Q1, und es werden eher 60k. Nächster Schritt: Demo mit dem CTO."
        )
        await self.julia.reply(notice, words)
        self.step(f"Julia answers: “{words}”")
        year = self.world.clock().year + 1
        await deal_has(
            self.world,
            "the CRM has the new values",
            amount="60000",
            closedate=f"{year}-03-31",
            hs_next_step="Demo mit dem CTO",
        )
        self.step(f"CRM: amount 60000, close date {year}-03-31, next step “Demo mit dem CTO”")
        self.receipt = await self.julia.next("Julia gets a receipt")
        self.holds(
            "the receipt is in the same thread", that=str(notice["Message-ID"]) in str(self.receipt["References"])
        )
        self.step(f"mail to Julia: “{self.receipt['Subject']}” with what was understood and an undo")
        await until("the reply stands on the deal's timeline", self._noted)
        self.step("CRM: the whole reply stands on the deal's timeline")

    async def _noted(self) -> bool:
        notes = self.world.hubspot.hands.look_at_all("notes")
        return any("Demo mit dem CTO" in (n["properties"].get("hs_note_body") or "") for n in notes)

    async def undo(self) -> None:
        if self.receipt is None:
            raise StoryError("there is no receipt to answer")
        await self.julia.reply(self.receipt, "undo")
        self.step("Julia answers the receipt: “undo”")
        await deal_has(self.world, "the old values are back", amount="40000", closedate="2026-12-31")
        self.step("CRM: amount 40000 and close date 2026-12-31 are back")
        told = await self.julia.next("Julia is told what was taken back")
        self.step(f"mail to Julia: “{told['Subject']}”")

    async def by_slack(self) -> None:
        slack = self.world.slack
        slack.people.mention("julia", "#brandt-it", f"link {JULIA}")
        self.step(f"Slack: Julia says who she is: “link {JULIA}”")
        mail = await self.julia.next("the code comes by mail")
        code = re.search(r"\b\d{6}\b", str(mail["Subject"]))
        if code is None:
            raise StoryError("the mail holds no code")
        slack.people.mention("julia", "#brandt-it", code[0])
        self.step(f"Slack: Julia types the code {code[0]} that came by mail")
        notice = await until("the channel is told of the move", self._slack_notice)
        slack.people.say("julia", "#brandt-it", "Acme: es werden jetzt 75.000 €", thread_ts=notice["ts"])
        self.step("Slack: Julia writes in the notice's thread: “Acme: es werden jetzt 75.000 €”")
        await deal_has(self.world, "the CRM has the amount", amount="75000")
        self.step("CRM: amount 75000")
        receipt = await until("the thread gets a receipt", lambda: self._thread_says(notice["ts"], "75.000"))
        await slack.hands.press("julia", "#brandt-it", receipt["ts"], "undo")
        self.step("Slack: Julia presses the undo button of the receipt")
        await deal_has(self.world, "the old amount is back", amount="40000")
        self.step("CRM: amount 40000 is back")

    async def _slack_notice(self) -> dict[str, Any] | None:
        messages = self.world.slack.people.messages("#brandt-it")
        notices = [m for m in messages if m.get("bot_id") and "Acme rollout" in str(m.get("text"))]
        return notices[0] if notices else None

    async def _thread_says(self, ts: str, words: str) -> dict[str, Any] | None:
        thread = self.world.slack.people.thread("#brandt-it", ts)
        said = [m for m in thread if m.get("bot_id") and words in str(m.get("blocks"))]
        return said[-1] if said else None
