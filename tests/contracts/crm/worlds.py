"""One small world in several CRMs: two partners, their people and their deals, and what the vendor's people do."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Protocol

from bot.crm.hubspot import HubSpotCRM, HubSpotSettings
from bot.crm.memory import MemoryCRM
from bot.domain.deals import Deal, DealField, FieldValue, Outcome, Pipeline, Stage
from bot.domain.partners import Channel, Contact, Manager, Motion, Partner
from bot.ports import CRM
from bot.sandbox.hubspot import HubSpotServer, Limits, Settings
from bot.sandbox.record import Recorder

BRANDT, ASHBY, ACME = "7001", "7002", "7101"
JULIA, TOM, EVE, ANA = "8001", "8002", "8003", "8004"  # Brandt, Brandt, Brandt and Ashby (Ashby first), Acme
ROLLOUT, SECOND, ASHBYS, NOBODYS, LOST = "9001", "9002", "9003", "9004", "9005"
NOBODY = "9999"
PRIYA = "5001"
CHANNEL, SHARED_BY_TWO = "C0BRANDT", "C0BOTH"
STAGES = ("Deal Registration", "Qualification", "Transact", "Closed Won", "Closed Lost")
OUTCOMES = {"Closed Won": Outcome.WON, "Closed Lost": Outcome.LOST}


class World(Protocol):
    """A CRM and the hands of the people who work in it."""

    crm: CRM

    async def move(self, deal_id: str, values: Mapping[DealField, FieldValue]) -> None:
        """Change a deal as a person does."""

    async def archive(self, deal_id: str) -> None: ...

    async def notes(self, deal_id: str) -> list[str]:
        """The bodies of the deal's notes."""


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
            )
        )
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
            )
        )
        for id_, partner_id, name in ((TOM, BRANDT, "Tom Weber"), (EVE, ASHBY, "Eve Hall"), (ANA, ACME, "Ana Roth")):
            email = f"{name.split()[0].lower()}@people.example"
            memory.put_contact(Contact(id=id_, partner_id=partner_id, name=name, email=email))
        memory.put_deal(_deal(ROLLOUT, "Acme rollout", BRANDT), contact_ids=(JULIA, EVE, ANA))
        memory.put_deal(_deal(SECOND, "Acme upgrade", BRANDT))
        memory.put_deal(_deal(ASHBYS, "Acme in Bath", ASHBY))
        memory.put_deal(_deal(NOBODYS, "Direct", None))
        memory.put_deal(_deal(LOST, "Gone", BRANDT, stage="Closed Lost"))


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

TOKEN = "pat-eu1-not-a-real-token"
STAGE_IDS = {label: str(7510 + place) for place, label in enumerate(STAGES)}
PROPERTY = {
    DealField.AMOUNT: "amount",
    DealField.CURRENCY: "deal_currency_code",
    DealField.CLOSE_DATE: "closedate",
    DealField.NEXT_STEP: "hs_next_step",
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
    told = {"access_token": TOKEN, "pipelines": {Motion.RESELLER: "Reseller"}}
    crm = HubSpotCRM(HubSpotSettings(base_url=server.url, api_family=family, **{**told, **pace, **more}))
    try:
        yield HubSpotWorld(server, crm)
    finally:
        await crm.close()
        await server.stop()


def hubspot_seed() -> dict[str, Any]:
    """The same world as a seed."""
    group = [{"name": "offportal", "label": "Partner programme"}]
    return {
        "account": {"portal_id": 4711, "time_zone": "America/New_York", "currency": "EUR", "more_currencies": ["USD"]},
        "owners": [
            {
                "id": PRIYA,
                "user_id": 61001,
                "email": "priya.nair@meridian.example",
                "first_name": "Priya",
                "last_name": "Nair",
            }
        ],
        "groups": dict.fromkeys(("deals", "companies", "contacts"), group),
        "properties": _definitions(),
        "pipelines": [
            {
                "id": "751",
                "label": "Reseller",
                "displayOrder": 1,
                "stages": [
                    {
                        "id": STAGE_IDS[label],
                        "label": label,
                        "displayOrder": place,
                        "metadata": {"probability": {"Closed Won": "1.0", "Closed Lost": "0.0"}.get(label, "0.4")},
                    }
                    for place, label in enumerate(STAGES)
                ],
            }
        ],
        "companies": _companies(),
        "contacts": _contacts(),
        "deals": [
            _seed_deal(ROLLOUT, "Acme rollout", BRANDT, contacts=[JULIA, EVE, ANA]),
            _seed_deal(SECOND, "Acme upgrade", BRANDT),
            _seed_deal(ASHBYS, "Acme in Bath", ASHBY),
            _seed_deal(NOBODYS, "Direct", ""),
            _seed_deal(LOST, "Gone", BRANDT, stage="Closed Lost"),
        ],
    }


def _companies() -> list[dict[str, Any]]:
    brandt = {
        "name": "Brandt IT GmbH",
        "partner_status": "active",
        "partner_tier": "gold",
        "partner_type": "reseller",
        "partner_language": "de",
        "partner_slack_channel": CHANNEL,
        "hubspot_owner_id": PRIYA,
    }
    both = {"partner_slack_channel": SHARED_BY_TWO}
    return [
        {"id": BRANDT, "properties": brandt},
        {"id": ASHBY, "properties": {"name": "Ashby Digital", "partner_status": "active", **both}},
        {"id": ACME, "properties": {"name": "Acme GmbH", **both}},
    ]


def _contacts() -> list[dict[str, Any]]:
    julia = {
        "email": "julia@brandt-it.example",
        "firstname": "Julia",
        "lastname": "Brandt",
        "hs_additional_emails": "jb@brandt.example",
        "hs_language": "de-de",
        "hs_timezone": "europe_slash_berlin",
        "partner_channels": "email;slack",
    }
    tom = {"email": "tom@people.example", "firstname": "Tom", "lastname": "Weber"}
    eve = {"email": "eve@people.example", "firstname": "Eve", "lastname": "Hall"}
    ana = {"email": "ana@people.example", "firstname": "Ana", "lastname": "Roth"}
    return [
        {"id": JULIA, "properties": julia, "companies": [BRANDT]},
        {"id": TOM, "properties": tom, "companies": [BRANDT]},
        {"id": EVE, "properties": eve, "companies": [ASHBY, BRANDT]},
        {"id": ANA, "properties": ana, "companies": [ACME]},
    ]


def _seed_deal(
    deal_id: str, name: str, partner_id: str, *, stage: str = "Qualification", contacts: list[str] | None = None
) -> dict[str, Any]:
    properties = {
        "dealname": name,
        "pipeline": "751",
        "dealstage": STAGE_IDS[stage],
        "amount": "40000",
        "deal_currency_code": "EUR",
        "closedate": "2026-12-31T12:00:00.000Z",
        "partner_account": partner_id,
        "partner_motion": "reseller",
        "registration_id": f"REG-{deal_id}",
        "protected_until": "2027-01-15",
        "hubspot_owner_id": PRIYA,
    }
    return {"id": deal_id, "properties": properties, "companies": [ACME], "contacts": contacts or []}


def _definitions() -> dict[str, list[dict[str, Any]]]:
    from bot.crm.hubspot.wanted import wanted_properties

    settings = HubSpotSettings(access_token="t", pipelines={Motion.RESELLER: "Reseller"})
    ours: dict[str, list[dict[str, Any]]] = {"deals": [], "companies": [], "contacts": []}
    for wanted in wanted_properties(settings):
        if not wanted.name.startswith(("hs_", "amount", "close", "deal")):
            ours[wanted.kind].append(wanted.definition())
    return ours
