"""What the app's manifest asks of Slack: scopes, events, commands, shortcuts. Refuses a manifest Slack would refuse.

Only what the sandbox acts upon is read; the format is docs.slack.dev/reference/app-manifest (2026-11).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.errors import ConfigError

SCOPE_OF_EVENT = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
}
"""The scope without which Slack takes no subscription and sends no event."""

_READERS = {"channels:read", "groups:read"}
_ABOUT_CHANNELS = {
    "channel_archive",
    "channel_id_changed",
    "channel_shared",
    "channel_unarchive",
    "member_joined_channel",
    "member_left_channel",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AppSettings:
    """What was asked for; None stands for anything, which is what an app without a manifest gets.

    `commands` says of each slash command whether user and channel names in its text are escaped.
    """

    scopes: Collection[str] | None = None
    events: Collection[str] | None = None
    commands: Mapping[str, bool] | None = None
    shortcuts: Collection[str] | None = None
    has_home: bool = True
    has_messages_tab: bool = True

    def hears(self, event: str) -> bool:
        return self.events is None or event in self.events

    def knows(self, command: str) -> bool:
        return self.commands is None or command in self.commands

    def escapes(self, command: str) -> bool:
        return self.commands is not None and self.commands.get(command, False)

    def offers(self, shortcut: str) -> bool:
        return self.shortcuts is None or shortcut in self.shortcuts


def read(manifest: Mapping[str, Any]) -> AppSettings:
    """The settings of a manifest; raises ConfigError with every fault."""
    features, wanted = manifest.get("features", {}), manifest.get("settings", {})
    scopes = frozenset(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", ()))
    events = frozenset(wanted.get("event_subscriptions", {}).get("bot_events", ()))
    commands = {c["command"]: bool(c.get("should_escape")) for c in features.get("slash_commands", ())}
    if faults := list(_faults(scopes, events, commands)):
        raise ConfigError(faults)
    tabs = features.get("app_home", {})
    return AppSettings(
        scopes=scopes,
        events=events,
        commands=commands,
        shortcuts=frozenset(s["callback_id"] for s in features.get("shortcuts", ())),
        has_home=bool(tabs.get("home_tab_enabled")),
        has_messages_tab=bool(tabs.get("messages_tab_enabled")),
    )


def _faults(scopes: Collection[str], events: Collection[str], commands: Collection[str]) -> Iterator[str]:
    for event in sorted(events):
        needed = {SCOPE_OF_EVENT[event]} if event in SCOPE_OF_EVENT else set[str]()
        if event in _ABOUT_CHANNELS:
            needed = _READERS
        if needed and not needed & set(scopes):
            yield f"manifest.bot_events: {event} needs the scope {' or '.join(sorted(needed))}"
    if commands and "commands" not in scopes:
        yield "manifest.slash_commands: need the scope commands"
    for command in commands:
        if not command.startswith("/"):
            yield f"manifest.slash_commands: {command!r} does not begin with a slash"
