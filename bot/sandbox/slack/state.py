"""What a Slack holds: teams, people, channels, messages, views, installations. Decides nothing and sends nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.errors import PermanentError

Json = dict[str, Any]


VERIFICATION_TOKEN = "sandbox-verification-token"
"""Slack's deprecated `token` of every payload; nothing may rely on it."""


class SandboxError(PermanentError):
    """The driving side asked for something that no person could do in Slack (an unknown button, user, view)."""


class Kind(StrEnum):
    """Slack's four kinds of conversation."""

    PUBLIC = "public_channel"
    PRIVATE = "private_channel"
    IM = "im"
    MPIM = "mpim"

    @property
    def event_type(self) -> str:
        """`channel_type` of a message event."""
        return {Kind.PUBLIC: "channel", Kind.PRIVATE: "group", Kind.IM: "im", Kind.MPIM: "mpim"}[self]

    @property
    def scope_family(self) -> str:
        """The first half of the scopes about it: channels:read, groups:history …"""
        return {Kind.PUBLIC: "channels", Kind.PRIVATE: "groups", Kind.IM: "im", Kind.MPIM: "mpim"}[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    id: str
    name: str
    domain: str


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person or a bot user. The e-mail is shown to the own team alone, and only with users:read.email."""

    id: str
    team_id: str
    name: str
    real_name: str
    email: str = ""
    title: str = ""
    tz: str = "Europe/London"
    locale: str = "en-GB"
    is_admin: bool = False
    deleted: bool = False
    bot_id: str = ""
    updated_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """The app in one workspace: its bot user, its token and what the token may do."""

    team_id: str
    bot_user_id: str
    bot_id: str
    bot_token: str
    scopes: frozenset[str]
    installer_id: str


@dataclass(slots=True, kw_only=True)
class Message:
    """`user_id` wrote it for `team_id`; bot_id is set for the app's own. `ephemeral_for` is a user's id."""

    ts: str
    user_id: str
    team_id: str
    text: str
    bot_id: str = ""
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    thread_ts: str = ""
    is_broadcast: bool = False
    subtype: str = ""
    client_msg_id: str = ""
    edited: Json | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    ephemeral_for: str = ""


@dataclass(slots=True, kw_only=True)
class Channel:
    """A conversation. `connected` and `pending` are teams over Slack Connect besides the host.

    Messages come and go through `add` and `drop`, which keep `threads` (a parent's ts to its replies) in step.
    """

    id: str
    name: str
    kind: Kind
    host_team_id: str
    creator_id: str
    created_s: int
    members: list[str] = field(default_factory=list)
    connected: list[str] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    topic: str = ""
    purpose: str = ""
    previous_names: list[str] = field(default_factory=list)
    is_archived: bool = False
    messages: dict[str, Message] = field(default_factory=dict)
    ephemerals: dict[str, Message] = field(default_factory=dict)
    threads: dict[str, list[Message]] = field(default_factory=dict)

    @property
    def is_ext_shared(self) -> bool:
        return bool(self.connected)

    @property
    def teams(self) -> tuple[str, ...]:
        return (self.host_team_id, *self.connected)

    def find(self, ts: str) -> Message | None:
        """A message by its `ts`, seen by all or by one person."""
        return self.messages.get(ts) or self.ephemerals.get(ts)

    def add(self, message: Message) -> None:
        if message.ephemeral_for:
            self.ephemerals[message.ts] = message
            return
        self.messages[message.ts] = message
        if message.thread_ts:
            self.threads.setdefault(message.thread_ts, []).append(message)

    def drop(self, message: Message) -> None:
        if self.ephemerals.pop(message.ts, None) is None:
            del self.messages[message.ts]
            if message.thread_ts:
                self.threads[message.thread_ts].remove(message)

    def replies(self, ts: str) -> list[Message]:
        """The replies of a thread, oldest first, without its parent."""
        return self.threads.get(ts, [])


@dataclass(slots=True, kw_only=True)
class View:
    """A modal or App Home of one person. `definition` is what the app sent; `errors` is what it last answered."""

    id: str
    type: str
    user_id: str
    team_id: str
    installation: Installation
    definition: Json
    hash: str
    root_view_id: str
    previous_view_id: str | None = None
    chosen: dict[str, dict[str, Json]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class World:
    """Everything, by id. Installations are by bot token, homes by (team, user); dicts keep their order."""

    app_id: str
    app_name: str
    teams: dict[str, Team] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    installations: dict[str, Installation] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    homes: dict[tuple[str, str], View] = field(default_factory=dict)

    def person(self, ref: str) -> User:
        """A user by id, e-mail address or handle; raises SandboxError."""
        if user := self.users.get(ref):
            return user
        for user in self.users.values():
            if ref.lower() in {user.email.lower(), user.name.lower(), user.real_name.lower()}:
                return user
        raise SandboxError(f"user {ref!r}: nobody has this id, e-mail address or name")

    def place(self, ref: str) -> Channel:
        """A channel by id or #name; raises SandboxError."""
        if channel := self.channels.get(ref):
            return channel
        for channel in self.channels.values():
            if channel.name and channel.name == ref.removeprefix("#"):
                return channel
        raise SandboxError(f"channel {ref!r}: there is none with this id or #name")

    def installed_in(self, team_id: str) -> Installation | None:
        return next((i for i in self.installations.values() if i.team_id == team_id), None)

    def listening_in(self, channel: Channel) -> Installation | None:
        """The installation whose bot is a member; Slack names one of them even when there are several."""
        return next((i for i in self.installations.values() if i.bot_user_id in channel.members), None)

    def shared_with(self, team_id: str) -> Iterator[Channel]:
        """Slack Connect channels that a team takes part in."""
        return (c for c in self.channels.values() if c.is_ext_shared and team_id in c.teams)

    def im(self, bot_user_id: str, user_id: str) -> Channel | None:
        """The direct conversation of the bot and a person, if it was ever opened."""
        pair = {bot_user_id, user_id}
        return next((c for c in self.channels.values() if c.kind is Kind.IM and set(c.members) == pair), None)
