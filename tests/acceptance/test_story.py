"""The story that offportal is made for, over a real worker and the sandbox's servers."""

from __future__ import annotations

import re

import pytest

from bot.sandbox import script
from bot.sandbox.playing import Mailbox, text_of, until
from tests.acceptance.office import Office, open_office

TOM, REDWOOD, CHANNEL = "tom@ashby-digital.example", "9004", "#ashby-digital"


@pytest.fixture
async def office(tmp_path):
    async with open_office(tmp_path) as one:
        await one.start()
        yield one


async def test_the_demos_story_holds_step_by_step(office: Office):
    told: list[str] = []
    assert await script.play(office.world, told.append), "\n".join(told)
    assert told[-1] == "✓ the whole story held"


async def test_the_story_holds_in_english_by_mail_and_in_slack(office: Office):
    tom = Mailbox(office.world, TOM)
    office.world.hubspot.hands.move(REDWOOD, "Procurement")
    notice = await tom.next("Tom is told of the move")
    assert "Procurement" in text_of(notice)
    await tom.reply(notice, "The amount is 41,500. Next step: call with procurement.", name="Tom Ashby")
    receipt = await tom.next("Tom gets a receipt")
    assert (office.deal(REDWOOD)["amount"], office.deal(REDWOOD)["hs_next_step"]) == ("41500", "call with procurement")
    assert str(notice["Message-ID"]) in str(receipt["References"])
    await until("the reply stands on the timeline", lambda: _noted(office, "call with procurement"))
    await tom.reply(receipt, "undo", name="Tom Ashby")
    told = await tom.next("Tom is told what was taken back")
    assert "36,000" in text_of(told)
    assert office.deal(REDWOOD)["amount"] == "36000"
    await _in_slack(office, tom)
    assert not await office.dead_letters()


async def _noted(office: Office, words: str) -> bool:
    return office.notes_with(words) > 0


async def _in_slack(office: Office, tom: Mailbox) -> None:
    """Tom says who he is, answers in the notice's thread, and takes it back with the button."""
    slack = office.world.slack
    slack.people.mention("tom", CHANNEL, f"link {TOM}")
    mail = await tom.next("the code comes by mail")
    code = re.search(r"\b\d{6}\b", str(mail["Subject"]))
    assert code
    slack.people.mention("tom", CHANNEL, code[0])
    await until("Tom is linked", lambda: _said(office, "linked"))

    async def notice() -> dict[str, object] | None:
        found = [m for m in slack.people.messages(CHANNEL) if m.get("bot_id") and "Redwood" in str(m.get("text"))]
        return found[0] if found else None

    ts = str((await until("the channel was told of the move", notice))["ts"])
    slack.people.say("tom", CHANNEL, "The amount is 52,000", thread_ts=ts)

    async def receipt() -> dict[str, object] | None:
        found = [m for m in slack.people.thread(CHANNEL, ts) if m.get("bot_id") and "52,000" in str(m.get("blocks"))]
        return found[-1] if found else None

    said = await until("the thread gets a receipt", receipt)
    assert office.deal(REDWOOD)["amount"] == "52000"
    await slack.hands.press("tom", CHANNEL, str(said["ts"]), "undo")
    await until("the old amount is back", lambda: _amount_is(office, "36000"))


async def _amount_is(office: Office, amount: str) -> bool:
    return str(office.deal(REDWOOD)["amount"]) == amount


async def _said(office: Office, word: str) -> bool:
    return any(word in (i.reason or "") for i in await office.inbox())
