"""What people do in Slack is stored once and acknowledged after that, over a socket and over HTTP."""

from __future__ import annotations

import pytest

from bot.ports import SlackPost
from bot.sandbox.slack import SlackServer
from bot.sandbox.slack.courier import Category
from bot.slack.chat import SlackChat
from bot.slack.events import Kind
from tests.integration.slack.blocks import section, undo
from tests.integration.slack.listening import until

pytestmark = pytest.mark.usefixtures("listening")

BRANDT_CHANNEL, MANAGERS = "C0BRANDTIT0", "C0MANAGERS0"
RECEIPT = SlackPost(
    channel=BRANDT_CHANNEL,
    thread_ts=None,
    text="Acme: 60,000 EUR",
    blocks=(*section("*Acme*: 60,000 EUR"), *undo("inbound-7")),
    key="message-1",
    partner_id="7",
)
MODAL = {
    "type": "modal",
    "callback_id": "link",
    "private_metadata": "c-7",
    "title": {"type": "plain_text", "text": "Who are you?"},
    "submit": {"type": "plain_text", "text": "Send"},
    "blocks": [
        {
            "type": "input",
            "block_id": "email",
            "label": {"type": "plain_text", "text": "Email"},
            "element": {"type": "plain_text_input", "action_id": "address"},
        }
    ],
}


async def test_a_partners_reply_in_a_thread_is_stored_with_their_organisation(slack: SlackServer, inbox, chat) -> None:
    posted = await chat.post(RECEIPT)
    slack.people.say("julia", "#brandt-it", "Doch *80.000 EUR* & Mai", thread_ts=posted.ts)
    event = await inbox.one(Kind.MESSAGE)
    assert (event.team_id, event.user_id) == ("T0BRANDTIT", "U0JULIABRAN")
    assert (event.channel, event.thread_ts, event.is_ext_shared) == (BRANDT_CHANNEL, posted.ts, True)
    assert event.plain == "Doch *80.000 EUR* & Mai"


async def test_other_peoples_conversation_is_acknowledged_and_not_stored(slack: SlackServer, inbox) -> None:
    slack.people.say("julia", "#brandt-it", "lunch, Lukas?")
    slack.people.join("franco.desantis", "#brandt-it", inviter="U0PRIYANAIR")
    await slack.settle()
    assert [d.acked for d in slack.courier.log] == [True, True]
    assert inbox.calls == 0


async def test_our_own_posts_are_not_stored(slack: SlackServer, inbox, chat) -> None:
    first = await chat.post(RECEIPT)
    await chat.update(first, RECEIPT)
    await slack.settle()
    assert all(d.acked for d in slack.courier.log)
    assert inbox.calls == 0


async def test_a_mention_is_stored_once_though_slack_tells_it_twice(slack: SlackServer, inbox) -> None:
    slack.people.mention("tom", "#ashby-digital", "status please")
    await slack.settle()
    event = await inbox.one(Kind.MENTION)
    assert (event.plain, event.team_id) == ("status please", "T0ASHBYDIG")
    assert (inbox.calls, len(inbox.stored)) == (2, 1)


async def test_a_direct_message_an_edit_and_a_deletion_are_three_events(slack: SlackServer, inbox) -> None:
    ts = slack.people.direct("priya.nair", "reject CHG-17")
    place = slack.people.direct_channel("priya.nair")
    assert (await inbox.one(Kind.MESSAGE)).channel_type == "im"
    slack.people.edit("priya.nair", place, ts, "approve CHG-17")
    assert (await inbox.one(Kind.EDITED)).plain == "approve CHG-17"
    slack.people.delete("priya.nair", place, ts)
    assert (await inbox.one(Kind.DELETED)).ts == ts


@pytest.mark.parametrize("ack_within_s", [2.0])
@pytest.mark.usefixtures("ack_within_s")
async def test_an_event_that_could_not_be_stored_comes_again(slack: SlackServer, inbox, logs) -> None:
    inbox.broken = 2
    slack.people.direct("priya.nair", "approve CHG-17")
    await slack.settle()
    assert [d.acked for d in slack.courier.log] == [False, False, True]
    assert len(inbox.of(Kind.MESSAGE)) == 1
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == ["slack.not_stored"] * 2


@pytest.mark.parametrize("ack_within_s", [2.0])
@pytest.mark.usefixtures("ack_within_s")
async def test_an_event_stored_too_slowly_comes_again_and_is_stored_once(slack: SlackServer, inbox) -> None:
    inbox.slow_s = 2.5
    slack.people.direct("priya.nair", "approve CHG-17")
    await slack.settle()
    assert [d.acked for d in slack.courier.log] == [False, True]
    await until(lambda: inbox.calls == 2)
    assert len(inbox.stored) == 1


async def test_a_redelivered_event_is_the_same_event(slack: SlackServer, inbox) -> None:
    slack.people.direct("priya.nair", "approve CHG-17")
    await slack.settle()
    (event_id,) = slack.courier.events
    slack.courier.send_again(event_id)
    await slack.settle()
    assert (inbox.calls, len(inbox.stored)) == (2, 1)


async def test_an_external_partner_presses_a_button(slack: SlackServer, inbox, chat: SlackChat) -> None:
    posted = await chat.post(RECEIPT)
    outcome = await slack.hands.press("julia", "#brandt-it", posted.ts, "Undo")
    assert outcome.ok, outcome
    event = await inbox.one(Kind.ACTION)
    assert (event.action_id, event.value) == ("undo", "inbound-7")
    assert (event.team_id, event.user_id) == ("T0BRANDTIT", "U0JULIABRAN")
    assert (event.channel, event.ts) == (BRANDT_CHANNEL, posted.ts)


