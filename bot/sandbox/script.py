"""The story, played: a deal moves, the partner is told and answers, the CRM changes, the partner is told again.

Each step is something a person or the worker does; the story holds only if every step does.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

from bot.sandbox.demo import World
from bot.sandbox.playing import Mailbox, StoryError, text_of, until
from bot.sandbox.script_registration import Registration, holds

JULIA = "julia@brandt-it.example"
ACME = "9001"


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
        for chapter in (story.by_mail, story.undo, story.by_slack, story.registration):
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

    async def by_mail(self) -> None:
        self.world.hubspot.hands.move(ACME, "Configure & Quote")
        self.step("CRM: Priya moves “Acme rollout” to Configure & Quote")
        notice = await self.julia.next("Julia is told by mail")
        self.step(f"mail to Julia: “{notice['Subject']}”")
        holds("the notice is in German", that="Configure & Quote" in text_of(notice))
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
        holds("the receipt is in the same thread", that=str(notice["Message-ID"]) in str(self.receipt["References"]))
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

    async def registration(self) -> None:
        """A company that nobody had yet, from the claim to the one who comes too late."""
        await Registration(world=self.world, step=self.step, julia=self.julia).play()
