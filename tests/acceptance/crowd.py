"""A partner with many deals and a person who answers about each of them several times. Decides nothing by chance."""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from bot.ports import Disposition, MessageState
from bot.sandbox.playing import submit, text_of, until
from bot.sandbox.world import demo_world, pipeline_id, stage_id
from tests.acceptance.office import MINUTES_S, Office, reply_to

NELL = "nell@kerr-sons.example"
PARTNER, CONTACT = "7100", "8100"
START = 40_000


def deal_id(deal: int) -> str:
    return str(19_101 + deal)  # far from the ids of the demo


def crowded_world(deals: int) -> dict[str, Any]:
    """The demo's world and Nell's deals in it; she hears of them by mail alone."""
    seed = demo_world()
    partner = {"name": "Kerr & Sons", "type": "PARTNER", "hubspot_owner_id": "5001", "partner_status": "active"}
    partner |= {"partner_language": "en", "partner_tier": "gold", "partner_type": "reseller"}
    seed["companies"].append({"id": PARTNER, "created": "today-90d", "properties": partner})
    nell = {"firstname": "Nell", "lastname": "Kerr", "email": NELL, "hs_language": "en-gb"}
    nell |= {"hs_timezone": "europe_slash_london", "partner_role": "admin", "partner_channels": "email"}
    seed["contacts"].append({"id": CONTACT, "created": "today-90d", "companies": [PARTNER], "properties": nell})
    seed["deals"] += [_deal(deal) for deal in range(deals)]
    return seed


