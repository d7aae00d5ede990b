"""The Web API through slack_sdk's own client: what Slack takes, and in which words it refuses."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ConfigError
from bot.sandbox.record import Recorder
from bot.sandbox.slack import SlackServer
from bot.sandbox.slack.limits import Limits, Tier
from bot.sandbox.slack.seed import DEMO

BRANDT, ASHBY, MANAGERS = "C0BRANDTIT0", "C0ASHBYDIG0", "C0MANAGERS0"
BUTTON = {"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "Go"}}


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


async def error_of(client: AsyncWebClient, method: str, **args: Any) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as caught:
        await client.api_call(method, json=args)
    answer: dict[str, Any] = caught.value.response.data
    assert answer["ok"] is False
    return answer


async def refused(client: AsyncWebClient, method: str, **args: Any) -> str:
    """The error code of a form post, which every method reads."""
    with pytest.raises(SlackApiError) as caught:
        await client.api_call(method, data=args)
    error: str = caught.value.response["error"]
    return error


async def test_the_app_learns_who_it_is(client: AsyncWebClient) -> None:
    answer = await client.auth_test()
    assert (answer["user_id"], answer["bot_id"], answer["team_id"]) == ("U0OFFPORTAL", "B0OFFPORTAL", "T0MERIDIAN")
    assert "chat:write" in answer.headers["X-OAuth-Scopes"]
    assert (await client.bots_info(bot=answer["bot_id"]))["bot"]["user_id"] == "U0OFFPORTAL"
    assert (await client.team_info())["team"]["domain"] == "meridian-software"
    assert (await client.team_info(team="T0BRANDTIT"))["team"]["name"] == "Brandt IT GmbH"


@pytest.mark.parametrize(
    ("token", "method", "code"),
    [
        ("", "auth.test", "not_authed"),
        ("xoxb-somebody-else", "auth.test", "invalid_auth"),
        ("app", "chat.postMessage", "not_allowed_token_type"),
        ("bot", "apps.connections.open", "not_allowed_token_type"),
        ("bot", "chat.shout", "unknown_method"),
    ],
)
async def test_a_wrong_token_or_method_is_refused(
    slack: SlackServer, session: aiohttp.ClientSession, token: str, method: str, code: str
) -> None:
    token = {"app": slack.app_token, "bot": slack.bot_token}.get(token, token)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with session.post(slack.api_url + method, headers=headers) as response:
        assert response.status == 200
        assert (await response.json())["error"] == code


@pytest.mark.parametrize(
    ("content_type", "body", "code"),
    [
        ("text/plain", b"channel=C1", "channel_not_found"),
        ("image/png", b"channel=C1", "invalid_post_type"),
        ("application/json; charset=utf-8", b"{", "invalid_json"),
        ("application/json; charset=utf-8", b"[]", "json_not_object"),
        ("application/x-www-form-urlencoded", b"\xff", "invalid_form_data"),
    ],
)
async def test_a_wrong_body_is_refused(
    slack: SlackServer, session: aiohttp.ClientSession, content_type: str, body: bytes, code: str
) -> None:
    headers = {"Authorization": f"Bearer {slack.bot_token}", "Content-Type": content_type}
    async with session.post(slack.api_url + "chat.postMessage", headers=headers, data=body) as response:
        assert (await response.json())["error"] == code


async def test_a_json_body_without_charset_is_warned_of(slack: SlackServer, session: aiohttp.ClientSession) -> None:
    headers = {"Authorization": f"Bearer {slack.bot_token}", "Content-Type": "application/json"}
    body = json.dumps({"channel": BRANDT, "text": "hello"}).encode()
    async with session.post(slack.api_url + "chat.postMessage", headers=headers, data=body) as response:
        answer = await response.json()
    assert answer["ok"] is True
    assert answer["warning"] == "missing_charset"
    assert answer["response_metadata"] == {"warnings": ["missing_charset"]}


async def test_a_reading_method_does_not_read_json(client: AsyncWebClient) -> None:
    answer = await error_of(client, "conversations.info", channel=BRANDT)
    assert answer["response_metadata"]["messages"] == ["[ERROR] missing required field: channel"]


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


async def test_threads_know_their_replies(slack: SlackServer, client: AsyncWebClient) -> None:
    parent = (await client.chat_postMessage(channel=BRANDT, text="Acme rollout moved to Proposal"))["ts"]
    reply = slack.people.say("julia", "#brandt-it", "danke", thread_ts=parent)
    await client.chat_postMessage(channel=BRANDT, text="Noted", thread_ts=parent)
    thread = await client.conversations_replies(channel=BRANDT, ts=parent)
    assert [m["text"] for m in thread["messages"]] == ["Acme rollout moved to Proposal", "danke", "Noted"]
    assert thread["messages"][0]["reply_count"] == 2
    assert thread["messages"][1]["parent_user_id"] == "U0OFFPORTAL"
    history = await client.conversations_history(channel=BRANDT)
    assert [m["ts"] for m in history["messages"]] == [parent]
    code = await refused(client, "chat.postMessage", channel=BRANDT, text="x", thread_ts=reply)
    assert code == "cannot_reply_to_message"
    assert await refused(client, "conversations.replies", channel=BRANDT, ts="1.1") == "thread_not_found"


async def test_history_is_newest_first_paged_and_bounded(slack: SlackServer, client: AsyncWebClient) -> None:
    ts = [slack.people.say("julia", "#brandt-it", f"message {n}") for n in range(5)]
    page = await client.conversations_history(channel=BRANDT, limit=2)
    assert [m["ts"] for m in page["messages"]] == [ts[4], ts[3]]
    assert page["has_more"] is True
    cursor = page["response_metadata"]["next_cursor"]
    rest = await client.conversations_history(channel=BRANDT, limit=9, cursor=cursor)
    assert [m["ts"] for m in rest["messages"]] == [ts[2], ts[1], ts[0]]
    later = await client.conversations_history(channel=BRANDT, oldest=ts[2])
    assert [m["ts"] for m in later["messages"]] == [ts[4], ts[3]]
    from_it = await client.conversations_history(channel=BRANDT, oldest=ts[3], inclusive=True)
    assert [m["ts"] for m in from_it["messages"]] == [ts[4], ts[3]]
    assert await refused(client, "conversations.history", channel=BRANDT, cursor="?") == "invalid_cursor"
    assert await refused(client, "conversations.history", channel=BRANDT, latest="now") == "invalid_ts_latest"
    assert await refused(client, "conversations.history", channel=BRANDT, limit="0") == "invalid_limit"


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


async def test_a_shared_channel_says_so_at_once(slack: SlackServer, client: AsyncWebClient) -> None:
    before = (await client.conversations_info(channel=MANAGERS, include_num_members=True))["channel"]
    assert (before["is_ext_shared"], before["is_pending_ext_shared"], before["num_members"]) == (False, False, 3)
    slack.people.share("#partner-managers", "T0BRANDTIT", accepted=False)
    assert (await client.conversations_info(channel=MANAGERS))["channel"]["is_pending_ext_shared"] is True
    slack.people.share("#partner-managers", "T0BRANDTIT")
    after = (await client.conversations_info(channel=MANAGERS))["channel"]
    assert (after["is_ext_shared"], after["is_pending_ext_shared"]) == (True, False)
    assert after["connected_team_ids"] == ["T0BRANDTIT"]


async def test_a_new_channel_id_makes_the_old_one_unknown(slack: SlackServer, client: AsyncWebClient) -> None:
    new = slack.people.change_channel_id("#brandt-it")
    assert await refused(client, "conversations.info", channel=BRANDT) == "channel_not_found"
    assert (await client.conversations_info(channel=new))["channel"]["name"] == "brandt-it"


async def test_channels_are_listed_by_kind_and_scope(slack: SlackServer, client: AsyncWebClient) -> None:
    listed = await client.conversations_list(limit=2)
    assert [c["name"] for c in listed["channels"]] == ["partner-managers", "brandt-it"]
    rest = await client.conversations_list(limit=2, cursor=listed["response_metadata"]["next_cursor"])
    assert [c["name"] for c in rest["channels"]] == ["ashby-digital"]
    assert rest["response_metadata"]["next_cursor"] == ""
    assert await refused(client, "conversations.list", types="public") == "invalid_types"
    answer = (await client.conversations_members(channel=BRANDT))["members"]
    assert answer == ["U0PRIYANAIR", "U0JULIABRAN", "U0LUKASWEBE", "U0OFFPORTAL"]
    slack.people.leave("U0OFFPORTAL", "#ashby-digital")
    mine = await client.users_conversations()
    assert [c["name"] for c in mine["channels"]] == ["partner-managers", "brandt-it"]
    with pytest.raises(SlackApiError) as caught:
        await client.conversations_list(types="mpim")
    assert caught.value.response["needed"] == "mpim:read"
    assert "channels:read" in caught.value.response["provided"]


async def test_externals_have_a_team_and_no_email(slack: SlackServer, client: AsyncWebClient) -> None:
    own = (await client.users_info(user="U0PRIYANAIR", include_locale=True))["user"]
    assert own["profile"]["email"] == "priya.nair@meridian.example"
    assert own["locale"] == "en-GB"
    assert "is_stranger" not in own
    external = (await client.users_info(user="U0JULIABRAN"))["user"]
    assert (external["team_id"], external["is_stranger"]) == ("T0BRANDTIT", False)
    assert "email" not in external["profile"]
    assert "is_admin" not in external
    assert await refused(client, "users.lookupByEmail", email="julia@brandt-it.example") == "users_not_found"
    found = await client.users_lookupByEmail(email="Priya.Nair@meridian.example")
    assert found["user"]["id"] == "U0PRIYANAIR"
    members = (await client.users_list())["members"]
    assert [m["id"] for m in members] == ["U0PRIYANAIR", "U0FRANCODES", "U0OFFPORTAL"]
    slack.people.leave("lukas.weber", "#brandt-it")
    assert (await client.users_info(user="U0LUKASWEBE"))["user"]["is_stranger"] is True
    slack.world.channels[BRANDT].connected.clear()
    assert await refused(client, "users.info", user="U0LUKASWEBE") == "user_not_visible"
    assert await refused(client, "users.info", user="U0NOBODY000") == "user_not_found"


async def test_direct_messages_are_opened_once(slack: SlackServer, client: AsyncWebClient) -> None:
    opened = await client.conversations_open(users="U0PRIYANAIR")
    again = await client.conversations_open(users=["U0PRIYANAIR"], return_im=True)
    assert "already_open" not in opened
    assert again["already_open"] is True
    assert again["channel"]["user"] == "U0PRIYANAIR"
    posted = await client.chat_postMessage(channel="U0PRIYANAIR", text="hello")
    assert posted["channel"] == opened["channel"]["id"]
    slack.people.direct("priya.nair", "hello yourself")
    assert [m["text"] for m in slack.people.messages(posted["channel"])] == ["hello", "hello yourself"]
    assert await refused(client, "conversations.open") == "users_list_not_supplied"
    assert await refused(client, "conversations.open", users="U0OFFPORTAL") == "cannot_dm_bot"
    slack.people.deactivate("franco.desantis")
    assert await refused(client, "conversations.open", users="U0FRANCODES") == "user_disabled"


async def test_reactions_are_added_once(slack: SlackServer, client: AsyncWebClient) -> None:
    ts = slack.people.say("julia", "#brandt-it", "done")
    await client.reactions_add(channel=BRANDT, timestamp=ts, name="white_check_mark")
    assert await refused(client, "reactions.add", channel=BRANDT, timestamp=ts, name="white_check_mark") == (
        "already_reacted"
    )
    got = (await client.reactions_get(channel=BRANDT, timestamp=ts))["message"]["reactions"]
    assert got == [{"name": "white_check_mark", "users": ["U0OFFPORTAL"], "count": 1}]
    assert await refused(client, "reactions.add", channel=BRANDT, timestamp=ts, name="No Such!") == "invalid_name"
    assert await refused(client, "reactions.add", channel=BRANDT, timestamp="1.1", name="x") == "message_not_found"
    assert await refused(client, "reactions.add", channel=BRANDT, timestamp="soon", name="x") == "bad_timestamp"


async def test_a_channel_takes_a_burst_and_then_one_post_a_second(slack: SlackServer, client: AsyncWebClient) -> None:
    for _ in range(4):
        await client.chat_postMessage(channel=BRANDT, text="x")
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=BRANDT, text="x")
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "1"
    assert caught.value.response["error"] == "ratelimited"
    await client.chat_postMessage(channel=ASHBY, text="another channel has its own pace")
    assert len(slack.people.messages("#brandt-it")) == 4


async def test_tiers_are_configurable(session: aiohttp.ClientSession) -> None:
    limits = Limits(per_minute=dict.fromkeys(Tier, 2))
    server = SlackServer(clock=lambda: datetime.now(UTC), limits=limits)
    await server.start()
    try:
        client = AsyncWebClient(token=server.bot_token, base_url=server.api_url, session=session, retry_handlers=[])
        for _ in range(2):
            await client.users_list()
        with pytest.raises(SlackApiError) as caught:
            await client.users_list()
        assert 58 <= int(caught.value.response.headers["Retry-After"]) <= 60
        await client.users_info(user="U0PRIYANAIR")
    finally:
        await server.stop()


async def test_scripted_trouble_meets_the_next_calls(slack: SlackServer, client: AsyncWebClient) -> None:
    slack.fail("chat.postMessage", "ratelimited", seconds=7)
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=BRANDT, text="x")
    assert caught.value.response.headers["Retry-After"] == "7"
    slack.fail("chat.postMessage", "error", code="team_access_not_granted")
    assert await refused(client, "chat.postMessage", channel=BRANDT, text="x") == "team_access_not_granted"
    slack.fail("*", "server_error", times=2)
    for _ in range(2):
        with pytest.raises(SlackApiError) as caught:
            await client.auth_test()
        assert caught.value.response.status_code == 500
    slack.fail("chat.postMessage", "drop_before")
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=BRANDT, text="never arrived")
    slack.fail("chat.postMessage", "drop_after")
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=BRANDT, text="arrived unseen")
    slack.fail("chat.postMessage", "slow", seconds=0.3)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await client.chat_postMessage(channel=BRANDT, text="slow")
    await client.chat_postMessage(channel=BRANDT, text="well again")
    assert [m["text"] for m in slack.people.messages("#brandt-it")][:1] == ["arrived unseen"]


async def test_requests_are_recorded_without_secrets_and_driving_is_not(
    tmp_path: Path, session: aiohttp.ClientSession
) -> None:
    path = tmp_path / "record.jsonl"
    with Recorder(path) as record:
        server = SlackServer(clock=lambda: datetime.now(UTC), record=record)
        await server.start()
        client = AsyncWebClient(token=server.bot_token, base_url=server.api_url, session=session)
        await client.chat_postMessage(channel=BRANDT, text="hello")
        async with session.get(f"{server.url}/_sandbox/world") as response:
            assert response.status == 200
        await server.stop()
    [line] = [json.loads(line) for line in path.read_text().splitlines()]
    assert (line["kind"], line["method"], line["path"]) == ("slack", "POST", "/api/chat.postMessage")
    assert json.loads(line["body"])["text"] == "hello"
    assert server.bot_token not in path.read_text()


def test_a_seed_is_refused_with_all_its_faults_at_once() -> None:
    seed = {
        "teams": [{"id": "T1", "name": "One"}],
        "users": [{"id": "U1", "team": "T2", "name": "a", "real_name": "A", "shoe_size": 44}],
        "channels": [{"id": "C1", "name": "c", "host": "T1", "members": ["U9"], "kind": "party"}],
        "extra": 1,
    }
    with pytest.raises(ConfigError) as caught:
        SlackServer(clock=lambda: datetime.now(UTC), seed=seed)
    assert len(caught.value.faults) == 6, caught.value.faults


def test_the_demo_world_keeps_its_ids() -> None:
    world = SlackServer(clock=lambda: datetime.now(UTC)).world
    assert {c.name: c.id for c in world.channels.values()} == {
        "partner-managers": MANAGERS,
        "brandt-it": BRANDT,
        "ashby-digital": ASHBY,
    }
    assert world.person("julia@brandt-it.example").id == "U0JULIABRAN"
    assert set(DEMO) == {"app", "teams", "users", "installed", "channels"}
