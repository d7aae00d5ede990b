"""An announcement from a file: the command, the real worker, partners' mailboxes and Slack channels."""

from __future__ import annotations

import asyncio
import os
import sys

from bot.sandbox.demo import ROOT
from bot.sandbox.playing import Mailbox, text_of, until
from tests.acceptance.office import Office, open_office

TOM = "tom@ashby-digital.example"
NEWS = """+++
slug = "q1-incentives"
kind = "incentive"
channels = ["email"]
+++
Subject: Five per cent more in the first quarter

Hello {name},

see [the terms](https://meridian.example/q1).

+++ de
Subject: Fünf Prozent mehr im ersten Quartal

Guten Tag {name}
"""
ANY_HOUR = {"quiet_from = 20:00:00": "quiet_from = 00:00:00", "quiet_until = 08:00:00": "quiet_until = 00:00:00"}
ANY_DAY = {"quiet_weekends = true ": "quiet_weekends = false"}


async def said(office: Office, *arguments: str) -> str:
    """What the command says; it must succeed."""
    program = (sys.executable, "-m", "bot.cli", "announce", *arguments, "--config", str(office.config))
    environ = {**os.environ, **office.world.environ}
    process = await asyncio.create_subprocess_exec(
        *program, cwd=ROOT, env=environ, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await process.communicate()
    assert process.returncode == 0, out.decode()
    return out.decode()


async def test_a_file_is_announced_and_an_answer_to_it_arrives(tmp_path):
    file = tmp_path / "q1.md"
    file.write_text(NEWS, encoding="utf-8")
    async with open_office(tmp_path, changes={**ANY_HOUR, **ANY_DAY}) as office:
        await office.start()
        tom = Mailbox(office.world, TOM)
        preview = await said(office, str(file), "--to", "everyone", "--dry-run")
        assert "by email in de" in preview
        assert "no text in" in preview
        await said(office, str(file), "--to", "everyone", "--yes")
        mail = await tom.next("Tom gets it")
        assert mail["Subject"] == "Five per cent more in the first quarter"
        assert "Hello Tom Ashby,\n\nsee the terms (https://meridian.example/q1)." in text_of(mail).replace("\r\n", "\n")
        assert mail["Precedence"] == "bulk"
        assert str(mail["List-Unsubscribe"]).startswith("<mailto:partners+")
        await until("it is sent", lambda: _sent(office))
        await tom.reply(mail, "Redwood Dairy: the amount is 41,500", name="Tom Ashby")
        receipt = await tom.next("Tom gets a receipt")
        assert "41,500" in text_of(receipt)
        assert str(receipt["In-Reply-To"]) != ""
        assert not await office.dead_letters()


async def _sent(office: Office) -> bool:
    return '"state": "sent"' in await said(office, "list", "--json")
