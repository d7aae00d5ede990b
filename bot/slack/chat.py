"""Posting to Slack: once, at Slack's pace, and only where nobody reads who must not. Never retries by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.errors import PermanentError, TransientError
from bot.ports import Json, Posted, SlackPost
from bot.slack.audience import Audience, audience_of_channel, audience_of_person, why_not_post
from bot.slack.client import Installation, call, call_response_url
from bot.slack.settings import SlackSettings

EVENT_TYPE = "offportal_message"

# chat.postMessage: about one message a second per channel, short bursts allowed
# (https://docs.slack.dev/apis/web-api/rate-limits, 2026-11).
_PER_SECOND = 1.0
_BURST = 3
_LONGEST_WAIT_S = 10.0
_SKEW = timedelta(minutes=2)  # between our clock and the one in Slack's ts
_PAGE = 200
_MOST_PAGES = 50


class Quotas(Protocol):
    """Paces shared by all workers."""

    async def take(self, bucket: str, per_second: float, burst: int) -> float:
        """Reserve the next place in the bucket; returns how many seconds to wait for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackPerson:
    """A user. `email` is None for people of other organisations; `locale` is a BCP 47 tag where Slack gives it."""

    user_id: str
    team_id: str | None
    name: str
    email: str | None
    guest: bool
    locale: str | None


PartnerOfChannel = Callable[[str], Awaitable[str | None]]
"""The id of the partner whose shared channel the CRM says this is."""


async def _nobodys(_channel: str) -> str | None:
    return None


class SlackChat:
    """ports.Chat for one installation of the app. Who may read what is decided by bot/slack/audience.py, from what
    Slack says right before each post."""

    def __init__(
        self,
        installation: Installation,
        settings: SlackSettings,
        quotas: Quotas,
        *,
        partner_of_channel: PartnerOfChannel = _nobodys,
    ) -> None:
        self._installation = installation
        self._client = installation.client
        self._settings = settings
        self._quotas = quotas
        self._partner_of_channel = partner_of_channel

    async def post(self, message: SlackPost) -> Posted:
        """Post once; see ports.Chat. Waits for the channel's turn (at most 10 s, then TransientError)."""
        channel = await self._conversation(message.channel)
        await self._wait_for_turn(channel)
        await self._refuse_wrong_readers(message, channel)
        answer = await call(
            self._client.chat_postMessage(
                channel=channel,
                text=message.text,
                blocks=_plain(message.blocks) or None,
                thread_ts=message.thread_ts,
                metadata=_metadata(message),
                unfurl_links=False,
                unfurl_media=False,
            ),
            "chat.postMessage",
            creates=True,
        )
        return Posted(channel=str(answer["channel"]), ts=str(answer["ts"]))

    async def update(self, posted: Posted, message: SlackPost) -> None:
        """Replace what was posted, for instance to take the buttons away; the same readers are checked. Doing so
        twice changes nothing more."""
        await self._refuse_wrong_readers(message, posted.channel)
        request = self._client.chat_update(
            channel=posted.channel,
            ts=posted.ts,
            text=message.text,
            blocks=_plain(message.blocks),
            metadata=_metadata(message),
        )
        await call(request, "chat.update")

    async def find(self, message: SlackPost, since: datetime) -> Posted | None:
        """See ports.Chat; looks from two minutes before `since`, for clocks differ."""
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
        body = {"response_type": "ephemeral", "replace_original": False, "text": text, "blocks": _plain(blocks) or None}
        await call_response_url(self._client, response_url, body)

    async def open_view(self, trigger_id: str, view: Json) -> str:
        """Open a modal for the person who pressed or typed; within 3 s of that. Returns the view's id."""
        answer = await call(self._client.views_open(trigger_id=trigger_id, view=dict(view)), "views.open", creates=True)
        return str(answer["view"]["id"])

    async def publish_home(self, user_id: str, blocks: Sequence[Json]) -> None:
        """Replace what this person sees in the app's home tab."""
        view = {"type": "home", "blocks": _plain(blocks)}
        await call(self._client.views_publish(user_id=user_id, view=view), "views.publish")

    async def person(self, user_id: str) -> SlackPerson:
        """Who a user is, as far as Slack lets us see it."""
        user = (await call(self._client.users_info(user=user_id, include_locale=True), "users.info"))["user"]
        return person_of(user)

    # ---- where, when, who reads -------------------------------------------------------------------------------

    async def _conversation(self, channel: str) -> str:
        """The id to post to: a person's (U… or W…) becomes that of the conversation with them."""
        if not _is_person(channel):
            return channel
        answer = await call(self._client.conversations_open(users=channel), "conversations.open")
        return str(answer["channel"]["id"])

    async def _wait_for_turn(self, channel: str) -> None:
        wait_s = await self._quotas.take(f"slack:post:{channel}", _PER_SECOND, _BURST)
        if wait_s > _LONGEST_WAIT_S:
            raise TransientError(f"slack: {channel} is busy", retry_after=timedelta(seconds=wait_s))
        if wait_s > 0:
            await asyncio.sleep(wait_s)

    async def _refuse_wrong_readers(self, message: SlackPost, channel: str) -> None:
        audience, named_for = await self._audience(channel), await self._partner_of_channel(channel)
        teams = self._settings.partner_teams.get(message.partner_id or "", frozenset())
        reason = why_not_post(audience, partner_id=message.partner_id, teams=teams, named_for=named_for)
        if reason:
            raise PermanentError(
                f"slack: {message.key} not posted to {channel}: {reason}; name the partner's organisations in the "
                "configuration or correct the channel in the CRM",
                code="wrong_readers",
            )

    async def _audience(self, channel: str) -> Audience:
        own = (await self._installation.identity()).own_teams
        info = (await call(self._client.conversations_info(channel=channel), "conversations.info"))["channel"]
        if not info.get("is_im"):
            return audience_of_channel(info, own)
        user = await call(self._client.users_info(user=str(info.get("user"))), "users.info")
        return audience_of_person(user["user"], own)

    # ---- finding ----------------------------------------------------------------------------------------------

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


def person_of(user: Json) -> SlackPerson:
    """From the `user` of users.info (https://docs.slack.dev/reference/objects/user-object, 2026-11)."""
    profile = user.get("profile") or {}
    return SlackPerson(
        user_id=str(user["id"]),
        team_id=user.get("team_id"),
        name=str(profile.get("real_name") or user.get("real_name") or user.get("name") or user["id"]),
        email=profile.get("email"),
        guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        locale=user.get("locale"),
    )


def _metadata(message: SlackPost) -> dict[str, Any]:
    """https://docs.slack.dev/messaging/message-metadata (2026-11); readers do not see it, apps in the channel do,
    so it holds the key alone."""
    return {"event_type": EVENT_TYPE, "event_payload": {"key": message.key}}


def _plain(blocks: Sequence[Json]) -> list[dict[str, Any]]:
    return [dict(block) for block in blocks]


def _is_person(channel: str) -> bool:
    return channel[:1] in {"U", "W"}
