"""Posting to Slack: once, at Slack's pace, and only where nobody reads who must not. Never retries by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.errors import PermanentError, TransientError
from bot.ports import ChatPerson, Json, Posted, SlackPost
from bot.slack.audience import audience_of_person
from bot.slack.client import Installation, call, call_response_url
from bot.slack.guard import Guard, PartnerOfChannel, nobodys
from bot.slack.settings import SlackSettings

EVENT_TYPE = "offportal_message"

# chat.postMessage: about one message a second per channel, short bursts allowed
# (https://docs.slack.dev/apis/web-api/rate-limits, 2026-11).
_PER_SECOND = 1.0
_BURST = 3
_SKEW = timedelta(minutes=2)  # between our clock and the one in Slack's ts
_PAGE = 200
_MOST_PAGES = 50
_NOT_THERE = frozenset({"channel_not_found", "not_in_channel", "user_not_in_channel"})
_UNKNOWN_PERSON = frozenset({"user_not_found", "user_not_visible"})


class Quotas(Protocol):
    """Paces shared by all workers."""

    async def take(self, bucket: str, per_second: float, burst: int) -> float:
        """Take a turn; returns how many seconds to wait for it. Raises TransientError, and takes none, when that
        would be long."""


class SlackChat:
    """ports.Chat for one installation of the app, and what only Slack has (views, response_urls)."""

    def __init__(
        self,
        installation: Installation,
        settings: SlackSettings,
        quotas: Quotas,
        *,
        partner_of_channel: PartnerOfChannel = nobodys,
    ) -> None:
        self._installation = installation
        self._client = installation.client
        self._quotas = quotas
        self._guard = Guard(installation, settings, partner_of_channel)

    async def person(self, team_id: str, user_id: str) -> ChatPerson | None:
        """See ports.Chat. `team_id` is what the event said of the person ("" when it said nothing); guests and
        people whom Slack places elsewhere are not ours. An unconfirmed address is none."""
        try:
            user = (await call(self._client.users_info(user=user_id), "users.info"))["user"]
        except PermanentError as exc:
            if exc.code in _UNKNOWN_PERSON:
                return None
            raise
        own = (await self._installation.identity()).own_teams
        reader = audience_of_person(user, own)
        ours = not (reader.foreign or reader.unnamed or reader.guest or user.get("deleted") or user.get("is_bot"))
        return ChatPerson(
            name=_name(user),
            email=user.get("profile", {}).get("email") if user.get("is_email_confirmed", True) else None,
            is_ours=ours and team_id in {"", user.get("team_id"), *own},
        )

    async def post(self, message: SlackPost) -> Posted:
        """Post once; see ports.Chat. Waits for the channel's turn, or raises TransientError when it is far off."""
        if message.only_for is not None:
            return await self._whisper(message, message.only_for)
        channel = await self._conversation(message.channel)
        await self._wait_for_turn(channel)
        await self._guard.refuse_wrong_readers(message, channel)
        answer = await call(
            self._client.chat_postMessage(
                channel=channel,
                text=message.text,
                blocks=_list(message.blocks) or None,
                thread_ts=message.thread_ts,
                metadata=_metadata(message),
                unfurl_links=False,
                unfurl_media=False,
            ),
            "chat.postMessage",
            creates=True,
        )
        return Posted(channel=str(answer["channel"]), ts=str(answer["ts"]))

    async def _whisper(self, message: SlackPost, user_id: str) -> Posted:
        """Say it to one person in the channel. Where the app is not (a command works anywhere), it goes to them
        directly. Slack keeps no ephemeral messages, so `find` never sees one: told twice at worst."""
        await self._wait_for_turn(message.channel)
        await self._guard.refuse_wrong_readers(message, message.channel)
        request = self._client.chat_postEphemeral(
            channel=message.channel,
            user=user_id,
            text=message.text,
            blocks=_list(message.blocks) or None,
            thread_ts=message.thread_ts,
        )
        try:
            answer = await call(request, "chat.postEphemeral", creates=True)
        except PermanentError as exc:
            if exc.code not in _NOT_THERE:
                raise
            return await self.post(replace(message, channel=user_id, thread_ts=None, only_for=None))
        return Posted(channel=message.channel, ts=str(answer["message_ts"]))

    async def update(self, posted: Posted, message: SlackPost) -> None:
        """Replace what was posted, for instance to take the buttons away; the same readers are checked. Doing so
        twice changes nothing more."""
        await self._guard.refuse_wrong_readers(message, posted.channel)
        request = self._client.chat_update(
            channel=posted.channel,
            ts=posted.ts,
            text=message.text,
            blocks=_list(message.blocks),
            metadata=_metadata(message),
        )
        await call(request, "chat.update")

    async def find(self, message: SlackPost, since: datetime) -> Posted | None:
        """See ports.Chat; looks from two minutes before `since`, for clocks differ."""
        if message.only_for is not None:
            return None
        channel = await self._conversation(message.channel)
        oldest = f"{(since - _SKEW).timestamp():.6f}"
        cursor: str | None = None
        for _ in range(_MOST_PAGES):
            page = await self._page(channel, message.thread_ts, oldest, cursor)
            for said in page.get("messages") or ():
                if await self._is_ours(said, message.key):
                    return Posted(channel=channel, ts=str(said["ts"]))
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or None
            if cursor is None:
                return None
        raise TransientError(f"slack: {message.key} not found within {_MOST_PAGES} pages of {channel}")

    async def respond(self, response_url: str, text: str, blocks: Sequence[Json] = ()) -> None:
        """Say something that only the person sees who sent the command or pressed the button; 5 times within
        30 minutes (https://docs.slack.dev/interactivity/handling-user-interaction, 2026-11)."""
        body = {"response_type": "ephemeral", "replace_original": False, "text": text, "blocks": _list(blocks) or None}
        await call_response_url(self._client, response_url, body)

    async def open_view(self, trigger_id: str, view: Json) -> str:
        """Open a modal for the person who pressed or typed; within 3 s of that. Returns the view's id."""
        request = self._client.views_open(trigger_id=trigger_id, view=dict(view))
        answer = await call(request, "views.open", creates=True)
        return str(answer["view"]["id"])

    async def publish_home(self, user_id: str, blocks: Sequence[Json]) -> None:
        """Replace what this person sees in the app's home tab."""
        view = {"type": "home", "blocks": _list(blocks)}
        await call(self._client.views_publish(user_id=user_id, view=view), "views.publish")

    async def _conversation(self, channel: str) -> str:
        """The id to post to: a person's (U… or W…) becomes that of the conversation with them."""
        if channel[:1] not in {"U", "W"}:
            return channel
        answer = await call(self._client.conversations_open(users=channel), "conversations.open")
        return str(answer["channel"]["id"])

    async def _wait_for_turn(self, channel: str) -> None:
        wait_s = await self._quotas.take(f"slack:post:{channel}", _PER_SECOND, _BURST)
        if wait_s > 0:
            await asyncio.sleep(wait_s)

    async def _page(self, channel: str, thread_ts: str | None, oldest: str, cursor: str | None) -> Any:
        wanted: dict[str, Any] = {
            "channel": channel,
            "oldest": oldest,
            "inclusive": True,
            "include_all_metadata": True,
            "limit": _PAGE,
            "cursor": cursor,
        }
        if thread_ts is None:
            return await call(self._client.conversations_history(**wanted), "conversations.history")
        return await call(self._client.conversations_replies(**wanted, ts=thread_ts), "conversations.replies")

    async def _is_ours(self, said: Json, key: str) -> bool:
        metadata = said.get("metadata") or {}
        if metadata.get("event_type") != EVENT_TYPE or (metadata.get("event_payload") or {}).get("key") != key:
            return False
        who = await self._installation.identity()
        return who.bot_id == said.get("bot_id") or who.bot_user_id == said.get("user")


def _metadata(message: SlackPost) -> dict[str, Any]:
    """https://docs.slack.dev/messaging/message-metadata (2026-11); readers do not see it, apps in the channel do,
    so it holds the key alone."""
    return {"event_type": EVENT_TYPE, "event_payload": {"key": message.key}}


def _name(user: Json) -> str:
    profile = user.get("profile") or {}
    return str(profile.get("real_name") or user.get("real_name") or user.get("name") or user.get("id"))


def _list(blocks: Sequence[Json]) -> list[dict[str, Any]]:
    return [dict(block) for block in blocks]
