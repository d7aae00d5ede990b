"""The terms of registration, as a programme configures them. Only values, with the usual ones as defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from bot.domain.clocks import Calendar
from bot.domain.credits import Split
from bot.domain.partners import Motion
from bot.domain.registrations import Effect


class Conflict(StrEnum):
    """Whose claim counts when two partners claim one company."""

    FIRST_COME = "first_come"
    TIER = "tier"  # the better tier; first come among equals


class Overlap(StrEnum):
    """What happens to the claim that does not count."""

    REFUSE = "refuse"
    MANAGER = "manager"
    SHARE = "share"  # when a manager approves it, it shares the credit for the deal that is there


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Who decides a registration that fits: all conditions that are set must hold. `approvers` are asked one after the
    other, each an email address of the vendor's, or "owner" for the partner's own manager. The first route that fits
    counts."""

    approvers: tuple[str, ...]
    min_amount: Decimal | None = None
    motions: frozenset[Motion] = frozenset()
    territories: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """`required` are names of a draft's fields (company, contact, amount, close_date, need, …), `required_by_motion`
    those that a motion demands besides. Amounts are in `currency`; a claim in another one is not measured by them.
    `certifications` names what a partner must hold to register in a motion. `tiers` go from best to least."""

    default_motion: Motion = Motion.RESELLER
    number_format: str = "REG-{n}"
    required: tuple[str, ...] = ("company", "contact", "amount", "close_date")
    required_by_motion: Mapping[Motion, tuple[str, ...]] = field(default_factory=dict)
    lead_motion: Motion = Motion.REFERRAL  # what is registered as a lead becomes a deal of this motion
    lead_required: tuple[str, ...] = ("company", "contact")
    protection_days: int = 90
    warning_days: tuple[int, ...] = (14, 7, 1)
    extension_days: int = 30
    extensions: int = 2
    decision_hours: int = 48
    decision_hours_by_motion: Mapping[Motion, int] = field(default_factory=lambda: {Motion.REFERRAL: 24})
    reminder_hours: int = 24
    office_hours: Calendar | None = None  # None: the hours of the clock
    draft_reminder_days: int = 3
    draft_days: int = 14
    conflict: Conflict = Conflict.FIRST_COME
    overlap: Overlap = Overlap.REFUSE
    split: Split = field(default_factory=Split)
    tiers: tuple[str, ...] = ()
    currency: str = "EUR"
    minimum_amount: Decimal | None = None
    maximum_amount: Decimal = Decimal(1_000_000_000)
    certifications: Mapping[Motion, str] = field(default_factory=dict)
    outside_territory: Effect = Effect.REFUSE
    customers: Effect = Effect.MANAGER
    direct_deals: Effect = Effect.MANAGER
    segments: frozenset[str] = frozenset()  # those that partners may sell to; none means all
    own_domains: frozenset[str] = frozenset()
    per_hour: int = 20
    approve_below: Decimal | None = None  # approved by policy when nothing was found and it is worth less
    routes: tuple[Route, ...] = ()
    escalate_to: str | None = None  # email address, told when the promised time has passed
    objections_to: str | None = None  # name or address that a refused partner may turn to

    def hours_to_decide(self, motion: Motion | None) -> int:
        """The hours in which a registration of this motion is decided; None is the default motion."""
        return self.decision_hours_by_motion.get(motion or self.default_motion, self.decision_hours)

    def hours_to_remind(self, motion: Motion | None) -> int:
        """The hours after which its manager is reminded: half the time where the usual reminder would be too late."""
        promised = self.hours_to_decide(motion)
        return self.reminder_hours if self.reminder_hours < promised else max(promised // 2, 1)
