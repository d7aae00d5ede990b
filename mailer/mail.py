"""A received mail as values. Reads nothing, judges nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Protection(StrEnum):
    """How the words are wrapped: SIGNED is readable, OPAQUE and ENCRYPTED are not."""

    NONE = "none"
    SIGNED = "signed"
    OPAQUE = "opaque"  # S/MIME signed-data: the text is inside the signature's container
    ENCRYPTED = "encrypted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """One address with the name shown beside it. `name` is for people's eyes and never proves anything."""

    address: str
    name: str = ""

    @property
    def domain(self) -> str:
        """What stands behind the last @, in lower case; "" when there is none."""
        return self.address.rpartition("@")[2].lower() if "@" in self.address else ""


@dataclass(frozen=True, slots=True)
class Headers:
    """Header fields in the order received (newest hop first), unfolded but not decoded (RFC 2047 words stay).

    Names are compared without case; a name may occur many times.
    """

    fields: tuple[tuple[str, str], ...] = ()

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of that name, topmost first."""
        wanted = name.lower()
        return tuple(value for key, value in self.fields if key.lower() == wanted)

    def first(self, name: str) -> str | None:
        """The topmost value of that name; None when absent."""
        wanted = name.lower()
        return next((value for key, value in self.fields if key.lower() == wanted), None)

    def __contains__(self, name: str) -> bool:
        return self.first(name) is not None

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A part that is not the body.

    `name` is the sender's own (None when there was none) and only for showing; `file_name` is safe to write:
    no path, no control characters, at most 120 bytes, unique in its mail. `is_inline` marks images shown
    inside the body, mostly logos of signatures.
    """

    name: str | None
    file_name: str
    content_type: str
    size_bytes: int
    is_inline: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A machine-readable part: delivery-status (a block a recipient), feedback-report, disposition-notification,
    or the headers of an enclosed message (one block)."""

    content_type: str
    blocks: tuple[Headers, ...]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Mail:
    """What a mail says, as far as it could be read.

    Message ids stand without angle brackets. `return_path` is None when absent and "" when null (`<>`).
    `sent_at` is the sender's own claim, aware, None when missing or absurd. `text` has LF line ends, flowed
    lines joined (RFC 3676), no NUL; `html` is the markup as sent, decoded. `problems` are static strings that
    say what was left out or repaired; an empty tuple means that everything was read.
    """

    headers: Headers
    message_id: str | None = None
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    subject: str = ""
    sent_at: datetime | None = None
    from_: tuple[Mailbox, ...] = ()
    sender: tuple[Mailbox, ...] = ()
    reply_to: tuple[Mailbox, ...] = ()
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    return_path: str | None = None
    text: str | None = None
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()
    content_type: str = "text/plain"
    report_type: str | None = None  # of a multipart/report: delivery-status, disposition-notification, …
    reports: tuple[Report, ...] = ()
    calendar_method: str | None = None  # REQUEST, REPLY, CANCEL … of a text/calendar part
    protection: Protection = Protection.NONE
    size_bytes: int = 0
    problems: tuple[str, ...] = ()
    raw: bytes = field(default=b"", compare=False)

    def __repr__(self) -> str:
        """Without words, addresses and tokens, so that a mail may end up in a traceback."""
        return f"Mail({self.content_type}, {self.size_bytes} bytes, problems={self.problems})"
