"""What the page reads and does: one snapshot of the whole world, and the acts of its people. Keeps nothing itself."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.errors import PermanentError
from bot.sandbox import page_deals, page_mail, page_slack
from bot.sandbox.demo import PARTNER_DESK, World
from bot.sandbox.hubspot.errors import HubSpotError
from bot.sandbox.playing import StoryError, submit, until

Shown = dict[str, Any]
LONGEST_WAIT_DAYS = 100
EDITABLE = frozenset({"amount", "closedate", "hs_next_step"})


class ActError(PermanentError):
    """What the page asked for cannot be done; the message is shown to the person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWorld:
    """Reads and acts on a running world. Acts raise ActError or SandboxError in words for the person."""

    world: World
    seed: Mapping[str, Any]

    async def snapshot(self) -> Shown:
        """Everything that the page shows; the same for every viewer."""
        people = self.people()
        addresses = [person["email"] for person in people]
        mails = page_mail.sent(await self.world.mail.mails(PARTNER_DESK), addresses)
        for address in addresses:
            mails += page_mail.received(address, await self.world.mail.mails(address))
        return {
            "today": self.world.clock().date().isoformat(),
            "people": people,
            "mails": sorted(mails, key=lambda mail: mail["at"]),
            "channels": page_slack.channels(self.world.slack.world),
            "pipelines": page_deals.pipelines(self.seed),
            "deals": page_deals.deals(self.world.hubspot.hands, self.seed),
        }

    def people(self) -> list[Shown]:
        """Contacts by their partner, then the partner managers."""
        companies = {company["id"]: company["properties"]["name"] for company in self.seed["companies"]}
        contacts = [
            _person(c["properties"]["email"], c["properties"]["firstname"], c["properties"]["lastname"])
            | {"org": companies[c["companies"][0]], "org_id": c["companies"][0], "role": "contact"}
            | {"language": c["properties"]["hs_language"][:2]}
            for c in self.seed["contacts"]
        ]
        managers = [
            _person(o["email"], o["first_name"], o["last_name"])
            | {"org": "", "org_id": "", "role": "manager", "language": "en"}
            for o in self.seed["owners"]
        ]
        return [*contacts, *managers]

    async def html(self, address: str, number: int) -> str:
        """A mail's HTML, as it came. Raises ActError when there is no such mail."""
        return page_mail.part(page_mail.parsed(await self._mail(address, number)), "html")

    async def reply(self, address: str, number: int, words: str) -> None:
        """Answer a mail as its reader."""
        author = next((p["name"] for p in self.people() if p["email"] == address), None)
        if author is None:
            raise ActError(f"{address}: nobody of this world reads this mailbox")
        if not words.strip():
            raise ActError("The reply is empty: write what is new.")
        message = page_mail.parsed(await self._mail(address, number))
        now = self.world.clock()
        answer = page_mail.reply_to(message, words.strip(), author=author, address=address, now=now)
        await asyncio.to_thread(submit, self.world.mail, address, answer)

    async def change(self, deal: str, values: Mapping[str, str], by: str) -> None:
        """Move or edit a deal in the CRM's own page; `stage` is a stage's id, other names are HubSpot's."""
        hands = self.world.hubspot.hands
        unknown = values.keys() - EDITABLE - {"stage"}
        if unknown:
            raise ActError(f"{', '.join(sorted(unknown))}: cannot be edited here")
        try:
            if "stage" in values:
                hands.move(deal, values["stage"], by=by)
            if rest := {name: value for name, value in values.items() if name != "stage"}:
                hands.change("deals", deal, rest, by=by)
        except HubSpotError as exc:
            raise ActError(f"The CRM refuses it: {exc}") from exc

    async def say(self, user: str, channel: str, text: str, thread: str, *, mention: bool) -> None:
        """Write into a channel or thread, to the app when `mention`."""
        if not text.strip():
            raise ActError("The message is empty: write something.")
        people = self.world.slack.people
        speak = people.mention if mention else people.say
        speak(user, channel, text.strip(), thread_ts=thread)

    async def press(self, user: str, channel: str, ts: str, action: str, block: str, value: str | None) -> None:
        """Press a button, or choose `value` in a select."""
        outcome = await self.world.slack.hands.press(user, channel, ts, action, value, block_id=block)
        if not outcome.ok:
            raise ActError(f"Slack says: {outcome.error}")

    async def wait(self, days: int) -> None:
        """Let days pass for everybody in this world, 1 to 100 at a time."""
        if not 1 <= days <= LONGEST_WAIT_DAYS:
            raise ActError(f"{days} days: 1 to {LONGEST_WAIT_DAYS} may pass at a time")
        self.world.pass_time(timedelta(days=days))

    async def link(self, address: str, channel: str) -> None:
        """Say in Slack who one is and type the code that comes by mail.

        Raises:
            ActError: No code came in 15 s.
        """
        before = len(await self.world.mail.mails(address))

        async def code() -> str | None:
            fresh = (await self.world.mail.mails(address))[before:]
            found = (re.search(r"\b\d{6}\b", str(page_mail.parsed(raw)["Subject"])) for raw in fresh)
            return next((match[0] for match in found if match), None)

        people = self.world.slack.people
        people.mention(address, channel, f"link {address}")
        try:
            people.mention(address, channel, await until(f"{address}: the code comes by mail", code))
        except StoryError as exc:
            raise ActError(str(exc)) from exc

    async def _mail(self, address: str, number: int) -> bytes:
        try:
            mails = await self.world.mail.mails(address)
        except KeyError as exc:
            raise ActError(f"{address}: there is no such mailbox") from exc
        if not 0 <= number < len(mails):
            raise ActError(f"{address}: there is no mail number {number}")
        return mails[number]


def _person(email: str, first: str, last: str) -> Shown:
    return {"email": email, "name": f"{first} {last}"}
