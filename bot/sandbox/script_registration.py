"""The story's fourth chapter: a partner claims a company by mail, and holds it against the days and another partner.

Plays people only: what the worker and the CRM make of it is waited for, never done here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bot.sandbox.demo import World
from bot.sandbox.playing import Mailbox, StoryError, text_of, until

TOM, PRIYA = "tom@ashby-digital.example", "priya.nair"
MANAGERS = "#partner-managers"
COMPANY, CONTACT = "Nordwind Logistik AG", "karin.holm@nordwind.example"
TO_THE_WARNING, EXTENSION = timedelta(days=77), timedelta(days=30)  # of 90 days, warned 14 before: config.toml
SECRETS = ("Brandt", "Julia", "85")


@dataclass(slots=True, kw_only=True)
class Registration:
    """The chapter as far as it has been played."""

    world: World
    step: Callable[[str], None]
    julia: Mailbox
    number: str = ""
    deal_id: str = ""

    async def play(self) -> None:
        """Days pass only where the mail servers live by the world's clock. Raises StoryError."""
        await self.claimed()
        await self.approved()
        if self.world.keeps_time:
            await self.extended()
        else:
            self.step("(no days pass: this mail system has a clock of its own, which the story cannot move)")
        await self.contested()

    async def claimed(self) -> None:
        close = f"Ende März {self.world.clock().year + 1}"
        words = f"Ich möchte einen Deal registrieren: {COMPANY}, rund 85.000 EUR, Abschluss {close}."
        await self.julia.write("Neuer Deal", words, name="Julia Brandt")
        self.step(f"Julia writes a mail of her own: “{words}”")
        asked = await self.julia.about("Neuer Deal", "Julia is asked for what is missing")
        holds("one question, for the contact", that="ein Kontakt dort" in text_of(asked))
        self.step(f"mail to Julia: “{asked['Subject']}” asks for the contact there")
        words = f"Ansprechpartnerin ist Karin Holm, {CONTACT}"
        await self.julia.reply(asked, words)
        self.step(f"Julia answers: “{words}”")
        receipt = await self.julia.about("Neuer Deal", "Julia is told by when it is decided")
        holds("the receipt says who decides", that="Priya Nair entscheidet" in text_of(receipt))
        self.step("mail to Julia: it is registered, and by when Priya decides")

    async def approved(self) -> None:
        slack = self.world.slack
        request = await until("the managers are asked in Slack", self._request)
        self.number = str(request["text"]).partition(" ")[0]
        self.step(f"Slack: “{request['text']}”")
        await slack.hands.press(PRIYA, MANAGERS, request["ts"], "approve")
        self.step("Slack: Priya presses Approve")
        told = await self.julia.about("Neuer Deal", "Julia is told the decision")
        holds("Julia is told of the approval", that="genehmigt" in text_of(told))
        deal = self._deal()
        self.deal_id = deal["id"]
        self._stands_in_the_crm(deal)
        until_day = deal["properties"]["protected_until"]
        self.step(
            f"CRM: deal “{COMPANY}” with company, contact and the registration's story, protected until {until_day}"
        )
        self.step(f"mail to Julia: {self.number} is approved")

    async def extended(self) -> None:
        ends = self._protected_until()
        self.world.pass_time(TO_THE_WARNING)
        self.step(f"{TO_THE_WARNING.days} days pass")
        warning = await self.julia.about(f"{COMPANY}: Projektschutz endet", "Julia is warned before the end")
        self.step(f"mail to Julia: “{warning['Subject']}”")
        await self.julia.reply(warning, "Ja, bitte")
        self.step("Julia answers: “Ja, bitte”")
        receipt = await self.julia.about("Projektschutz endet", "Julia gets a receipt")
        holds("the protection runs on", that=self._protected_until() == ends + EXTENSION)
        holds("it is counted", that=self._deal()["properties"]["protection_renewals"] == "1")
        self.step(f"CRM: protected until {ends + EXTENSION}")
        self.step(f"mail to Julia: “{receipt['Subject']}”")

    async def contested(self) -> None:
        tom = Mailbox(self.world, TOM, seen=len(await self.world.mail.mails(TOM)))
        close = f"end of June {self.world.clock().year + 1}"
        words = (
            f"I'd like to register a deal: Nordwind Logistik, Per Lund (per.lund@nordwind.example), 120k EUR, {close}."
        )
        await tom.write("New deal", words, name="Tom Ashby")
        self.step(f"Tom of another partner writes: “{words}”")
        mail = await tom.about("New deal", "Tom is answered")
        while "could not approve" not in text_of(mail):
            mail = await tom.about("New deal", "Tom is refused")
        said = text_of(mail).replace(str(self.world.clock().year), "")
        holds("Tom learns nothing of Julia", that=not any(secret in said for secret in (*SECRETS, self.number)))
        holds("the CRM has one deal for the company", that=len(self._deals()) == 1)
        self.step("mail to Tom: another registration comes first, and not whose")

    async def _request(self) -> dict[str, Any] | None:
        messages = self.world.slack.people.messages(MANAGERS)
        return next((m for m in messages if m.get("bot_id") and COMPANY in str(m.get("text"))), None)

    def _deals(self) -> list[dict[str, Any]]:
        deals = self.world.hubspot.hands.look_at_all("deals")
        return [deal for deal in deals if "Nordwind" in deal["properties"]["dealname"]]

    def _deal(self) -> dict[str, Any]:
        (deal,) = self._deals()
        return deal

    def _protected_until(self) -> date:
        return date.fromisoformat(self._deal()["properties"]["protected_until"][:10])

    def _stands_in_the_crm(self, deal: dict[str, Any]) -> None:
        """The deal, its company and contact, each once, tied together, with the story on the timeline."""
        held, hands = deal["properties"], self.world.hubspot.hands
        holds("the deal is protected", that=(held["registration_status"], held["amount"]) == ("protected", "85000"))
        holds("the deal has the registration's number", that=held["registration_id"] == self.number)
        tied = deal["associations"]
        companies = [c["id"] for c in hands.look_at_all("companies") if c["properties"].get("name") == COMPANY]
        contacts = [c["id"] for c in hands.look_at_all("contacts") if c["properties"].get("email") == CONTACT]
        holds("the company is there once, and tied", that=len(companies) == 1 and companies[0] in tied["companies"])
        holds("the contact is there once, and tied", that=len(contacts) == 1 and contacts[0] in tied["contacts"])
        notes = [n for n in hands.look_at_all("notes") if deal["id"] in n["associations"].get("deals", [])]
        holds("the story is one note", that=[self.number in n["properties"]["hs_note_body"] for n in notes] == [True])


def holds(what: str, *, that: bool) -> None:
    """Raises StoryError when it does not."""
    if not that:
        raise StoryError(what)
