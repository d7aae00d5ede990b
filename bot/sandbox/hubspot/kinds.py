"""The kinds of record that the portal keeps, and how each is named. Holds no records."""

from __future__ import annotations

from dataclasses import dataclass

from bot.sandbox.hubspot.errors import HubSpotError


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """`name` is the path segment, `type_id` HubSpot's objectTypeId; `created` and `modified` name the two
    timestamps; `shown` are the properties answered when a request names none; `searched` those of a `query`.
    """

    name: str
    singular: str
    type_id: str
    scope: str
    created: str = "hs_createdate"
    modified: str = "hs_lastmodifieddate"
    shown: tuple[str, ...] = ()
    searched: tuple[str, ...] = ()
    is_activity: bool = False


def _activity(name: str, singular: str, type_id: str, *searched: str) -> Kind:
    # Activities have no scopes of their own; HubSpot asks for those of contacts (scopes page, 2026-11).
    return Kind(name=name, singular=singular, type_id=type_id, scope="contacts", searched=searched, is_activity=True)


CONTACTS = Kind(
    name="contacts",
    singular="contact",
    type_id="0-1",
    scope="contacts",
    created="createdate",
    modified="lastmodifieddate",
    shown=("email", "firstname", "lastname"),
    searched=("firstname", "lastname", "email", "phone", "hs_additional_emails", "mobilephone", "company"),
)
COMPANIES = Kind(
    name="companies",
    singular="company",
    type_id="0-2",
    scope="companies",
    created="createdate",
    shown=("name", "domain"),
    searched=("website", "phone", "name", "domain"),
)
DEALS = Kind(
    name="deals",
    singular="deal",
    type_id="0-3",
    scope="deals",
    created="createdate",
    shown=("dealname", "amount", "closedate", "pipeline", "dealstage"),
    searched=("dealname", "pipeline", "dealstage", "description", "dealtype"),
)
KINDS = (
    CONTACTS,
    COMPANIES,
    DEALS,
    _activity("communications", "communication", "0-18", "hs_communication_body"),
    _activity("tasks", "task", "0-27", "hs_task_body", "hs_task_subject"),
    _activity("notes", "note", "0-46", "hs_note_body"),
    _activity("meetings", "meeting", "0-47", "hs_meeting_title", "hs_meeting_body"),
    _activity("calls", "call", "0-48", "hs_call_title", "hs_call_body"),
    _activity("emails", "email", "0-49", "hs_email_subject"),
)

_BY_SEGMENT = {segment: kind for kind in KINDS for segment in (kind.name, kind.singular, kind.type_id)}


def kind_of(segment: str) -> Kind:
    """The kind meant by a path segment: `deals`, `DEAL` and `0-3` are the same.

    Raises:
        HubSpotError: 400, as HubSpot answers for a type it does not know.
    """
    kind = _BY_SEGMENT.get(segment.lower())
    if kind is None:
        raise HubSpotError(400, "VALIDATION_ERROR", f"Unable to infer object type from: {segment}")
    return kind
