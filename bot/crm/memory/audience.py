"""The CRM in memory's part in announcements (bot.ports.AudienceDesk). Refuses contacts who do not exist."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime

from bot.crm.memory.records import Note, Records
from bot.domain.audience import Reader
from bot.domain.partners import Contact, Partner
from bot.domain.preferences import Preferences
from bot.ports import GoneError

PAGE = 200


class Audience:
    """Who may be told something; `records` are shared with the rest of the CRM."""

    def __init__(self, records: Records) -> None:
        self._records = records

    async def readers(self) -> AsyncIterator[Sequence[Reader]]:
        self._records.fail("readers")
        found = [(c, self._records.partners.get(c.partner_id or "")) for c in self._records.contacts.values()]
        readers = [self._reader(contact, partner) for contact, partner in found if partner is not None]
        for start in range(0, len(readers), PAGE):
            yield readers[start : start + PAGE]

    async def reader(self, contact_id: str) -> Reader | None:
        self._records.fail("reader")
        contact = self._records.contacts.get(contact_id)
        partner = contact and self._records.partners.get(contact.partner_id or "")
        return self._reader(contact, partner) if contact and partner else None

    async def save_preferences(self, contact_id: str, preferences: Preferences) -> None:
        failure = self._records.fail("save_preferences")
        contact = self._contact(contact_id, "save the preferences of")
        self._records.contacts[contact_id] = _as_wished(contact, preferences)
        self._records.preferences[contact_id] = preferences
        if failure is not None:
            raise failure

    async def log_engagement(self, contact_id: str, body: str, *, at: datetime, key: str, look: bool) -> None:
        failure = self._records.fail("log_engagement")
        contact = self._contact(contact_id, "note on")
        notes = self._records.notes
        if not (look and any((n.deal_id, n.contact_id, n.key) == (None, contact_id, key) for n in notes)):
            note = Note(
                id=f"N{len(notes) + 1}",
                key=key,
                deal_id=None,
                partner_id=contact.partner_id,
                contact_id=contact_id,
                body=body,
                at=at,
            )
            notes.append(note)
        self._records.engaged[contact_id] = max(at, self._records.engaged.get(contact_id, at))
        if failure is not None:
            raise failure

    def _contact(self, contact_id: str, doing: str) -> Contact:
        contact = self._records.contacts.get(contact_id)
        if contact is None:
            raise GoneError(f"memory: {doing} contact {contact_id}: there is no such contact: tell the manager")
        return contact

    def _reader(self, contact: Contact, partner: Partner) -> Reader:
        records = self._records
        manager = records.managers.get(partner.manager_id or "")
        engaged = records.engaged.get(contact.id)
        days = [d for d in (records.activity.get(contact.id), engaged and engaged.date()) if d]
        return Reader(
            contact=contact,
            partner=partner,
            motions=records.motions.get(partner.id, frozenset()),
            manager=manager.email if manager else None,
            last_activity=max(days, default=None),
            facts=records.facts.get(contact.id, {}),
            preferences=_as_held(records.preferences.get(contact.id, Preferences()), contact),
        )


def _as_wished(contact: Contact, wished: Preferences) -> Contact:
    """The contact with what a CRM keeps in one place for all that is sent: channel, language and time zone."""
    one = len(contact.channels) == 1
    channels = (wished.channel,) if wished.channel else () if one else contact.channels
    locale = contact.locale if _language(contact) == wished.language else wished.language
    return replace(contact, channels=channels, locale=locale, timezone=wished.timezone)


def _as_held(preferences: Preferences, contact: Contact) -> Preferences:
    channel = contact.channels[0] if len(contact.channels) == 1 else None
    return replace(preferences, channel=channel, language=_language(contact), timezone=contact.timezone)


def _language(contact: Contact) -> str | None:
    return (contact.locale or "").replace("_", "-").partition("-")[0] or None
