"""The door to our own store: one transaction over everything that is in flight. Holds no behaviour."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from bot.domain.deals import FieldChange
from bot.ports.announcing import AnnouncementBook
from bot.ports.flight import (
    Change,
    Conversation,
    Disposition,
    Inbound,
    Job,
    LearntPhrase,
    Message,
    MessageState,
    PhraseOutcome,
    Received,
)
from bot.ports.json import Json
from bot.ports.registering import RegistrationBook


class Unit(RegistrationBook, AnnouncementBook, Protocol):
    """One transaction over our own store; everything in it happens together or not at all, jobs included. A
    conversation, a registration or a memory that was read stays as it is until the unit ends."""

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

    async def lift_suppression(self, address: str) -> None:
        """The address may be written to again; nothing happens when it was not suppressed."""

    async def once(self, key: str, *, now: datetime) -> bool:
        """True the first time a key is seen, False ever after: put the day into it for once a day."""

    async def remember(self, key: str, value: Json, *, now: datetime) -> None: ...

    async def recall(self, key: str) -> Json | None: ...

    # phrases
    async def count_phrase(
        self, *, language: str, kind: str, words: str, outcome: PhraseOutcome, now: datetime
    ) -> None:
        """Count once more that these words (masked) led to this kind of action and were confirmed or corrected."""

    async def phrase(self, phrase_id: int) -> LearntPhrase | None: ...

    async def list_phrases(self, *, language: str | None = None, limit: int = 100) -> Sequence[LearntPhrase]:
        """The most frequent first."""

    async def drop_phrase(self, phrase_id: int) -> None: ...

    async def forget(self, before: datetime) -> int:
        """Delete raw messages, memories, phrases last seen and registrations that ended before that; returns how many
        messages. Dispositions and live registrations stay."""

    async def enqueue(self, job: Job) -> None:
        """Have the job done after this transaction commits; a second time with the same kind, ref and attempt
        changes nothing."""


class Store(Protocol):
    def unit(self) -> AbstractAsyncContextManager[Unit]:
        """Commits at the end of the block, rolls back when it raises."""
