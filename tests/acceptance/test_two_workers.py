"""Two workers share one PostgreSQL: the work is done once, and whoever survives takes over."""

from __future__ import annotations

import random

import pytest

from bot.sandbox.playing import until
from tests import postgres
from tests.acceptance.crowd import Crowd, crowded_world, deal_id
from tests.acceptance.office import CONFIG, MINUTES_S, Office, open_office, with_sections

DEALS, ROUNDS = 20, 5

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(postgres.binaries() is None, reason="no PostgreSQL server is installed"),
    pytest.mark.timeout(1800),
]


@pytest.fixture
async def office(tmp_path):
    url = postgres.server().fresh()
    changes = {"# name =": "name ="}
    async with open_office(tmp_path, seed=crowded_world(DEALS), changes=changes, store_url=url) as one:
        with_sections(one.config, {"web": "", "store": f'[store]\nurl = "{url}"\n\n'})
        yield one


async def _both(office: Office) -> None:
    """worker-1 and worker-2; the first holds the leases."""
    second = office.folder / "second.toml"
    second.write_text(office.config.read_text(encoding="utf-8").replace('"worker-1"', '"worker-2"'), encoding="utf-8")
    await office.start()
    await office.start(second)


async def _holder(office: Office, loop: str) -> str:
    async with office.store.unit() as unit:
        lease = await unit.recall(f"lease:{loop}")
    return str(lease["by"]) if lease else ""


async def test_two_workers_share_the_work_and_the_survivor_of_a_kill_finishes_it(office: Office):
    assert '# name = "worker-1"' in CONFIG
    await _both(office)
    crowd = await Crowd.told(office, deals=DEALS, rounds=ROUNDS, chance=random.Random(2))  # noqa: S311
    await crowd.say(DEALS * ROUNDS)

    async def in_the_middle() -> bool:
        return sum(i.disposition is not None for i in await office.inbox()) > DEALS * ROUNDS // 3

    await until("a third is handled", in_the_middle, MINUTES_S)
    await office.kill(office.workers[0])
    await office.handled(DEALS * ROUNDS)
    assert await _holder(office, "mail") == await _holder(office, "crm") == "worker-2"
    await office.stop()
    await crowd.check(kills=1)


async def test_both_workers_do_their_part(office: Office):
    await _both(office)
    crowd = await Crowd.told(office, deals=DEALS, rounds=1, chance=random.Random(2))  # noqa: S311
    await crowd.say(DEALS)
    await office.handled(DEALS)
    await office.stop()
    await crowd.check(kills=0)
    for name in ("config.log", "second.log"):
        assert '"inbound.done"' in (office.folder / name).read_text(encoding="utf-8")


async def test_the_survivor_watches_mail_and_crm(office: Office):
    await _both(office)
    crowd = await Crowd.told(office, deals=1, rounds=1, chance=random.Random(2))  # noqa: S311
    assert await _holder(office, "mail") == await _holder(office, "crm") == "worker-1"
    await office.kill(office.workers[0])
    await crowd.say(1)
    office.world.hubspot.hands.move(deal_id(1), "Configure & Quote")
    await office.handled(1)

    async def told() -> bool:
        return any(m.event == "deal_changed" and "Kerr deal 001" in str(m.notice) for m in await office.outbox())

    await until("the move is told", told, MINUTES_S)
