"""Channels, history, people and reactions through slack_sdk's own client: what the app may see."""

from __future__ import annotations

from datetime import UTC, datetime

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import SlackServer
from bot.sandbox.slack.seed import DEMO
from tests.integration.sandbox.slack.calling import BRANDT, MANAGERS, refused


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
    await client.reactions_remove(channel=BRANDT, timestamp=ts, name="white_check_mark")
    assert await refused(client, "reactions.remove", channel=BRANDT, timestamp=ts, name="eyes") == "no_reaction"
    assert "reactions" not in (await client.reactions_get(channel=BRANDT, timestamp=ts))["message"]
    assert await refused(client, "reactions.add", channel=BRANDT, timestamp="1.1", name="x") == "message_not_found"
    assert await refused(client, "reactions.add", channel=BRANDT, timestamp="soon", name="x") == "bad_timestamp"


async def test_a_private_channel_is_seen_by_its_members_alone(session: aiohttp.ClientSession) -> None:
    private = {"kind": "private_channel", "host": "T0MERIDIAN"}
    channels = [
        {"id": "C0INSIDE000", "name": "inside", "members": ["U0PRIYANAIR", "U0OFFPORTAL"], **private},
        {"id": "C0OUTSIDE00", "name": "outside", "members": ["U0PRIYANAIR"], **private},
    ]
    server = SlackServer(clock=lambda: datetime.now(UTC), seed={**DEMO, "channels": channels}, retry_s=())
    await server.start()
    try:
        client = AsyncWebClient(token=server.bot_token, base_url=server.api_url, session=session)
        listed = await client.conversations_list(types="public_channel,private_channel")
        assert [c["name"] for c in listed["channels"]] == ["inside"]
        assert listed["channels"][0]["is_private"] is True
        for method in ("conversations.info", "conversations.members", "conversations.history"):
            assert await refused(client, method, channel="C0OUTSIDE00") == "channel_not_found"
        assert await refused(client, "chat.postMessage", channel="C0OUTSIDE00", text="x") == "channel_not_found"
        assert await refused(client, "conversations.join", channel="C0INSIDE000") == "missing_scope"
        server.people.say("priya.nair", "#inside", "hello")
        server.people.say("priya.nair", "#outside", "nobody hears this")
        await server.settle()
        [event] = server.courier.events.values()
        assert event["event"]["channel_type"] == "group"
    finally:
        await server.stop()
