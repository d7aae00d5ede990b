"""What the Events API says happened: the inner events and the envelope around them. Pure; delivers nothing.

Envelope and fields as in docs.slack.dev/apis/events-api and bolt-python's scenario fixtures (2026-11).
"""

from __future__ import annotations

import base64
import json

from bot.sandbox.slack import shapes
from bot.sandbox.slack.ids import Mint
from bot.sandbox.slack.manifest import SCOPE_OF_EVENT
from bot.sandbox.slack.state import VERIFICATION_TOKEN, Channel, Installation, Json, Kind, Message, User, World

_MESSAGES_IN = {
    Kind.PUBLIC: "message.channels",
    Kind.PRIVATE: "message.groups",
    Kind.IM: "message.im",
    Kind.MPIM: "message.mpim",
}


def subscription(event: Json, channel: Channel | None) -> str:
    """The name under which a manifest subscribes to an event."""
    if event["type"] == "message" and channel is not None:
        return _MESSAGES_IN[channel.kind]
    kind: str = event["type"]
    return kind


def scope_for(event: Json, channel: Channel | None) -> str | None:
    """The scope without which Slack does not send an event; None when it needs none."""
    if scope := SCOPE_OF_EVENT.get(subscription(event, channel)):
        return scope
    return f"{channel.kind.scope_family}:read" if channel is not None else None


def envelope(
    world: World, event: Json, *, mint: Mint, installation: Installation, channel: Channel | None = None
) -> Json:
    """An event_callback. In a shared channel `team_id` is the channel's host, who need not be the installed team;
    whose installation it is stands in `authorizations` alone (java-slack-sdk #629).
    """
    team_id = channel.host_team_id if channel is not None else installation.team_id
    context = {"aid": world.app_id, "tid": team_id, "cid": channel.id if channel is not None else None}
    packed = base64.urlsafe_b64encode(json.dumps(context).encode()).decode().rstrip("=")
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": team_id,
        "context_team_id": installation.team_id,
        "context_enterprise_id": None,
        "api_app_id": world.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": mint.id("Ev"),
        "event_time": mint.now_s(),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": installation.team_id,
                "user_id": installation.bot_user_id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": channel is not None and channel.is_ext_shared,
        "event_context": f"4-{packed}",
    }


def posted(world: World, channel: Channel, message: Message) -> Json:
    """A `message` event."""
    event = shapes.message(world, message, within=channel)
    for name in ("reactions", "reply_count", "reply_users", "reply_users_count", "latest_reply", "is_locked"):
        event.pop(name, None)
    event.pop("subscribed", None)
    return event | _author(world, channel, message) | _where(channel, message.ts)


def mentioned(world: World, channel: Channel, message: Message) -> Json:
    """An `app_mention` event: a message without channel_type."""
    event = posted(world, channel, message) | {"type": "app_mention"}
    del event["channel_type"]
    return event


def changed(world: World, channel: Channel, message: Message, *, before: Json, ts: str) -> Json:
    """A `message_changed` event; `before` is the message's shape as it was."""
    now = shapes.message(world, message, within=channel) | _author(world, channel, message)
    return {
        "type": "message",
        "subtype": "message_changed",
        "hidden": True,
        "message": now,
        "previous_message": before,
        **_where(channel, ts),
        "ts": ts,
    }


def deleted(channel: Channel, *, before: Json, ts: str) -> Json:
    return {
        "type": "message",
        "subtype": "message_deleted",
        "hidden": True,
        "deleted_ts": before["ts"],
        "previous_message": before,
        **_where(channel, ts),
        "ts": ts,
    }


def reacted(channel: Channel, message: Message, user: User, name: str, *, ts: str, added: bool) -> Json:
    return {
        "type": "reaction_added" if added else "reaction_removed",
        "user": user.id,
        "reaction": name,
        "item": {"type": "message", "channel": channel.id, "ts": message.ts},
        "item_user": message.user_id,
        "event_ts": ts,
    }


def membership(channel: Channel, user: User, *, ts: str, joined: bool, inviter: str = "") -> Json:
    event: Json = {
        "type": "member_joined_channel" if joined else "member_left_channel",
        "user": user.id,
        "channel": channel.id,
        "channel_type": "C" if channel.kind is Kind.PUBLIC else "G",
        "team": user.team_id,
        "event_ts": ts,
    }
    return event | ({"inviter": inviter} if inviter else {})


def _where(channel: Channel, ts: str) -> Json:
    return {"channel": channel.id, "event_ts": ts, "channel_type": channel.kind.event_type}


def _author(world: World, channel: Channel, message: Message) -> Json:
    if not channel.is_ext_shared or message.bot_id:
        return {}
    author = world.users[message.user_id]
    full = shapes.profile(author, with_email=False)
    kept = ("avatar_hash", "image_72", "first_name", "real_name", "display_name", "team")
    card = {name: full[name] for name in kept} | {"name": author.name, "is_restricted": False}
    return {"user_team": author.team_id, "source_team": author.team_id, "user_profile": card}
