"""A deal registered in Slack alone, through the real process: the form, the manager's buttons, the deal in the CRM."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bot.domain.registrations import Registration, State
from bot.ports import Disposition
from bot.sandbox.playing import Mailbox, until
from tests.acceptance.office import Office, open_office

TOM, CHANNEL, MANAGERS = "tom@ashby-digital.example", "#ashby-digital", "#partner-managers"
PRIYA = "priya.nair"
NORDWIND = {
    "company": "Nordwind Logistik AG",
    "contact_name": "Karin Holm",
    "contact_email": "karin.holm@nordwind.example",
    "amount": "85000",
    "currency": "EUR",
    "close_date": "2027-12-17",
    "motion": "reseller",
}


@pytest.fixture
async def office(tmp_path):
    async with open_office(tmp_path) as one:
        await one.start()
        await link(one)
        yield one


async def link(office: Office) -> None:
    """Tom says who he is, once the worker listens to Slack."""
    slack, box = office.world.slack, Mailbox(office.world, TOM)
    await until("the worker listens to Slack", lambda: _listens(office))
    slack.people.mention("tom", CHANNEL, f"link {TOM}")
    code = re.search(r"\b\d{6}\b", str((await box.next("the code comes"))["Subject"]))
    assert code
    slack.people.mention("tom", CHANNEL, code[0])
    await office.handled(2)


async def _listens(office: Office) -> bool:
    return office.world.slack.socket.connections > 0


async def shown(office: Office, channel: str, words: str, seen_by: str = "") -> dict[str, Any]:
    """The app's latest message in that channel with these words."""

    people = office.world.slack.people

    async def look() -> dict[str, Any] | None:
        every: list[dict[str, Any]] = []
        for message in people.messages(channel, seen_by=seen_by):
            started_thread = message.get("reply_count") and not message.get("is_ephemeral")
            every += people.thread(channel, message["ts"]) if started_thread else [message]
        found = [m for m in every if m.get("bot_id") and words in f"{m.get('text')} {m.get('blocks')}"]
        return found[-1] if found else None

    message: dict[str, Any] = await until(f"{channel} shows {words!r}", look)
    return message


async def registered(office: Office, values: dict[str, str]) -> Registration:
    """Tom, whose workspace has no slash command of ours, asks by a mention and sends the form of the button."""
    slack = office.world.slack
    slack.people.mention("tom", CHANNEL, "register")
    offer = await shown(office, CHANNEL, "form", seen_by="tom")
    await slack.hands.press("tom", CHANNEL, str(offer["ts"]), "register")
    (view,) = slack.hands.views("tom")
    outcome = await slack.hands.submit(view["id"], values)
    assert outcome.ok, outcome
    return await in_state(office, State.SUBMITTED)


async def in_state(office: Office, state: State) -> Registration:
    """The one registration, once it stands so; looks that are set for later are still to come."""

    async def look() -> Registration | None:
        async with office.store.unit() as unit:
            return next(iter(await unit.registrations(states=[state])), None)

    claim: Registration = await until(f"a registration is {state}", look)
    return claim


async def test_a_deal_is_registered_by_form_and_approved_by_button(office: Office):
    slack = office.world.slack
    claim = await registered(office, NORDWIND)
    await shown(office, CHANNEL, claim.number, seen_by="tom")
    request = await shown(office, MANAGERS, "Nordwind")
    assert not slack.hands.views("tom")
    await slack.hands.press(PRIYA, MANAGERS, str(request["ts"]), "approve")
    await in_state(office, State.APPROVED)
    await shown(office, CHANNEL, "approved")  # told only once the CRM has the deal
    deals = office.world.hubspot.hands.look_at_all("deals")
    (deal,) = [d["properties"] for d in deals if claim.number in str(d["properties"])]
    assert (deal["amount"], deal["registration_status"]) == ("85000", "protected")
    assert not await office.dead_letters()


async def test_a_question_and_a_refusal_reach_the_partner_in_the_managers_words(office: Office):
    slack = office.world.slack
    claim = await registered(office, NORDWIND)
    request = await shown(office, MANAGERS, "Nordwind")
    await slack.hands.press(PRIYA, MANAGERS, str(request["ts"]), "ask")
    (view,) = slack.hands.views(PRIYA)
    await slack.hands.submit(view["id"], {"question": "Who signs the order there?"})
    await shown(office, CHANNEL, "Who signs the order there?")
    await slack.hands.press(PRIYA, MANAGERS, str(request["ts"]), "reject")
    (view,) = slack.hands.views(PRIYA)
    await slack.hands.submit(view["id"], {"reason": "We serve them from another office."})
    await shown(office, CHANNEL, "We serve them from another office.")
    await in_state(office, State.REFUSED)
    slack.people.mention(PRIYA, MANAGERS, f"approve {claim.number}")
    await shown(office, MANAGERS, "had been rejected already")
    assert not await office.dead_letters()


async def test_the_rules_are_told_by_command_and_by_mention(office: Office):
    slack = office.world.slack
    assert (await slack.hands.command(PRIYA, MANAGERS, "/partner", "rules")).ok
    await shown(office, MANAGERS, "90 days", seen_by=PRIYA)
    slack.people.mention("tom", CHANNEL, "What are the rules?")
    await shown(office, CHANNEL, "90 days", seen_by="tom")
    assert {i.disposition for i in (await office.inbox())[-2:]} == {Disposition.APPLIED}
