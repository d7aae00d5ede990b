"""What is in flight and what was said: the rows of our own store. Holds no behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.deals import FieldChange
from bot.domain.partners import Channel
from bot.ports.json import Json


class Disposition(StrEnum):
    """How a received message ended; each has exactly one."""

    APPLIED = "applied"
    CONFIRMED = "confirmed"  # waits for, or was, a yes
    ASKED = "asked"
    ROUTED = "routed"
    NOTED = "noted"  # human words without any action: on the timeline only
    IGNORED = "ignored"  # automatic, duplicate, our own
    REFUSED = "refused"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """Something that came in, as it came. `key` is where it was found (mailbox:uidvalidity:uid, slack event id);
    `size_bytes` is the true size when raw holds only the head of a mail that is too large."""

    channel: Channel
    key: str
    raw: bytes
    size_bytes: int
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    id: int
    channel: Channel
    key: str
    raw: bytes
    size_bytes: int
    received_at: datetime
    disposition: Disposition | None = None
    reason: str | None = None
    conversation_id: int | None = None
    sender: str | None = None
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """One thread with one person (email) or one place (Slack). `id` is the number inside reply tokens.

    `about` is what the last thing we said asks for, as JSON: {"kind": …, "deal": …, "pending": […], "draft": …,
    "inbound": id of the reply the last receipt answered, "failed_asks": n}. `mail_ids` are the Message-IDs said
    so far, oldest first; `slack_*` the thread in Slack."""

    id: int
    role: str  # partner or manager
    partner_id: str | None
    contact_id: str | None  # a contact, or a manager's id when role is manager; None in a shared channel
    deal_id: str | None
    subject: str
    about: Json = field(default_factory=dict)
    mail_ids: tuple[str, ...] = ()
    slack_channel: str | None = None
    slack_ts: str | None = None


class ChangeState(StrEnum):
    PROPOSED = "proposed"  # waits for the partner manager
    PENDING = "pending"
    WRITING = "writing"  # the CRM may have it
    DONE = "done"  # finished, see results: applied, unchanged, refused and why
    REJECTED = "rejected"  # by the partner manager


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Changes to one deal out of one message. `old` in each is the value the person was acting on;
    `results` maps a field to applied, unchanged, or a refusal's reason once the change is done."""

    id: int
    key: str
    inbound_id: int
    conversation_id: int
    deal_id: str
    author_id: str
    changes: tuple[FieldChange, ...]
    state: ChangeState
    results: Mapping[str, str] = field(default_factory=dict)
    undo_of: int | None = None


class MessageState(StrEnum):
    WAITING = "waiting"  # for its changes
    QUEUED = "queued"
    SENDING = "sending"  # the other side may have it
    SENT = "sent"
    FAILED = "failed"  # needs a person
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Something to say, once. `key` is made from its cause; `notice` is stored as values and rendered when sent."""

    id: int
    key: str
    channel: Channel
    conversation_id: int | None
    to: str  # an email address, a Slack channel or user id
    to_name: str
    person_id: str | None
    partner_id: str | None
    language: str
    event: str
    notice: Json
    state: MessageState
    inbound_id: int | None = None  # the reply that it answers
    not_before: datetime | None = None
    message_id: str | None = None  # Message-ID, or Slack's channel:ts
    attempts: int = 0
    error: str | None = None
    created_at: datetime | None = None
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Durable work: `kind` names a handler, `ref` what it is about. kind:ref is its idempotency key. Jobs that
    share a `lane` run one at a time. `not_before` delays it."""

    kind: str
    ref: str
    lane: str | None = None
    not_before: datetime | None = None
    attempt: int = 1


class PhraseOutcome(StrEnum):
    """What a partner said of what was understood."""

    CONFIRMED = "confirmed"  # it was asked, and a yes came
    CORRECTED = "corrected"  # it was taken back, or answered with another value


@dataclass(frozen=True, slots=True, kw_only=True)
class LearntPhrase:
    """Words that led to a kind of action, and what became of it. Names and values are masked ("{deal} is in the
    bag"); who said it is not kept."""

    id: int
    language: str
    kind: str
    words: str
    outcome: PhraseOutcome
    count: int
    last_seen_at: datetime
