"""One small world in several CRMs: two partners, their people and their deals, and what the vendor's people do."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from bot.crm.hubspot import HubSpotCRM, HubSpotSettings
from bot.crm.hubspot.fields import stamp
from bot.crm.memory import MemoryCRM
from bot.domain.accounts import Account
from bot.domain.deals import Deal, DealField, FieldValue, Outcome, Pipeline, Stage
from bot.domain.partners import Channel, Contact, Manager, Motion, Partner
from bot.ports import CRM, Meeting
from bot.sandbox.hubspot import HubSpotServer, Limits, Settings
from bot.sandbox.record import Recorder
from tests.contracts.crm.names import (
    ACME,
    ANA,
    ASHBY,
    ASHBYS,
    BRANDT,
    CHANNEL,
    CONTOSO,
    DIRECT,
    EVE,
    FORMER,
    JULIA,
    LOST,
    MUELLER,
    NOBODYS,
    OLGA,
    OUTCOMES,
    PRIYA,
    ROLLOUT,
    SECOND,
    SHARED_BY_TWO,
    STAGES,
    TOKEN,
    TOM,
)
from tests.contracts.crm.seed import hubspot_seed


class World(Protocol):
    """A CRM and the hands of the people who work in it."""

    crm: CRM

    async def move(self, deal_id: str, values: Mapping[DealField, FieldValue]) -> None:
        """Change a deal as a person does."""

    async def archive(self, deal_id: str) -> None: ...

    async def notes(self, deal_id: str) -> list[str]:
        """The bodies of the deal's notes."""

    async def timeline(self, contact_id: str) -> list[str]:
        """The bodies of the contact's notes."""

    async def companies(self, deal_id: str) -> set[str]:
        """The partners' companies that people see on the deal, but for its own partner's."""

    async def meet(self, deal_id: str, title: str, *, ended_at: datetime) -> None:
        """Put a meeting about the deal into the calendar of its owner, Priya."""


# ---- in memory --------------------------------------------------------------------------------------------


class MemoryWorld:
    def __init__(self) -> None:
        stages = tuple(Stage(label=label, outcome=OUTCOMES.get(label, Outcome.OPEN)) for label in STAGES)
        self.memory = MemoryCRM(
            pipelines={Motion.RESELLER: Pipeline(motion=Motion.RESELLER, stages=stages)},
            clock=lambda: datetime.now(UTC),
        )
        self.crm: CRM = self.memory
        self._fill()

    async def move(self, deal_id: str, values: Mapping[DealField, FieldValue]) -> None:
        self.memory.move(deal_id, values)

    async def archive(self, deal_id: str) -> None:
        self.memory.remove_deal(deal_id)

    async def notes(self, deal_id: str) -> list[str]:
        return [note.body for note in self.memory.notes if note.deal_id == deal_id]

    async def timeline(self, contact_id: str) -> list[str]:
        return [note.body for note in self.memory.notes if note.contact_id == contact_id]

    async def companies(self, deal_id: str) -> set[str]:
        return set(self.memory.further_partners(deal_id))

    async def meet(self, deal_id: str, title: str, *, ended_at: datetime) -> None:
        meeting = Meeting(id=title, deal_id=deal_id, title=title, ended_at=ended_at, owner_id=PRIYA, followed_up=False)
        self.memory.put_meeting(meeting)

    def _fill(self) -> None:
        memory = self.memory
        memory.put_manager(Manager(id=PRIYA, name="Priya Nair", email="priya.nair@meridian.example"))
        memory.put_partner(
            Partner(
                id=BRANDT,
                name="Brandt IT GmbH",
                tier="gold",
                type="reseller",
                language="de",
                slack_channel=CHANNEL,
                manager_id=PRIYA,
                certifications=("Sales", "Technical"),
                territories=("DE", "DACH"),
            ),
            motions=(Motion.RESELLER, Motion.SERVICES),
        )
        memory.put_partner(Partner(id=FORMER, name="Former Partners", active=False))
        memory.put_partner(Partner(id=ASHBY, name="Ashby Digital", slack_channel=SHARED_BY_TWO))
        memory.put_partner(Partner(id=ACME, name="Acme GmbH", active=False, slack_channel=SHARED_BY_TWO))
        memory.put_contact(
            Contact(
                id=JULIA,
                partner_id=BRANDT,
                name="Julia Brandt",
                email="julia@brandt-it.example",
                other_emails=("jb@brandt.example",),
                locale="de-DE",
                timezone="Europe/Berlin",
                channels=(Channel.EMAIL, Channel.SLACK),
            ),
            facts={"size": ("40",)},
        )
        for id_, partner_id, name in ((TOM, BRANDT, "Tom Weber"), (EVE, ASHBY, "Eve Hall"), (ANA, ACME, "Ana Roth")):
            email = f"{name.split()[0].lower()}@people.example"
            memory.put_contact(Contact(id=id_, partner_id=partner_id, name=name, email=email))
        memory.put_contact(Contact(id=OLGA, partner_id=FORMER, name="Olga", email="olga@people.example"))
        memory.put_deal(_deal(ROLLOUT, "Acme rollout", BRANDT), contact_ids=(JULIA, EVE, ANA))
        memory.put_deal(_deal(SECOND, "Acme upgrade", BRANDT))
        memory.put_deal(_deal(ASHBYS, "Acme in Bath", ASHBY))
        memory.put_deal(_deal(NOBODYS, "Direct", None))
        memory.put_deal(_deal(LOST, "Gone", BRANDT, stage="Closed Lost"))
        memory.put_account(Account(id=ACME, name="Acme GmbH", domain=None))
        memory.put_account(
            Account(
                id=CONTOSO,
                name="Contoso AG",
                domain="contoso.example",
                country="DE",
                segment="BANKING",
                customer=True,
                owner_id=PRIYA,
            )
        )
        memory.put_account(Account(id=MUELLER, name="Müller Bau GmbH", domain="mueller-bau.example"))
        direct = _deal(DIRECT, "Müller direct", None)
        memory.put_deal(replace(direct, company="Müller Bau GmbH", registration=None, protected_until=None))


