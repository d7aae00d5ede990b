"""Asks Slack who reads a place right before something is said there. Remembers no answer: channels get shared."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.errors import PermanentError
from bot.ports import SlackPost
from bot.slack.audience import Audience, audience_of_channel, audience_of_person, why_not_post
from bot.slack.client import Installation, call
from bot.slack.settings import SlackSettings

PartnerOfChannel = Callable[[str], Awaitable[str | None]]
"""The id of the partner whose shared channel the CRM says this is."""


async def nobodys(_channel: str) -> str | None:
    """For a CRM that names no channels."""
    return None


class Guard:
    """Refuses posts that somebody would read who must not; the rule is in bot/slack/audience.py."""

    def __init__(
        self, installation: Installation, settings: SlackSettings, partner_of_channel: PartnerOfChannel
    ) -> None:
        self._installation = installation
        self._settings = settings
        self._partner_of_channel = partner_of_channel

    async def refuse_wrong_readers(self, message: SlackPost, channel: str) -> None:
        """Raises PermanentError (code wrong_readers) when the message must not be posted to this channel."""
        if message.for_anyone:
            return
        if message.only_for is not None:
            audience, named_for = await self._person(message.only_for), None
        else:
            audience, named_for = await self._channel(channel), await self._partner_of_channel(channel)
        reason = why_not_post(
            audience,
            partner_id=message.partner_id,
            partner_of_team=self._settings.partner_of_team,
            named_for=named_for,
        )
        if reason is not None:
            raise PermanentError(
                f"slack: {message.key} not posted to {channel}: {reason}; name the partner's organisations in the "
                "configuration, or correct the channel in the CRM",
                code="wrong_readers",
            )

    async def _channel(self, channel: str) -> Audience:
        answer = await call(self._installation.client.conversations_info(channel=channel), "conversations.info")
        info = answer["channel"]
        if info.get("is_im"):
            return await self._person(str(info.get("user")))
        return audience_of_channel(info, (await self._installation.identity()).own_teams)

    async def _person(self, user_id: str) -> Audience:
        answer = await call(self._installation.client.users_info(user=user_id), "users.info")
        return audience_of_person(answer["user"], (await self._installation.identity()).own_teams)
