"""The real Bolt over Socket Mode: everything a person does reaches a listener with what Bolt needs."""

from __future__ import annotations

from typing import Any

import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import SlackServer
from bot.sandbox.slack.state import SandboxError
from tests.integration.sandbox.slack.listening import Heard

BUTTONS: list[dict[str, Any]] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "*Acme rollout*: won?"}},
    {
        "type": "actions",
        "block_id": "answer",
        "elements": [
            {
                "type": "button",
                "action_id": "won",
                "text": {"type": "plain_text", "text": "Won"},
                "value": "deal-1",
                "style": "primary",
            },
        ],
    },
]
MODAL: dict[str, Any] = {
    "type": "modal",
    "callback_id": "register",
    "title": {"type": "plain_text", "text": "Register a deal"},
    "submit": {"type": "plain_text", "text": "Send"},
    "notify_on_close": True,
    "blocks": [
        {
            "type": "input",
            "block_id": "company",
            "label": {"type": "plain_text", "text": "Company"},
            "element": {"type": "plain_text_input", "action_id": "value"},
        }
    ],
}


@pytest.mark.usefixtures("connected")
async def test_a_partners_message_arrives_with_author_team_and_authorization(slack: SlackServer, heard: Heard) -> None:
    ts = slack.people.say("julia@brandt-it.example", "#brandt-it", "Acme ist gewonnen & unterschrieben")
    body = await heard.one("message")
    event = body["event"]
    assert event["ts"] == ts
    assert event["text"] == "Acme ist gewonnen &amp; unterschrieben"
    assert event["user_team"] == event["team"] == event["source_team"] == "T0BRANDTIT"
    assert body["authorizations"][0]["team_id"] == "T0MERIDIAN"
    assert body["is_ext_shared_channel"] is True
    assert body["_team"] == "T0MERIDIAN"
    assert body["_actor_team"] == "T0BRANDTIT"
    await slack.settle()
    assert [d.acked for d in slack.courier.log] == [True]


@pytest.mark.usefixtures("connected")
async def test_a_mention_is_a_message_and_an_app_mention_with_one_ts(slack: SlackServer, heard: Heard) -> None:
    slack.people.mention("tom", "#ashby-digital", "status please")
    message, mention = await heard.one("message"), await heard.one("app_mention")
    assert message["event"]["ts"] == mention["event"]["ts"]
    assert message["event_id"] != mention["event_id"]
    assert mention["event"]["text"] == "<@U0OFFPORTAL> status please"
    # The channel was made by the partner: the envelope's team is theirs, Bolt still finds the installed one.
    assert mention["team_id"] == "T0ASHBYDIG"
    assert mention["_team"] == "T0MERIDIAN"


@pytest.mark.usefixtures("connected")
async def test_edits_deletions_reactions_and_joins_are_events(slack: SlackServer, heard: Heard) -> None:
    ts = slack.people.say("julia", "#brandt-it", "40.000 EUR")
    slack.people.edit("julia", "#brandt-it", ts, "45.000 EUR")
    changed = (await heard.one("message_changed"))["event"]
    assert changed["message"]["text"] == "45.000 EUR"
    assert changed["message"]["edited"]["user"] == "U0JULIABRAN"
    assert changed["previous_message"]["text"] == "40.000 EUR"
    slack.people.react("lukas.weber", "#brandt-it", ts, "+1")
    assert (await heard.one("reaction_added"))["event"]["item"] == {
        "type": "message",
        "channel": "C0BRANDTIT0",
        "ts": ts,
    }
    slack.people.delete("julia", "#brandt-it", ts)
    assert (await heard.one("message_deleted"))["event"]["deleted_ts"] == ts
    slack.people.join("franco.desantis", "#brandt-it", inviter="U0PRIYANAIR")
    assert (await heard.one("member_joined_channel"))["event"]["inviter"] == "U0PRIYANAIR"


@pytest.mark.usefixtures("connected")
async def test_a_partner_presses_a_button_and_the_response_url_replaces_the_message(
    slack: SlackServer, client: AsyncWebClient, heard: Heard
) -> None:
    posted = await client.chat_postMessage(channel="C0BRANDTIT0", text="Won?", blocks=BUTTONS)

    outcome = await slack.hands.press("julia", "#brandt-it", posted["ts"], "Won")
    assert outcome.ok
    body = await heard.one("action")
    assert body["user"]["team_id"] == "T0BRANDTIT"
    assert body["team"]["id"] == "T0MERIDIAN"
    assert body["actions"][0] | {"action_ts": ""} == {
        "type": "button",
        "action_id": "won",
        "block_id": "answer",
        "text": {"type": "plain_text", "text": "Won", "emoji": True},
        "value": "deal-1",
        "style": "primary",
        "action_ts": "",
    }
    assert body["message"]["ts"] == body["container"]["message_ts"] == posted["ts"]
    from slack_sdk.webhook.async_client import AsyncWebhookClient

    hook = AsyncWebhookClient(body["response_url"], session=client.session)
    for _ in range(5):
        answer = await hook.send(text="Noted: won", replace_original=True)
        assert answer.status_code == 200
    assert (await hook.send(text="again", replace_original=True)).body == '{"ok": false, "error": "used_url"}'
    assert slack.people.messages("#brandt-it")[-1]["text"] == "Noted: won"


