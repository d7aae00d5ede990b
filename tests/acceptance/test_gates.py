"""Stage changes at their gates over the real worker, by mail and in Slack: held, completed, reminded of, dropped."""

from __future__ import annotations

import re
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from bot.sandbox.playing import Mailbox, text_of, until
from bot.sandbox.world import stage_id
from tests.acceptance.office import Office, open_office

JULIA, TOM, CHANNEL = "julia@brandt-it.example", "tom@ashby-digital.example", "#ashby-digital"
ELBTAL, REDWOOD = "9002", "9004"  # in Configure & Quote, which requires a next step; in Private Offer
MARKETPLACE = """[motions.marketplace]
stages = [{ stage = "Private Offer", criterion = "The offer is signed.", requires = ["next_step"] }]

[motions.reseller]"""


@pytest.fixture
async def office(tmp_path):
    async with open_office(tmp_path, changes={"[motions.reseller]": MARKETPLACE}) as one:
        await one.start()
        yield one


async def told(mailbox: Mailbox, words: str) -> EmailMessage:
    """The next mail with these words; others are passed over."""
    while words not in text_of(mail := await mailbox.next(f"somebody is told {words!r}")):
        pass
    return mail


async def reaches(office: Office, deal: str, motion: str, stage: str) -> None:
    async def look() -> bool:
        return bool(office.deal(deal)["dealstage"] == stage_id(motion, stage))

    await until(f"{deal} is in {stage}", look)


async def test_by_mail_the_answer_to_the_reminder_completes_stage_and_next_step(office: Office):
    julia = Mailbox(office.world, JULIA)
    await julia.write(
        "Elbtal", "Bitte Elbtal Bau time tracking in die Phase Transact verschieben.", name="Julia Brandt"
    )
    held = await told(julia, "der nächste Schritt")
    assert "freigegebenen Produkten, Rabatten und Margen" in text_of(held)
    office.world.pass_time(timedelta(days=3, hours=1))
    reminder = await told(julia, "Bevor Elbtal Bau time tracking in die Phase Transact wechselt")
    assert office.deal(ELBTAL)["dealstage"] == stage_id("reseller", "Configure & Quote")
    await julia.reply(reminder, "Demo mit dem CTO am Freitag")
    await reaches(office, ELBTAL, "reseller", "Transact")
    assert office.deal(ELBTAL)["hs_next_step"] == "Demo mit dem CTO am Freitag"
    assert not await office.dead_letters()


async def test_by_mail_a_hold_that_nobody_answers_is_dropped_with_a_notice(office: Office):
    julia = Mailbox(office.world, JULIA)
    await julia.write(
        "Elbtal", "Bitte Elbtal Bau time tracking in die Phase Transact verschieben.", name="Julia Brandt"
    )
    await told(julia, "der nächste Schritt")
    office.world.pass_time(timedelta(days=3, hours=1))
    await told(julia, "Bevor Elbtal Bau time tracking in die Phase Transact wechselt")
    await office.quiet()
    office.world.pass_time(timedelta(days=11))
    gone = await told(julia, "bleibt in der bisherigen Phase")
    await julia.reply(gone, "Nächster Schritt: Demo mit dem CTO am Freitag")
    await told(julia, "Demo mit dem CTO am Freitag")
    await office.quiet()
    assert office.deal(ELBTAL)["dealstage"] == stage_id("reseller", "Configure & Quote")
    assert office.deal(ELBTAL)["hs_next_step"] == "Demo mit dem CTO am Freitag"
    assert not await office.dead_letters()


async def in_thread(office: Office, words: str) -> dict[str, Any]:
    """The app's latest message in a thread of the channel with these words."""
    people = office.world.slack.people

    async def look() -> dict[str, Any] | None:
        threads = [people.thread(CHANNEL, m["ts"]) for m in people.messages(CHANNEL) if m.get("reply_count")]
        found = [m for thread in threads for m in thread if m.get("bot_id") and words in str(m.get("blocks"))]
        return found[-1] if found else None

    message: dict[str, Any] = await until(f"the thread shows {words!r}", look)
    return message


async def link(office: Office) -> None:
    slack, tom = office.world.slack, Mailbox(office.world, TOM)
    slack.people.mention("tom", CHANNEL, f"link {TOM}")
    code = re.search(r"\b\d{6}\b", str((await tom.next("the code comes"))["Subject"]))
    assert code
    slack.people.mention("tom", CHANNEL, code[0])
    await office.handled(2)


async def test_in_slack_a_stage_waits_in_its_thread_is_reminded_of_there_and_completed_there(office: Office):
    await link(office)
    people = office.world.slack.people
    ts = people.mention("tom", CHANNEL, "Redwood Dairy: please move the stage to Procurement")
    held = await in_thread(office, "the next step")
    assert "The offer is signed." in str(held["blocks"])
    assert office.deal(REDWOOD)["dealstage"] == stage_id("marketplace", "Private Offer")
    await office.quiet()
    office.world.pass_time(timedelta(days=3, hours=1))
    await in_thread(office, "the change waits for it")
    people.say("tom", CHANNEL, "Demo with the CTO on Friday", thread_ts=ts)
    await reaches(office, REDWOOD, "marketplace", "Procurement")
    assert office.deal(REDWOOD)["hs_next_step"] == "Demo with the CTO on Friday"
    await in_thread(office, "Demo with the CTO on Friday")
    assert not await office.dead_letters()


async def test_in_slack_a_hold_that_nobody_answers_is_dropped_in_its_thread(office: Office):
    await link(office)
    people = office.world.slack.people
    people.mention("tom", CHANNEL, "Redwood Dairy: please move the stage to Procurement")
    await in_thread(office, "the next step")
    await office.quiet()
    office.world.pass_time(timedelta(days=14, hours=1))
    await in_thread(office, "stays where it is")
    await office.quiet()
    assert office.deal(REDWOOD)["dealstage"] == stage_id("marketplace", "Private Offer")
    assert not await office.dead_letters()
