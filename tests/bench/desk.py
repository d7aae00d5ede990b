"""What HubSpot is asked for a registration: calls beside the fewest possible, and time, among 5,000 companies. Asserts
nothing.

The portal is the sandbox's, in this process; its own work is in the times.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from bot.clock import utc_now
from bot.crm.hubspot import HubSpotCRM, HubSpotSettings
from bot.domain.partners import Motion
from bot.ports import NewDeal
from bot.sandbox.hubspot import HubSpotServer, Limits, Settings
from tests.bench.report import Report
from tests.bench.worlds import CONTACT, MOTION, PARTNER, grown_world

COMPANIES = 5_000
TIMES = 20
TOKEN = "pat-bench"
KNOWN = 500_000  # where the ids of the customers begin


def measure(report: Report) -> None:
    asyncio.run(_measure(report))


async def _measure(report: Report) -> None:
    seed = grown_world(partners=10, deals=100)
    seed["companies"] += [_customer(number) for number in range(COMPANIES)]
    limits = Limits(per_ten_seconds=100_000, searches_per_second=10_000)  # how it paces itself is another question
    hubspot = HubSpotServer(token=TOKEN, seed=seed, clock=utc_now, settings=Settings(lag_s=0.05, limits=limits))
    await hubspot.start()
    pipelines = {Motion.RESELLER: "Reseller"}
    settings = HubSpotSettings(
        access_token=TOKEN, base_url=hubspot.url, pipelines=pipelines, calls_per_10_s=100_000, searches_per_s=10_000.0
    )
    crm = HubSpotCRM(settings)
    try:
        await crm.create_deal(_registration(0), look=False)  # pipelines, labels and account are known from now on
        await _Desk(crm, hubspot, report).measure()
    finally:
        await crm.close()
        await hubspot.stop()


class _Desk:
    def __init__(self, crm: HubSpotCRM, hubspot: HubSpotServer, report: Report) -> None:
        self._crm = crm
        self._hubspot = hubspot
        self._report = report

    async def measure(self) -> None:
        crm = self._crm
        new = [_registration(number) for number in range(1, TIMES + 1)]
        known = [
            replace(_registration(TIMES + n), account_id=str(KNOWN + n), contact_email=f"k{n}@known.example")
            for n in range(1, TIMES + 1)
        ]
        alike = [replace(n, company=f"Customer {place} AG", domain=None) for place, n in enumerate(new)]
        await self._each("who the company is, unknown", 1, self._look, new)
        await self._each("who the company is, 100 alike", 2, self._look, alike)
        await self._each("deal, new company and contact", 3, lambda n: crm.create_deal(n, look=False), new)
        await self._each("deal, known company, new contact", 2, lambda n: crm.create_deal(n, look=False), known)
        await self._each("the same again, to be sure", 1, lambda n: crm.create_deal(n, look=True), new)

    async def _look(self, new: NewDeal) -> None:
        await self._crm.accounts_like(domain=new.domain, name=new.company)

    async def _each(
        self, name: str, fewest: int, ask: Callable[[NewDeal], Awaitable[object]], registrations: list[NewDeal]
    ) -> None:
        took_ms, before = [], self._hubspot.requests.total()
        for registration in registrations:
            since = time.perf_counter()
            await ask(registration)
            took_ms.append((time.perf_counter() - since) * 1000)
        calls = (self._hubspot.requests.total() - before) / len(registrations)
        self._report.add(f"{name}: calls", calls, "calls", f"{fewest} at least")
        self._report.add(f"{name}: time", statistics.median(took_ms), "ms", "median")


def _customer(number: int) -> dict[str, object]:
    name = f"Customer {number} AG" if number % 50 == 0 else f"Firm{number} & Sons Ltd"
    return {"id": str(KNOWN + number), "properties": {"name": name, "domain": f"firm{number}.example"}}


def _registration(number: int) -> NewDeal:
    return NewDeal(
        registration=f"REG-{50_000 + number}",
        name=f"Newcomer {number}",
        partner_id=str(PARTNER),
        motion=Motion(MOTION),
        stage="Deal Registration",
        company=f"Newcomer{number} GmbH",
        domain=f"newcomer{number}.example",
        account_id=None,
        contact_name="Robin Smith",
        contact_email=f"robin@newcomer{number}.example",
        amount=Decimal(40_000),
        currency="EUR",
        close_date=date(2027, 3, 31),
        protected_until=date(2027, 2, 22),
        source="sourced",
        share=Decimal(100),
        tier="gold",
        certification="certified",
        need=None,
        owner_id="5001",
        partner_contact_id=str(CONTACT),
    )
