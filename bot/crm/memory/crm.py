"""The CRM in memory behind bot.ports.CRM. Refuses what the contract suite says that every CRM refuses.

Handler tests and the demo use it; the contract suite holds it to what the real adapters do. `put_*` fill it,
`move` changes a deal as a person would, `fail_next` lets the next call of a method fail.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.crm.memory.audience import Audience
from bot.crm.memory.desk import Desk
from bot.crm.memory.records import Note, Records
from bot.domain.accounts import Account
from bot.domain.audience import Reader
from bot.domain.credits import part_of
from bot.domain.deals import Deal, DealField, FieldChange, FieldValue, Outcome, Pipelines, same
from bot.domain.partners import Contact, Manager, Motion, Partner
from bot.domain.preferences import Preferences
from bot.errors import OffportalError, PermanentError
from bot.ports import ChangePage, GoneError, Meeting, NewDeal, RefusedFieldsError


class MemoryCRM:
    """One CRM in memory. `clock` gives the time of changes (aware, UTC); `currencies` are those it knows."""

    def __init__(
        self,
        *,
        pipelines: Pipelines,
        clock: Callable[[], datetime],
        currencies: Iterable[str] = ("EUR", "USD", "GBP", "CHF"),
    ) -> None:
        self._records = Records(pipelines=dict(pipelines), clock=clock, currencies=frozenset(currencies))
        self._desk = Desk(self._records)
        self._audience = Audience(self._records)
        self.writes: list[tuple[str, tuple[FieldChange, ...]]] = []

    @property
    def notes(self) -> list[Note]:
        return self._records.notes

    # ---- filling it and acting as the vendor's people ------------------------------------------------------

    @property
    def engaged(self) -> Mapping[str, datetime]:
        """When contacts last did something with an announcement, by id."""
        return self._records.engaged

    def put_partner(self, partner: Partner, *, motions: Iterable[Motion] = ()) -> None:
        self._records.partners[partner.id] = partner
        self._records.motions[partner.id] = frozenset(motions)

    def put_contact(
        self, contact: Contact, *, last_activity: date | None = None, facts: Mapping[str, tuple[str, ...]] | None = None
    ) -> None:
        self._records.contacts[contact.id] = contact
        self._records.activity[contact.id] = last_activity
        self._records.facts[contact.id] = facts or {}

    def put_manager(self, manager: Manager) -> None:
        self._records.managers[manager.id] = manager

    def put_deal(self, deal: Deal, *, contact_ids: Sequence[str] = ()) -> None:
        """Insert or replace a deal without leaving a history, with the contacts who stand on it."""
        self._records.deals[deal.id] = deal
        self._records.deal_contacts[deal.id] = tuple(contact_ids)

    def put_account(self, account: Account) -> None:
        """Insert or replace a company; its deals are those put with its name as company, not `account.deals`."""
        self._records.accounts[account.id] = replace(account, deals=())

    def put_meeting(self, meeting: Meeting) -> None:
        """Insert or replace a meeting; a later note on its deal follows it up, too."""
        self._records.meetings[meeting.id] = meeting

    def remove_deal(self, deal_id: str) -> None:
        del self._records.deals[deal_id]

    def move(self, deal_id: str, values: Mapping[DealField, FieldValue], *, by: str = "CRM_UI") -> datetime:
        """Change a deal as one of the vendor's people; returns the time of the change."""
        return self._apply(self._records.deals[deal_id], values, by)

    def further_partners(self, deal_id: str) -> frozenset[str]:
        """The further partners that people see on the deal."""
        return self._desk.further_partners(deal_id)

    def fail_next(self, method: str, error: OffportalError, *, after: bool = False) -> None:
        """Let the next call of that method raise; with `after` it is carried out first (an unknown outcome)."""
        self._records.failures[method].append((error, after))

    # ---- bot.ports.CRM -------------------------------------------------------------------------------------

    async def changes_since(self, cursor: str | None, now: datetime) -> ChangePage:  # noqa: ARG002 the history is its own clock
        self._records.fail("changes_since")
        end = len(self._records.history)
        if cursor is not None and not cursor.isdecimal():
            raise PermanentError(f"memory: read changes: {cursor[:60]!r} is not a cursor of this CRM: forget it")
        start = end if cursor is None else int(cursor)
        changes = (c for c in self._records.history[start:] if c.deal_id in self._records.deals)
        return ChangePage(
            changes=tuple(c for c in changes if self._records.deals[c.deal_id].partner_id is not None), cursor=str(end)
        )

    async def deal(self, deal_id: str) -> Deal | None:
        self._records.fail("deal")
        return self._records.deals.get(deal_id)

    async def deals(self, deal_ids: Sequence[str]) -> tuple[Deal, ...]:
        self._records.fail("deals")
        return tuple(self._records.deals[i] for i in dict.fromkeys(deal_ids) if i in self._records.deals)

    async def open_deals_of(self, partner_id: str) -> tuple[Deal, ...]:
        self._records.fail("open_deals_of")
        open_deals = (d for d in self._records.deals.values() if d.outcome is Outcome.OPEN)
        return tuple(d for d in open_deals if d.partner_id == partner_id or part_of(d, partner_id) is not None)

    async def partner(self, partner_id: str) -> Partner | None:
        self._records.fail("partner")
        return self._records.partners.get(partner_id)

    async def partner_by_channel(self, channel: str) -> Partner | None:
        self._records.fail("partner_by_channel")
        partners = [p for p in self._records.partners.values() if p.slack_channel == channel]
        return partners[0] if len(partners) == 1 else None

    async def slack_channels(self) -> Mapping[str, str]:
        self._records.fail("slack_channels")
        return {p.slack_channel: p.name for p in self._records.partners.values() if p.slack_channel}

    async def contact(self, contact_id: str) -> Contact | None:
        self._records.fail("contact")
        return self._records.contacts.get(contact_id)

    async def contacts_by_email(self, address: str) -> tuple[Contact, ...]:
        self._records.fail("contacts_by_email")
        wanted = address.strip().casefold()
        return tuple(
            c for c in self._records.contacts.values() if wanted in {a.casefold() for a in (c.email, *c.other_emails)}
        )

    async def contacts_of(self, deal: Deal) -> tuple[Contact, ...]:
        self._records.fail("contacts_of")
        if deal.partner_id is None:
            return ()
        theirs = [c for c in self._records.contacts.values() if c.partner_id == deal.partner_id]
        on_deal = [c for c in theirs if c.id in self._records.deal_contacts.get(deal.id, ())]
        return tuple(on_deal or theirs)

    async def manager(self, manager_id: str) -> Manager | None:
        self._records.fail("manager")
        return self._records.managers.get(manager_id)

    async def managers(self) -> tuple[Manager, ...]:
        self._records.fail("managers")
        return tuple(m for m in self._records.managers.values() if m.active)

    async def pipelines(self) -> Pipelines:
        self._records.fail("pipelines")
        return dict(self._records.pipelines)

    async def write(self, deal_id: str, changes: Sequence[FieldChange]) -> datetime:
        failure = self._records.fail("write")
        deal = self._records.deals.get(deal_id)
        if deal is None:
            raise GoneError(f"memory: write deal {deal_id}: there is no such deal: tell the partner's manager")
        if refused := self._records.refused(deal, changes):
            what = "; ".join(f"{field}: {why}" for field, why in refused.items())
            raise RefusedFieldsError(f"memory: write deal {deal_id}: values refused: {what}", fields=refused)
        self.writes.append((deal_id, tuple(changes)))
        at = self._apply(deal, {c.field: c.new for c in changes}, "INTEGRATION")
        if failure is not None:
            raise failure
        return at

    async def note(self, deal: Deal, body: str, *, at: datetime, key: str, contact_id: str | None, look: bool) -> str:
        failure = self._records.fail("note")
        if deal.id not in self._records.deals:
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

    async def accounts_like(self, *, domain: str | None, name: str) -> tuple[Account, ...]:
        return await self._desk.accounts_like(domain=domain, name=name)

    async def create_deal(self, new: NewDeal, *, look: bool) -> str:  # noqa: ARG002 numbers are unique here
        return await self._desk.create_deal(new)

    async def deal_by_registration(self, number: str) -> Deal | None:
        return await self._desk.deal_by_registration(number)

    async def add_partner(self, deal_id: str, partner_id: str, *, contact_id: str | None) -> None:
        await self._desk.add_partner(deal_id, partner_id, contact_id)

    async def remove_partner(self, deal_id: str, partner_id: str) -> None:
        await self._desk.remove_partner(deal_id, partner_id)

    async def protected_deals(self, *, until: date) -> tuple[Deal, ...]:
        return await self._desk.protected_deals(until=until)

    async def quiet_deals(self, *, since: datetime) -> tuple[Deal, ...]:
        return await self._desk.quiet_deals(since=since)

    async def meetings_ended(self, *, after: datetime, before: datetime) -> tuple[Meeting, ...]:
        return await self._desk.meetings_ended(after=after, before=before)

    def readers(self) -> AsyncIterator[Sequence[Reader]]:
        return self._audience.readers()

    async def reader(self, contact_id: str) -> Reader | None:
        return await self._audience.reader(contact_id)

    async def save_preferences(self, contact_id: str, preferences: Preferences) -> None:
        await self._audience.save_preferences(contact_id, preferences)

    async def log_engagement(self, contact_id: str, body: str, *, at: datetime, key: str, look: bool) -> None:
        await self._audience.log_engagement(contact_id, body, at=at, key=key, look=look)

    async def check(self) -> list[str]:
        self._records.fail("check")
        return []

    async def close(self) -> None:
        """Nothing to close."""

    # ---- inside --------------------------------------------------------------------------------------------

    def _apply(self, deal: Deal, values: Mapping[DealField, FieldValue], by: str) -> datetime:
        at = max(self._records.clock(), deal.updated_at + timedelta(milliseconds=1))
        for field, new in values.items():
            if same(deal.value(field), new):
                continue
            self._records.tell(deal, FieldChange(field=field, old=deal.value(field), new=new), at, by)
        moved = replace(deal, updated_at=at, **{field.value: new for field, new in values.items()})  # type: ignore[arg-type]
        self._records.deals[deal.id] = replace(moved, outcome=self._records.outcome(moved))
        return at
