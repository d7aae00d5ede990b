"""Deals, their fields and their changes. Only values; which change is allowed is policy.py's business."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from bot.domain.partners import Motion


class Outcome(StrEnum):
    OPEN = "open"
    WON = "won"
    LOST = "lost"


class DealField(StrEnum):
    """The fields of a deal that offportal reads and writes, in the trade's words. Types of value: `amount`,
    `renewals` and `share` Decimal, `close_date` and `protected_until` date, all others text; None means empty. `stage`
    is a label of the deal's pipeline: won and lost are the pipeline's closing stages. `registration_status` is a
    RegistrationStatus value, `renewals` how often the protection was extended without a manager. `share` is the
    percentage of the credit that the deal's own partner has, `credits` what further ones have (credits.py)."""

    STAGE = "stage"
    AMOUNT = "amount"
    CURRENCY = "currency"
    CLOSE_DATE = "close_date"
    NEXT_STEP = "next_step"
    LOST_REASON = "lost_reason"
    COMPETITOR = "competitor"
    STAGE_NOTES = "stage_notes"
    PROTECTED_UNTIL = "protected_until"
    RENEWALS = "renewals"
    REGISTRATION_STATUS = "registration_status"
    SHARE = "share"
    CREDITS = "credits"


class RegistrationStatus(StrEnum):
    """What the CRM shows of a deal's registration."""

    PROTECTED = "protected"
    EXPIRED = "expired"
    RELEASED = "released"


FieldValue = str | Decimal | date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    label: str
    outcome: Outcome = Outcome.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """The stages of one motion, in order, closing stages included."""

    motion: Motion
    stages: tuple[Stage, ...]

    def open_labels(self) -> tuple[str, ...]:
        return tuple(s.label for s in self.stages if s.outcome is Outcome.OPEN)

    def closing_label(self, outcome: Outcome) -> str | None:
        """The label of the stage that closes a deal as won or lost, or None when the pipeline has none."""
        return next((s.label for s in self.stages if s.outcome is outcome), None)


Pipelines = Mapping[Motion, Pipeline]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """A deal as the CRM holds it now. `updated_at` is the CRM's own time of the last change, aware, UTC. `is_shared`
    marks a deal as a further partner sees it (sharing.py)."""

    id: str
    name: str
    company: str
    partner_id: str | None
    motion: Motion | None
    stage: str
    outcome: Outcome = Outcome.OPEN
    amount: Decimal | None = None
    currency: str | None = None
    close_date: date | None = None
    next_step: str | None = None
    lost_reason: str | None = None
    competitor: str | None = None
    stage_notes: str | None = None
    registration: str | None = None
    protected_until: date | None = None
    registration_status: str | None = None
    renewals: Decimal | None = None
    source: str | None = None
    share: Decimal | None = None
    credits: str | None = None
    owner_id: str | None = None
    updated_at: datetime
    url: str | None = None
    is_shared: bool = False

    def value(self, field: DealField) -> FieldValue:
        value: FieldValue = getattr(self, field.value)
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field of one deal going from old to new."""

    field: DealField
    old: FieldValue
    new: FieldValue


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedChange:
    """A change that the CRM reports: `at` is the CRM's time (aware, UTC), `by` names the CRM's source of it.
    `key` is the same whenever the same change is reported again."""

    key: str
    deal_id: str
    change: FieldChange
    at: datetime
    by: str


def differences(deal: Deal, wanted: Sequence[FieldChange]) -> tuple[FieldChange, ...]:
    """What of `wanted` is not so already, with `old` taken from the deal as it is now."""
    return tuple(
        FieldChange(field=c.field, old=deal.value(c.field), new=c.new)
        for c in wanted
        if not same(deal.value(c.field), c.new)
    )


def same(left: FieldValue, right: FieldValue) -> bool:
    """Whether two values mean the same: text ignores outer blanks, empty text is None, 60 equals 60.00."""
    return _plain(left) == _plain(right)


def _plain(value: FieldValue) -> FieldValue:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, str):
        return value.strip() or None
    return value
