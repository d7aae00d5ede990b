"""The door to the one home of partners and deals. Holds no behaviour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.deals import Deal, FieldChange, ObservedChange, Pipelines
from bot.domain.partners import Contact, Manager, Partner
from bot.errors import PermanentError
from bot.ports.announcing import AudienceDesk
from bot.ports.registering import RegistrationDesk


class RefusedFieldsError(PermanentError):
    """The CRM refuses values: `fields` maps DealField values to the CRM's own words. Nothing was written."""

    def __init__(self, message: str, *, fields: Mapping[str, str], code: str = "") -> None:
        super().__init__(message, code=code)
        self.fields = dict(fields)


class GoneError(PermanentError):
    """The record does not exist (any more)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePage:
    """Changes by others in the order they happened, and where to go on: an opaque text."""

    changes: tuple[ObservedChange, ...]
    cursor: str


class CRM(RegistrationDesk, AudienceDesk, Protocol):
    """One CRM, its parts in registrations and announcements included. Reads return None or nothing for what does not
    exist; writes raise GoneError."""

    async def changes_since(self, cursor: str | None, now: datetime) -> ChangePage:
        """Changes to watched fields of partner deals since the cursor. None means: from now on, nothing before.
        The same change may be reported again (same key); the caller drops repeats and its own writes."""

    async def deal(self, deal_id: str) -> Deal | None: ...

    async def deals(self, deal_ids: Sequence[str]) -> tuple[Deal, ...]: ...

    async def open_deals_of(self, partner_id: str) -> tuple[Deal, ...]:
        """The open deals that the partner holds or has a share in, as they are in the CRM: sharing.seen_by says what
        of them is for its eyes."""

    async def partner(self, partner_id: str) -> Partner | None: ...

    async def partner_by_channel(self, channel: str) -> Partner | None:
        """The partner whose shared Slack channel this is; None when none or several claim it."""

    async def slack_channels(self) -> Mapping[str, str]:
        """The Slack channels that partners' records name, each with a partner's name."""

    async def contact(self, contact_id: str) -> Contact | None: ...

    async def contacts_by_email(self, address: str) -> tuple[Contact, ...]:
        """Contacts whose primary or additional address it is (compared without case)."""

    async def contacts_of(self, deal: Deal) -> tuple[Contact, ...]:
        """The partner's people on this deal: contacts of the deal who belong to its partner; when there are
        none, all contacts of the partner."""

    async def manager(self, manager_id: str) -> Manager | None: ...

    async def managers(self) -> tuple[Manager, ...]: ...

    async def pipelines(self) -> Pipelines: ...

    async def write(self, deal_id: str, changes: Sequence[FieldChange]) -> datetime:
        """Set the new values in one request; returns the CRM's time of the change. The caller has compared.
        Raises RefusedFieldsError when values are refused; then nothing was written."""

    async def note(self, deal: Deal, body: str, *, at: datetime, key: str, contact_id: str | None, look: bool) -> str:
        """Put a plain-text note on the deal's timeline (and the contact's); returns its id. `key` marks the note;
        with `look` the CRM is searched for that mark first, so that a repeated call writes it once."""

    async def check(self) -> list[str]:
        """Every fault of credentials, scopes, pipelines and properties, as sentences; empty when all is well."""

    async def close(self) -> None: ...
