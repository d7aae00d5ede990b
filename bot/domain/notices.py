"""Everything offportal says, as values: one class a notice, which is all that its templates may show.

Refuses to know how a notice looks or travels. Dates are dates, amounts Decimals; render.py puts them into the
reader's language. A notice holds approved fields only: whoever builds one has decided what its reader may see.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from bot.domain.deals import FieldChange


@dataclass(frozen=True, slots=True, kw_only=True)
class DealView:
    """What a partner may see of a deal; a field that policy hides is None."""

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
    """A stage change that waits: `missing` are the fields the deal needs before it moves to `stage`."""

    deal: DealView
    stage: str
    missing: tuple[str, ...]


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
    """Words of a partner that need a person; `reason` is why (question, not_understood, failed_twice; objection or
    answer where they are about the registration `number`, which the manager then can decide by answering)."""

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
    """Tells a partner the decision. `decision` is approved, refused or cancelled; `rules` are the names of the rules
    that led to a refusal (keys of the templates; they say nothing of anybody else), each with a value of the partner's
    own; `reason` is the manager's own words. Approved ones carry the deal and its protection. `objections_to` is who
    hears an objection."""

    decision: str
    number: str
    company: str
    reason: str | None = None
    rules: tuple[tuple[str, str], ...] = ()
    deal: DealView | None = None
    protected_until: date | None = None
    next_stage: str | None = None
    objections_to: str | None = None


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
    read; `step` of `steps` approvals; `text` are the partner's own words. `kind` is deal or lead."""

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
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationClosed:
    """Tells a manager what their word did: approved, passed_on (the next step decides), refused, asked,
    already_approved, already_refused, withdrawn, held (another live registration holds the company: `held_by`),
    not_yours (somebody else decides it), unknown (there is no such number), ask_how (tells how to ask the partner),
    not_understood (`number` may be empty)."""

    number: str
    decision: str
    company: str = ""
    held_by: str = ""


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
    first_come or tier; `overlap` refuse, manager or share; `required` are names of fields."""

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


Notice = (
    DealChanged
    | Answer
    | ForManager
    | ApprovalRequest
    | ApprovalClosed
    | GateSkipped
    | NotVerified
    | LinkCode
    | Linked
    | DealList
    | Help
    | RegisterForm
    | Trouble
    | RegistrationIncomplete
    | RegistrationDropped
    | RegistrationDecided
    | ManagerAsks
    | RegistrationRequest
    | RegistrationClosed
    | RegistrationLate
    | ProtectionEnding
    | ProtectionEnded
    | Nudge
    | FollowUpDue
    | ProgrammeRules
)

EVENTS: dict[str, type[Notice]] = {
    "deal_changed": DealChanged,
    "answer": Answer,
    "for_manager": ForManager,
    "approval_request": ApprovalRequest,
    "approval_closed": ApprovalClosed,
    "gate_skipped": GateSkipped,
    "not_verified": NotVerified,
    "link_code": LinkCode,
    "linked": Linked,
    "deal_list": DealList,
    "help": Help,
    "register_form": RegisterForm,
    "trouble": Trouble,
    "registration_incomplete": RegistrationIncomplete,
    "registration_dropped": RegistrationDropped,
    "registration_decided": RegistrationDecided,
    "manager_asks": ManagerAsks,
    "registration_request": RegistrationRequest,
    "registration_closed": RegistrationClosed,
    "registration_late": RegistrationLate,
    "protection_ending": ProtectionEnding,
    "protection_ended": ProtectionEnded,
    "nudge": Nudge,
    "follow_up_due": FollowUpDue,
    "programme_rules": ProgrammeRules,
}
