"""Power cuts: the worker is killed again and again while replies come in; nothing is lost and nothing happens twice."""

from __future__ import annotations

import asyncio
import os
import random

import pytest

from tests.acceptance.crowd import Crowd, crowded_world, in_turns
from tests.acceptance.office import open_office

KILLS = int(os.environ.get("OFFPORTAL_KILL_POINTS", "12"))
SEED = int(os.environ.get("OFFPORTAL_KILL_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
DEALS, ROUNDS = 20, 10


@pytest.mark.timeout(240 + 20 * KILLS)
async def test_a_worker_killed_anywhere_loses_and_doubles_nothing(tmp_path):
    print(f"OFFPORTAL_KILL_SEED={SEED} OFFPORTAL_KILL_POINTS={KILLS}")  # noqa: T201  shown when it fails
    chance = random.Random(SEED)  # noqa: S311  no secret
    async with open_office(tmp_path, seed=crowded_world(DEALS)) as office:
        worker = await office.start()
        crowd = await Crowd.told(office, deals=DEALS, rounds=ROUNDS, chance=chance)
        for count in in_turns(DEALS * ROUNDS, KILLS):
            await crowd.say(count)
            await asyncio.sleep(chance.uniform(0, 1.5))
            await office.kill(worker)
            worker = await office.start()
        await office.handled(DEALS * ROUNDS)
        await office.stop()
        await crowd.check(kills=KILLS)
