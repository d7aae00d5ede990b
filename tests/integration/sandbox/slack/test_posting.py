"""chat.* through slack_sdk's own client: what Slack takes, and in which words it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import SlackServer
from tests.integration.sandbox.slack.calling import ASHBY, BRANDT, MANAGERS, error_of, refused, section

BUTTON = {"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "Go"}}


async def test_a_post_twice_is_two_messages_with_rising_timestamps(slack: SlackServer, client: AsyncWebClient) -> None:
    first = await client.chat_postMessage(channel=BRANDT, text="hello")
    second = await client.chat_postMessage(channel=BRANDT, text="hello")
    assert first["ts"] < second["ts"]
    assert [m["text"] for m in slack.people.messages("#brandt-it")] == ["hello", "hello"]


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ({"channel": "C0NOWHERE00", "text": "x"}, "channel_not_found"),
        ({"text": "x"}, "channel_not_found"),
        ({"channel": BRANDT}, "no_text"),
        ({"channel": BRANDT, "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": BRANDT, "markdown_text": "x" * 12_001}, "msg_too_long"),
        ({"channel": BRANDT, "markdown_text": "x", "text": "y"}, "markdown_text_conflict"),
        ({"channel": BRANDT, "blocks": "no json"}, "invalid_blocks_format"),
        ({"channel": BRANDT, "blocks": '{"type": "divider"}'}, "invalid_blocks_format"),
        ({"channel": BRANDT, "text": "x", "thread_ts": "yesterday"}, "invalid_thread_ts"),
        ({"channel": BRANDT, "text": "x", "thread_ts": "1700000000.000001"}, "thread_not_found"),
        ({"channel": BRANDT, "text": "x", "attachments": json.dumps([{}] * 101)}, "too_many_attachments"),
        ({"channel": BRANDT, "text": "x", "metadata": '{"event_type": 1}'}, "invalid_metadata_format"),
        ({"channel": BRANDT, "text": "x", "username": "The Boss"}, "missing_scope"),
        ({"channel": "U0NOBODY000", "text": "x"}, "channel_not_found"),
    ],
)
async def test_a_message_that_slack_would_refuse_is_refused(
    client: AsyncWebClient, args: dict[str, str], code: str
) -> None:
    assert await refused(client, "chat.postMessage", **args) == code


@pytest.mark.parametrize(
    ("blocks", "complaint"),
    [
        ([section("x" * 3001)], "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
        ([section("")], "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
        ([section("x")] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
        ([{"type": "sections"}], "unsupported type: sections [json-pointer:/blocks/0/type]"),
        ([{"type": "section"}], "missing required field: text [json-pointer:/blocks/0]"),
        ([{"type": "divider", "text": "x"}], "invalid additional property: text [json-pointer:/blocks/0]"),
        (
            [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}],
            "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
        ),
        (
            [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
            "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]",
        ),
        (
            [{"type": "actions", "elements": [{**BUTTON, "action_id": str(n)} for n in range(26)]}],
            "no more than 25 items allowed [json-pointer:/blocks/0/elements]",
        ),
        (
            [{"type": "actions", "elements": [BUTTON, BUTTON]}],
            '`action_id` "a" already exists [json-pointer:/blocks/0/elements/1/action_id]',
        ),
        (
            [{"type": "actions", "elements": [{**BUTTON, "value": "x" * 2001}]}],
            "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]",
        ),
        (
            [{"type": "section", "block_id": "same", "fields": [{"type": "mrkdwn", "text": "x"}]}] * 2,
            '`block_id` "same" already exists [json-pointer:/blocks/1/block_id]',
        ),
        (
            [{"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 11}],
            "no more than 10 items allowed [json-pointer:/blocks/0/elements]",
        ),
        (
            [{"type": "section", "fields": [{"type": "mrkdwn", "text": "x" * 2001}]}],
            "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]",
        ),
        ([{"type": "video", "block_id": "v"}], "alt_text attribute must be specified [json-pointer:/blocks/0]"),
    ],
)
async def test_blocks_are_refused_in_slacks_words(
    client: AsyncWebClient, blocks: list[dict[str, Any]], complaint: str
) -> None:
    answer = await error_of(client, "chat.postMessage", channel=BRANDT, text="x", blocks=blocks)
    assert answer["error"] == "invalid_blocks"
    assert any(complaint in words for words in answer["errors"]), answer["errors"]
    assert any(words.startswith("[ERROR] ") for words in answer["response_metadata"]["messages"])


async def test_sizes_at_the_limit_are_taken(client: AsyncWebClient) -> None:
    buttons = [{**BUTTON, "action_id": str(n), "value": "v" * 2000} for n in range(25)]
    blocks = [section("x" * 3000)] * 48 + [
        {"type": "actions", "elements": buttons},
        {"type": "header", "text": {"type": "plain_text", "text": "x" * 150}},
    ]
    answer = await client.chat_postMessage(channel=BRANDT, text="x" * 40_000, blocks=blocks)
    stored = answer["message"]["blocks"]
    assert len({block["block_id"] for block in stored}) == 50
    assert stored[0]["text"]["verbatim"] is False


async def test_where_the_bot_is_not_or_nobody_may_it_does_not_post(slack: SlackServer, client: AsyncWebClient) -> None:
    slack.people.leave("U0OFFPORTAL", "#partner-managers")
    assert await refused(client, "chat.postMessage", channel=MANAGERS, text="x") == "not_in_channel"
    assert await refused(client, "conversations.history", channel=MANAGERS) == "not_in_channel"
    # A channel of another team without the bot might as well not exist.
    slack.people.leave("U0OFFPORTAL", "#ashby-digital")
    slack.world.channels[ASHBY].connected.clear()
    assert await refused(client, "chat.postMessage", channel=ASHBY, text="x") == "channel_not_found"
    slack.people.archive("#brandt-it")
    assert await refused(client, "chat.postMessage", channel=BRANDT, text="x") == "is_archived"


async def test_metadata_stays_through_an_update_and_is_shown_on_request(client: AsyncWebClient) -> None:
    metadata = {"event_type": "receipt", "event_payload": {"deal": "1"}}
    posted = await client.chat_postMessage(channel=BRANDT, text="x", metadata=metadata)
    await client.chat_update(channel=BRANDT, ts=posted["ts"], text="y")
    assert "metadata" not in (await client.conversations_history(channel=BRANDT))["messages"][0]
    shown = await client.conversations_history(channel=BRANDT, include_all_metadata=True)
    assert shown["messages"][0]["metadata"] == metadata
    await client.chat_update(channel=BRANDT, ts=posted["ts"], text="z", metadata={})
    shown = await client.conversations_history(channel=BRANDT, include_all_metadata=True)
    assert "metadata" not in shown["messages"][0]


async def test_only_the_apps_own_messages_are_updated_and_deleted(slack: SlackServer, client: AsyncWebClient) -> None:
    mine = await client.chat_postMessage(channel=BRANDT, text="one", blocks=[section("one")])
    changed = await client.chat_update(channel=BRANDT, ts=mine["ts"], text="two", blocks=[section("two")])
    assert changed["message"]["blocks"][0]["text"]["text"] == "two"
    assert "edited" not in changed["message"]
    bare = await client.chat_update(channel=BRANDT, ts=mine["ts"], text="three")
    assert "blocks" not in bare["message"]
    assert bare["message"]["edited"]["user"] == "U0OFFPORTAL"
    hers = slack.people.say("julia", "#brandt-it", "mine")
    assert await refused(client, "chat.update", channel=BRANDT, ts=hers, text="x") == "cant_update_message"
    assert await refused(client, "chat.delete", channel=BRANDT, ts=hers) == "cant_delete_message"
    assert await refused(client, "chat.update", channel=BRANDT, ts="1.1", text="x") == "message_not_found"
    await client.chat_delete(channel=BRANDT, ts=mine["ts"])
    assert [m["ts"] for m in slack.people.messages("#brandt-it")] == [hers]


async def test_an_ephemeral_message_is_seen_by_one_and_is_not_in_history(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    await client.chat_postEphemeral(channel=BRANDT, user="U0JULIABRAN", text="only you")
    assert [m["text"] for m in slack.people.messages("#brandt-it", seen_by="julia")] == ["only you"]
    assert slack.people.messages("#brandt-it", seen_by="lukas.weber") == []
    assert (await client.conversations_history(channel=BRANDT))["messages"] == []
    code = await refused(client, "chat.postEphemeral", channel=BRANDT, user="U0TOMASHBY0", text="x")
    assert code == "user_not_in_channel"


async def test_a_permalink_names_workspace_channel_and_message(client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel=BRANDT, text="x"))["ts"]
    link = (await client.chat_getPermalink(channel=BRANDT, message_ts=ts))["permalink"]
    assert link == f"https://meridian-software.slack.com/archives/{BRANDT}/p{ts.replace('.', '')}"
