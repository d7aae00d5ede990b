"""One call of the Web API: its arguments, who calls, and Slack's errors. Knows no method."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bot.sandbox.slack.blocks import why_not_blocks
from bot.sandbox.slack.limits import Tier
from bot.sandbox.slack.state import Channel, Installation, Json, Kind, Message, User, World
from bot.sandbox.slack.workspace import Workspace


class SlackError(Exception):
    """An `ok: false` answer; `more` goes into the answer beside the code."""

    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(code)
        self.code = code
        self.more: Json = more


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What the vendor's app settings page would show."""

    signing_secret: str
    app_token: str
    client_id: str
    client_secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """`args` are strings from a form or query, JSON values from a JSON body. `now_s` only goes forward (seconds)."""

    method: str
    args: Mapping[str, Any]
    installation: Installation
    workspace: Workspace
    now_s: float

    @property
    def world(self) -> World:
        return self.workspace.world

    def text(self, name: str, default: str = "") -> str:
        value = self.args.get(name, default)
        return default if value is None else value if isinstance(value, str) else str(value)

    def required(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise invalid_arguments([f"missing required field: {name}"])
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        return self.text(name, "true" if default else "false").lower() in {"true", "1"}

    def limit(self, default: int, most: int) -> int:
        """The `limit` argument; raises invalid_limit."""
        value = self.text("limit") or str(default)
        if not value.isdecimal() or not 0 < int(value) <= most:
            raise SlackError("invalid_limit")
        return int(value)

    def structure(self, name: str, *, error: str) -> Any:
        """A JSON argument, which a form carries as text; None when absent; raises `error`."""
        value = self.args.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError as exc:
            raise SlackError(error) from exc

    def need(self, scope: str) -> None:
        """Raises missing_scope when the token lacks it."""
        scopes = self.installation.scopes
        if scope not in scopes:
            raise SlackError("missing_scope", needed=scope, provided=",".join(sorted(scopes)))

    def channel(self, *, name: str = "channel", right: Literal["read", "history", ""] = "read") -> Channel:
        """The conversation named by an argument, as far as the bot may know of it; raises channel_not_found."""
        channel = self.world.channels.get(self.required(name))
        if channel is None or not self.sees(channel):
            raise SlackError("channel_not_found")
        if right:
            self.need(f"{channel.kind.scope_family}:{right}")
        return channel

    def sees(self, channel: Channel) -> bool:
        """Public channels of the own workspace, and every conversation the bot is in."""
        if self.installation.bot_user_id in channel.members:
            return True
        return channel.kind is Kind.PUBLIC and self.installation.team_id in channel.teams

    def user(self, user_id: str) -> User:
        """A user the bot may know of; raises user_not_found, or user_not_visible for a team that shares nothing."""
        user = self.world.users.get(user_id)
        if user is None:
            raise SlackError("user_not_found")
        own = self.installation.team_id
        if user.team_id != own and not any(own in c.teams for c in self.world.shared_with(user.team_id)):
            raise SlackError("user_not_visible")
        return user

    def message(self, channel: Channel, ts: str, *, error: str = "message_not_found") -> Message:
        message = channel.messages.get(ts)
        if message is None:
            raise SlackError(error)
        return message

    def blocks(self) -> list[Json] | None:
        """The `blocks` argument, judged; raises invalid_blocks_format or invalid_blocks."""
        blocks = self.structure("blocks", error="invalid_blocks_format")
        if blocks is None:
            return None
        if not isinstance(blocks, list) or not all(isinstance(b, dict) for b in blocks):
            raise SlackError("invalid_blocks_format")
        if complaints := why_not_blocks(blocks):
            raise complained("invalid_blocks", complaints)
        return blocks


def complained(code: str, complaints: Sequence[str]) -> SlackError:
    """An error with Slack's complaints, which stand in `errors` and once more in response_metadata."""
    messages = {"messages": [f"[ERROR] {words}" for words in complaints]}
    return SlackError(code, errors=list(complaints), response_metadata=messages)


def invalid_arguments(complaints: Sequence[str]) -> SlackError:
    messages = {"messages": [f"[ERROR] {words}" for words in complaints]}
    return SlackError("invalid_arguments", response_metadata=messages)


Handler = Callable[[Call], Awaitable[Json]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One method. `takes_json` says whether Slack reads its arguments from a JSON body (writing methods)."""

    name: str
    tier: Tier
    handler: Handler
    scope: str = ""
    takes_json: bool = True
