"""The manifest asks for what the code uses: no less, and no more."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from slack_sdk.web.async_client import AsyncWebClient

import bot.slack
from bot.slack.check import manifest, needed_scopes
from bot.slack.settings import SlackSettings

SOURCES = [p.read_text() for p in Path(bot.slack.__path__[0]).rglob("*.py")]

# https://docs.slack.dev/reference/methods (2026-11): the bot scopes of each method we call.
CONVERSATIONS = {"channels", "groups", "im", "mpim"}
SCOPES_OF_METHOD = {
    "apps_connections_open": set[str](),  # an app-level token with connections:write
    "auth_test": set[str](),
    "chat_postEphemeral": {"chat:write"},
    "chat_postMessage": {"chat:write"},
    "chat_update": {"chat:write"},
    "conversations_history": {f"{c}:history" for c in CONVERSATIONS},
    "conversations_info": {f"{c}:read" for c in CONVERSATIONS},
    "conversations_open": {"im:write"},
    "conversations_replies": {f"{c}:history" for c in CONVERSATIONS},
    "users_conversations": {"channels:read", "groups:read", "im:read", "mpim:read"},
    "users_info": {"users:read", "users:read.email"},
    "views_open": set[str](),
    "views_publish": set[str](),
}
SCOPES_OF_EVENT = {
    "app_home_opened": set[str](),
    "app_mention": {"app_mentions:read"},
    "channel_id_changed": {"channels:read", "groups:read"},
    "message.channels": {"channels:history"},
    "message.groups": {"groups:history"},
    "message.im": {"im:history"},
    "message.mpim": {"mpim:history"},
}


def used_methods() -> set[str]:
    called = {m for source in SOURCES for m in re.findall(r"client\.([a-z]+_[a-zA-Z_]+)\(", source)}
    return {m for m in called if hasattr(AsyncWebClient, m)}


def subscribed() -> set[str]:
    return set(manifest()["settings"]["event_subscriptions"]["bot_events"])


def test_every_method_we_call_has_its_scopes() -> None:
    assert used_methods() == set(SCOPES_OF_METHOD)
    for method in used_methods():
        assert SCOPES_OF_METHOD[method] <= needed_scopes(), method


def test_every_event_we_listen_to_is_subscribed() -> None:
    listened = {e for source in SOURCES for e in re.findall(r'@app\.event\("([a-z_]+)"\)', source)}
    assert listened == {event.partition(".")[0] for event in subscribed()}
    for event in subscribed():
        assert SCOPES_OF_EVENT[event] <= needed_scopes(), event


def test_no_scope_is_asked_for_without_use() -> None:
    used = {"commands"}.union(
        *(SCOPES_OF_METHOD[m] for m in used_methods()), *(SCOPES_OF_EVENT[e] for e in subscribed())
    )
    assert needed_scopes() == used


def test_the_command_stands_in_the_manifest() -> None:
    assert [c["command"] for c in manifest()["features"]["slash_commands"]] == [SlackSettings().command]


@pytest.mark.parametrize("name", ["socket_mode_enabled", "interactivity"])
def test_buttons_and_socket_mode_are_on(name: str) -> None:
    setting = manifest()["settings"][name]
    assert setting is True or setting["is_enabled"] is True
