"""The people of the sandbox: they write, react, edit, join and read. Pressing and commands are in hands.py."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.sandbox.slack import richtext, shapes
from bot.sandbox.slack.state import Channel, Json, Message, SandboxError, User
from bot.sandbox.slack.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Acts for anybody. Users are named by id, e-mail or name; channels by id or #name; raises SandboxError."""

    workspace: Workspace

    def say(self, user: str, channel: str, text: str, *, thread_ts: str = "") -> str:
        """Type a message into a channel or thread; its ts. `<@U…>` mentions, everything else is as typed."""
        person, place = self._both(user, channel)
        if thread_ts and thread_ts not in place.messages:
            raise SandboxError(f"thread {thread_ts!r}: no such message in {place.id}")
        mint = self.workspace.mint
        stored, block = richtext.typed(text, mint.key(5))
        message = Message(
            ts=mint.ts(),
            user_id=person.id,
            team_id=person.team_id,
            text=stored,
            blocks=[block],
            client_msg_id=mint.uuid(),
            thread_ts=thread_ts,
        )
        return self.workspace.post(place, message).ts

    def mention(self, user: str, channel: str, text: str, *, thread_ts: str = "") -> str:
        """Say something to the app by @-mentioning it; its ts."""
        listening = self.workspace.world.listening_in(self.workspace.world.place(channel))
        if listening is None:
            raise SandboxError(f"channel {channel!r}: the app is not in it")
        return self.say(user, channel, f"<@{listening.bot_user_id}> {text}", thread_ts=thread_ts)

    def direct(self, user: str, text: str, *, thread_ts: str = "") -> str:
        """Write to the app in its direct messages; the ts."""
        return self.say(user, self.direct_channel(user), text, thread_ts=thread_ts)

    def direct_channel(self, user: str) -> str:
        """The id of a person's direct messages with the app of their own workspace, opened when it was not."""
        person = self.workspace.world.person(user)
        installation = self.workspace.world.installed_in(person.team_id)
        if installation is None:
            raise SandboxError(
                f"user {user!r}: the app is not installed in {person.team_id}; there is nobody to write to"
            )
        return self.workspace.conversation(installation, [person])[0].id

    def edit(self, user: str, channel: str, ts: str, text: str) -> None:
        """Change one's own message."""
        person, place = self._both(user, channel)
        message = self._own(person, place, ts)
        stored, block = richtext.typed(text, self.workspace.mint.key(5))
        self.workspace.edit(place, message, {"text": stored, "blocks": [block]}, by=person.id)

    def delete(self, user: str, channel: str, ts: str) -> None:
        """Delete one's own message."""
        person, place = self._both(user, channel)
        self.workspace.remove(place, self._own(person, place, ts))

    def react(self, user: str, channel: str, ts: str, name: str, *, added: bool = True) -> None:
        """Put an emoji on a message, or take it away."""
        person, place = self._both(user, channel)
        message = place.messages.get(ts)
        if message is None:
            raise SandboxError(f"message {ts!r}: not in {place.id}")
        self.workspace.react(place, message, person, name.strip(":"), added=added)

    def join(self, user: str, channel: str, *, inviter: str = "") -> None:
        """Join a channel, or be invited."""
        place, person = self.workspace.world.place(channel), self.workspace.world.person(user)
        if person.team_id not in place.teams:
            raise SandboxError(f"user {user!r}: team {person.team_id} is not connected to {place.id}")
        self.workspace.join(place, person, inviter=inviter)

    def leave(self, user: str, channel: str) -> None:
        """Leave a channel; the bot user is removed the same way."""
        place, person = self.workspace.world.place(channel), self.workspace.world.person(user)
        self.workspace.leave(place, person)

    def archive(self, channel: str, *, archived: bool = True) -> None:
        """Archive a channel, or bring it back."""
        place = self.workspace.world.place(channel)
        place.is_archived = archived
        word = "channel_archive" if archived else "channel_unarchive"
        event = {"type": word, "channel": place.id, "user": place.creator_id, "event_ts": self.workspace.mint.ts()}
        self.workspace.announce(event, place)

    def share(self, channel: str, team_id: str, *, accepted: bool = True) -> None:
        """Share a channel with another team over Slack Connect; until it accepts, the share is pending."""
        place = self.workspace.world.place(channel)
        if team_id not in self.workspace.world.teams:
            raise SandboxError(f"team {team_id!r}: there is none with this id")
        if team_id in place.teams:
            raise SandboxError(f"team {team_id!r}: {place.id} is shared with it already")
        if team_id in place.pending:
            place.pending.remove(team_id)
        (place.connected if accepted else place.pending).append(team_id)
        if accepted:
            event = {"type": "channel_shared", "connected_team_id": team_id, "channel": place.id}
            self.workspace.announce(event | {"event_ts": self.workspace.mint.ts()}, place)

    def change_channel_id(self, channel: str) -> str:
        """Give a channel a new id, as may happen when it becomes shared; the old id is unknown from then on."""
        world = self.workspace.world
        place = world.place(channel)
        old, new = place.id, self.workspace.mint.id("C")
        del world.channels[old]
        place.id = new
        world.channels[new] = place
        event = {"type": "channel_id_changed", "old_channel_id": old, "new_channel_id": new}
        self.workspace.announce(event | {"event_ts": self.workspace.mint.ts()}, place)
        return new

    def deactivate(self, user: str) -> None:
        """Take a person's account away."""
        world = self.workspace.world
        person = world.person(user)
        world.users[person.id] = replace(person, deleted=True, updated_s=self.workspace.mint.now_s())

    def open_home(self, user: str, *, tab: str = "home") -> None:
        """Open the app's Home (or its "messages" tab)."""
        world = self.workspace.world
        if not self.workspace.settings.has_home:
            raise SandboxError("app home: the manifest does not enable its Home tab")
        person, place = world.person(user), world.channels[self.direct_channel(user)]
        installation = world.installed_in(person.team_id)
        event: Json = {"type": "app_home_opened", "user": person.id, "channel": place.id, "tab": tab}
        event["event_ts"] = self.workspace.mint.ts()
        home = world.homes.get((person.team_id, person.id))
        if home is not None and tab == "home":
            event["view"] = shapes.view(world, home, values={})
        self.workspace.announce(event, None, installation)

    def messages(self, channel: str, *, seen_by: str = "") -> list[Json]:
        """A channel's messages, oldest first, replies and all; with those that only `seen_by` sees."""
        world = self.workspace.world
        place = world.place(channel)
        person = world.person(seen_by).id if seen_by else ""
        hidden = [m for m in place.ephemerals.values() if m.ephemeral_for == person]
        both = sorted([*place.messages.values(), *hidden], key=lambda m: m.ts)
        return [self._read(place, m) for m in both]

    def thread(self, channel: str, ts: str) -> list[Json]:
        """A thread, the parent first."""
        place = self.workspace.world.place(channel)
        if ts not in place.messages:
            raise SandboxError(f"thread {ts!r}: no such message in {place.id}")
        return [self._read(place, m) for m in (place.messages[ts], *place.replies(ts))]

    def _read(self, place: Channel, message: Message) -> Json:
        shape = shapes.message(self.workspace.world, message, within=place)
        readable = richtext.plain(message.text)
        return shape | {"plain": readable, "only_for": message.ephemeral_for or None, "channel": place.id}

    def _both(self, user: str, channel: str) -> tuple[User, Channel]:
        world = self.workspace.world
        person, place = world.person(user), world.place(channel)
        if person.id not in place.members:
            raise SandboxError(f"user {user!r}: is not a member of {place.name or place.id}")
        if place.is_archived:
            raise SandboxError(f"channel {channel!r}: is archived")
        return person, place

    def _own(self, person: User, place: Channel, ts: str) -> Message:
        message = place.messages.get(ts)
        if message is None or message.user_id != person.id:
            raise SandboxError(f"message {ts!r}: {person.name} wrote no such message in {place.id}")
        return message
