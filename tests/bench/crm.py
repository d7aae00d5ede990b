"""What HubSpot is asked for changes among 10,000 deals: calls and time of one poll. Asserts nothing.

The portal is the sandbox's, in this process; its own work is in the times.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections import Counter

from bot.clock import utc_now
from bot.crm.hubspot import HubSpotCRM, HubSpotSettings
from bot.domain.partners import Motion
from bot.sandbox.hubspot import HubSpotServer, Settings
from tests.bench.report import Report
from tests.bench.worlds import deal_id, grown_world

DEALS = 10_000
PARTNERS = 500
LAG_S = 0.3  # of the portal's search index
POLLS = 10
TOKEN = "pat-bench"


def measure(report: Report) -> None:
    asyncio.run(_measure(report))


async def _measure(report: Report) -> None:
    seed = grown_world(partners=PARTNERS, deals=DEALS)
    hubspot = HubSpotServer(token=TOKEN, seed=seed, clock=utc_now, settings=Settings(lag_s=LAG_S))
    await hubspot.start()
    settings = HubSpotSettings(
        access_token=TOKEN, base_url=hubspot.url, pipelines={Motion.RESELLER: "Reseller"}, calls_per_10_s=190
    )
    crm = HubSpotCRM(settings)
    try:
        poll = _Poll(crm, hubspot)
        await poll.once()
        await poll.measure(report, "nothing changed", deals=0, times=POLLS)
        await poll.measure(report, "1 deal changed", deals=1, times=POLLS)
        await poll.measure(report, "300 deals changed", deals=300, times=1)
        await poll.measure(report, "nothing changed, after those", deals=0, times=POLLS)
    finally:
        await crm.close()
        await hubspot.stop()


class _Poll:
    def __init__(self, crm: HubSpotCRM, hubspot: HubSpotServer) -> None:
        self._crm = crm
        self._hubspot = hubspot
        self._cursor: str | None = None
        self._seen: set[str] = set()
        self._round = 0

    async def once(self) -> int:
        """Look once; how many changes were not seen before (polls overlap, and the handler knows repeats by key)."""
        page = await self._crm.changes_since(self._cursor, utc_now())
        self._cursor = page.cursor
        fresh = {change.key for change in page.changes} - self._seen
        self._seen |= fresh
        return len(fresh)

    async def measure(self, report: Report, name: str, *, deals: int, times: int) -> None:
        took_ms, before = [], Counter(self._hubspot.requests)
        for _ in range(times):
            self._round += 1
            for number in range(deals):
                self._hubspot.hands.change("deals", deal_id(number), {"hs_next_step": f"Call {self._round}"})
            await asyncio.sleep(LAG_S + 0.1)
            since = time.perf_counter()
            found = await self.once()
            took_ms.append((time.perf_counter() - since) * 1000)
            if found != deals:
                raise RuntimeError(f"crm: {found} of {deals} changes were found")
        calls = sum((Counter(self._hubspot.requests) - before).values()) / times
        report.add(f"{name}: calls of a poll", calls, "calls", f"{calls / deals:.2f} a change" if deals else "")
        report.add(f"{name}: time of a poll", statistics.median(took_ms), "ms", "median" if times > 1 else "")
