"""From Slack's payloads to events. Pure; refuses whatever is not said to us, and says why.

Read are: direct messages, replies in threads, mentions anywhere, their edits and deletions, the command, buttons,
submitted views, the opened App Home. Everything else in a channel is other people's conversation.

An edit is read within an hour: who then corrects a message says it anew. Later it is polish, and what it says may
long be overtaken, so it is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.slack.events import Ignored, Kind, SlackEvent
from bot.slack.text import mentions, plain

Json = Mapping[str, Any]

# https://docs.slack.dev/reference/events/message#subtypes (2026-11): these carry a person's words, all others are
# Slack's own remarks (joins, topics, pins, …).
_SPOKEN = frozenset({"", "file_share", "thread_broadcast", "me_message"})

_CORRECTED_WITHIN_S = 3600.0


def read_message(body: Json, *, bot_user_id: str, bot_id: str) -> SlackEvent | Ignored:
    """An event of type `message` or `app_mention`, edits and deletions included."""
    event = _map(body.get("event"))
    match event.get("subtype"):
        case "message_changed":
            return _edited(body, event, bot_user_id=bot_user_id, bot_id=bot_id)
        case "message_deleted":
            return _deleted(body, event, bot_user_id=bot_user_id, bot_id=bot_id)
        case _:
            return _said(body, event, event, bot_user_id=bot_user_id, bot_id=bot_id)


def read_app_home_opened(body: Json) -> SlackEvent | Ignored:
    event = _map(body.get("event"))
    if event.get("tab") != "home":
        return Ignored(reason="not_the_home_tab")
    return SlackEvent(
        kind=Kind.APP_HOME_OPENED,
        key=f"event:{body.get('event_id')}",
        team_id=_person_team(body, event),
        user_id=_text(event, "user"),
        channel=_text(event, "channel"),
    )


def read_channel_id_changed(body: Json) -> SlackEvent:
    """Slack gives a channel a new id, for instance when it becomes shared."""
    event = _map(body.get("event"))
    return SlackEvent(
        kind=Kind.CHANNEL_ID_CHANGED,
        key=f"event:{body.get('event_id')}",
        channel=_text(event, "new_channel_id"),
        value=_text(event, "old_channel_id"),
    )


def read_command(body: Json) -> SlackEvent:
    """A slash command; only people of workspaces with the app installed can send one. It may come from a direct
    conversation between two people, where the app is not: that a channel is direct says nothing here."""
    text = _text(body, "text") or ""
    return SlackEvent(
        kind=Kind.COMMAND,
        key=f"command:{body.get('trigger_id')}",
        team_id=_text(body, "team_id"),
        user_id=_text(body, "user_id"),
        channel=_text(body, "channel_id"),
        text=text,
        plain=plain(text),
        command=_text(body, "command"),
        response_url=_text(body, "response_url"),
        trigger_id=_text(body, "trigger_id"),
    )


def read_action(body: Json) -> SlackEvent | Ignored:
    """A pressed button or another element of a message, view or home. Slack sends one action at a time."""
    actions = body.get("actions")
    action = _map(actions[0]) if isinstance(actions, list) and actions else {}
    if not action:
        return Ignored(reason="no_action")
    container, channel = _map(body.get("container")), _map(body.get("channel"))
    channel_id = _text(channel, "id") or _text(container, "channel_id")
    return SlackEvent(
        kind=Kind.ACTION,
        key=f"action:{body.get('trigger_id')}",
        team_id=_presser_team(body),
        user_id=_text(_map(body.get("user")), "id"),
        channel=channel_id,
        channel_type="im" if channel.get("name") == "directmessage" else None,
        ts=_text(container, "message_ts"),
        thread_ts=_text(container, "thread_ts") or _text(_map(body.get("message")), "thread_ts"),
        action_id=_text(action, "action_id"),
        value=_chosen(action),
        callback_id=_text(_map(body.get("view")), "callback_id"),
        private_metadata=_text(_map(body.get("view")), "private_metadata") or "",
        response_url=_text(body, "response_url"),
        trigger_id=_text(body, "trigger_id"),
    )


def read_view_submission(body: Json) -> SlackEvent:
    """A submitted modal: its inputs by action id."""
    view = _map(body.get("view"))
    blocks = _map(_map(view.get("state")).get("values")).values()
    inputs = {name: _chosen(_map(chosen)) for block in blocks for name, chosen in _map(block).items()}
    return SlackEvent(
        kind=Kind.VIEW_SUBMISSION,
        key=f"view:{view.get('id')}:{view.get('hash')}",
        team_id=_presser_team(body),
        user_id=_text(_map(body.get("user")), "id"),
        callback_id=_text(view, "callback_id"),
        private_metadata=_text(view, "private_metadata") or "",
        values={name: value for name, value in inputs.items() if value is not None},
        trigger_id=_text(body, "trigger_id"),
    )


# ---- messages ---------------------------------------------------------------------------------------------


def _said(body: Json, event: Json, message: Json, *, bot_user_id: str, bot_id: str) -> SlackEvent | Ignored:
    """A message that a person wrote, if it is said to us. `event` names the channel, `message` holds the words."""
    if reason := _why_unread(event, message, bot_user_id=bot_user_id, bot_id=bot_id):
        return Ignored(reason=reason)
    text = _text(message, "text") or ""
    channel, ts = _text(event, "channel"), _text(message, "ts")
    blocks, files = message.get("blocks"), message.get("files")
    return SlackEvent(
        kind=Kind.MENTION if mentions(text, bot_user_id) else Kind.MESSAGE,
        key=f"message:{channel}:{ts}",
        team_id=_person_team(body, message),
        user_id=_text(message, "user"),
        channel=channel,
        channel_type=_text(event, "channel_type") or ("im" if (channel or "").startswith("D") else None),
        ts=ts,
        thread_ts=_thread(message),
        text=text,
        plain=plain(text, blocks if isinstance(blocks, list) else (), bot_user_id=bot_user_id),
        files=len(files) if isinstance(files, list) else 0,
        is_ext_shared=bool(body.get("is_ext_shared_channel")),
    )


def _edited(body: Json, event: Json, *, bot_user_id: str, bot_id: str) -> SlackEvent | Ignored:
    message, before = _map(event.get("message")), _map(event.get("previous_message"))
    if message.get("text") == before.get("text"):
        return Ignored(reason="words_unchanged")  # an unfurled link, a first reply, our own buttons
    read = _said(body, event, message, bot_user_id=bot_user_id, bot_id=bot_id)
    if isinstance(read, Ignored):
        return read
    edited_ts = _text(_map(message.get("edited")), "ts") or _text(event, "ts") or ""
    if _seconds(edited_ts) - _seconds(read.ts or "") > _CORRECTED_WITHIN_S:
        return Ignored(reason="edited_long_after")
    return replace(read, kind=Kind.EDITED, key=f"edited:{read.channel}:{read.ts}:{edited_ts}")


def _deleted(body: Json, event: Json, *, bot_user_id: str, bot_id: str) -> SlackEvent | Ignored:
    read = _said(body, event, _map(event.get("previous_message")), bot_user_id=bot_user_id, bot_id=bot_id)
    if isinstance(read, Ignored):
        return read
    return replace(read, kind=Kind.DELETED, key=f"deleted:{read.channel}:{read.ts}")


def _why_unread(event: Json, message: Json, *, bot_user_id: str, bot_id: str) -> str | None:
    user = message.get("user")
    if user == bot_user_id or (bot_id and message.get("bot_id") == bot_id):
        return "our_own"
    if message.get("bot_id") or user == "USLACKBOT":
        return "another_bot"
    if (_text(message, "subtype") or "") not in _SPOKEN:
        return "a_remark_of_slack"
    channel = _text(event, "channel")
    if not (_text(message, "user") and _text(message, "ts") and channel):
        return "incomplete"
    said_to_us = (
        event.get("channel_type") == "im"
        or channel.startswith("D")
        or _thread(message) is not None
        or mentions(_text(message, "text") or "", bot_user_id)
    )
    return None if said_to_us else "not_said_to_us"


def _thread(message: Json) -> str | None:
    """The thread a message replies to; a thread's first message carries its own ts and is no reply."""
    thread_ts = _text(message, "thread_ts")
    return thread_ts if thread_ts != message.get("ts") else None


