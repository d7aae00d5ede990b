"""What happens in Slack when somebody posts, edits, reacts, joins: state changes, and the events that follow.

Used by the Web API and by the people alike; refuses nothing, because who may do what is asked before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.sandbox.slack import events, shapes
from bot.sandbox.slack.courier import Courier
from bot.sandbox.slack.handles import Handles
from bot.sandbox.slack.ids import Mint
from bot.sandbox.slack.manifest import AppSettings
from bot.sandbox.slack.state import Channel, Installation, Json, Kind, Message, User, World


@dataclass(slots=True, kw_only=True)
class Workspace:
    """The world and the means to change it. `hooks_url` is where response URLs begin."""

    world: World
    mint: Mint
    courier: Courier
    handles: Handles
    settings: AppSettings
    hooks_url: str = ""

    def announce(self, event: Json, channel: Channel | None, installation: Installation | None = None) -> None:
        """Send an event to the app, when it is there to hear it, has subscribed to it and has the scope."""
        listening = installation or (self.world.listening_in(channel) if channel is not None else None)
        if listening is None or not self.settings.hears(events.subscription(event, channel)):
            return
        scope = events.scope_for(event, channel)
        if scope is not None and scope not in listening.scopes:
            return
        whole = events.envelope(self.world, event, mint=self.mint, installation=listening, channel=channel)
        self.courier.send(whole)

    def post(self, channel: Channel, message: Message) -> Message:
        """Put a message into a channel; an ephemeral one is shown to its person and is no event."""
        channel.add(message)
        if message.ephemeral_for:
            return message
        self.announce(events.posted(self.world, channel, message), channel)
        if self._mentions_app(channel, message):
            self.announce(events.mentioned(self.world, channel, message), channel)
        return message

    def edit(self, channel: Channel, message: Message, changes: Json, *, by: str) -> None:
        """Change a message's text, blocks, attachments or metadata; ephemeral ones change without an event.

        As Slack does, a change of blocks by the app leaves no `edited` mark.
        """
        before = shapes.message(self.world, message, within=channel)
        for name, value in changes.items():
            setattr(message, name, value)
        ts = self.mint.ts()
        if not (message.bot_id and changes.get("blocks")):
            message.edited = {"user": by, "ts": ts}
        if not message.ephemeral_for:
            self.announce(events.changed(self.world, channel, message, before=before, ts=ts), channel)

    def remove(self, channel: Channel, message: Message) -> None:
        before = shapes.message(self.world, message, within=channel)
        channel.drop(message)
        if not message.ephemeral_for:
            self.announce(events.deleted(channel, before=before, ts=self.mint.ts()), channel)

    def react(self, channel: Channel, message: Message, user: User, name: str, *, added: bool) -> bool:
        """Add or take away a reaction; False when that was the case already."""
        users = message.reactions.get(name, [])
        if (user.id in users) == added:
            return False
        left = [*users, user.id] if added else [u for u in users if u != user.id]
        message.reactions[name] = left
        if not left:
            del message.reactions[name]
        self.announce(events.reacted(channel, message, user, name, ts=self.mint.ts(), added=added), channel)
        return True

    def join(self, channel: Channel, user: User, *, inviter: str = "") -> bool:
        """Make somebody a member; False when they were one."""
        if user.id in channel.members:
            return False
        channel.members.append(user.id)
        event = events.membership(channel, user, ts=self.mint.ts(), joined=True, inviter=inviter)
        self.announce(event, channel)
        return True

    def leave(self, channel: Channel, user: User) -> bool:
        """End a membership; False when there was none."""
        if user.id not in channel.members:
            return False
        listening = self.world.listening_in(channel)
        channel.members.remove(user.id)
        self.announce(events.membership(channel, user, ts=self.mint.ts(), joined=False), channel, listening)
        return True

    def conversation(self, installation: Installation, users: list[User]) -> tuple[Channel, bool]:
        """The direct conversation of the bot with one or more people, and whether it was there before."""
        members = [installation.bot_user_id, *(u.id for u in users)]
        kind = Kind.IM if len(users) == 1 else Kind.MPIM
        for channel in self.world.channels.values():
            if channel.kind is kind and set(channel.members) == set(members):
                return channel, True
        channel = Channel(
            id=self.mint.id("D" if kind is Kind.IM else "C"),
            name="" if kind is Kind.IM else "mpdm-" + "--".join(u.name for u in users) + "-1",
            kind=kind,
            host_team_id=installation.team_id,
            creator_id=installation.bot_user_id,
            created_s=self.mint.now_s(),
            members=members,
        )
        self.world.channels[channel.id] = channel
        return channel, False

    def _mentions_app(self, channel: Channel, message: Message) -> bool:
        listening = self.world.listening_in(channel)
        if listening is None or channel.kind is Kind.IM or message.user_id == listening.bot_user_id:
            return False
        return f"<@{listening.bot_user_id}>" in message.text

    def app_message(self, installation: Installation, **content: Any) -> Message:
        """A message by the app's bot user, not yet posted; `content` are fields of Message."""
        return Message(
            ts=self.mint.ts(),
            user_id=installation.bot_user_id,
            team_id=installation.team_id,
            bot_id=installation.bot_id,
            **content,
        )
