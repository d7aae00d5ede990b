"""What is said about registrations, their protection, and what is next on a quiet deal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from bot.domain.notices.deals import DealView


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationIncomplete:
    """Reminds a partner, once, of what a registration still lacks; it is dropped after `drops_on`."""

    number: str
    company: str
    missing: tuple[str, ...]
    drops_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationDropped:
    """A registration was never completed; sending it again starts a new one."""

    number: str
    company: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationDecided:
    """Tells a partner the decision. `decision` is approved, refused, cancelled, or submitted: what stood in its way is
    gone, it counts again, and is decided by `decided_by` (aware, in the partner's time zone). `rules` are the names of
    the rules that led to a refusal (keys of the templates; they say nothing of anybody else), each with a value of the
    partner's own; `reason` is the manager's own words. Approved ones carry the deal and its protection.
    `objections_to` is who hears an objection. With `share` (percent) and `source` it was approved as a part in a deal
    that others work on."""

    decision: str
    number: str
    company: str
    reason: str | None = None
    rules: tuple[tuple[str, str], ...] = ()
    deal: DealView | None = None
    protected_until: date | None = None
    next_stage: str | None = None
    share: Decimal | None = None
    source: str | None = None
    objections_to: str | None = None
    decided_by: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagerAsks:
    """A manager asks the partner something before deciding."""

    number: str
    company: str
    manager: str
    question: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationRequest:
    """A manager has to decide a registration. `findings` pair a rule's name with what only the vendor's people may
    read; `step` of `steps` approvals; `text` are the partner's own words. `kind` is deal or lead.
    `share` is what an approval gives of the credit for another partner's deal, in percent, of `share_left`."""

    number: str
    kind: str
    partner: str
    tier: str | None
    contact: str
    contact_email: str
    company: str
    domain: str | None = None
    customer_contact: str | None = None
    motion: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    close_date: date | None = None
    need: str | None = None
    claimed_at: datetime
    decide_by: datetime | None = None
    findings: tuple[tuple[str, str], ...] = ()
    step: int = 1
    steps: int = 1
    share: Decimal | None = None
    share_left: Decimal | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationClosed:
    """Tells a manager what their word did: approved, passed_on (the next step decides), refused, asked,
    already_approved, already_refused, withdrawn, held (another live registration holds the company: `held_by`),
    not_yours (somebody else decides it), unknown (there is no such number), ask_how (tells how to ask the partner),
    not_understood (`number` may be empty); of the credit for another partner's deal: shared (approved with `share`
    percent), nothing_left, too_much (only `share` percent are left), which_share (several were named), given_back
    (by the partner; `share` percent are free). `by` is who had decided already, empty for the programme's rules."""

    number: str
    decision: str
    company: str = ""
    held_by: str = ""
    by: str = ""
    share: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSettled:
    """Takes the place of the buttons below a request: `decision` is approved, refused, rejected, agreed (the next
    step decides), given_back, dropped or closed; `by` a person's name, empty for the programme's rules; `at` by the
    office's clock."""

    reference: str
    decision: str
    by: str
    at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationLate:
    """A decision is due: `what` is reminder or escalation (the promised time has passed)."""

    what: str
    number: str
    company: str
    partner: str
    decide_by: datetime
    manager: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectionEnding:
    """A deal's protection ends in `days` (0: today). `extension_days` is what a plain yes adds; `needs_manager` that a
    person has to agree to it."""

    deal: DealView
    until: date
    days: int
    extension_days: int
    needs_manager: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectionEnded:
    """A deal's protection has ended. Told to the partner and, with `partner` set, to the manager. `why` is expired or
    released."""

    deal: DealView
    ended_on: date
    why: str = "expired"
    partner: str | None = None
    extension_days: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Nudge:
    """A deal is quiet for `days`, and somebody is asked what is next. `what` is a rhythm.What value: stalled,
    stale_notes or action_cycle. Told to the partner, or, with `partner` set, to the manager who owns the deal."""

    deal: DealView
    what: str
    days: int
    partner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpDue:
    """Tells the owner of a deal that nothing was sent or noted since a meeting with the partner ended (`ended_at`, by
    the clock of its reader). `title` may be empty."""

    deal: DealView
    title: str
    ended_at: datetime
    partner: str
    owner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeRules:
    """The registration policy as configured, for whoever asks for the rules. Numbers in days and hours; `conflict` is
    first_come or tier; `overlap` refuse, manager or share; `required` are names of fields; `hours_by_motion` are the
    motions that are decided in other hours than `decision_hours`."""

    protection_days: int
    warning_days: tuple[int, ...]
    extension_days: int
    extensions: int
    decision_hours: int
    business_hours: bool
    conflict: str
    overlap: str
    required: tuple[str, ...]
    minimum_amount: Decimal | None = None
    currency: str | None = None
    certified_motions: tuple[str, ...] = ()
    objections_to: str | None = None
    hours_by_motion: tuple[tuple[str, int], ...] = ()