# ---- who --------------------------------------------------------------------------------------------------


def _person_team(body: Json, message: Json) -> str | None:
    """The author's organisation. Only outside shared channels the receiving workspace may stand in for it: the
    author of a message in a shared channel may be anybody (https://docs.slack.dev/apis/slack-connect, 2026-11)."""
    said = _text(message, "user_team") or _text(message, "source_team") or _text(message, "team")
    return said or (None if body.get("is_ext_shared_channel") else _text(body, "team_id"))


def _presser_team(body: Json) -> str | None:
    """`user.team_id` is the person's, `team.id` the workspace where the app is installed or the person acted."""
    return _text(_map(body.get("user")), "team_id")


# ---- odd shapes -------------------------------------------------------------------------------------------


def _chosen(element: Json) -> str | None:
    """What an interactive element holds, whatever its type
    (https://docs.slack.dev/reference/interaction-payloads/block_actions-payload, 2026-11)."""
    if (option := element.get("selected_option")) is not None:
        return _text(_map(option), "value")
    for key in (
        "value",
        "selected_date",
        "selected_time",
        "selected_user",
        "selected_channel",
        "selected_conversation",
    ):
        if (value := _text(element, key)) is not None:
            return value
    return None


def _seconds(ts: str) -> float:
    """Slack's ts is seconds since 1970, a point, and a number that makes it unique."""
    whole = ts.partition(".")[0]
    return float(whole) if whole.isdecimal() else 0.0


def _map(value: Any) -> Json:
    return value if isinstance(value, Mapping) else {}


def _text(mapping: Json, key: str) -> str | None:
    value = mapping.get(key)
    return value if isinstance(value, str) else None
