"""The people and organisations of a partner programme, as the CRM knows them. Refuses nothing; only values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Motion(StrEnum):
    """The five ways partners sell with us (docs/motions.md)."""

    REFERRAL = "referral"
    RESELLER = "reseller"
    MARKETPLACE = "marketplace"
    SERVICES = "services"
    TECHNOLOGY = "technology"


class Channel(StrEnum):
    EMAIL = "email"
    SLACK = "slack"


class Role(StrEnum):
    """On whose side a person stands."""

    PARTNER = "partner"
    MANAGER = "manager"


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """A partner organisation. `manager_id` is the CRM owner who looks after it; `slack_channel` the id of the
    channel shared with it; `territories` are ISO 3166 countries or the programme's own words, none means everywhere;
    `certifications` are the names of those that are valid."""

    id: str
    name: str
    active: bool = True
    tier: str | None = None
    certifications: tuple[str, ...] = ()
    territories: tuple[str, ...] = ()
    type: str | None = None
    language: str | None = None
    slack_channel: str | None = None
    manager_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person at a partner. `locale` is a BCP 47 tag such as "de-CH"; `role` is the contact's role in the
    programme, which the field policies name; `channels` is empty when the contact has no wish of their own."""

    id: str
    partner_id: str | None
    name: str
    email: str
    other_emails: tuple[str, ...] = ()
    locale: str | None = None
    timezone: str | None = None
    role: str = "partner"
    channels: tuple[Channel, ...] = ()
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Manager:
    """A partner manager: a user of the CRM on the vendor's side."""

    id: str
    name: str
    email: str
    active: bool = True