def _deal(deal_id: str, name: str, partner_id: str | None, stage: str = "Qualification") -> Deal:
    return Deal(
        id=deal_id,
        name=name,
        company="Acme GmbH",
        partner_id=partner_id,
        motion=Motion.RESELLER,
        stage=stage,
        outcome=OUTCOMES.get(stage, Outcome.OPEN),
        amount=Decimal(40000),
        currency="EUR",
        close_date=date(2026, 12, 31),
        registration=f"REG-{deal_id}",
        protected_until=date(2027, 1, 15),
        owner_id=PRIYA,
        updated_at=datetime.now(UTC),
    )


# ---- in HubSpot -------------------------------------------------------------------------------------------

PROPERTY = {
    DealField.AMOUNT: "amount",
    DealField.CURRENCY: "deal_currency_code",
    DealField.CLOSE_DATE: "closedate",
    DealField.NEXT_STEP: "hs_next_step",
    DealField.SHARE: "partner_share",
    DealField.CREDITS: "partner_credits",
}
DEFAULT_LIMITS = Limits(per_ten_seconds=100_000, searches_per_second=10_000)


class HubSpotWorld:
    def __init__(self, server: HubSpotServer, crm: HubSpotCRM) -> None:
        self.server = server
        self.hubspot = crm
        self.crm: CRM = crm

    async def move(self, deal_id: str, values: Mapping[DealField, FieldValue]) -> None:
        for field, value in values.items():
            if field is DealField.STAGE:
                self.server.hands.move(deal_id, str(value))
            else:
                self.server.hands.change("deals", deal_id, {PROPERTY[field]: "" if value is None else str(value)})

    async def archive(self, deal_id: str) -> None:
        self.server.hands.archive("deals", deal_id)

    async def notes(self, deal_id: str) -> list[str]:
        ids = self.server.hands.look("deals", deal_id)["associations"].get("notes", [])
        return [self.server.hands.look("notes", i)["properties"]["hs_note_body"] for i in ids]

    async def timeline(self, contact_id: str) -> list[str]:
        ids = self.server.hands.look("contacts", contact_id)["associations"].get("notes", [])
        return [self.server.hands.look("notes", i)["properties"]["hs_note_body"] for i in ids]

    async def companies(self, deal_id: str) -> set[str]:
        found = self.server.hands.look("deals", deal_id)["associations"].get("companies", [])
        return {str(i) for i in found} - {ACME, BRANDT}

    async def meet(self, deal_id: str, title: str, *, ended_at: datetime) -> None:
        began_at = stamp(ended_at - timedelta(hours=1))
        times = {"hs_timestamp": began_at, "hs_meeting_start_time": began_at, "hs_meeting_end_time": stamp(ended_at)}
        properties = {"hs_meeting_title": title, "hs_meeting_outcome": "SCHEDULED", "hubspot_owner_id": PRIYA, **times}
        self.server.hands.create("meetings", properties, to=[("deals", deal_id)])


@asynccontextmanager
async def hubspot_world(
    family: str,
    *,
    seed: dict[str, Any] | None = None,
    lag_s: float = 0.05,
    limits: Limits = DEFAULT_LIMITS,
    scopes: frozenset[str] | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    timer: Callable[[], float] = time.monotonic,
    record: Recorder | None = None,
    **more: Any,
) -> AsyncIterator[HubSpotWorld]:
    """The world in a HubSpot on loopback; `more` are further settings of the adapter. `timer` runs the search's
    lag and the limits."""
    server = HubSpotServer(
        token=TOKEN,
        seed=seed or hubspot_seed(),
        record=record,
        clock=clock,
        timer=timer,
        settings=Settings(limits=limits, lag_s=lag_s, scopes=scopes),
    )
    await server.start()
    pace = {"calls_per_10_s": 10_000, "searches_per_s": 1_000.0}
    facts = {"size": "company.numberofemployees"}
    told = {"access_token": TOKEN, "pipelines": {Motion.RESELLER: "Reseller"}, "facts": facts}
    crm = HubSpotCRM(HubSpotSettings(base_url=server.url, api_family=family, **{**told, **pace, **more}))
    try:
        yield HubSpotWorld(server, crm)
    finally:
        await crm.close()
        await server.stop()
