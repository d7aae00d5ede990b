"""Finding changes in HubSpot through a search that lags, pages and ends at 10,000: nothing is lost or read twice."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from operator import itemgetter

import pytest

from bot.crm.hubspot.changes import MOST_AT_ONCE
from bot.crm.hubspot.fields import instant, millis
from bot.domain.deals import DealField, FieldChange
from bot.errors import PermanentError
from bot.sandbox.hubspot import Effect, Failure
from tests.contracts.crm.names import BRANDT, LOST, ROLLOUT, SECOND
from tests.contracts.crm.seed import hubspot_seed
from tests.contracts.crm.worlds import HubSpotWorld, hubspot_world

SEARCH = "POST /crm/objects/2026-09/{kind}/search"
BATCH_READ = "POST /crm/objects/2026-09/{kind}/batch/read"


class Time:
    """The one clock of HubSpot and ours, which moves only when told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def stopwatch(self) -> float:
        return self.now.timestamp()

    def pass_(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def time() -> Time:
    return Time()


def many(count: int):
    seed = hubspot_seed()
    first = seed["deals"][1]
    for number in range(count):
        properties = {**first["properties"], "dealname": f"Deal {number}", "registration_id": f"R-{number}"}
        seed["deals"].append({"id": str(100_000 + number), "properties": properties})
    return seed


@pytest.fixture
async def world(time):
    async with hubspot_world("2026-09", clock=time, timer=time.stopwatch, lag_s=3.0) as found:
        yield found


class Watch:
    """Polls, and keeps what was told."""

    def __init__(self, world: HubSpotWorld, time: Time) -> None:
        self.world, self.time = world, time
        self.cursor: str | None = None
        self.told: Counter[str] = Counter()

    async def poll(self) -> list[tuple[str, str, object]]:
        page = await self.world.crm.changes_since(self.cursor, self.time.now)
        self.cursor = page.cursor
        self.told.update(c.key for c in page.changes)
        assert sorted(page.changes, key=lambda c: c.at) == list(page.changes)
        return [(c.deal_id, c.change.field.value, c.change.new) for c in page.changes]


async def test_an_idle_poll_is_one_search_and_the_first_poll_none(world, time) -> None:
    watch = Watch(world, time)
    await watch.poll()
    assert world.server.requests.total() == 0
    for _ in range(3):
        time.pass_(15)
        assert await watch.poll() == []
    assert world.server.requests == {SEARCH: 3}


async def test_a_change_is_read_once_and_not_again_in_the_window(world, time) -> None:
    watch = Watch(world, time)
    await watch.poll()
    time.pass_(15)
    world.server.hands.change("deals", ROLLOUT, {"amount": "1"})
    time.pass_(15)
    assert await watch.poll() == [(ROLLOUT, "amount", Decimal(1))]
    assert world.server.requests[BATCH_READ] == 1
    for _ in range(12):
        time.pass_(15)
        assert await watch.poll() == []
    assert world.server.requests[BATCH_READ] == 1


async def test_a_change_that_the_index_shows_late_is_still_told(world, time) -> None:
    world.server.portal.indexes["deals"]._lag_s = 90.0
    watch = Watch(world, time)
    await watch.poll()
    time.pass_(1)
    world.server.hands.change("deals", ROLLOUT, {"amount": "1"})
    world.server.portal.indexes["deals"]._lag_s = 0.0
    for _ in range(12):
        time.pass_(10)
        world.server.hands.change("deals", SECOND, {"amount": str(time.now.minute * 60 + time.now.second)})
        await watch.poll()
    keys = [key for key in watch.told if key.startswith(ROLLOUT)]
    assert len(keys) == 1


async def test_what_the_index_shows_stale_is_told_as_it_is_now_and_only_once(world, time) -> None:
    watch = Watch(world, time)
    await watch.poll()
    time.pass_(10)
    world.server.hands.change("deals", ROLLOUT, {"amount": "1"})
    time.pass_(4)
    world.server.hands.change("deals", ROLLOUT, {"amount": "2"})  # the index does not know it yet
    assert [new for _, _, new in await watch.poll()] == [Decimal(1), Decimal(2)]
    time.pass_(10)  # now it does
    await watch.poll()
    assert set(watch.told.values()) == {1}


async def test_an_index_that_was_hours_late_is_made_up_for(world, time) -> None:
    watch = Watch(world, time)
    await watch.poll()
    time.pass_(60)
    world.server.portal.indexes["deals"]._lag_s = 3000.0
    world.server.hands.change("deals", ROLLOUT, {"amount": "1"})
    for _ in range(70):
        time.pass_(60)
        await watch.poll()
    assert list(watch.told.values()) == [1]


async def test_changes_while_we_were_away_are_told(world, time) -> None:
    watch = Watch(world, time)
    await watch.poll()
    for hour in range(1, 30):
        time.pass_(3600)
        world.server.hands.change("deals", ROLLOUT, {"amount": str(hour)})
    time.pass_(60)
    assert [new for _, _, new in await watch.poll()] == [Decimal(n) for n in range(1, 30)]


async def test_three_hundred_changed_deals_cost_eight_calls(time) -> None:
    async with hubspot_world("2026-09", clock=time, timer=time.stopwatch, seed=many(300)) as world:
        watch = Watch(world, time)
        await watch.poll()
        for number in range(300):
            time.pass_(0.005)
            world.server.hands.change("deals", str(100_000 + number), {"amount": "1"})
        time.pass_(15)
        assert len(await watch.poll()) == 300
        assert world.server.requests[SEARCH] == 2
        assert world.server.requests[BATCH_READ] == 6
        time.pass_(15)
        assert await watch.poll() == []


async def test_a_bulk_edit_of_thousands_in_one_millisecond_is_told_whole(time) -> None:
    count = MOST_AT_ONCE + 150
    async with hubspot_world("2026-09", clock=time, timer=time.stopwatch, seed=many(count)) as world:
        watch = Watch(world, time)
        await watch.poll()
        time.pass_(5)
        for number in range(count):
            world.server.hands.change("deals", str(100_000 + number), {"hs_next_step": "renew"})
        time.pass_(5)
        polls = 0
        while len(watch.told) < count and polls < 5:
            await watch.poll()
            polls += 1
        assert len(watch.told) == count
        assert set(watch.told.values()) == {1}
        assert polls == 2


async def test_deals_that_change_while_we_page_push_nothing_past_us(time) -> None:
    async with hubspot_world("2026-09", clock=time, timer=time.stopwatch, seed=many(420), lag_s=0.0) as world:
        watch = Watch(world, time)
        await watch.poll()
        for number in range(420):
            time.pass_(0.005)
            world.server.hands.change("deals", str(100_000 + number), {"amount": "1"})
        search, pages = world.hubspot._changes._objects.search, 0

        async def search_and_meddle(*args, **kwargs):
            nonlocal pages
            page = await search(*args, **kwargs)
            pages += 1
            time.pass_(1)
            for number in range(pages * 50):  # deals of the pages we have seen move behind those we have not
                world.server.hands.change("deals", str(100_000 + number), {"amount": str(pages + 1)})
            return page

        world.hubspot._changes._objects.search = search_and_meddle  # type: ignore[method-assign]
        await watch.poll()
    first_changes = {key.split(":")[0] for key in watch.told}
    assert first_changes == {str(100_000 + n) for n in range(420)}


async def test_a_poll_that_failed_is_made_up_for(world, time) -> None:
    watch = Watch(world, time)
    await watch.poll()
    time.pass_(10)
    world.server.hands.change("deals", ROLLOUT, {"amount": "1"})
    time.pass_(10)
    world.server.failures.order(Failure(path="batch/read", effect=Effect.GARBAGE, times=3))
    with pytest.raises(Exception, match="502"):
        await watch.poll()
    assert await watch.poll() == [(ROLLOUT, "amount", Decimal(1))]


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_happens_every_change_is_told(time, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 the same dice each time
    async with hubspot_world("2026-09", clock=time, timer=time.stopwatch, seed=many(30), lag_s=0.0) as world:
        watch = Watch(world, time)
        await watch.poll()
        time.pass_(1)
        for step in range(150):
            what = dice.random()
            time.pass_(dice.choice((0, 0.001, 1, 15, 100, 900)))
            if what < 0.6:
                world.server.portal.indexes["deals"]._lag_s = dice.choice((0.0, 1.0, 60.0, 110.0))
                amount = {"amount": str(step), "hs_next_step": f"step {dice.randrange(3)}"}
                world.server.hands.change("deals", str(100_000 + dice.randrange(30)), amount)
            elif what < 0.7:
                world.server.failures.order(Failure(path=dice.choice(("search", "batch/read")), status=404))
                with suppress(PermanentError):
                    await watch.poll()
                world.server.failures.clear()
            else:
                await watch.poll()
        for _ in range(4):
            time.pass_(120)
            await watch.poll()
        changed = {key for number in range(30) for key in keys_in_hubspot(world, str(100_000 + number))}
    assert set(watch.told) == changed
    assert len(changed) > 100


def keys_in_hubspot(world: HubSpotWorld, deal_id: str) -> set[str]:
    """The keys of all changes since the seed, as the deal's history has them."""
    keys = set()
    for name, field in (("amount", "amount"), ("hs_next_step", "next_step")):
        oldest_first = sorted(
            world.server.hands.look("deals", deal_id)["propertiesWithHistory"].get(name, ()),
            key=itemgetter("timestamp"),
        )
        before = oldest_first.pop(0)["value"] if name == "amount" else None
        for entry in oldest_first:
            if entry["value"] != before:
                keys.add(f"{deal_id}:{field}:{millis(instant(entry['timestamp']))}")
            before = entry["value"]
    return keys


async def test_archived_deals_and_those_that_lost_their_partner_are_not_told(world, time) -> None:
    watch = Watch(world, time)
    await watch.poll()
    time.pass_(10)
    for deal_id in (ROLLOUT, SECOND, LOST):
        world.server.hands.change("deals", deal_id, {"amount": "1"})
    time.pass_(5)
    world.server.hands.archive("deals", ROLLOUT)
    world.server.hands.change("deals", SECOND, {"partner_account": ""})
    assert await watch.poll() == [(LOST, "amount", Decimal(1))]


async def test_a_new_deal_is_told_by_its_fields(world, time) -> None:
    watch = Watch(world, time)
    await watch.poll()
    time.pass_(10)
    created = world.server.hands.create(
        "deals", {"dealname": "New", "pipeline": "751", "dealstage": "7511", "partner_account": BRANDT}
    )
    time.pass_(10)
    assert (created, "stage", "Qualification") in await watch.poll()


async def test_our_own_write_is_told_with_our_apps_name(world, time) -> None:
    await world.crm.write(ROLLOUT, [FieldChange(field=DealField.AMOUNT, old=None, new=Decimal(9))])
    time.pass_(1)
    watch = Watch(world, time)
    await watch.poll()
    time.pass_(1)
    at = await world.crm.write(ROLLOUT, [FieldChange(field=DealField.AMOUNT, old=None, new=Decimal(8))])
    time.pass_(10)
    page = await world.crm.changes_since(watch.cursor, time.now)
    (told,) = page.changes
    assert (told.by.split(":")[0], told.at, told.change.old) == ("INTEGRATION", at, Decimal(9))