@pytest.mark.usefixtures("connected")
async def test_a_command_works_for_the_vendor_and_is_unknown_to_partners(
    slack: SlackServer, app: AsyncApp, heard: Heard
) -> None:
    @app.command("/deals")
    async def deals(ack: Any, body: dict[str, Any]) -> None:
        await heard.add("command", body)
        await ack("3 open deals")

    outcome = await slack.hands.command("priya.nair", "#partner-managers", "/deals", "open")
    assert outcome.ok
    body = await heard.one("command")
    assert (body["command"], body["text"], body["user_id"]) == ("/deals", "open", "U0PRIYANAIR")
    seen = slack.people.messages("#partner-managers", seen_by="priya.nair")[-1]
    assert (seen["text"], seen["only_for"]) == ("3 open deals", "U0PRIYANAIR")
    assert slack.people.messages("#partner-managers", seen_by="franco.desantis") == []
    refused = await slack.hands.command("julia", "#brandt-it", "/deals")
    assert refused.error == "/deals is not a valid command."
    slack.install("julia")
    assert (await slack.hands.command("julia", "#brandt-it", "/deals")).ok


@pytest.mark.usefixtures("connected")
async def test_a_modal_is_opened_corrected_and_submitted_by_a_partner(
    slack: SlackServer, client: AsyncWebClient, app: AsyncApp, heard: Heard
) -> None:
    @app.action("open")
    async def open_modal(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)
        await heard.add("opened", body)

    @app.view("register")
    async def submit(ack: Any, body: dict[str, Any], view: dict[str, Any], context: Any) -> None:
        await heard.add("submitted", body | {"_team": context.team_id})
        if view["state"]["values"]["company"]["value"]["value"] == "?":
            await ack(response_action="errors", errors={"company": "Which company?"})
        else:
            await ack()

    button = {"type": "button", "action_id": "open", "text": {"type": "plain_text", "text": "Register"}}
    posted = await client.chat_postMessage(
        channel="C0BRANDTIT0", text="Register", blocks=[{"type": "actions", "elements": [button]}]
    )
    assert (await slack.hands.press("julia", "#brandt-it", posted["ts"], "open")).ok
    await heard.one("opened")
    [view] = slack.hands.views("julia")
    with pytest.raises(SandboxError, match="required field"):
        await slack.hands.submit(view["id"], {"company": ""})
    await slack.hands.submit(view["id"], {"company": "?"})
    assert slack.hands.views("julia")[0]["errors"] == {"company": "Which company?"}
    assert (await slack.hands.submit(view["id"], {"company": {"value": "Acme"}})).ok
    assert slack.hands.views("julia") == []
    body = await heard.one("submitted", 2)
    assert body["team"]["id"] == "T0BRANDTIT"
    assert body["view"]["app_installed_team_id"] == body["_team"] == "T0MERIDIAN"


@pytest.mark.usefixtures("connected")
async def test_home_shortcuts_and_closing_a_view_reach_the_app(
    slack: SlackServer, client: AsyncWebClient, heard: Heard
) -> None:
    slack.people.open_home("priya.nair")
    assert "view" not in (await heard.one("app_home_opened"))["event"]
    home = {"type": "home", "blocks": [{"type": "divider"}]}
    await client.views_publish(user_id="U0PRIYANAIR", view=home)
    slack.people.open_home("priya.nair")
    assert (await heard.one("app_home_opened", 2))["event"]["view"]["type"] == "home"
    assert (await slack.hands.shortcut("priya.nair", "global")).ok
    trigger_id = (await heard.one("shortcut"))["trigger_id"]
    view = (await client.views_open(trigger_id=trigger_id, view=MODAL))["view"]
    assert (await slack.hands.close(view["id"])).ok
    assert (await heard.one("view_closed"))["is_cleared"] is False
    ts = slack.people.say("priya.nair", "#partner-managers", "look")
    assert (await slack.hands.message_shortcut("priya.nair", "#partner-managers", ts, "on_message")).ok
    assert (await heard.one("message_shortcut"))["message"]["ts"] == ts


@pytest.mark.usefixtures("connected")
async def test_a_channel_that_changes_its_id_or_is_archived_says_so(slack: SlackServer, heard: Heard) -> None:
    new = slack.people.change_channel_id("#brandt-it")
    event = (await heard.one("channel_id_changed"))["event"]
    assert (event["old_channel_id"], event["new_channel_id"]) == ("C0BRANDTIT0", new)
    slack.people.archive("#brandt-it")
    assert (await heard.one("channel_archive"))["event"]["channel"] == new
    with pytest.raises(SandboxError, match="is archived"):
        slack.people.say("julia", "#brandt-it", "anybody?")
