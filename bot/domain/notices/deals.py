"""What is said about deals, and around them: changes, answers, questions to managers, linking, help."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from bot.domain.deals import FieldChange


@dataclass(frozen=True, slots=True, kw_only=True)
class DealView:
    """What a partner may see of a deal; a field that policy hides is None. `share` is the reader's own, in percent,
    where it is not all of it; `is_shared` that the reader is a further partner on another one's deal."""

    id: str
    name: str
    company: str
    stage: str
    amount: Decimal | None = None
    currency: str | None = None
    close_date: date | None = None
    next_step: str | None = None
    registration: str | None = None
    protected_until: date | None = None
    share: Decimal | None = None
    is_shared: bool = False
    url: str | None = None  # only ever set for managers


@dataclass(frozen=True, slots=True, kw_only=True)
class DealChanged:
    """The vendor's side moved a deal: `outcome` is open, won or lost after the change."""

    deal: DealView
    changes: tuple[FieldChange, ...]
    outcome: str = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeResult:
    """What became of the changes to one deal. `refused` pairs a change with a reason (a key of the templates:
    not_allowed, crm_refused, past_date, unknown_stage, conflict, gone); `unverified` may be written or not."""

    deal: DealView
    applied: tuple[FieldChange, ...] = ()
    unchanged: tuple[FieldChange, ...] = ()
    refused: tuple[tuple[FieldChange, str], ...] = ()
    awaiting_manager: tuple[FieldChange, ...] = ()
    unverified: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question back: `what` is an actions.Ask value; `because` the words that led to it; `deals` the readings
    offered for which_deal; `stages` the labels offered for stage."""

    what: str
    because: str = ""
    deal: DealView | None = None
    deals: tuple[DealView, ...] = ()
    stages: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """Something understood that waits for a yes; `conflict` when a person changed the field meanwhile."""

    deal: DealView
    changes: tuple[FieldChange, ...]
    conflict: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A stage change that waits: `missing` are the fields the deal needs before it moves to `stage`, `criteria` pair
    each stage it leaves behind with its exit criterion."""

    deal: DealView
    stage: str
    missing: tuple[str, ...]
    criteria: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StageWaiting:
    """Reminds a partner, once, of a stage change that waits for `missing` (nothing is missing any more: a yes is
    enough); with `dropped`, tells that it waits no longer. `drops_on` is the last day to answer."""

    deal: DealView
    stage: str
    missing: tuple[str, ...] = ()
    dropped: bool = False
    drops_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A registration that a reply made, completed or asked about. `state` is a registrations.State value; `missing` the
    required fields still absent (company, contact, amount, close_date, …); `decided_by` the moment by which a decision
    is promised, in the reader's time zone; `manager` who decides."""

    number: str
    company: str
    state: str
    missing: tuple[str, ...] = ()
    amount: Decimal | None = None
    currency: str | None = None
    close_date: date | None = None
    decided_by: datetime | None = None
    manager: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wished:
    """What the reader wants to get from now on, or no more: announcements, digest, surveys or all."""

    topic: str
    wanted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The one answer to one reply: what was written, what was not and why, what is asked, what went to a person.

    `empty`: the reply held no words of its own. `dropped`: a plain no dropped what was pending.
    `undone`/`not_undone`: the results of an undo. `approval`: a manager's decision about the partner's changes
    ("approved", "rejected"). `can_undo`: the receipt offers to take it back; `reference` is what an undo button
    carries. `status`: deals asked about."""

    results: tuple[ChangeResult, ...] = ()
    proposed: tuple[Proposed, ...] = ()
    held: tuple[Held, ...] = ()
    asked: tuple[Asked, ...] = ()
    claimed: tuple[Claimed, ...] = ()
    wished: tuple[Wished, ...] = ()
    status: tuple[DealView, ...] = ()
    status_asked: bool = False
    passed_on: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()  # reasons that concern the whole reply: not_supported, nothing_to_undo, …
    undone: tuple[ChangeResult, ...] = ()
    approval: str | None = None
    approval_reason: str | None = None
    manager: str | None = None
    empty: bool = False
    dropped: bool = False
    can_undo: bool = False
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForManager:
    """Words of a partner that need a person; `reason` is why (question, not_understood, failed_twice; no_motion
    where a deal was to move that has none in the CRM; objection or answer where they are about the registration
    `number`, which the manager then can decide by answering)."""

    partner: str
    contact: str
    contact_email: str
    channel: str
    text: str
    deals: tuple[DealView, ...] = ()
    reason: str = "question"
    number: str = ""
    company: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRequest:
    """Changes that the partner manager has to approve first. `missing` are fields that a gate asks for and that the
    partner cannot fill."""

    partner: str
    contact: str
    reference: str  # CHG-17: what an answer by mail can name
    result: ChangeResult
    text: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSkipped:
    """Tells a manager that somebody moved a deal in the CRM past a gate: `missing` are fields that are empty all the
    same, `criteria` pair each stage left behind with its exit criterion."""

    deal: DealView
    partner: str
    old: str
    new: str
    missing: tuple[str, ...]
    criteria: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalClosed:
    """Tells a manager what their decision did, or that somebody else already decided."""

    reference: str
    decision: str  # approved, rejected, already_approved, already_rejected, not_understood
    result: ChangeResult | None = None
    by: str = ""  # who had decided already, where that is known


@dataclass(frozen=True, slots=True, kw_only=True)
class NotVerified:
    """Told at most once a day to a sender whose mail changed nothing: `reason` is unauthenticated,
    wrong_sender, bad_token, unknown_sender, partner_ended, too_large, automatic_loop, attachment_only."""

    reason: str
    subject: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCode:
    """The code that links a Slack user to a contact; valid for `minutes`."""

    code: str
    minutes: int
    slack_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """Answers around linking in Slack: `state` is linked, unknown_person, code_sent, wrong_code, not_here."""

    state: str
    contact: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DealList:
    """The partner's own open deals (/partner deals)."""

    partner: str
    deals: tuple[DealView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """What one can say (/partner help)."""

    partner: str | None = None
    commands: bool = True  # False where slash commands are not available (Slack Connect)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterForm:
    """Offers the form for a registration, where a command cannot open it (Slack Connect)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Told to a manager: something needs a person. `what` is quarantined, bounced, crm_refused, unverified,
    send_failed."""

    what: str
    reference: str
    detail: str
    contact: str = ""
    text: str = field(default="")
