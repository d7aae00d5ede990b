"""Forms against the sandbox Slack, over a socket and over HTTP: opened at once, checked, stored when they are right."""

from __future__ import annotations

import pytest

from bot.ports import SlackPost
from bot.sandbox.slack import SlackServer
from bot.slack.chat import SlackChat
from bot.slack.events import Kind
from bot.slack.views.place import Place
from tests.integration.slack.blocks import section
from tests.integration.slack.listening import until

pytestmark = pytest.mark.usefixtures("listening")

MANAGERS, BRANDT_CHANNEL = "C0MANAGERS0", "C0BRANDTIT0"
WHOLE = {
    "company": "Nordwind Logistik AG",
    "contact_name": "Karin Holm",
    "amount": "85000",
    "close_date": "2099-03-31",
    "motion": "services",
}


def button(action: str, value: str) -> dict[str, object]:
    return {"type": "button", "action_id": action, "value": value, "text": {"type": "plain_text", "text": action}}


def request(channel: str, partner_id: str | None, *buttons: dict[str, object]) -> SlackPost:
    return SlackPost(
        channel=channel,
        thread_ts=None,
        text="REG-1042",
        blocks=(*section("REG-1042"), {"type": "actions", "elements": list(buttons)}),
        key="request-1",
        partner_id=partner_id,
    )


async def test_the_command_opens_the_form_and_what_is_sent_is_stored(slack: SlackServer, inbox) -> None:
    outcome = await slack.hands.command("priya.nair", "#partner-managers", "/partner", "register")
    assert outcome.ok, outcome
    (view,) = slack.hands.views("priya.nair")
    assert inbox.calls == 0
    outcome = await slack.hands.submit(view["id"], WHOLE)
    assert outcome.ok, outcome
    event = await inbox.one(Kind.VIEW_SUBMISSION)
    assert event.values == {**WHOLE, "currency": "EUR"}
    assert Place.from_json(event.private_metadata).channel == MANAGERS
    assert slack.hands.views("priya.nair") == []


async def test_what_is_typed_wrong_is_said_in_the_form_and_not_stored(slack: SlackServer, inbox) -> None:
    await slack.hands.command("priya.nair", "#partner-managers", "/partner", "register")
    (view,) = slack.hands.views("priya.nair")
    await slack.hands.submit(view["id"], {**WHOLE, "amount": "99999999999", "close_date": "2020-01-01"})
    (view,) = slack.hands.views("priya.nair")
    assert set(view["errors"]) == {"amount", "close_date"}
    assert inbox.calls == 0


async def test_somebody_of_another_workspace_opens_the_form_by_a_button(
    slack: SlackServer, inbox, chat: SlackChat
) -> None:
    posted = await chat.post(request(BRANDT_CHANNEL, "7", button("register", "de")))
    outcome = await slack.hands.press("julia", BRANDT_CHANNEL, posted.ts, "register")
    assert outcome.ok, outcome
    (view,) = slack.hands.views("julia")
    assert view["title"]["text"] == "Deal registrieren"
    await slack.hands.submit(view["id"], WHOLE)
    event = await inbox.one(Kind.VIEW_SUBMISSION)
    assert (event.team_id, event.user_id) == ("T0BRANDTIT", "U0JULIABRAN")


@pytest.mark.parametrize(("action", "name"), [("reject", "reason"), ("ask", "question")])
async def test_a_reason_and_a_question_are_asked_for_in_a_form(
    slack: SlackServer, inbox, chat: SlackChat, action: str, name: str
) -> None:
    posted = await chat.post(request(MANAGERS, None, button(action, "REG-1042")))
    await slack.hands.press("priya.nair", MANAGERS, posted.ts, action)
    (view,) = slack.hands.views("priya.nair")
    assert inbox.calls == 0
    await slack.hands.submit(view["id"], {name: "Who signs there?"})
    event = await inbox.one(Kind.VIEW_SUBMISSION)
    place = Place.from_json(event.private_metadata)
    assert (event.values, place.ts, place.number) == ({name: "Who signs there?"}, posted.ts, "REG-1042")


async def test_a_change_of_a_deal_is_refused_without_a_form(slack: SlackServer, inbox, chat: SlackChat) -> None:
    posted = await chat.post(request(MANAGERS, None, button("reject", "CHG-17")))
    await slack.hands.press("priya.nair", MANAGERS, posted.ts, "reject")
    assert (await inbox.one(Kind.ACTION)).value == "CHG-17"
    assert slack.hands.views("priya.nair") == []


async def test_where_a_form_cannot_be_opened_the_person_is_told(slack: SlackServer, inbox, chat: SlackChat) -> None:
    slack.fail("views.open", "server_error", times=2)
    outcome = await slack.hands.command("priya.nair", "#partner-managers", "/partner", "register")
    assert "Please try again." in str(outcome.answer)
    posted = await chat.post(request(MANAGERS, None, button("ask", "REG-1042")))
    await slack.hands.press("priya.nair", MANAGERS, posted.ts, "ask")
    await until(lambda: "Please try again." in str(slack.people.messages(MANAGERS, seen_by="priya.nair")))
    assert inbox.calls == 0
