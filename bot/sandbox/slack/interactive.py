"""What Slack sends when a person presses, submits, closes or types a command. Pure; delivers nothing.

Shapes follow docs.slack.dev/reference/interaction-payloads and bolt-python's scenario fixtures (2026-11). In a
shared channel `team` of a pressed message is the app's workspace and `user.team_id` the person's own
(java-slack-sdk #1041); a view names the app's workspace in `app_installed_team_id` (bolt-python #767).
"""

from __future__ import annotations

from bot.sandbox.slack import forms, modals, shapes
from bot.sandbox.slack.state import VERIFICATION_TOKEN, Channel, Installation, Json, Kind, Message, User, View, World


def message_actions(
    world: World,
    channel: Channel,
    message: Message,
    user: User,
    *,
    installation: Installation,
    action: Json,
    trigger_id: str,
    response_url: str,
) -> Json:
    """block_actions of a message; of an ephemeral one Slack does not send the message itself."""
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": bool(message.ephemeral_for),
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    chosen = {action["block_id"]: {action["action_id"]: _as_value(action)}}
    payload = {
        "type": "block_actions",
        **_common(world, user, team_id=installation.team_id),
        "container": container,
        "trigger_id": trigger_id,
        "channel": {"id": channel.id, "name": _name(channel)},
        "state": {"values": forms.values(message.blocks, chosen)},
        "response_url": response_url,
        "actions": [action],
    }
    if not message.ephemeral_for:
        payload["message"] = shapes.message(world, message, within=channel)
    return payload


def view_actions(world: World, view: View, user: User, *, action: Json, trigger_id: str) -> Json:
    """block_actions of a modal or App Home."""
    return {
        "type": "block_actions",
        **_common(world, user, team_id=user.team_id),
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": trigger_id,
        "view": modals.shape(world, view),
        "actions": [action],
    }


def submission(world: World, view: View, user: User, *, trigger_id: str) -> Json:
    return {
        "type": "view_submission",
        **_common(world, user, team_id=user.team_id),
        "trigger_id": trigger_id,
        "view": modals.shape(world, view),
        "response_urls": [],
    }


def closing(world: World, view: View, user: User, *, is_cleared: bool) -> Json:
    return {
        "type": "view_closed",
        **_common(world, user, team_id=user.team_id),
        "view": modals.shape(world, view),
        "is_cleared": is_cleared,
    }


def shortcut(world: World, user: User, callback_id: str, *, trigger_id: str, action_ts: str) -> Json:
    """A global shortcut."""
    common = _common(world, user, team_id=user.team_id)
    return {
        "type": "shortcut",
        **common,
        "callback_id": callback_id,
        "trigger_id": trigger_id,
        "action_ts": action_ts,
    }


def message_shortcut(
    world: World,
    channel: Channel,
    message: Message,
    user: User,
    *,
    callback_id: str,
    trigger_id: str,
    action_ts: str,
    response_url: str,
) -> Json:
    return {
        "type": "message_action",
        **_common(world, user, team_id=user.team_id),
        "callback_id": callback_id,
        "trigger_id": trigger_id,
        "action_ts": action_ts,
        "message_ts": message.ts,
        "channel": {"id": channel.id, "name": _name(channel)},
        "message": shapes.message(world, message, within=channel),
        "response_url": response_url,
    }


def command(
    world: World, channel: Channel, user: User, name: str, text: str, *, trigger_id: str, response_url: str
) -> Json:
    """A slash command: form fields over HTTP, the same names in a socket envelope."""
    team = world.teams[user.team_id]
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": team.id,
        "team_domain": team.domain,
        "channel_id": channel.id,
        "channel_name": _name(channel),
        "user_id": user.id,
        "user_name": user.name,
        "command": name,
        "text": text,
        "api_app_id": world.app_id,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def _common(world: World, user: User, *, team_id: str) -> Json:
    team = world.teams[team_id]
    return {
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id},
        "api_app_id": world.app_id,
        "token": VERIFICATION_TOKEN,
        "team": {"id": team.id, "domain": team.domain},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def _name(channel: Channel) -> str:
    return {Kind.IM: "directmessage", Kind.PRIVATE: "privategroup"}.get(channel.kind, channel.name)


def _as_value(action: Json) -> Json:
    return {k: v for k, v in action.items() if k not in {"action_id", "block_id", "action_ts", "placeholder"}}
