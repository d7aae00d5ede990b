"""The doors by which something is said: mail, Slack, and what both look like. Holds no behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.notices import Notice
from bot.errors import PermanentError
from bot.ports.json import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Email:
    """One mail to one person. `envelope_from` is where bounces go; ids are without angle brackets."""

    message_id: str
    envelope_from: str
    to_address: str
    to_name: str
    reply_to: str
    subject: str
    text: str
    html: str
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    sent_at: datetime
    automatic: str = "auto-generated"  # the value of Auto-Submitted (RFC 3834 section 5)


class Post(Protocol):
    async def send(self, email: Email) -> str:
        """Hand one mail to the relay; returns the relay's answer. Never retries by itself. Raises
        UnknownOutcomeError when the relay may have taken it; RecipientError when the address is refused."""


class RecipientError(PermanentError):
    """This recipient cannot be reached (5.1.1 and the like); others can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackPost:
    """One message to a channel, a thread in it, or a person (`channel` is then a user id)."""

    channel: str
    thread_ts: str | None
    text: str
    blocks: tuple[Json, ...]
    key: str  # travels in the message's metadata, so that it can be found again
    partner_id: str | None  # whose eyes it is meant for; None means the vendor's own people
    only_for: str | None = None  # a user id: nobody else in the channel sees it
    for_anyone: bool = False  # holds nothing of any partner (how to link, help): who reads there does not matter


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    channel: str
    ts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatPerson:
    """Somebody in Slack: `email` only where Slack shows it to us, `is_ours` for the vendor's own people."""

    name: str
    email: str | None
    is_ours: bool


class Chat(Protocol):
    async def person(self, team_id: str, user_id: str) -> ChatPerson | None: ...

    async def post(self, message: SlackPost) -> Posted:
        """Post once. Refuses (PermanentError) a channel where people of another organisation than `partner_id`'s
        are present. Raises UnknownOutcomeError when it may have been posted."""

    async def update(self, posted: Posted, message: SlackPost) -> None:
        """Replace what was posted; the same readers are checked. Doing so twice changes nothing more."""

    async def find(self, message: SlackPost, since: datetime) -> Posted | None:
        """The message that carries this one's key in its metadata, if it was posted since then."""


class Renderer(Protocol):
    def email(self, notice: Notice, language: str, *, reply_to: str) -> RenderedEmail:
        """`reply_to` is where buttons of the mail answer to (mailto links)."""

    def slack(self, notice: Notice, language: str) -> RenderedSlack: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedEmail:
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedSlack:
    text: str
    blocks: tuple[Json, ...]