async def test_a_press_that_could_not_be_stored_is_apologised_for(slack: SlackServer, inbox, chat: SlackChat) -> None:
    posted = await chat.post(RECEIPT)
    inbox.broken = 1
    await slack.hands.press("julia", "#brandt-it", posted.ts, "Undo")
    told = slack.people.messages("#brandt-it", seen_by="julia")[-1]
    assert (told["text"], told["only_for"]) == ("Please try again.", "U0JULIABRAN")
    assert inbox.stored == {}


async def test_a_command_is_stored_and_answered_through_its_response_url(slack: SlackServer, inbox, chat) -> None:
    outcome = await slack.hands.command("priya.nair", "#partner-managers", "/partner", "deals")
    assert (outcome.ok, outcome.answer) == (True, None)
    event = await inbox.one(Kind.COMMAND)
    assert (event.command, event.plain, event.user_id) == ("/partner", "deals", "U0PRIYANAIR")
    await chat.respond(event.response_url, "You have 3 deals.", section("You have *3* deals."))
    told = slack.people.messages("#partner-managers", seen_by="priya.nair")[-1]
    assert (told["text"], told["only_for"]) == ("You have 3 deals.", "U0PRIYANAIR")


async def test_a_command_that_could_not_be_stored_is_apologised_for(slack: SlackServer, inbox) -> None:
    inbox.broken = 1
    outcome = await slack.hands.command("priya.nair", "#partner-managers", "/partner", "deals")
    assert outcome.answer == {"response_type": "ephemeral", "text": "Please try again."}


async def test_a_command_nobody_knows_is_answered(slack: SlackServer, inbox) -> None:
    outcome = await slack.hands.command("priya.nair", "#partner-managers", "/partners", "deals")
    assert outcome.ok
    assert outcome.answer is not None
    assert inbox.calls == 0


async def test_an_external_partner_has_no_commands(slack: SlackServer, inbox) -> None:
    outcome = await slack.hands.command("julia", "#brandt-it", "/partner", "deals")
    assert outcome.error == "/partner is not a valid command."
    assert inbox.calls == 0


async def test_a_modal_is_opened_submitted_and_closed(slack: SlackServer, inbox, chat: SlackChat) -> None:
    await slack.hands.command("priya.nair", "#partner-managers", "/partner", "link")
    view_id = await chat.open_view((await inbox.one(Kind.COMMAND)).trigger_id or "", MODAL)
    outcome = await slack.hands.submit(view_id, {"email": "priya.nair@meridian.example"})
    assert outcome.ok, outcome
    event = await inbox.one(Kind.VIEW_SUBMISSION)
    assert (event.callback_id, event.private_metadata) == ("link", "c-7")
    assert event.values == {"address": "priya.nair@meridian.example"}
    assert slack.hands.views("priya.nair") == []


async def test_a_modal_that_could_not_be_stored_stays_open_and_says_so(slack: SlackServer, inbox, chat) -> None:
    await slack.hands.command("priya.nair", "#partner-managers", "/partner", "link")
    view_id = await chat.open_view((await inbox.one(Kind.COMMAND)).trigger_id, MODAL)
    inbox.broken = 1
    await slack.hands.submit(view_id, {"email": "priya.nair@meridian.example"})
    (view,) = slack.hands.views("priya.nair")
    assert view["errors"] == {"email": "Please try again."}


async def test_an_opened_home_is_stored_and_can_be_published(slack: SlackServer, inbox, chat: SlackChat) -> None:
    slack.people.open_home("priya.nair")
    event = await inbox.one(Kind.APP_HOME_OPENED)
    await chat.publish_home(event.user_id or "", section("Your partners"))
    home = slack.hands.home("priya.nair")
    assert home is not None
    assert home["blocks"][0]["text"]["text"] == "Your partners"


async def test_a_channels_new_id_is_stored(slack: SlackServer, inbox) -> None:
    new = slack.people.change_channel_id("#brandt-it")
    event = await inbox.one(Kind.CHANNEL_ID_CHANGED)
    assert (event.channel, event.value) == (new, BRANDT_CHANNEL)


async def test_what_nobody_listens_to_is_acknowledged(slack: SlackServer, inbox) -> None:
    for outcome in (
        await slack.hands.shortcut("priya.nair", "some_shortcut"),
        await slack.hands.message_shortcut(
            "priya.nair", MANAGERS, slack.people.say("priya.nair", MANAGERS, "hello"), "another"
        ),
    ):
        assert outcome.ok, outcome
    await slack.settle()
    assert all(d.acked for d in slack.courier.log)
    assert {d.category for d in slack.courier.log} == {Category.INTERACTIVE, Category.EVENT}
    assert inbox.calls == 0


async def test_nothing_is_asked_of_slack_before_an_acknowledgement(slack: SlackServer, inbox, installation) -> None:
    await installation.identity()  # at start
    before = dict(slack.web_api.counts)
    slack.people.direct("priya.nair", "approve CHG-17")
    await slack.hands.command("priya.nair", "#partner-managers", "/partner", "deals")
    await slack.settle()
    assert len(inbox.stored) == 2
    asked = {m: n - before.get(m, 0) for m, n in slack.web_api.counts.items() if n > before.get(m, 0)}
    asked.pop("auth.test", None)  # the socket's own proof goes on meanwhile
    assert asked == {}
