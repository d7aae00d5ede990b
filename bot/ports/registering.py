"""What a registration needs to know of a CRM, and what it puts there. Holds no behaviour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from bot.domain.accounts import Account
from bot.domain.deals import Deal
from bot.domain.partners import Motion
from bot.domain.registrations import HistoryEntry, Registration, State


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDeal:
    """An approved registration as the CRM gets it. `registration` is its number and unique in the CRM. `stage` is a
    label of the motion's pipeline. `account_id` is the known company, None to find it by domain or create it."""

    registration: str
    name: str
    partner_id: str
    motion: Motion
    stage: str
    company: str
    domain: str | None
    account_id: str | None
    contact_name: str | None
    contact_email: str | None
    amount: Decimal | None
    currency: str | None
    close_date: date | None
    protected_until: date
    source: str  # sourced or influenced
    share: Decimal  # percent, 0–100
    tier: str | None
    certification: str | None
    need: str | None
    owner_id: str | None
    partner_contact_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A meeting about a partner's deal that is over; `followed_up` when anything was logged on the deal since."""

    id: str
    deal_id: str
    title: str
    ended_at: datetime
    owner_id: str | None
    followed_up: bool


class RegistrationDesk(Protocol):
    """The CRM's part in registrations; every CRM of bot.ports.CRM has it."""

    async def accounts_like(self, *, domain: str | None, name: str) -> tuple[Account, ...]:
        """Companies that may be the claimed one: with that domain (primary or additional), or a name that begins
        alike; the caller decides by bot.domain.companies. At most 100, with their open deals."""

    async def create_deal(self, new: NewDeal, *, look: bool) -> str:
        """Put a deal with its company and contact (found first, created only where missing) and their associations
        and labels into the CRM; returns its id. With `look` the CRM is asked for the registration's number first, so
        that a repeated call makes it once. Raises RefusedFieldsError when values are refused, or the number is on
        another partner's deal: then there is no deal of it."""

    async def add_partner(self, deal_id: str, partner_id: str, *, contact_id: str | None) -> None:
        """Show people that a further partner and its contact belong to the deal; repeated, it changes nothing. Its
        share is written by `write` (DealField.CREDITS). Raises GoneError."""

    async def remove_partner(self, deal_id: str, partner_id: str) -> None:
        """Take that away again; repeated, it changes nothing."""

    async def deal_by_registration(self, number: str) -> Deal | None: ...

    async def protected_deals(self, *, until: date) -> tuple[Deal, ...]:
        """Open partner deals whose protection ends by that day and is not flagged as ended, soonest first."""

    async def quiet_deals(self, *, since: datetime) -> tuple[Deal, ...]:
        """Open partner deals that nobody changed since then, the longest quiet first."""

    async def meetings_ended(self, *, after: datetime, before: datetime) -> Sequence[Meeting]:
        """Meetings on partner deals that ended in that span."""


class RegistrationBook(Protocol):
    """Registrations in flight, in our own store; every Unit of bot.ports.Store has it."""

    async def add_registration(self, registration: Registration, *, number_format: str) -> Registration:
        """Insert (id and number are ignored) and give it its number, such as "REG-{n}" with the next n from 1001 on;
        the stored one when the key is known."""

    async def registration(self, registration_id: int) -> Registration | None:
        """Read it; as a conversation, it stays as it is until the unit ends."""

    async def registration_by_number(self, number: str) -> Registration | None:
        """Compared without case; read as `registration` reads it."""

    async def save_registration(self, registration: Registration) -> None:
        """Its number and key stay as they were given. Raises PermanentError when it was never added."""

    async def registrations(
        self, *, states: Sequence[State] = (), partner_id: str | None = None, limit: int = 100
    ) -> Sequence[Registration]:
        """Newest claims first; no states means all."""

    async def claims_on(self, company_key: str, domain: str | None) -> Sequence[Registration]:
        """Live registrations (registrations.LIVE) with that key or that domain, by the time of the claim."""

    async def refused_on(self, company_key: str, domain: str | None) -> Sequence[Registration]:
        """Refused registrations with that key or that domain, by the time of the claim."""

    async def add_history(self, registration_id: int, entry: HistoryEntry) -> None: ...

    async def history(self, registration_id: int) -> Sequence[HistoryEntry]:
        """Oldest first."""
