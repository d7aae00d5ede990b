"""What a person's words propose to do: one closed set of typed actions. Knows nothing of who may do what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Certainty(StrEnum):
    """How surely an action was understood; the least sure applies to the whole action."""

    APPLY = "apply"  # said plainly: do it, and send a receipt with an undo
    CONFIRM = "confirm"  # show what was understood and wait for a yes
    ASK = "ask"  # a slot is missing or contradicts itself: ask for it
    ROUTE = "route"  # for a person; only Question has it


class Ask(StrEnum):
    """The one thing to ask back when an action is Certainty.ASK."""

    WHICH_DEAL = "which_deal"
    STAGE = "stage"
    CLOSE_DATE = "close_date"
    AMOUNT = "amount"
    CURRENCY = "currency"
    NEXT_STEP = "next_step"
    REASON = "reason"
    UNTIL = "until"
    SCORE = "score"
    MISSING = "missing"
    DEAL_UNKNOWN = "deal_unknown"


class Field(StrEnum):
    """The deal fields that words can set. Values: stage is a label of the deal's motion, amount a Decimal,
    currency an ISO 4217 code, close_date a date, next_step text."""

    STAGE = "stage"
    AMOUNT = "amount"
    CURRENCY = "currency"
    CLOSE_DATE = "close_date"
    NEXT_STEP = "next_step"


Value = str | Decimal | date


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What every action has: how sure, what to ask, and the partner's own words it came from."""

    certainty: Certainty
    because: str = ""
    ask: Ask | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Set(Action):
    """Set one field of a deal; deal or value is None while it is being asked for."""

    deal: str | None
    field: Field
    value: Value | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Won(Action):
    deal: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost(Action):
    deal: str | None
    reason: str | None = None
    competitor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extend(Action):
    """Keep the protection of a deal until that date (inclusive, a calendar day in the partner's time zone)."""

    deal: str | None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw(Action):
    deal: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The fields of a registration known so far; None means not said."""

    company: str | None = None
    contact_name: str | None = None
    contact_email: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    close_date: date | None = None
    need: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Register(Action):
    """A new deal registration; `missing` holds the required fields absent from the draft, in the form's order
    (company, contact, amount, close_date). `completes` is the number of the incomplete one that it is, where several
    wait for an answer; `lead` that it is called a lead."""

    draft: Draft
    missing: tuple[str, ...] = ()
    completes: str | None = None
    lead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Complete(Action):
    task: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Score(Action):
    """An answer to a survey ('nps' 0-10, 'csat' 1-5)."""

    survey: str
    score: int | None
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rsvp(Action):
    response: str  # accepted, declined, tentative


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop(Action):
    topic: str  # announcements, digest, surveys, all


@dataclass(frozen=True, slots=True, kw_only=True)
class Start(Action):
    topic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Status(Action):
    """Asks where a deal stands; deal None means all of them."""

    deal: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset(Action):
    query: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Approve(Action):
    registration: str | None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject(Action):
    registration: str | None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo(Action):
    """Take back what the last receipt reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Action):
    """For a person: asked, complained, proposed, or not understood."""

    text: str


AnyAction = (
    Set
    | Won
    | Lost
    | Extend
    | Withdraw
    | Register
    | Complete
    | Score
    | Rsvp
    | Stop
    | Start
    | Status
    | Asset
    | Approve
    | Reject
    | Undo
    | Question
)
