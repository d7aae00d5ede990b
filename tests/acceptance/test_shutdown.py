"""Stopping, looking at a running worker, and setting right what is wrong."""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
from typing import Any

import aiohttp
import pytest

from bot.ports import MessageState
from bot.sandbox.demo import PARTNER_DESK, PASSWORD, ROOT
from bot.sandbox.hubspot.failures import Effect, Failure
from bot.sandbox.mail import Failure as MailFailure
from bot.sandbox.playing import until
from tests.acceptance.crowd import Crowd, crowded_world, deal_id
from tests.acceptance.office import MINUTES_S, Office, open_office

HANG_S = 3600.0
STOP_S = 120.0  # ten seconds of grace and a busy machine; far from HANG_S


@pytest.fixture
async def office(tmp_path):
    async with open_office(tmp_path, seed=crowded_world(5)) as one:
        yield one


async def offportal(office: Office, *arguments: str, config: str | None = None) -> tuple[int, str]:
    """Run the command as an operator does; its exit status, and what it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.cli", *arguments, "--config", config or str(office.config)),
        cwd=ROOT,
        env={**os.environ, **office.world.environ},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


async def web(office: Office, path: str) -> tuple[int, str]:
    address = f"http://127.0.0.1:{office.world.web_port}{path}"
    async with aiohttp.ClientSession() as session, session.get(address) as response:
        return response.status, await response.text()


async def test_sigterm_ends_the_worker_in_time_with_work_in_hand_and_nothing_is_lost(office: Office):
    worker = await office.start()
    crowd = await Crowd.told(office, deals=5, rounds=4, chance=random.Random(5))  # noqa: S311
    office.world.hubspot.failures.order(Failure(path="/notes$", effect=Effect.TIMEOUT, delay_s=HANG_S, applied=True))
    await crowd.say(20)

    async def busy() -> bool:
        return (await office.backlog()).running > 0

    await until("the worker is busy", busy)
    async with asyncio.timeout(STOP_S):
        assert await worker.stop() == 0
    office.workers.remove(worker)
    await office.start()
    await office.handled(20)
    await office.stop()
    await crowd.check(kills=1)


async def test_health_and_metrics_answer(office: Office):
    await office.start()
    status, said = await web(office, "/healthz")
    assert (status, json.loads(said)["loops"]) == (200, {"crm": "well", "mail": "well", "slack": "well"})
    status, said = await web(office, "/metrics")
    assert status == 200
    assert 'offportal_loop_well{loop="mail"} 1.0' in said
    assert "offportal_jobs_dead 0.0" in said


async def test_a_wrong_imap_password_is_named_by_health_and_the_worker_goes_on_once_it_is_right(tmp_path):
    async with open_office(tmp_path, seed=crowded_world(1)) as office:
        office.mail.set_password(PARTNER_DESK, "changed by the provider")
        await office.start()

        async def ails() -> dict[str, Any] | None:
            status, said = await web(office, "/healthz")
            return json.loads(said)["loops"] if status == 503 else None

        loops = await until("the mail loop is unwell", ails, MINUTES_S)
        assert "imap" in loops["mail"]
        assert PARTNER_DESK not in loops["mail"]
        assert (loops["crm"], loops["slack"]) == ("well", "well")
        office.mail.set_password(PARTNER_DESK, PASSWORD)

        async def well() -> bool:
            return (await web(office, "/healthz"))[0] == 200

        await until("the mail loop is well again", well, MINUTES_S)
        crowd = await Crowd.told(office, deals=1, rounds=1, chance=random.Random(1))  # noqa: S311
        await crowd.say(1)
        await office.handled(1)
        await office.stop()
        await crowd.check(kills=0)


async def test_check_names_every_fault_and_says_so_in_its_exit_status(office: Office):
    assert await offportal(office, "check") == (0, "All is well.\n")
    wrong = office.folder / "wrong.toml"
    text = office.config.read_text(encoding="utf-8")
    text = text.replace('reseller = "Reseller"', 'reseller = "Nowhere"').replace(
        'managers_channel = "C0MANAGERS0"', 'managers_channel = "C0NOWHERE00"'
    )
    wrong.write_text(text, encoding="utf-8")
    office.mail.set_password(PARTNER_DESK, "changed by the provider")
    status, said = await offportal(office, "check", config=str(wrong))
    assert status == 2
    for fault in ("Nowhere", "imap", "smtp"):
        assert fault in said, said
    wrong.write_text(text.replace('kind = "hubspot"', 'kind = "sugar"').replace("poll_every_s = 1.0", "poll = 1"))
    status, said = await offportal(office, "check", config=str(wrong))
    assert status == 2
    assert "crm.kind" in said
    assert "poll" in said


async def test_the_inbox_is_listed_shown_and_replayed_beside_the_running_worker(office: Office):
    await office.start()
    crowd = await Crowd.told(office, deals=1, rounds=1, chance=random.Random(1))  # noqa: S311
    await crowd.say(1)
    (inbound,) = await office.handled(1)
    status, said = await offportal(office, "inbox", "list", "--json")
    row = json.loads(said)
    assert (status, row["id"], row["disposition"]) == (0, inbound.id, "applied")
    status, said = await offportal(office, "inbox", "show", str(inbound.id))
    assert status == 0
    assert crowd.replies[0].words in said
    status, said = await offportal(office, "inbox", "replay", str(inbound.id))
    assert (status, "handled again" in said) == (0, True)
    await office.handled(1)
    await office.stop()
    await crowd.check(kills=0)
    status, said = await offportal(office, "inbox", "show", "4711")
    assert status == 1
    assert "4711" in said
    assert "Traceback" not in said


async def test_a_failed_mail_is_listed_sent_again_or_dropped(office: Office):
    await office.start()
    office.mail.fail(MailFailure(verb="DATA", reply="554 5.7.1 refused by policy", times=2))
    for deal in (deal_id(0), deal_id(1)):
        office.world.hubspot.hands.move(deal, "Configure & Quote")

    async def failed() -> list[int] | None:
        found = [m.id for m in await office.outbox() if m.state is MessageState.FAILED]
        return found if len(found) == 2 else None

    again, never = await until("two mails fail", failed, MINUTES_S)
    await office.quiet()
    status, said = await offportal(office, "outbox", "list", "--state", "failed", "--json")
    assert status == 0
    assert {json.loads(line)["id"] for line in said.splitlines()} == {again, never}
    status, said = await offportal(office, "outbox", "show", str(again))
    assert (status, "Kerr deal" in said) == (0, True)
    assert (await offportal(office, "outbox", "retry", str(again)))[0] == 0
    assert (await offportal(office, "outbox", "drop", str(never)))[0] == 0
    await office.quiet()
    states = {m.id: m.state for m in await office.outbox()}
    assert (states[again], states[never]) == (MessageState.SENT, MessageState.DROPPED)
    status, said = await offportal(office, "outbox", "retry", str(again))
    assert (status, "sent already" in said) == (1, True)
