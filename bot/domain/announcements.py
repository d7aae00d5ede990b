"""An announcement, whom it goes to and where it stands: one table says what may follow on what. Only values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.partners import Channel
from bot.domain.preferences import Topic


class State(StrEnum):
    DRAFT = "draft"  # previewed, waits for its author's yes
    SCHEDULED = "scheduled"  # confirmed; its time has not come
    SENDING = "sending"
    PAUSED = "paused"  # too many refusals, or its author said so
    SENT = "sent"
    CANCELLED = "cancelled"


class Event(StrEnum):
    CONFIRMED = "confirmed"
    DUE = "due"
    PAUSED = "paused"
    RESUMED = "resumed"
    CORRECTED = "corrected"  # a new text, for those who have not had it
    FINISHED = "finished"
    CANCELLED = "cancelled"


TRANSITIONS: Mapping[tuple[State, Event], State] = {
    (State.DRAFT, Event.CONFIRMED): State.SCHEDULED,
    (State.DRAFT, Event.CORRECTED): State.DRAFT,
    (State.DRAFT, Event.CANCELLED): State.CANCELLED,
    (State.SCHEDULED, Event.CORRECTED): State.SCHEDULED,
    (State.SCHEDULED, Event.DUE): State.SENDING,
    (State.SCHEDULED, Event.CANCELLED): State.CANCELLED,
    (State.SENDING, Event.PAUSED): State.PAUSED,
    (State.SENDING, Event.CORRECTED): State.SENDING,
    (State.SENDING, Event.FINISHED): State.SENT,
    (State.SENDING, Event.CANCELLED): State.CANCELLED,
    (State.PAUSED, Event.RESUMED): State.SENDING,
    (State.PAUSED, Event.CORRECTED): State.PAUSED,
    (State.PAUSED, Event.CANCELLED): State.CANCELLED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What one language's readers get: `body` is Markdown (CommonMark), `subject` one line."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """One text to many. `slug` names it for people, such as q1-incentives. `topic` is one of
    preferences.ANNOUNCEMENTS. `texts` are by language. `segment` is what its author wrote (segments.py), evaluated
    when it is sent. `channels` limits how it may go, none means as each contact wishes. `at` is None for at once;
    with `their_time` its wall-clock time counts in each contact's time zone. `version` counts corrections from 1.
    `author` is the manager's mail address; `slack` where its state is shown, as channel:ts."""

    id: int
    slug: str
    topic: Topic
    texts: Mapping[str, Text]
    segment: str
    channels: tuple[Channel, ...] = ()
    at: datetime | None = None
    their_time: bool = False
    author: str
    state: State = State.DRAFT
    reason: str | None = None  # why it is paused or cancelled
    version: int = 1
    slack: str | None = None
    created_at: datetime
    finished_at: datetime | None = None


class RecipientState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"  # the other side may have it
    SENT = "sent"
    DIGEST = "digest"  # comes with the next digest
    SKIPPED = "skipped"  # see the reason
    BOUNCED = "bounced"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One contact's part in an announcement, unique by (announcement, contact). `to` is an address, a Slack user or
    the partner's Slack channel; contacts who read the same channel share one post. `version` is that of the text
    they got. `message_id` is a Message-ID or Slack's channel:ts."""

    id: int = 0
    announcement_id: int
    contact_id: str
    partner_id: str
    name: str
    channel: Channel
    to: str
    language: str
    state: RecipientState = RecipientState.QUEUED
    reason: str | None = None
    not_before: datetime | None = None
    version: int = 1
    message_id: str | None = None
    sent_at: datetime | None = None


class Engaged(StrEnum):
    """What somebody did with an announcement. OPENED is what a mail program says, and proves nothing; MACHINE_CLICK
    is a scanner's."""

    REPLIED = "replied"
    CLICKED = "clicked"
    REACTED = "reacted"
    ASKED = "asked"  # for the asset
    UNSUBSCRIBED = "unsubscribed"
    OPENED = "opened"
    MACHINE_CLICK = "machine_click"


@dataclass(frozen=True, slots=True, kw_only=True)
class Engagement:
    """`key` makes it unique within the announcement and contact, such as the inbound's id or the link's number."""

    announcement_id: int
    contact_id: str
    what: Engaged
    key: str
    at: datetime
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The text that a language's readers get: their own, or `fallback` names the language it was taken from."""

    language: str
    text: Text
    fallback: bool = field(default=False)


def text_for(texts: Mapping[str, Text], language: str, default: str) -> Choice:
    """The text in that language, else in the programme's language, else in English, else the first there is. Raises
    ValueError when there is none."""
    if language in texts:
        return Choice(language=language, text=texts[language])
    for other in (default, "en", *texts):
        if other in texts:
            return Choice(language=other, text=texts[other], fallback=True)
    raise ValueError("the announcement has no text")
