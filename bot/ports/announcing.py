"""What announcements need of a CRM, and what of our own store. Holds no behaviour."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.announcements import Announcement, Engagement, Recipient, RecipientState
from bot.domain.audience import Reader
from bot.domain.partners import Contact
from bot.domain.preferences import Preferences
from bot.domain.routing import Standing
from bot.ports.flight import Conversation


class AudienceDesk(Protocol):
    """The CRM's part in announcements; every CRM of bot.ports.CRM has it."""

    def readers(self) -> AsyncIterator[Sequence[Reader]]:
        """Every contact of every partner, active or not, in pages, each contact once; whoever sends decides whom to
        skip, so that it can be said why."""

    async def reader(self, contact_id: str) -> Reader | None:
        """One of them, afresh."""

    async def save_preferences(self, contact_id: str, preferences: Preferences) -> None:
        """Put the wishes where the vendor's people see them, so that `reader` has just these: start from what it
        has, as None takes away what was there. Channel, language and time zone are also those of the contact, for
        all that is sent. Who unsubscribed in the CRM is subscribed again only by a wish that names the topic.
        Idempotent. Raises GoneError, and RefusedFieldsError when the CRM cannot hold or take back something (named
        as in Preferences, or by the topic); the rest is written nevertheless."""

    async def log_engagement(self, contact_id: str, body: str, *, at: datetime, key: str, look: bool) -> None:
        """Put a plain-text note on the contact's timeline and set its last engagement to `at` unless that is later
        already. `key` and `look` as with CRM.note."""


class AnnouncementBook(Protocol):
    """Announcements, who gets them, and what came of them, in our own store; every Unit of bot.ports.Store has it."""

    async def add_announcement(self, announcement: Announcement) -> Announcement | None:
        """Insert (its id is ignored); None when the slug is taken."""

    async def announcement(self, announcement_id: int) -> Announcement | None:
        """Read it; as a conversation, it stays as it is until the unit ends."""

    async def announcement_by_slug(self, slug: str) -> Announcement | None: ...

    async def save_announcement(self, announcement: Announcement) -> None:
        """Its slug stays as it was. Raises PermanentError when it was never added."""

    async def announcements(self, *, limit: int = 100) -> Sequence[Announcement]:
        """The newest first."""

    async def add_recipients(self, recipients: Sequence[Recipient]) -> int:
        """Insert (ids are ignored) those of new contacts, leave those that stand as they are; how many are new."""

    async def recipient(self, announcement_id: int, contact_id: str) -> Recipient | None: ...

    async def standings(self, people: Sequence[Contact]) -> Mapping[str, Standing]:
        """What our own store knows of each of them, by their id."""

    async def reached(self, announcement_id: int, to: Sequence[str]) -> Mapping[str, str]:
        """Those of these addresses or places that are some recipient's, each with the contact's id; who is skipped
        does not count."""

    async def add_conversations(self, conversations: Sequence[Conversation]) -> None:
        """Insert those that are new, leave those that stand as they are."""

    async def take_recipients(self, announcement_id: int, *, limit: int, now: datetime) -> Sequence[Recipient]:
        """Queued ones whose time has come, in the order they came in, which become SENDING. Two units never take the
        same one."""

    async def recipients_in(
        self, announcement_id: int, states: Sequence[RecipientState] = (), *, after: int = 0, limit: int = 1000
    ) -> Sequence[Recipient]:
        """By id, from the one after `after`; no states means all."""

    async def save_recipients(self, recipients: Sequence[Recipient]) -> None:
        """State, reason, version, message_id, sent_at, not_before of each; the rest stays."""

    async def next_due(self, announcement_id: int) -> datetime | None:
        """When the next of the queued ones is due (datetime.min in UTC for at once); None when none is queued."""

    async def count_recipients(self, announcement_id: int) -> Mapping[tuple[RecipientState, str], int]:
        """How many there are by state and reason ("" for none)."""

    async def engage(self, engagement: Engagement) -> bool:
        """Note it once; False when it was noted already."""

    async def engagements(self, announcement_id: int) -> Sequence[Engagement]:
        """Oldest first."""

    async def preferences(self, contact_id: str) -> Preferences | None:
        """Wishes as our own store has them, for what the CRM cannot hold; as a conversation, they stay as they are
        until the unit ends."""

    async def keep_preferences(self, contact_id: str, preferences: Preferences, *, now: datetime) -> None: ...
