"""Who somebody is and what they may see: the one gate that every message passes. Reads the CRM, writes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.domain.deals import Deal
from bot.domain.partners import Contact, Manager, Partner, Role
from bot.domain.policy import language_of
from bot.domain.sharing import seen_by
from handlers.services import Services


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A proven speaker: a contact with their partner, or a partner manager."""

    role: Role
    id: str
    name: str
    email: str
    language: str
    locale: str
    timezone: str
    contact: Contact | None = None
    partner: Partner | None = None


async def as_contact(services: Services, contact: Contact) -> Person:
    """A contact as a speaker, with the organisation and the language they are spoken to in."""
    partner = await services.crm.partner(contact.partner_id) if contact.partner_id else None
    programme = services.programme
    language = language_of(
        contact.locale, partner.language if partner else None, programme.languages, programme.default_language
    )
    return Person(
        role=Role.PARTNER,
        id=contact.id,
        name=contact.name,
        email=contact.email,
        language=language,
        locale=contact.locale or language,
        timezone=contact.timezone or "UTC",
        contact=contact,
        partner=partner,
    )


def as_manager(services: Services, manager: Manager) -> Person:
    language = services.programme.manager_language
    return Person(
        role=Role.MANAGER,
        id=manager.id,
        name=manager.name,
        email=manager.email,
        language=language,
        locale=language,
        timezone="UTC",
    )


def today_for(services: Services, person: Person) -> date:
    """The day it is where this person is."""
    return services.now().astimezone(zone_of(person)).date()


def for_managers(services: Services, moment: datetime) -> datetime:
    """A moment by the clock of the office, where its hours are configured."""
    hours = services.policies.terms.office_hours
    return moment.astimezone(ZoneInfo(hours.timezone)) if hours else moment


async def today_at(services: Services, deal: Deal, now: datetime) -> date:
    """The day it is where a deal's partner is: where the first contact is whose time zone is known, else in UTC."""
    zones = [c.timezone for c in await services.crm.contacts_of(deal) if c.active and c.timezone]
    return now.astimezone(_zone(zones[0] if zones else "UTC")).date()


def zone_of(person: Person) -> ZoneInfo:
    """The person's time zone; UTC where it is unknown."""
    return _zone(person.timezone)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def why_not_heard(person: Person) -> str | None:
    """The reason why this person's words change nothing, or None."""
    if person.role is Role.MANAGER:
        return None
    if person.contact is None or not person.contact.active:
        return "partner_ended"
    if person.partner is None or not person.partner.active:
        return "partner_ended"
    return None


async def own_deals(services: Services, person: Person, about: Iterable[str | None] = ()) -> tuple[Deal, ...]:
    """The deals this person may see, as their partner sees them: the open ones that it holds or has a share in, and
    those talked about even when they are closed."""
    if person.contact is None or not person.contact.active or person.partner is None:
        return ()
    found = {d.id: d for d in await services.crm.open_deals_of(person.partner.id)}
    for deal_id in {d for d in about if d is not None} - found.keys():
        if (deal := await services.crm.deal(deal_id)) is not None:
            found[deal_id] = deal
    return tuple(seen for d in found.values() if (seen := seen_by(d, person.contact.partner_id)) is not None)


async def manager_of(services: Services, partner: Partner | None) -> Manager | None:
    """The partner's manager, else the programme's fallback."""
    if partner is not None and partner.manager_id is not None:
        manager = await services.crm.manager(partner.manager_id)
        if manager is not None and manager.active:
            return manager
    wanted = services.programme.fallback_manager
    if wanted is None:
        return None
    known = [m for m in await services.crm.managers() if m.email.casefold() == wanted.casefold()]
    return known[0] if known else Manager(id=wanted, name=wanted, email=wanted)


async def manager_by_email(services: Services, address: str) -> Manager | None:
    for manager in await services.crm.managers():
        if manager.active and manager.email.casefold() == address.casefold():
            return manager
    wanted = services.programme.fallback_manager
    if wanted is not None and wanted.casefold() == address.casefold():
        return replace(Manager(id=wanted, name=wanted, email=wanted))
    return None
