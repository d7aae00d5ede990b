"""What every handler is given: the ports and the programme's settings. Holds no behaviour."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.policy import Policies
from bot.domain.routing import Reach
from bot.ports import (
    CRM,
    Acceptances,
    Addressing,
    BulkPost,
    Chat,
    ChatReader,
    Circular,
    MailReader,
    Post,
    Proposer,
    Renderer,
    Store,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """The partner programme's settings that handlers need. `colleagues` allows another contact of the same
    partner to answer a mail that was sent to somebody else; `answers_per_hour` breaks loops between machines;
    `managers_channel` is a Slack channel of the vendor's own people."""

    languages: tuple[str, ...] = ("en", "de", "fr", "nl", "es", "it", "pt")
    default_language: str = "en"
    manager_language: str = "en"
    managers_channel: str | None = None
    fallback_manager: str | None = None  # email address, for partners without a manager
    colleagues: bool = True
    require_authentication: bool = True
    answers_per_hour: int = 20
    max_size_bytes: int = 25_000_000
    link_minutes: int = 15
    linkable_teams: dict[str, str] = field(default_factory=dict)  # Slack team id -> partner id


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcing:
    """What announcements need. `segments` are those saved by name, `facts` further fields that a segment may name. At
    most `batch` mails are taken at a time; an announcement pauses by itself after `refusals_in_a_row`, or when more
    than `refusal_share` of what was tried was refused. `list_domain` names our lists in List-Id. `circulars` are those
    rendered already, by announcement, version and language."""

    reach: Reach
    acceptances: Acceptances
    bulk: BulkPost | None = None
    segments: Mapping[str, str] = field(default_factory=dict)
    facts: tuple[str, ...] = ()
    batch: int = 500
    refusals_in_a_row: int = 20
    refusal_share: float = 0.1
    list_domain: str = "offportal.invalid"
    circulars: dict[tuple[int, int, str], Circular] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """`now` is the clock (aware, UTC). `in_flight` bounds the mails between their hand-over and our note of it: a
    worker that is killed repeats at most so many."""

    store: Store
    crm: CRM
    renderer: Renderer
    addressing: Addressing
    mail_reader: MailReader
    chat_reader: ChatReader
    post: Post | None
    chat: Chat | None
    policies: Policies
    programme: Programme
    now: Callable[[], datetime]
    proposer: Proposer | None = None
    proposer_timeout: timedelta = timedelta(seconds=10)
    announcing: Announcing | None = None
    in_flight: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