def _deal(deal: int) -> dict[str, Any]:
    properties = {
        "dealname": f"Kerr deal {deal:03d}",
        "pipeline": pipeline_id("reseller"),
        "dealstage": stage_id("reseller", "Qualification"),
        "amount": str(START),
        "deal_currency_code": "GBP",
        "closedate": "today+60d",
        "hubspot_owner_id": "5001",
        "partner_account": PARTNER,
        "partner_motion": "reseller",
    }
    return {"id": deal_id(deal), "created": "today-9d", "owner": "5001", "contacts": [CONTACT]} | {
        "properties": properties
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What Nell says about a deal in a round; no two amounts are equal."""

    deal: int
    round: int

    @property
    def amount(self) -> int:
        return 50_000 + 100 * self.deal + self.round

    @property
    def words(self) -> str:
        return f"The amount is {self.amount:,}."

    @property
    def message_id(self) -> str:
        return f"<reply-{self.deal}-{self.round}@client.example>"


@dataclass(slots=True, kw_only=True)
class Crowd:
    """Nell, her notices and her replies, in the order in which she writes them: often several in a row to one."""

    office: Office
    deals: int
    rounds: int
    notices: dict[int, EmailMessage]
    replies: Sequence[Reply]
    said: int = 0

    @classmethod
    async def told(cls, office: Office, *, deals: int, rounds: int, chance: random.Random) -> Crowd:
        """All deals move and Nell hears of each."""
        for deal in range(deals):
            office.world.hubspot.hands.move(deal_id(deal), "Configure & Quote")
        await until("Nell hears of every deal", lambda: _has(office, deals), MINUTES_S)
        await office.quiet()
        notices = {}
        for mail in await mails_of(office, NELL):
            name = re.search(r"Kerr deal (\d{3})", text_of(mail))
            assert name
            notices[int(name[1])] = mail
        assert sorted(notices) == list(range(deals))
        replies = in_bursts(deals, rounds, chance)
        return cls(office=office, deals=deals, rounds=rounds, notices=notices, replies=replies)

    async def say(self, count: int) -> None:
        """Hand in the next replies."""
        upcoming = self.replies[self.said : self.said + count]
        mails = [
            reply_to(self.notices[r.deal], r.words, sender=f"Nell Kerr <{NELL}>", number=f"{r.deal}-{r.round}")
            for r in upcoming
        ]
        await asyncio.to_thread(submit, self.office.world.mail, NELL, *mails)
        self.said += len(mails)

    async def check(self, *, kills: int, unheard: frozenset[int] = frozenset()) -> None:
        """Nothing lost, nothing doubled, nothing out of order; every fault is listed. `unheard` are the amounts whose
        first write HubSpot never carried out: only those may have been sent to it twice."""
        faults = [*await self._dispositions(), *self._writes(unheard), *await self._receipts(kills), *self._notes()]
        assert not faults, "\n".join(faults[:20])

    async def _dispositions(self) -> list[str]:
        inbox = await self.office.inbox()
        faults = [f"inbox {i.id}: {i.disposition}: {i.reason}" for i in inbox if i.disposition != Disposition.APPLIED]
        if len(inbox) != len(self.replies):
            faults.append(f"{len(inbox)} of {len(self.replies)} replies came in")
        unsent = [m for m in await self.office.outbox() if m.state is not MessageState.SENT]
        faults += [f"outbox {m.id}: {m.event} is {m.state}: {m.error}" for m in unsent]
        return faults + [f"dead: {d.kind}:{d.ref}: {d.error}" for d in await self.office.dead_letters()]

    def _writes(self, unheard: frozenset[int]) -> list[str]:
        faults = []
        asked = Counter(written_amounts(self.office.folder / "requests.jsonl"))
        for deal in range(self.deals):
            expected = [str(Reply(deal=deal, round=n).amount) for n in range(self.rounds)]
            if (held := self.office.history(deal_id(deal), "amount")) != [str(START), *expected]:
                faults.append(f"deal {deal}: its history is {held}")
            wrong = {a: asked[a] for a in expected if asked[a] != (2 if int(a) in unheard else 1)}
            faults += [f"deal {deal}: {amount} was written {n} times" for amount, n in wrong.items()]
        return faults

    async def _receipts(self, kills: int) -> list[str]:
        mails = await mails_of(self.office, NELL)
        by_id = Counter(str(mail["Message-ID"]) for mail in mails)
        answered = Counter({str(mail["Message-ID"]): str(mail["In-Reply-To"]) for mail in mails}.values())
        faults = [
            f"{reply} has {answered[reply.message_id]} receipts"
            for reply in self.replies
            if answered[reply.message_id] != 1
        ]
        if len(by_id) != self.deals + len(self.replies):
            faults.append(f"{len(by_id)} different mails instead of {self.deals + len(self.replies)}")
        if (repeated := len(mails) - len(by_id)) > kills:
            faults.append(f"{repeated} mails came again after {kills} kills")
        return faults

    def _notes(self) -> list[str]:
        counted = {reply: self.office.notes_with(reply.words) for reply in self.replies}
        return [f"{reply} has {n} notes" for reply, n in counted.items() if n != 1]


async def _has(office: Office, count: int) -> bool:
    return len(await office.world.mail.mails(NELL)) >= count


async def mails_of(office: Office, address: str) -> list[EmailMessage]:
    mails = []
    for raw in await office.world.mail.mails(address):
        mail = message_from_bytes(raw, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        mails.append(mail)
    return mails


def written_amounts(record: Path) -> Iterable[str]:
    """The amount of every PATCH of a deal that HubSpot was asked for."""
    for line in record.read_text(encoding="ascii").splitlines():
        request = json.loads(line)
        if request["method"] == "PATCH" and "/deals/" in request["path"]:
            amount = json.loads(request["body"])["properties"].get("amount")
            if amount is not None:
                yield str(amount)


def in_bursts(deals: int, rounds: int, chance: random.Random) -> list[Reply]:
    """Each deal's rounds in order, one to four of them in a row, the deals mixed."""
    left = dict.fromkeys(range(deals), 0)
    replies: list[Reply] = []
    while left:
        deal = chance.choice(list(left))
        for _ in range(chance.randint(1, 4)):
            if left.get(deal, rounds) == rounds:
                break
            replies.append(Reply(deal=deal, round=left[deal]))
            left[deal] += 1
        if left[deal] == rounds:
            del left[deal]
    return replies


def in_turns(count: int, turns: int) -> Sequence[int]:
    """`count` things as evenly as possible over `turns` turns."""
    return [count * (n + 1) // turns - count * n // turns for n in range(turns)]
