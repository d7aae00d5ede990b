"""What the CRM in memory holds, and the failures on order. Only keeps; what may be changed is crm.py's and desk.py's.

Partners and the companies of deals are accounts without being put: a CRM has a company for each of them.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from bot.domain.accounts import Account
from bot.domain.deals import Deal, DealField, FieldChange, ObservedChange, Outcome, Pipelines
from bot.domain.partners import Contact, Manager, Motion, Partner
from bot.domain.preferences import Preferences
from bot.errors import OffportalError
from bot.ports import Meeting


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note on a deal's timeline, or on a contact's alone."""

    id: str
    key: str
    deal_id: str | None
    partner_id: str | None
    contact_id: str | None
    body: str
    at: datetime


@dataclass(slots=True, kw_only=True)
class Records:
    """Everything in one CRM. `clock` gives the time of changes (aware, UTC); `currencies` are those it knows."""

    pipelines: Pipelines
    clock: Callable[[], datetime]
    currencies: frozenset[str]
    deals: dict[str, Deal] = field(default_factory=dict)
    deal_contacts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    partners: dict[str, Partner] = field(default_factory=dict)
    contacts: dict[str, Contact] = field(default_factory=dict)
    managers: dict[str, Manager] = field(default_factory=dict)
    motions: dict[str, frozenset[Motion]] = field(default_factory=dict)  # by partner; what follows, by contact
    activity: dict[str, date | None] = field(default_factory=dict)
    facts: dict[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    preferences: dict[str, Preferences] = field(default_factory=dict)
    engaged: dict[str, datetime] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    account_of_deal: dict[str, str] = field(default_factory=dict)
    further_partners: dict[str, frozenset[str]] = field(default_factory=dict)  # of a deal, as people see them
    meetings: dict[str, Meeting] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    history: list[ObservedChange] = field(default_factory=list)
    failures: defaultdict[str, deque[tuple[OffportalError, bool]]] = field(default_factory=lambda: defaultdict(deque))

    def fail(self, method: str) -> OffportalError | None:
        """Raise the failure set for this call; one that comes after the work is returned instead."""
        if not self.failures[method]:
            return None
        error, after = self.failures[method].popleft()
        if after:
            return error
        raise error

    def outcome(self, deal: Deal) -> Outcome:
        pipeline = self.pipelines.get(deal.motion) if deal.motion else None
        stages = pipeline.stages if pipeline else ()
        return next((s.outcome for s in stages if s.label == deal.stage), deal.outcome)

    def tell(self, deal: Deal, change: FieldChange, at: datetime, by: str) -> None:
        """Put a change into the history."""
        key = f"{deal.id}:{change.field}:{round(at.timestamp() * 1000)}"
        self.history.append(ObservedChange(key=key, deal_id=deal.id, change=change, at=at, by=by))

    def all_accounts(self) -> tuple[Account, ...]:
        """The companies as they are now, with their open deals."""
        known = {p.id: Account(id=p.id, name=p.name, domain=None, partner=True) for p in self.partners.values()}
        known |= self.accounts
        names = {a.name for a in known.values()}
        for deal in self.deals.values():
            if deal.company and deal.company not in names and deal.id not in self.account_of_deal:
                known[f"of {deal.company}"] = Account(id=f"of {deal.company}", name=deal.company, domain=None)
        return tuple(replace(account, deals=self._open_deals(account)) for account in known.values())

    def _open_deals(self, account: Account) -> tuple[Deal, ...]:
        def theirs(deal: Deal) -> bool:
            owner = self.account_of_deal.get(deal.id)
            return deal.company == account.name if owner is None else owner == account.id

        return tuple(d for d in self.deals.values() if d.outcome is Outcome.OPEN and theirs(d))

    def refused(self, deal: Deal, values: Sequence[FieldChange]) -> dict[str, str]:
        """The values that this CRM would not take, by field."""
        refused: dict[str, str] = {}
        pipeline = self.pipelines.get(deal.motion) if deal.motion else None
        labels = {s.label for s in pipeline.stages} if pipeline else set()
        for change in values:
            if change.field is DealField.STAGE and change.new not in labels:
                refused[change.field] = f"{change.new} is not a stage of the deal's pipeline"
            if change.field is DealField.CURRENCY and change.new not in {None, *self.currencies}:
                refused[change.field] = f"{change.new} is not one of the portal's currencies"
        return refused
