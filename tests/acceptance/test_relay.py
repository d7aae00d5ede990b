"""A relay that is busy for a moment does not hold up a receipt for long."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from bot.sandbox.mail_script import Failure
from bot.sandbox.playing import Mailbox, text_of
from tests.acceptance.office import open_office

TOM, REDWOOD = "tom@ashby-digital.example", "9004"


@pytest.mark.parametrize("reply", ["451 4.3.0 try again later", "421 4.3.2 shutting down"])
async def test_two_passing_refusals_of_the_relay_delay_a_receipt_by_seconds(tmp_path, reply: str):
    async with open_office(tmp_path) as office:
        await office.start()
        tom = Mailbox(office.world, TOM)
        office.world.hubspot.hands.move(REDWOOD, "Procurement")
        notice = await tom.next("Tom is told of the move")
        office.mail.fail(Failure(verb="RCPT", reply=reply, times=2, address=TOM))
        await tom.reply(notice, "The amount is 41,500.", name="Tom Ashby")
        receipt = await tom.next("Tom gets a receipt")
        assert "41,500" in text_of(receipt)
        log = office.config.with_suffix(".log").read_text(encoding="utf-8")
        first_s, second_s = pauses(log)
        assert first_s <= 2
        assert second_s <= 4
        assert "will be unused" not in log


def pauses(log: str) -> list[float]:
    """How long each failed job had to wait for its next attempt, in seconds."""
    failed = [json.loads(line) for line in log.splitlines() if '"job.failed"' in line]
    at = datetime.fromisoformat
    return [(at(entry["again_at"]) - at(entry["timestamp"])).total_seconds() for entry in failed]
