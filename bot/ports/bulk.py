"""The doors by which one text goes to many: mail in bulk, and the note of what was taken. Holds no behaviour."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

#: What stands in a circular's text and HTML where each reader's own belongs. Letters and digits, which no escaping
#: changes.
NAME_SLOT = "offportal0slot0name0"
REPLY_SLOT = "offportal0slot0reply0"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Circular:
    """What all readers of one language get. `text` and `html` may hold NAME_SLOT and REPLY_SLOT; `headers` are
    further header fields, the same in each mail."""

    subject: str
    text: str
    html: str
    sent_at: datetime
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A circular for one reader. `number` is the sender's own; ids are without angle brackets. `unsubscribe` are the
    URLs of List-Unsubscribe (RFC 2369), the one to be posted to (RFC 8058) first where there is one."""

    number: int
    circular: Circular
    to_address: str
    to_name: str
    reply_to: str
    envelope_from: str
    message_id: str
    unsubscribe: tuple[str, ...] = ()


class BulkPost(Protocol):
    async def send_all(
        self, letters: Sequence[Letter], heard: Callable[[Letter, Exception | None], Awaitable[bool]]
    ) -> None:
        """Hand letters to the relay in their order, at the pace of the set-up. `heard` is awaited for each before the
        body of the next goes out: None says that the relay took it; RecipientError, another PermanentError and
        TransientError are about this letter alone. It returns whether to go on. Never retries. Raises SetupError,
        TransientError or UnknownOutcomeError when nothing more can be sent; the letter in hand may then have gone
        out, those after it have not."""


class Acceptances(Protocol):
    """What a relay has taken, noted before anything further goes out. It survives the end of this process at any
    moment; a loss of power may take the last of it."""

    async def note(self, announcement_id: int, recipient_id: int, message_id: str, *, now: datetime) -> None: ...

    async def noted(self, announcement_id: int) -> AbstractSet[int]:
        """The recipients noted since it was last forgotten."""

    async def forget(self, announcement_id: int) -> None:
        """They are saved as sent by now."""
