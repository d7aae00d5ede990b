"""Deciding registrations against many companies: the search for who else is there, and the rules. Stops when a planted
conflict is not found.

The store is SQLite in a scratch folder. The CRM's search is a dictionary here: bench "crm" measures what HubSpot takes.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from bot.domain.accounts import Account
from bot.domain.actions import Draft
from bot.domain.companies import Match, company_key, same_claim, same_company
from bot.domain.eligibility import Facts, Verdict, findings, verdict
from bot.domain.partners import Channel, Partner
from bot.domain.registrations import HistoryEntry, Registration, State
from bot.domain.terms import Terms
from bot.ports import Received
from bot.store import Database, SqlStore, upgrade
from tests.bench.proc import peak_mb
from tests.bench.report import Report

SIZES = (1_000, 10_000, 50_000)
CLAIMS = 10_000
AT_ONCE = 50  # units that share commits, as when many mails come together
FOUND_AT_MOST = 100  # companies that a CRM's search returns (bot.ports.RegistrationDesk)
FIRST_WORDS = 500  # at 50,000 companies each search finds as many as it may
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
FORMAT = "REG-{n}"
TERMS = Terms(approve_below=Decimal(100_000))
HOLDER, CLAIMANT = (Partner(id=name, name=name) for name in ("holder", "claimant"))


def measure(report: Report) -> None:
    cost_ms = {size: asyncio.run(_decided(report, size)) for size in SIZES}
    least, most = min(SIZES), max(SIZES)
    growth = cost_ms[most] / cost_ms[least]
    report.add(
        f"{least:,} to {most:,} companies: a decision costs", growth, "times", f"companies: {most // least} times"
    )
    report.add("peak memory", peak_mb(), "MiB")


async def _decided(report: Report, size: int) -> float:
    """Fill a store and a CRM and decide; the CPU of a decision in ms."""
    world = _World(size)
    with tempfile.TemporaryDirectory() as scratch:
        url = f"sqlite:///{Path(scratch)}/bench.sqlite"
        await asyncio.to_thread(upgrade, url)
        db = Database(url)
        desk = _Desk(SqlStore(db, clock=lambda: NOW), world)
        await desk.fill()
        claims = list(itertools.islice(world.claims(), min(size, CLAIMS)))
        used, since = time.process_time(), time.perf_counter()
        for batch in _in_batches(claims, AT_ONCE):
            await asyncio.gather(*map(desk.decide, batch))
        took_s, cpu_ms = time.perf_counter() - since, (time.process_time() - used) * 1000 / len(claims)
        await db.close()
    if desk.refused != (planted := sum(number % 10 == 0 for number in range(len(claims)))):
        raise RuntimeError(f"registering: {desk.refused} of {planted} conflicts were found")
    name = f"{size:,} companies"
    report.add(f"{name}: {len(claims):,} decided, each", cpu_ms, "ms CPU", f"{desk.refused:,} conflicts found")
    report.add(f"{name}: decided and committed", len(claims) / took_s, "a second", f"{AT_ONCE} at once")
    report.spread(f"{name}: claims on a company (store)", desk.search_ms, "ms", shares=(50, 95))
    alike = statistics.mean(desk.candidates)
    report.add(f"{name}: the CRM's to compare one with", alike, "", "mean")
    report.spread(f"{name}: comparing them", desk.compare_ms, "ms", shares=(50, 95))
    report.spread(f"{name}: the rules", desk.rules_ms, "ms", shares=(50, 95))
    return cpu_ms


def _in_batches(claims: Sequence[Registration], size: int) -> Iterator[Sequence[Registration]]:
    return (claims[start : start + size] for start in range(0, len(claims), size))


class _World:
    """Companies with names as they are. Every second one is claimed already, by another partner."""

    def __init__(self, size: int) -> None:
        chance = random.Random(size)  # noqa: S311 - the same world every time
        first = [_word(chance) for _ in range(FIRST_WORDS)]
        self.names = [f"{first[n % FIRST_WORDS]} {_word(chance)} {_word(chance)}" for n in range(size)]
        self._by_domain: dict[str, Account] = {}
        self._by_word: dict[str, list[Account]] = {}
        for number, name in enumerate(self.names):
            form = ("GmbH", "Ltd.", "S.A.", "B.V.", "S.p.A.", "")[number % 6]
            account = Account(id=str(number), name=f"{name} {form}".strip(), domain=_domain(name))
            self._by_domain[_domain(name)] = account
            self._by_word.setdefault(name.partition(" ")[0], []).append(account)

    def accounts_like(self, claim: Registration) -> list[Account]:
        found = [self._by_domain[claim.domain]] if claim.domain in self._by_domain else []
        begins = self._by_word.get((claim.draft.company or "").partition(" ")[0].casefold(), [])
        return [*found, *(a for a in begins if a not in found)][:FOUND_AT_MOST]

    def held(self) -> Iterator[Registration]:
        """Claims that were approved long ago."""
        for number in range(0, len(self.names), 2):
            yield _claim(f"held:{number}", self.names[number], HOLDER, State.APPROVED, NOW - timedelta(days=30))

    def claims(self) -> Iterator[Registration]:
        """Of ten one is on a company that is taken, five on known ones that are free, four on new ones."""
        taken, free = iter(self.names[0::2]), iter(self.names[1::2])
        for number in itertools.count():
            if number % 10 == 0:
                name = next(taken)
            else:
                name = next(free) if number % 10 <= 5 else f"{_word(random.Random(number))} new {number}"  # noqa: S311
            yield _claim(f"new:{number}", name.title(), CLAIMANT, State.SUBMITTED, NOW)


@dataclass(slots=True)
class _Desk:
    """Decides as the worker does, each claim in a unit of its own."""

    store: SqlStore
    world: _World
    refused: int = 0
    search_ms: list[float] = field(default_factory=list)
    compare_ms: list[float] = field(default_factory=list)
    rules_ms: list[float] = field(default_factory=list)
    candidates: list[int] = field(default_factory=list)

    async def fill(self) -> None:
        async with self.store.unit() as unit:
            await unit.receive(Received(channel=Channel.EMAIL, key="k", raw=b"", size_bytes=0, received_at=NOW))
            for claim in self.world.held():
                await unit.add_registration(claim, number_format=FORMAT)

    async def decide(self, claim: Registration) -> None:
        like = self.world.accounts_like(claim)
        async with self.store.unit() as unit:
            await unit.hold(f"company:{claim.company_key}")
            added = await unit.add_registration(claim, number_format=FORMAT)
            since = time.perf_counter()
            others = [c for c in await unit.claims_on(added.company_key, added.domain) if c.id != added.id]
            searched = time.perf_counter()
            matches = [(account, same_company(added, account)) for account in like]
            facts = Facts(
                partner=CLAIMANT,
                today=NOW.date(),
                accounts=tuple(account for account, match in matches if match.is_sure),
                alike=tuple(account for account, match in matches if match is Match.ALIKE),
                claims=tuple(other for other in others if same_claim(added, other).is_sure),
                partners={HOLDER.id: HOLDER},
            )
            compared = time.perf_counter()
            found = findings(added, facts, TERMS)
            refused = verdict(added, found, TERMS) is Verdict.REFUSE
            judged = time.perf_counter()
            state = State.REFUSED if refused else State.APPROVED
            await unit.save_registration(replace(added, state=state, findings=found, decided_at=NOW))
            await unit.add_history(added.id, HistoryEntry(at=NOW, event=state.value, by="policy"))
        self.refused += refused
        self.candidates.append(len(like))
        self.search_ms.append((searched - since) * 1000)
        self.compare_ms.append((compared - searched) * 1000)
        self.rules_ms.append((judged - compared) * 1000)


def _claim(key: str, company: str, partner: Partner, state: State, at: datetime) -> Registration:
    return Registration(
        id=0,
        key=key,
        number="",
        state=state,
        partner_id=partner.id,
        contact_id="1",
        conversation_id=1,
        inbound_id=1,
        claimed_at=at,
        draft=Draft(company=company, amount=Decimal(40_000), currency="EUR", close_date=date(2027, 3, 31)),
        company_key=company_key(company),
        domain=_domain(company) if len(company) % 2 else None,
    )


def _domain(name: str) -> str:
    return name.casefold().replace(" ", "-") + ".example"


def _word(chance: random.Random) -> str:
    return "".join(chance.choice("bdfgklmnprstvz") + chance.choice("aeiou") for _ in range(4))
