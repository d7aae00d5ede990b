"""What is said to many, and to its author about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """An announcement as its reader gets it. `body` is its author's Markdown, where {name} is the reader's `name`;
    `required`: nobody can switch this kind off."""

    subject: str
    body: str
    name: str
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementStatus:
    """Told to an announcement's author. `what` is sent, paused or nobody (the segment is empty); `detail` says why it
    was paused; the numbers are people."""

    slug: str
    what: str
    sent: int = 0
    waiting: int = 0
    digest: int = 0
    refused: int = 0
    skipped: int = 0
    detail: str = ""
