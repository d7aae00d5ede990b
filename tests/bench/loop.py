"""The whole way of a reply: from the mail server's 250 to the CRM's new value, and to the receipt. Asserts nothing.

A worker process of its own, in the demo's world on loopback; the world runs in this process and shares the machine.
"""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from functools import partial
from pathlib import Path
from smtplib import SMTP
from typing import Any

from bot.clock import utc_now
from bot.sandbox import demo
from bot.sandbox.hubspot import Limits
from bot.sandbox.hubspot.limits import RateLimiter
from bot.sandbox.playing import text_of
from tests.bench.proc import cpu_s, peak_mb
from tests.bench.report import Report
from tests.bench.worlds import address, deal_id, grown_world

REPLIES = 100
WAIT_S = 180.0
IDLE_S = 10.0
ONE_LANGUAGE = {'languages = ["en", "de", "fr", "nl", "es", "it", "pt"]': 'languages = ["en"]'}
NO_LIMITS = {"calls_per_10_s = 100 ": "calls_per_10_s = 100000 "}


def measure(report: Report) -> None:
    """HubSpot's limits hold in the last part only: before, they would be all that is measured."""
    asyncio.run(_measure(report, "no limits", limited=False))
    asyncio.run(_measure(report, "HubSpot's limits", limited=True))


async def _measure(report: Report, name: str, *, limited: bool) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        record = folder / "record.jsonl"
        seed = grown_world(partners=REPLIES, deals=REPLIES * 3)
        async with demo.world(folder, record=record, seed=seed) as world:
            if not limited:
                none = Limits(per_ten_seconds=10**6, searches_per_second=10**6)
                world.hubspot._limiter = RateLimiter(none, timer=time.monotonic)
            config = world.write_config(ONE_LANGUAGE | ({} if limited else NO_LIMITS))
            async with demo.worker(config, world.environ, log=folder / "worker.log") as worker:
                play = _Play(world, record, worker.process.pid)
                if limited:
                    await _limited(report, play, name)
                else:
                    await _unlimited(report, play, name)


async def _unlimited(report: Report, play: _Play, name: str) -> None:
    used, since = cpu_s(play.worker_pid), time.perf_counter()
    await asyncio.sleep(IDLE_S)
    report.add("idle worker", 100 * (cpu_s(play.worker_pid) - used) / (time.perf_counter() - since), "% of a core")
    await play.notices(report, REPLIES)
    used, play.asked_before = cpu_s(play.worker_pid), Counter(play.world.hubspot.requests)
    await play.replies(report, f"{name}, one after another", range(REPLIES), burst=False)
    report.add("CPU of the worker a reply", (cpu_s(play.worker_pid) - used) / REPLIES * 1000, "ms", "one after another")
    play.calls(report, "one after another")
    used = cpu_s(play.worker_pid)
    await play.replies(report, f"{name}, all at once", range(REPLIES), burst=True)
    report.add("CPU of the worker a reply", (cpu_s(play.worker_pid) - used) / REPLIES * 1000, "ms", "all at once")
    play.calls(report, "all at once")
    report.add("peak memory of the worker", peak_mb(play.worker_pid), "MiB")


async def _limited(report: Report, play: _Play, name: str) -> None:
    await play.notices(report, 40)
    await asyncio.sleep(10)
    await play.replies(report, f"{name}, one every 2 s", range(20), burst=False, every_s=2.0)
    await asyncio.sleep(10)
    await play.replies(report, f"{name}, 20 at once", range(20, 40), burst=True)


