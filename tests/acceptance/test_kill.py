"""Power cuts: the worker is killed again and again while replies come in; nothing is lost and nothing happens twice.

OFFPORTAL_KILL_POINTS is how often, OFFPORTAL_KILL_SEED repeats a run; `make kill` is the full run.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter

import pytest

from bot.sandbox.demo import PARTNER_DESK
from bot.sandbox.hubspot.failures import Effect, Failure
from bot.sandbox.playing import until
from bot.sandbox.slack.mishaps import Mishap, Trouble
from tests.acceptance.crowd import NELL, Crowd, crowded_world, deal_id, in_turns, mails_of
from tests.acceptance.office import Office, open_office

KILLS = int(os.environ.get("OFFPORTAL_KILL_POINTS", "12"))
SEED = int(os.environ.get("OFFPORTAL_KILL_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
DEALS, ROUNDS = 20, 10 if KILLS >= 50 else 5
HANG_S = 3600.0


@pytest.mark.timeout(900 + 60 * KILLS)
async def test_a_worker_killed_anywhere_loses_and_doubles_nothing(tmp_path):
    print(f"OFFPORTAL_KILL_SEED={SEED} OFFPORTAL_KILL_POINTS={KILLS}")  # noqa: T201  pytest shows it when it fails
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


@pytest.fixture
async def office(tmp_path):
    async with open_office(tmp_path, seed=crowded_world(1)) as one:
        await one.start()
        yield one


@pytest.fixture
async def crowd(office: Office):
    """One deal and two replies to come."""
    return await Crowd.told(office, deals=1, rounds=2, chance=random.Random(1))  # noqa: S311


async def _restart(office: Office) -> None:
    await office.kill(office.workers[0])
    await office.start()


async def _settled(office: Office, crowd: Crowd) -> None:
    """The second reply shows that work goes on."""
    await crowd.say(1)
    await office.handled(2)
    await office.stop()


@pytest.mark.parametrize("carried_out", [True, False], ids=["carried out", "lost"])
async def test_a_worker_killed_while_hubspot_is_silent_writes_once(office: Office, crowd: Crowd, carried_out):
    hubspot = office.world.hubspot
    silence = Failure(method="PATCH", path="/deals/", effect=Effect.TIMEOUT, applied=carried_out, delay_s=HANG_S)
    hubspot.failures.order(silence)
    first = crowd.replies[0]
    await crowd.say(1)

    async def sent() -> bool:
        return silence.times == 0 and (not carried_out or office.deal(deal_id(0))["amount"] == str(first.amount))

    await until("HubSpot got the write", sent)
    await _restart(office)
    await _settled(office, crowd)
    await crowd.check(kills=1, unheard=frozenset() if carried_out else frozenset({first.amount}))


async def test_a_worker_killed_while_the_note_is_written_leaves_one_note(office: Office, crowd: Crowd):
    silence = Failure(method="POST", path="/notes$", effect=Effect.TIMEOUT, applied=True, delay_s=HANG_S)
    office.world.hubspot.failures.order(silence)
    await crowd.say(1)

    async def noted() -> bool:
        return office.notes_with(crowd.replies[0].words) == 1

    await until("HubSpot has the note", noted)
    await _restart(office)
    await _settled(office, crowd)
    await crowd.check(kills=1)


async def test_a_mail_whose_ok_was_not_heard_comes_again_under_the_same_id(
    office: Office, crowd: Crowd, monkeypatch: pytest.MonkeyPatch
):
    taken, take = asyncio.Event(), office.mail.take

    async def take_in_silence(mail: bytes, sender: str, recipients: list[str], helo: str, user: str | None) -> str:
        number = await take(mail, sender, recipients, helo, user)
        if user == PARTNER_DESK:
            taken.set()
            await asyncio.sleep(HANG_S)
        return number

    monkeypatch.setattr(office.mail, "take", take_in_silence)
    await crowd.say(1)
    async with asyncio.timeout(60):
        await taken.wait()
    monkeypatch.undo()
    await _restart(office)
    await _settled(office, crowd)
    await crowd.check(kills=1)
    copies = Counter(str(mail["Message-ID"]) for mail in await mails_of(office, NELL))
    assert sorted(copies.values()) == [1, 1, 2]


async def test_a_post_whose_answer_was_lost_is_found_in_slack_by_the_next_worker(tmp_path):
    async with open_office(tmp_path) as office:
        slack = office.world.slack
        await office.start()
        slack.mishaps.add(Mishap(method="chat.postMessage", trouble=Trouble.DROP_AFTER))
        office.world.hubspot.hands.move("9004", "Procurement")

        def posted() -> list[object]:
            return [m for m in slack.people.messages("#ashby-digital") if "Redwood" in str(m.get("text"))]

        async def seen() -> bool:
            return bool(posted())

        await until("Slack has the post", seen)
        await _restart(office)
        await office.quiet()
        assert len(posted()) == 1
        assert not await office.dead_letters()
