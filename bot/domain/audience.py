"""Somebody who may be told something, with all that a segment may ask of them. Only values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from bot.domain.partners import Contact, Motion, Partner
from bot.domain.preferences import Preferences


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A contact of a partner. `motions` are those the partner sells by; `manager` is the partner manager's mail
    address; `last_activity` the day of the last thing that the CRM knows of the contact; `facts` are further mapped
    properties by our word, values folded to lower case. `preferences` are the wishes that the CRM holds; what only
    our own store knows comes over them."""

    contact: Contact
    partner: Partner
    motions: frozenset[Motion] = frozenset()
    manager: str | None = None
    last_activity: date | None = None
    facts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    preferences: Preferences = field(default_factory=Preferences)
