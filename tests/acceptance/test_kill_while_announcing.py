"""A worker killed again and again while it announces: everyone gets it, once but for the mail in hand at a kill."""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest

from bot.domain.announcements import RecipientState, State
from handlers import announcing
from tests.broadcasting import SLUG, worker
from tests.integration.mailer.scripted import MiniSmtp, listening

READERS = 5_000
KILLS = 5
_TO = re.compile(rb"^To: .*<(person\d+@partner\.example)>", re.MULTILINE)
_ID = re.compile(rb"^Message-ID: <(.*)>", re.MULTILINE)


async def _killed(folder: Path, port: int, server: MiniSmtp, after: int) -> None:
    """Work until so many more mails have come in, and die at that moment."""
    program = (sys.executable, "-m", "tests.broadcasting", str(folder), str(port), str(READERS))
    process = await asyncio.create_subprocess_exec(*program, cwd=Path(__file__).parents[2])
    enough = len(server.mails) + after
    async with asyncio.timeout(120):
        while len(server.mails) < enough:
            await asyncio.sleep(0.002)
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()


@pytest.mark.timeout(900)
async def test_whoever_dies_while_it_announces_leaves_nobody_out_and_repeats_one_mail_a_kill_at_most(tmp_path: Path):
    server, dice = MiniSmtp(), random.Random(5)  # noqa: S311 - a moment, no secret
    async with listening(server) as port:
        async with worker(tmp_path, port, readers=READERS) as planning:
            await planning.announce()
        for _ in range(KILLS):
            await _killed(tmp_path, port, server, dice.randrange(1, READERS // KILLS))
        async with worker(tmp_path, port, readers=READERS) as last:
            await last.engine.start()
            async with asyncio.timeout(120):
                while await last.state() is not State.SENT:
                    await asyncio.sleep(0.1)
            async with last.store.unit() as unit:
                counts = (await announcing.report(unit, SLUG)).counts
    times = Counter(_found(_TO, mail) for mail in server.mails if mail)
    ids = {(_found(_TO, mail), _found(_ID, mail)) for mail in server.mails if mail}
    assert set(times) == {f"person{n}@partner.example".encode() for n in range(READERS)}
    assert times.total() - READERS <= KILLS
    assert len(ids) == READERS  # a repeated one is recognised by its id
    assert counts[RecipientState.SENT] == READERS
    assert not list(tmp_path.glob("*-accepted-*"))


def _found(what: re.Pattern[bytes], mail: bytes) -> bytes:
    match = what.search(mail.replace(b"\r\n ", b" ").replace(b"\r\n", b"\n"))
    assert match is not None
    return match[1]
