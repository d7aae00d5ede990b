"""What comes in, read: mails and what people do in Slack; and the addresses of our own mails. Holds no behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from bot.ports.flight import Conversation


class MailKind(StrEnum):
    HUMAN = "human"
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"  # a delivery that failed for good
    DELAYED = "delayed"  # the relay goes on trying
    COMPLAINT = "complaint"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSeen:
    """A reply token found in a mail's headers, not yet held against its conversation."""

    conversation_id: int
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Undelivered:
    """One recipient of a bounce; `address` is "" when the report names none."""

    address: str
    permanent: bool
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingMail:
    """A received mail, read. `sender` is the one From address, None when there is not exactly one; `authenticated`
    whether the receiving server vouches for it (DMARC). `text` holds the new words only; `certain` is False when
    the cut is doubtful. `fingerprint` is equal for copies of one mail and differs for different mails.
    `bounced_ids` are the Message-IDs that a report says came back."""

    kind: MailKind
    reason: str
    fingerprint: str
    message_id: str | None
    references: tuple[str, ...]
    sender: str | None
    sender_name: str
    authenticated: bool
    tokens: tuple[TokenSeen, ...]
    subject: str
    text: str
    certain: bool
    forwarded: str | None = None
    attachments: tuple[str, ...] = ()
    undelivered: tuple[Undelivered, ...] = ()
    bounced_ids: tuple[str, ...] = ()


class MailReader(Protocol):
    def thread(self, raw: bytes) -> str:
        """Equal for mails that have to be handled in the order they came; "" when nothing tells. Quick, and proves
        nothing."""

    def read(self, raw: bytes) -> IncomingMail:
        """Read a mail; never raises for what a sender wrote."""


class Addressing(Protocol):
    """The addresses and ids of our own mails, which carry signed tokens."""

    def token(self, conversation: Conversation) -> str: ...

    def matches(self, seen: TokenSeen, conversation: Conversation) -> bool: ...

    def reply_to(self, token: str) -> str: ...

    def bounce_to(self, token: str) -> str: ...

    def message_id(self, token: str, number: int) -> str: ...

    def thread_root(self, deal_id: str, person_id: str) -> str:
        """An id that all notices about one deal to one person refer to, so that clients show them as a thread."""

    def is_own(self, address: str) -> bool:
        """Whether mail from this address would be our own."""


class ChatKind(StrEnum):
    MESSAGE = "message"
    MENTION = "mention"
    COMMAND = "command"
    ACTION = "action"  # a button; `action` names it, `value` is what it carries
    FORM = "form"  # a form was sent; `action` names it, `value` is what it is about, `values` what was typed


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingChat:
    """Something a person did in Slack, read. `thread_ts` is None at the top level of a channel."""

    kind: ChatKind
    team_id: str
    user_id: str
    channel: str
    ts: str
    thread_ts: str | None
    text: str
    is_direct: bool = False
    command: str = ""
    action: str = ""
    value: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


class ChatReader(Protocol):
    def thread(self, raw: bytes) -> str:
        """As MailReader.thread: who did it."""

    def read(self, raw: bytes) -> IncomingChat: ...
