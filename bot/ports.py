"""The doors between handlers and the world: what handlers call, in the programme's words. Holds no behaviour.

All datetimes are aware (UTC). Every method may raise TransientError (try again) or PermanentError (a person has
to act) of bot.errors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from bot.domain.deals import Deal, FieldChange, ObservedChange, Pipelines
from bot.domain.notices import Notice
from bot.domain.partners import Channel, Contact, Manager, Partner
from bot.errors import PermanentError

Json = Mapping[str, Any]


# ---- CRM --------------------------------------------------------------------------------------------------


class RefusedFieldsError(PermanentError):
    """The CRM refuses values: `fields` maps DealField values to the CRM's own words. Nothing was written."""

    def __init__(self, message: str, *, fields: Mapping[str, str], code: str = "") -> None:
        super().__init__(message, code=code)
        self.fields = dict(fields)


class GoneError(PermanentError):
    """The record does not exist (any more)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePage:
    """Changes by others in the order they happened, and where to go on: an opaque text."""

    changes: tuple[ObservedChange, ...]
    cursor: str


class CRM(Protocol):
    """One CRM. Reads return None or nothing for what does not exist; writes raise GoneError."""

    async def changes_since(self, cursor: str | None, now: datetime) -> ChangePage:
        """Changes to watched fields of partner deals since the cursor. None means: from now on, nothing before.
        The same change may be reported again (same key); the caller drops repeats and its own writes."""

    async def deal(self, deal_id: str) -> Deal | None: ...

    async def deals(self, deal_ids: Sequence[str]) -> tuple[Deal, ...]: ...

    async def open_deals_of(self, partner_id: str) -> tuple[Deal, ...]: ...

    async def partner(self, partner_id: str) -> Partner | None: ...

    async def partner_by_channel(self, channel: str) -> Partner | None:
        """The partner whose shared Slack channel this is; None when none or several claim it."""

    async def contact(self, contact_id: str) -> Contact | None: ...

    async def contacts_by_email(self, address: str) -> tuple[Contact, ...]:
        """Contacts whose primary or additional address it is (compared without case)."""

    async def contacts_of(self, deal: Deal) -> tuple[Contact, ...]:
        """The partner's people on this deal: contacts of the deal who belong to its partner; when there are
        none, all contacts of the partner."""

    async def manager(self, manager_id: str) -> Manager | None: ...

    async def managers(self) -> tuple[Manager, ...]: ...

    async def pipelines(self) -> Pipelines: ...

    async def write(self, deal_id: str, changes: Sequence[FieldChange]) -> datetime:
        """Set the new values in one request; returns the CRM's time of the change. The caller has compared.
        Raises RefusedFieldsError when values are refused; then nothing was written."""

    async def note(self, deal: Deal, body: str, *, at: datetime, key: str, contact_id: str | None, look: bool) -> str:
        """Put a plain-text note on the deal's timeline (and the contact's); returns its id. `key` marks the note;
        with `look` the CRM is searched for that mark first, so that a repeated call writes it once."""

    async def check(self) -> list[str]:
        """Every fault of credentials, scopes, pipelines and properties, as sentences; empty when all is well."""

    async def close(self) -> None: ...


# ---- speaking ---------------------------------------------------------------------------------------------


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


# ---- listening --------------------------------------------------------------------------------------------


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


class ChatReader(Protocol):
    def thread(self, raw: bytes) -> str:
        """As MailReader.thread: who did it."""

    def read(self, raw: bytes) -> IncomingChat: ...


# ---- what is in flight and what was said ------------------------------------------------------------------


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


class Unit(Protocol):
    """One transaction over our own store; everything in it happens together or not at all, jobs included. A
    conversation or a memory that was read stays as it is until the unit ends."""

    async def hold(self, name: str) -> None:
        """Units that hold the same name go on one after the other, each seeing what the one before has done."""

    # received
    async def receive(self, received: Received) -> int | None:
        """Store it; None when this key is stored already."""

    async def inbound(self, inbound_id: int) -> Inbound: ...

    async def claim(self, inbound_id: int, fingerprint: str) -> int:
        """The inbound that owns this fingerprint: this one, or an earlier one with the same message."""

    async def dispose(
        self,
        inbound_id: int,
        disposition: Disposition,
        reason: str,
        *,
        sender: str | None = None,
        conversation_id: int | None = None,
        now: datetime,
    ) -> bool:
        """Give it its one disposition; False when it had one already (then nothing changes)."""

    async def failed_attempt(self, inbound_id: int) -> int:
        """Count a failed attempt to handle it; returns how many there were."""

    async def list_inbound(self, *, undisposed: bool = False, limit: int = 100) -> Sequence[Inbound]: ...

    async def reopen(self, inbound_id: int) -> None:
        """Take its disposition away so that it can be replayed."""

    # conversations
    async def conversation(self, conversation_id: int) -> Conversation | None: ...

    async def conversation_in_slack(self, channel: str, thread_ts: str) -> Conversation | None: ...

    async def save_conversation(self, conversation: Conversation) -> None:
        """Insert or replace."""

    # changes and notes
    async def add_change(self, change: Change) -> int:
        """Insert (id is ignored); returns the id, of the existing one when the key is known."""

    async def change(self, change_id: int) -> Change | None: ...

    async def changes_of(self, inbound_id: int) -> Sequence[Change]: ...

    async def changes_under_way(self, deal_ids: Sequence[str], *, since: datetime) -> Sequence[Change]:
        """Changes to these deals that are still to be written, and those finished since then, oldest first."""

    async def undone_by(self, change_id: int) -> Change | None: ...

    async def save_change(self, change: Change, *, now: datetime) -> None: ...

    async def is_ours(self, deal_id: str, change: FieldChange, at: datetime) -> bool:
        """Whether the observed change is one that we wrote, or are writing, within five minutes around `at`."""

    # messages
    async def add_message(self, message: Message, *, now: datetime) -> int | None:
        """Insert (id is ignored); None when the key is known."""

    async def message(self, message_id: int) -> Message | None: ...

    async def message_by_mail_id(self, mail_id: str) -> Message | None: ...

    async def last_message_of(self, conversation_id: int) -> Message | None: ...

    async def waiting_messages(self, inbound_id: int) -> Sequence[Message]: ...

    async def save_message(self, message: Message) -> None: ...

    async def list_messages(self, *, state: MessageState | None = None, limit: int = 100) -> Sequence[Message]: ...

    # people in Slack, addresses that failed, small memories
    async def linked(self, team_id: str, user_id: str) -> str | None:
        """The contact id this Slack user is linked to."""

    async def link(self, team_id: str, user_id: str, contact_id: str, *, now: datetime) -> None: ...

    async def slack_user_of(self, contact_id: str) -> tuple[str, str] | None: ...

    async def suppress(self, address: str, reason: str, *, now: datetime) -> None: ...

    async def suppressed(self, address: str) -> str | None: ...

    async def once(self, key: str, *, now: datetime) -> bool:
        """True the first time a key is seen, False ever after: put the day into it for once a day."""

    async def remember(self, key: str, value: Json, *, now: datetime) -> None: ...

    async def recall(self, key: str) -> Json | None: ...

    async def forget(self, before: datetime) -> int:
        """Delete raw messages and memories older than that; returns how many messages. Dispositions stay."""

    async def enqueue(self, job: Job) -> None:
        """Have the job done after this transaction commits; a second time with the same kind, ref and attempt
        changes nothing."""


class Store(Protocol):
    def unit(self) -> AbstractAsyncContextManager[Unit]:
        """Commits at the end of the block, rolls back when it raises."""
