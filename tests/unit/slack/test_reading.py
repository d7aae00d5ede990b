"""What is read, what is left alone, and who it is from."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.events import Ignored, Kind, SlackEvent
from bot.slack.reading import (
    read_action,
    read_app_home_opened,
    read_channel_id_changed,
    read_command,
    read_message,
    read_view_submission,
)

BOT, BOT_ID = "U0BOT", "B0BOT"


def envelope(event: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "event_callback", "team_id": "T0VENDOR", "event_id": "Ev1", "event": event} | more


def message(**more: Any) -> dict[str, Any]:
    base = {
        "type": "message",
        "user": "U0JULIA",
        "text": "we won",
        "ts": "2.0",
        "channel": "C1",
        "channel_type": "group",
    }
    return base | more


def read(event: dict[str, Any], **more: Any) -> SlackEvent | Ignored:
    return read_message(envelope(event, **more), bot_user_id=BOT, bot_id=BOT_ID)


def event_of(read: SlackEvent | Ignored) -> SlackEvent:
    assert isinstance(read, SlackEvent), read
    return read


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (message(thread_ts="1.0"), Kind.MESSAGE),
        (message(thread_ts="1.0", subtype="thread_broadcast"), Kind.MESSAGE),
        (message(thread_ts="1.0", subtype="file_share", text="", files=[{"id": "F1"}]), Kind.MESSAGE),
        (message(thread_ts="1.0", subtype="me_message"), Kind.MESSAGE),
        (message(channel="D1", channel_type="im"), Kind.MESSAGE),
        (message(text="<@U0BOT> we won"), Kind.MENTION),
        (message(text="<@U0BOT> we won", thread_ts="1.0"), Kind.MENTION),
        (message(type="app_mention", text="<@U0BOT> we won", channel_type=None), Kind.MENTION),
    ],
)
def test_what_is_said_to_us_is_read(event: dict[str, Any], kind: Kind) -> None:
    assert event_of(read(event)).kind is kind


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (message(), "not_said_to_us"),
        (message(thread_ts="2.0"), "not_said_to_us"),  # a thread's first message
        (message(user=BOT, thread_ts="1.0"), "our_own"),
        (message(bot_id=BOT_ID, subtype="bot_message", thread_ts="1.0"), "our_own"),
        (message(bot_id="B9", thread_ts="1.0"), "another_bot"),
        (message(user="USLACKBOT", channel="D1", channel_type="im"), "another_bot"),
        (message(subtype="channel_join", thread_ts="1.0"), "a_remark_of_slack"),
        (message(subtype="message_replied", thread_ts="1.0"), "a_remark_of_slack"),
        (message(user=None, thread_ts="1.0"), "incomplete"),
    ],
)
def test_what_is_not_said_to_us_is_left_alone(event: dict[str, Any], reason: str) -> None:
    assert read(event) == Ignored(reason=reason)


def test_a_mention_that_slack_tells_twice_has_one_key() -> None:
    text = "<@U0BOT> we won"
    as_message = event_of(read(message(text=text, thread_ts="1.0"), event_id="Ev1"))
    as_mention = event_of(read(message(type="app_mention", text=text, thread_ts="1.0"), event_id="Ev2"))
    assert as_message == as_mention


def test_a_message_keeps_its_place_and_both_texts() -> None:
    event = event_of(read(message(text="*won* &amp; <@U0BOT>", thread_ts="1.0", files=[{}, {}])))
    assert (event.channel, event.channel_type, event.ts, event.thread_ts) == ("C1", "group", "2.0", "1.0")
    assert (event.text, event.plain, event.files) == ("*won* &amp; <@U0BOT>", "won &", 2)


def changed(text: str, before: str, **more: Any) -> dict[str, Any]:
    now = {"user": "U0JULIA", "ts": "2.0", "thread_ts": "1.0", "text": text, "edited": {"user": "U0JULIA", "ts": "3.0"}}
    return message(subtype="message_changed", ts="3.5", message=now | more, previous_message={"text": before})


def test_an_edit_is_its_own_event_at_the_message_it_changes() -> None:
    event = event_of(read(changed("we lost", "we won")))
    assert (event.kind, event.key, event.ts, event.plain) == (Kind.EDITED, "edited:C1:2.0:3.0", "2.0", "we lost")


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (changed("we won", "we won"), "words_unchanged"),
        (changed("we lost", "we won", user=BOT), "our_own"),
        (changed("we lost", "we won", thread_ts=None), "not_said_to_us"),
        (changed("we lost", "we won", edited={"user": "U0JULIA", "ts": "3603.0"}), "edited_long_after"),
    ],
)
def test_a_change_that_is_no_edit_of_words_to_us_is_left_alone(event: dict[str, Any], reason: str) -> None:
    assert read(event) == Ignored(reason=reason)


def test_a_deletion_names_the_message_that_is_gone() -> None:
    gone = {"user": "U0JULIA", "ts": "2.0", "thread_ts": "1.0", "text": "we won"}
    event = event_of(read(message(subtype="message_deleted", ts="4.0", deleted_ts="2.0", previous_message=gone)))
    assert (event.kind, event.key, event.ts, event.user_id) == (Kind.DELETED, "deleted:C1:2.0", "2.0", "U0JULIA")


@pytest.mark.parametrize(
    ("fields", "shared", "team"),
    [
        ({"user_team": "T0BRANDT", "source_team": "T0X", "team": "T0VENDOR"}, True, "T0BRANDT"),
        ({"source_team": "T0BRANDT", "team": "T0VENDOR"}, True, "T0BRANDT"),
        ({"team": "T0BRANDT"}, True, "T0BRANDT"),
        ({"user_team": "E0GRID"}, True, "E0GRID"),
        ({}, False, "T0VENDOR"),
        ({}, True, None),
    ],
)
def test_the_organisation_of_an_author_is_never_guessed(
    fields: dict[str, str], *, shared: bool, team: str | None
) -> None:
    event = event_of(read(message(thread_ts="1.0", **fields), is_ext_shared_channel=shared))
    assert (event.team_id, event.is_ext_shared) == (team, shared)


def test_a_command_is_read_whole() -> None:
    event = read_command(
        {
            "command": "/partner",
            "text": "status Acme &amp; Co",
            "team_id": "T0VENDOR",
            "user_id": "U0PRIYA",
            "channel_id": "D1",
            "channel_name": "directmessage",
            "response_url": "https://hooks.example/1",
            "trigger_id": "1.2.3",
        }
    )
    assert event == SlackEvent(
        kind=Kind.COMMAND,
        key="command:1.2.3",
        team_id="T0VENDOR",
        user_id="U0PRIYA",
        channel="D1",
        text="status Acme &amp; Co",
        plain="status Acme & Co",
        command="/partner",
        response_url="https://hooks.example/1",
        trigger_id="1.2.3",
    )


def press(**more: Any) -> dict[str, Any]:
    return {
        "type": "block_actions",
        "user": {"id": "U0JULIA", "team_id": "T0BRANDT"},
        "team": {"id": "T0VENDOR"},
        "trigger_id": "1.2.3",
        "response_url": "https://hooks.example/1",
        "channel": {"id": "C1", "name": "privategroup"},
        "container": {"type": "message", "message_ts": "2.0", "thread_ts": "1.0", "channel_id": "C1"},
        "actions": [{"type": "button", "action_id": "confirm", "value": "proposal-7"}],
    } | more


def test_a_press_is_from_the_person_and_their_organisation() -> None:
    event = event_of(read_action(press()))
    assert (event.user_id, event.team_id) == ("U0JULIA", "T0BRANDT")
    assert (event.action_id, event.value, event.key) == ("confirm", "proposal-7", "action:1.2.3")
    assert (event.channel, event.ts, event.thread_ts) == ("C1", "2.0", "1.0")


def test_a_press_without_the_persons_organisation_has_none() -> None:
    assert event_of(read_action(press(user={"id": "U0JULIA"}))).team_id is None


@pytest.mark.parametrize(
    ("action", "value"),
    [
        ({"value": "x"}, "x"),
        ({"selected_option": {"value": "y"}}, "y"),
        ({"selected_option": {}}, None),
        ({"selected_date": "2027-05-15"}, "2027-05-15"),
        ({}, None),
    ],
)
def test_the_value_of_any_element_is_read(action: dict[str, Any], value: str | None) -> None:
    event = event_of(read_action(press(actions=[{"action_id": "a"} | action])))
    assert event.value == value


def test_a_press_without_an_action_is_left_alone() -> None:
    assert read_action(press(actions=[])) == Ignored(reason="no_action")


def test_a_submitted_view_gives_its_inputs_by_action_id() -> None:
    values = {
        "b1": {"email": {"type": "plain_text_input", "value": "julia@brandt-it.example"}},
        "b2": {"when": {"selected_date": None}},
    }
    event = read_view_submission(
        {
            "type": "view_submission",
            "user": {"id": "U0JULIA", "team_id": "T0BRANDT"},
            "view": {
                "id": "V1",
                "hash": "h1",
                "callback_id": "link",
                "private_metadata": "m",
                "state": {"values": values},
            },
        }
    )
    assert (event.key, event.callback_id, event.private_metadata) == ("view:V1:h1", "link", "m")
    assert event.values == {"email": "julia@brandt-it.example"}
    assert (event.user_id, event.team_id) == ("U0JULIA", "T0BRANDT")


def test_only_the_opened_home_tab_is_read() -> None:
    home = {"type": "app_home_opened", "user": "U0PRIYA", "channel": "D1", "tab": "home"}
    assert event_of(read_app_home_opened(envelope(home))).key == "event:Ev1"
    assert read_app_home_opened(envelope(home | {"tab": "messages"})) == Ignored(reason="not_the_home_tab")


def test_a_channels_new_id_comes_with_its_old_one() -> None:
    event = read_channel_id_changed(
        envelope({"type": "channel_id_changed", "old_channel_id": "C1", "new_channel_id": "C2"})
    )
    assert (event.kind, event.channel, event.value) == (Kind.CHANNEL_ID_CHANGED, "C2", "C1")


WORDS = st.sampled_from(
    ["message", "message_changed", "message_deleted", "C1", "D1", "U0JULIA", BOT, "1.0", "2.0", "im", ""]
)
KEYS = st.sampled_from(
    [
        *("type", "subtype", "user", "bot_id", "text", "ts", "thread_ts", "channel", "message", "previous_message"),
        *("edited", "blocks", "files", "view", "state", "values", "actions", "container"),
    ]
)
BODIES = st.recursive(
    st.none() | st.booleans() | WORDS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, BODIES, max_size=8), st.dictionaries(KEYS, BODIES, max_size=10))
def test_no_payload_makes_reading_fail(body: dict[str, Any], event: dict[str, Any]) -> None:
    assert isinstance(read_message({**body, "event": event}, bot_user_id=BOT, bot_id=BOT_ID), SlackEvent | Ignored)
    assert isinstance(read_action(body), SlackEvent | Ignored)
    assert isinstance(read_view_submission(body), SlackEvent)
    assert isinstance(read_command(body), SlackEvent)
    assert isinstance(read_app_home_opened(body), SlackEvent | Ignored)
