"""A CRM in memory: answers the calls of bot.ports.CRM with the same errors. Keeps nothing when the process ends.

Handler tests and the demo use it; the contract suite holds it to what the real adapters do. `put_*` fill it,
`move` changes a deal as a person would, `fail_next` lets the next call of a method fail.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.deals import Deal, DealField, FieldChange, FieldValue, ObservedChange, Outcome, Pipelines, same
from bot.domain.partners import Contact, Manager, Partner
from bot.errors import OffportalError, PermanentError
from bot.ports import ChangePage, GoneError, RefusedFieldsError


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note on a deal's timeline."""

    id: str
    key: str
    deal_id: str
    partner_id: str | None
    contact_id: str | None
    body: str
    at: datetime


class MemoryCRM:
    """One CRM in memory. `clock` gives the time of changes (aware, UTC); `currencies` are those it knows."""

    def __init__(
        self,
        *,
        pipelines: Pipelines,
        clock: Callable[[], datetime],
        currencies: Iterable[str] = ("EUR", "USD", "GBP", "CHF"),
    ) -> None:
        self._pipelines = dict(pipelines)
        self._clock = clock
        self._currencies = frozenset(currencies)
        self._deals: dict[str, Deal] = {}
        self._deal_contacts: dict[str, tuple[str, ...]] = {}
        self._partners: dict[str, Partner] = {}
        self._contacts: dict[str, Contact] = {}
        self._managers: dict[str, Manager] = {}
        self._history: list[ObservedChange] = []
        self._failures: defaultdict[str, deque[tuple[OffportalError, bool]]] = defaultdict(deque)
        self.notes: list[Note] = []
        self.writes: list[tuple[str, tuple[FieldChange, ...]]] = []

    # ---- filling it and acting as the vendor's people ------------------------------------------------------

    def put_partner(self, partner: Partner) -> None:
        self._partners[partner.id] = partner

    def put_contact(self, contact: Contact) -> None:
        self._contacts[contact.id] = contact

    def put_manager(self, manager: Manager) -> None:
        self._managers[manager.id] = manager

    def put_deal(self, deal: Deal, *, contact_ids: Sequence[str] = ()) -> None:
        """Insert or replace a deal without leaving a history, with the contacts who stand on it."""
        self._deals[deal.id] = deal
        self._deal_contacts[deal.id] = tuple(contact_ids)

    def remove_deal(self, deal_id: str) -> None:
        del self._deals[deal_id]

    def move(self, deal_id: str, values: Mapping[DealField, FieldValue], *, by: str = "CRM_UI") -> datetime:
        """Change a deal as one of the vendor's people; returns the time of the change."""
        return self._apply(self._deals[deal_id], values, by)

    def fail_next(self, method: str, error: OffportalError, *, after: bool = False) -> None:
        """Let the next call of that method raise; with `after` it is carried out first (an unknown outcome)."""
        self._failures[method].append((error, after))

    # ---- bot.ports.CRM -------------------------------------------------------------------------------------

    async def changes_since(self, cursor: str | None, now: datetime) -> ChangePage:  # noqa: ARG002 the history is its own clock
        self._fail("changes_since")
        end = len(self._history)
        if cursor is not None and not cursor.isdecimal():
            raise PermanentError(f"memory: read changes: {cursor[:60]!r} is not a cursor of this CRM: forget it")
        start = end if cursor is None else int(cursor)
        changes = (c for c in self._history[start:] if c.deal_id in self._deals)
        return ChangePage(
            changes=tuple(c for c in changes if self._deals[c.deal_id].partner_id is not None), cursor=str(end)
        )

    async def deal(self, deal_id: str) -> Deal | None:
        self._fail("deal")
        return self._deals.get(deal_id)

    async def deals(self, deal_ids: Sequence[str]) -> tuple[Deal, ...]:
        self._fail("deals")
        return tuple(self._deals[i] for i in dict.fromkeys(deal_ids) if i in self._deals)

    async def open_deals_of(self, partner_id: str) -> tuple[Deal, ...]:
        self._fail("open_deals_of")
        return tuple(d for d in self._deals.values() if d.partner_id == partner_id and d.outcome is Outcome.OPEN)

    async def partner(self, partner_id: str) -> Partner | None:
        self._fail("partner")
        return self._partners.get(partner_id)

    async def partner_by_channel(self, channel: str) -> Partner | None:
        self._fail("partner_by_channel")
        partners = [p for p in self._partners.values() if p.slack_channel == channel]
        return partners[0] if len(partners) == 1 else None

    async def slack_channels(self) -> Mapping[str, str]:
        self._fail("slack_channels")
        return {p.slack_channel: p.name for p in self._partners.values() if p.slack_channel}

    async def contact(self, contact_id: str) -> Contact | None:
        self._fail("contact")
        return self._contacts.get(contact_id)

    async def contacts_by_email(self, address: str) -> tuple[Contact, ...]:
        self._fail("contacts_by_email")
        wanted = address.strip().casefold()
        return tuple(c for c in self._contacts.values() if wanted in {a.casefold() for a in (c.email, *c.other_emails)})

    async def contacts_of(self, deal: Deal) -> tuple[Contact, ...]:
        self._fail("contacts_of")
        if deal.partner_id is None:
            return ()
        theirs = [c for c in self._contacts.values() if c.partner_id == deal.partner_id]
        on_deal = [c for c in theirs if c.id in self._deal_contacts.get(deal.id, ())]
        return tuple(on_deal or theirs)

    async def manager(self, manager_id: str) -> Manager | None:
        self._fail("manager")
        return self._managers.get(manager_id)

    async def managers(self) -> tuple[Manager, ...]:
        self._fail("managers")
        return tuple(m for m in self._managers.values() if m.active)

    async def pipelines(self) -> Pipelines:
        self._fail("pipelines")
        return dict(self._pipelines)

    async def write(self, deal_id: str, changes: Sequence[FieldChange]) -> datetime:
        failure = self._fail("write")
        deal = self._deals.get(deal_id)
        if deal is None:
            raise GoneError(f"memory: write deal {deal_id}: there is no such deal: tell the partner's manager")
        if refused := self._refused(deal, changes):
            what = "; ".join(f"{field}: {why}" for field, why in refused.items())
            raise RefusedFieldsError(f"memory: write deal {deal_id}: values refused: {what}", fields=refused)
        self.writes.append((deal_id, tuple(changes)))
        at = self._apply(deal, {c.field: c.new for c in changes}, "INTEGRATION")
        if failure is not None:
            raise failure
        return at

    async def note(self, deal: Deal, body: str, *, at: datetime, key: str, contact_id: str | None, look: bool) -> str:
        failure = self._fail("note")
        if deal.id not in self._deals:
            raise GoneError(f"memory: note on deal {deal.id}: there is no such deal: tell the partner's manager")
        if look and (earlier := next((n for n in self.notes if (n.deal_id, n.key) == (deal.id, key)), None)):
            return earlier.id
        note = Note(
            id=f"N{len(self.notes) + 1}",
            key=key,
            deal_id=deal.id,
            partner_id=deal.partner_id,
            contact_id=contact_id,
            body=body,
            at=at,
        )
        self.notes.append(note)
        if failure is not None:
            raise failure
        return note.id

    async def check(self) -> list[str]:
        self._fail("check")
        return []

    async def close(self) -> None:
        """Nothing to close."""

    # ---- inside --------------------------------------------------------------------------------------------

    def _fail(self, method: str) -> OffportalError | None:
        """Raise the failure set for this call; one that comes after the work is returned instead."""
        if not self._failures[method]:
            return None
        error, after = self._failures[method].popleft()
        if after:
            return error
        raise error

    def _refused(self, deal: Deal, changes: Sequence[FieldChange]) -> dict[str, str]:
        refused: dict[str, str] = {}
        pipeline = self._pipelines.get(deal.motion) if deal.motion else None
        labels = {s.label for s in pipeline.stages} if pipeline else set()
        for change in changes:
            if change.field is DealField.STAGE and change.new not in labels:
                refused[change.field] = f"{change.new} is not a stage of the deal's pipeline"
            if change.field is DealField.CURRENCY and change.new not in {None, *self._currencies}:
                refused[change.field] = f"{change.new} is not one of the portal's currencies"
        return refused

    def _apply(self, deal: Deal, values: Mapping[DealField, FieldValue], by: str) -> datetime:
        at = max(self._clock(), deal.updated_at + timedelta(milliseconds=1))
        for field, new in values.items():
            if same(deal.value(field), new):
                continue
            self._history.append(
                ObservedChange(
                    key=f"{deal.id}:{field}:{round(at.timestamp() * 1000)}",
                    deal_id=deal.id,
                    change=FieldChange(field=field, old=deal.value(field), new=new),
                    at=at,
                    by=by,
                )
            )
        moved = replace(deal, updated_at=at, **{field.value: new for field, new in values.items()})  # type: ignore[arg-type]
        self._deals[deal.id] = replace(moved, outcome=self._outcome(moved))
        return at

    def _outcome(self, deal: Deal) -> Outcome:
        pipeline = self._pipelines.get(deal.motion) if deal.motion else None
        stages = pipeline.stages if pipeline else ()
        return next((s.outcome for s in stages if s.label == deal.stage), deal.outcome)
