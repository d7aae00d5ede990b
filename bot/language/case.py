"""The case that words are read in, and what came of reading them. Only values; see docs/explain.md for the contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from bot.domain.actions import AnyAction, Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Who wrote: locale is a BCP 47 tag ("de-DE"), timezone an IANA name, role "partner" or "manager"."""

    name: str
    email: str
    org: str
    locale: str = "en-GB"
    timezone: str = "UTC"
    role: str = "partner"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDeal:
    """A deal the speaker may see, as it stood when they were told of it."""

    id: str
    name: str
    company: str
    motion: str
    stage: str
    amount: Decimal | None = None
    currency: str | None = None
    close_date: date | None = None
    registration: str | None = None
    protected_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the words answer: kinds as in the contract (status_changed … receipt)."""

    kind: str
    deal: str | None = None
    registration: str | None = None
    draft: Draft | None = None
    survey: str | None = None
    task: str | None = None
    pending: tuple[AnyAction, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`text` holds the new words only; `cut_is_certain` False means that quote or signature may have been left
    in or taken out wrongly, which caps every action at confirm. `today` is a day in the speaker's time zone.
    """

    id: str
    today: date
    channel: str  # email, slack
    speaker: Speaker
    deals: Sequence[CaseDeal]
    stages: Mapping[str, Sequence[str]]  # motion -> stage labels in order
    text: str
    about: About | None = None
    extension_days: int = 30
    cut_is_certain: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """`language` is one of the spoken languages' codes, or None when it could not be told. `answered` is True for
    a yes and False for a no to what was pending (and about nothing else), else None."""

    language: str | None
    answered: bool | None = None
    actions: tuple[AnyAction, ...] = field(default=())