@dataclass(slots=True)
class _Play:
    """The vendor's people, the partners, and what the record says happened."""

    world: demo.World
    record: Path
    worker_pid: int
    asked_before: Counter[str] = field(default_factory=Counter)
    round: int = 0

    async def notices(self, report: Report, count: int) -> None:
        """Every partner's deal moves; all are told."""
        self.asked_before = Counter(self.world.hubspot.requests)
        for number in range(count):
            self.world.hubspot.hands.change("deals", deal_id(number), {"hs_next_step": f"Call {number}"})
        changed = time.time()

        async def told() -> bool:
            return all([await self.world.mail.mails(address(n)) for n in range(count)])

        await _until(told)
        report.add(f"{count} deals changed: until the last notice is out", time.time() - changed, "s")
        asked = Counter(self.world.hubspot.requests) - self.asked_before
        report.add("CRM calls a change told to one contact", sum(asked.values()) / count, "calls")

    async def replies(
        self, report: Report, name: str, numbers: Sequence[int], *, burst: bool, every_s: float = 0.0
    ) -> None:
        """Each partner answers their last mail with an amount of their own, and waits for the receipt."""
        self.round += 1
        accepted: dict[int, float] = {}
        mails = [await self._answer(n) for n in numbers]
        if burst:
            await asyncio.to_thread(
                _submit_all, self.world.mail.smtp_port, list(zip(numbers, mails, strict=True)), accepted
            )
            await _until(partial(self._received, numbers, accepted))
        else:
            for number, mail in zip(numbers, mails, strict=True):
                started = time.time()
                await asyncio.to_thread(_submit_all, self.world.mail.smtp_port, [(number, mail)], accepted)
                await _until(partial(self._received, [number], accepted))
                await asyncio.sleep(max(0.0, every_s - (time.time() - started)))
        patched, receipts = self._happened(accepted)
        report.spread(f"{name}: 250 → PATCH", [patched[n] - accepted[n] for n in numbers], "s")
        report.spread(f"{name}: 250 → receipt", [receipts[n] - accepted[n] for n in numbers], "s")

    def calls(self, report: Report, name: str) -> None:
        """Calls of the CRM's API a reply since the last look, by kind."""
        asked = Counter(self.world.hubspot.requests) - self.asked_before
        self.asked_before = Counter(self.world.hubspot.requests)
        report.add("CRM calls a reply", sum(asked.values()) / REPLIES, "calls", name)
        for call, count in sorted(asked.items(), key=lambda item: -item[1]):
            report.add(f"  {_short(call)}", count / REPLIES, "calls", name)

    async def _answer(self, number: int) -> EmailMessage:
        told = message_from_bytes((await self.world.mail.mails(address(number)))[-1], policy=policy.default)
        assert isinstance(told, EmailMessage)
        quoted = "\n".join(f"> {line}" for line in text_of(told).splitlines())
        reply = EmailMessage()
        reply["From"] = f"Robin Person{number} <{address(number)}>"
        reply["To"] = told["Reply-To"]
        reply["Subject"] = f"Re: {told['Subject']}"
        reply["Date"] = format_datetime(utc_now())
        reply["Message-ID"] = make_msgid(domain=address(number).rpartition("@")[2])
        reply["In-Reply-To"] = told["Message-ID"]
        words = f"Thanks! The amount goes up to {self._amount(number)} EUR."
        reply.set_content(f"{words}\n\nOn Tue, 24 Nov 2026 at 14:05, Meridian wrote:\n\n{quoted}\n")
        return reply

    def _amount(self, number: int) -> int:
        return 50_000 + 1_000 * self.round + number

    async def _received(self, numbers: Sequence[int], accepted: dict[int, float]) -> bool:
        _, receipts = self._happened({n: accepted[n] for n in numbers})
        return len(receipts) == len(numbers)

    def _happened(self, accepted: dict[int, float]) -> tuple[dict[int, float], dict[int, float]]:
        """When each deal was written and each receipt handed over, after the reply was accepted."""
        patched: dict[int, float] = {}
        receipts: dict[int, float] = {}
        number_of = {deal_id(n): n for n in accepted} | {address(n): n for n in accepted}
        for line in _lines(self.record):
            number = number_of.get(line["path"].rpartition("/")[2])
            if number is None or line["t"] < accepted[number]:
                continue
            if line["method"] == "PATCH" and str(self._amount(number)) in line["body"]:
                patched.setdefault(number, line["t"])
            elif line["method"] == "DATA" and number in patched:
                receipts.setdefault(number, line["t"])
        return patched, receipts


def _lines(record: Path) -> Iterator[dict[str, Any]]:
    with record.open(encoding="ascii") as file:
        for text in file:
            if '"PATCH"' in text or '"DATA"' in text:
                yield json.loads(text)


def _submit_all(port: int, mails: Sequence[tuple[int, EmailMessage]], accepted: dict[int, float]) -> None:
    """Hand over each mail as its logged-in author; `accepted` gets the times of the 250s."""
    for number, mail in mails:
        with SMTP("127.0.0.1", port, timeout=60) as smtp:
            smtp.login(address(number), demo.PASSWORD)
            smtp.send_message(mail, from_addr=address(number))
            accepted[number] = time.time()


async def _until(look: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(WAIT_S):
        while not await look():
            await asyncio.sleep(0.02)


def _short(call: str) -> str:
    return re.sub(r"/crm(?:/v[34])?", "", call)
