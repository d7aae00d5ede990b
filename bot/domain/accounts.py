"""A company in the CRM, as far as a claim on it has to know it. Only values."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.deals import Deal


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A company in the CRM that may be the one a partner claims, and what is going on with it. `customer` is what the
    CRM says (HubSpot: lifecycle stage); `partner` that it is itself a partner of the programme; `deals` are its open
    deals, those of direct sales included (their partner_id is None)."""

    id: str
    name: str
    domain: str | None
    country: str | None = None
    segment: str | None = None
    customer: bool = False
    partner: bool = False
    owner_id: str | None = None
    deals: tuple[Deal, ...] = ()
