"""What HubSpot is asked for when 1,000 and 10,000 contacts are read: calls, time and memory. Asserts nothing.

The portal is the sandbox's, in this process; its own work is in the times, and the calls keep HubSpot's pace.
"""

from __future__ import annotations

import asyncio
import time
import tracemalloc
from typing import Any

from bot.clock import utc_now
from bot.crm.hubspot import HubSpotCRM, HubSpotSettings
from bot.domain.partners import Motion
from bot.sandbox.hubspot import HubSpotServer
from tests.bench.report import Report
from tests.bench.worlds import CONTACT, PARTNER, grown_world

EACH = 5  # contacts of a partner
TOKEN = "pat-bench"


def measure(report: Report) -> None:
    for contacts in (1_000, 10_000):
        asyncio.run(_measure(report, contacts))


async def _measure(report: Report, contacts: int) -> None:
    hubspot = HubSpotServer(token=TOKEN, seed=_crowd(contacts), clock=utc_now)
    await hubspot.start()
    crm = HubSpotCRM(HubSpotSettings(access_token=TOKEN, base_url=hubspot.url, pipelines={Motion.RESELLER: "Reseller"}))
    try:
        hubspot.requests.clear()
        since = time.perf_counter()
        await _walk(crm, contacts)
        took_s, calls = time.perf_counter() - since, hubspot.requests.total()
        tracemalloc.start()  # slows it all down: a walk of its own
        await _walk(crm, contacts)
        _, peak_bytes = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    finally:
        await crm.close()
        await hubspot.stop()
    report.add(f"{contacts} contacts: calls", calls, "calls", f"of {contacts // EACH} partners")
    report.add(f"{contacts} contacts: time", took_s, "s", "at HubSpot's pace for searches")
    report.add(f"{contacts} contacts: memory at most", peak_bytes / 1_000_000, "MB", "the portal's answers included")


async def _walk(crm: HubSpotCRM, contacts: int) -> None:
    found = 0
    async for page in crm.readers():
        found += len(page)
    if found != contacts:
        raise RuntimeError(f"audience: {found} of {contacts} contacts were read")


def _crowd(contacts: int) -> dict[str, Any]:
    seed = grown_world(partners=contacts // EACH, deals=0)
    template = seed["contacts"][0]
    seed["contacts"] = [
        template
        | {"id": str(CONTACT + n), "companies": [str(PARTNER + n // EACH)]}
        | {"properties": template["properties"] | {"email": f"reader{n}@people.example"}}
        for n in range(contacts)
    ]
    return seed
