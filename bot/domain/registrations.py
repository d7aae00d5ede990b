"""A deal registration and its states: one table says what may follow on what. Only values; who may do it, and whether
a claim is eligible, is eligibility.py's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from bot.domain.actions import Draft
from bot.domain.credits import Credit, Source
from bot.domain.partners import Motion


class Kind(StrEnum):
    DEAL = "deal"
    LEAD = "lead"


class State(StrEnum):
    """Where a registration stands. Live ones are DRAFT, SUBMITTED and APPROVED; nothing follows on the others, except
    that a refused one is taken up again by an objection, or when the claim that stood before it has ended."""

    DRAFT = "draft"  # something required is missing; the partner was asked for it
    SUBMITTED = "submitted"  # complete, waits for a decision
    APPROVED = "approved"  # protected
    REFUSED = "refused"
    DROPPED = "dropped"  # never completed
    WITHDRAWN = "withdrawn"  # given back before it was decided
    RELEASED = "released"  # given back after it was approved
    EXPIRED = "expired"
    CLOSED = "closed"  # its deal was won or lost


class Event(StrEnum):
    """What happens to a registration."""

    COMPLETED = "completed"
    APPROVED = "approved"
    REFUSED = "refused"
    DROPPED = "dropped"
    GIVEN_BACK = "given_back"
    RENEWED = "renewed"
    ENDED = "ended"
    CLOSED = "closed"
    TAKEN_UP = "taken_up"  # a person takes up an objection
    FREED = "freed"  # the claim because of which it was refused has ended


TRANSITIONS: Mapping[tuple[State, Event], State] = {
    (State.DRAFT, Event.COMPLETED): State.SUBMITTED,
    (State.DRAFT, Event.DROPPED): State.DROPPED,
    (State.DRAFT, Event.GIVEN_BACK): State.WITHDRAWN,
    (State.SUBMITTED, Event.APPROVED): State.APPROVED,
    (State.SUBMITTED, Event.REFUSED): State.REFUSED,
    (State.SUBMITTED, Event.GIVEN_BACK): State.WITHDRAWN,
    (State.APPROVED, Event.RENEWED): State.APPROVED,
    (State.APPROVED, Event.GIVEN_BACK): State.RELEASED,
    (State.APPROVED, Event.ENDED): State.EXPIRED,
    (State.APPROVED, Event.CLOSED): State.CLOSED,
    (State.EXPIRED, Event.RENEWED): State.APPROVED,
    (State.EXPIRED, Event.GIVEN_BACK): State.RELEASED,
    (State.EXPIRED, Event.CLOSED): State.CLOSED,
    (State.RELEASED, Event.RENEWED): State.APPROVED,  # an undo
    (State.RELEASED, Event.CLOSED): State.CLOSED,
    (State.CLOSED, Event.RENEWED): State.APPROVED,  # the deal was opened again
    (State.REFUSED, Event.TAKEN_UP): State.SUBMITTED,
    (State.REFUSED, Event.FREED): State.SUBMITTED,
}

LIVE = frozenset({State.DRAFT, State.SUBMITTED, State.APPROVED})


def after(state: State, event: Event) -> State | None:
    """The state that follows, or None where the event cannot happen."""
    return TRANSITIONS.get((state, event))


class Effect(StrEnum):
    """What a finding of eligibility.py means for the claim."""

    REFUSE = "refuse"
    MANAGER = "manager"  # a person decides whether it stands in the way
    NOTE = "note"  # the manager is told; it decides nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one rule found: `rule` is its name (a key of the templates), `shown` what may be told to the claimant (own
    values only), `internal` what only the vendor's people may read (who holds it, worth what)."""

    rule: str
    effect: Effect
    shown: str = ""
    internal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """One partner's claim on one company. `number` is what people call it (REG-1042). `claimed_at` is when the server
    received the words that made the claim (aware, UTC): first come, first served. `company_key` is the folded name and
    `domain` the web domain by which claims on one company meet. `step` counts the approvals given so far."""

    id: int
    key: str  # made from its cause, the same whenever the cause is handled again
    number: str
    kind: Kind = Kind.DEAL
    state: State
    partner_id: str
    contact_id: str
    conversation_id: int
    inbound_id: int
    claimed_at: datetime
    draft: Draft
    motion: Motion | None = None
    company_key: str = ""
    domain: str | None = None
    findings: tuple[Finding, ...] = ()
    step: int = 0
    due_at: datetime | None = None  # a decision is promised by then
    decided_at: datetime | None = None
    decided_by: str | None = None  # a manager's id, or "policy"
    reason: str | None = None  # of the decision, in the manager's words or the rule's name
    protected_until: date | None = None  # as approved; afterwards the deal in the CRM says it
    deal_id: str | None = None
    shares_deal: str | None = None  # approved as a part in another partner's deal, the id of which this is
    source: Source | None = None  # as approved: of the credit for its deal …
    share: Decimal | None = None  # … and how much of it, in percent

    @property
    def credit(self) -> Credit | None:
        """What it shares of another partner's deal, when it was approved so."""
        if self.shares_deal is None or self.share is None:
            return None
        source = self.source or Source.INFLUENCED
        return Credit(partner_id=self.partner_id, source=source, share=self.share, registration=self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One line of a registration's history: `event` is an Event or what was asked, told or promised; `by` a person's
    name, "policy" or "clock"."""

    at: datetime
    event: str
    by: str
    text: str = ""
