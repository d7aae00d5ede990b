"""What a portal must have for a partner programme: properties of deals, companies and contacts. Only values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.crm.hubspot.fields import MOMENTS
from bot.crm.hubspot.settings import HubSpotSettings
from bot.domain.deals import RegistrationStatus
from bot.domain.partners import Channel, Motion
from bot.domain.preferences import Topic

GROUP, GROUP_LABEL = "offportal", "Partner programme"


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedProperty:
    """A property of `kind` that holds our `term`. `type` and `field_type` are HubSpot's words; a property of one of
    the types `also` serves as well. `options` are values with their labels. `unique`: no two records share a value;
    HubSpot takes that at creation only, so a property that was there before serves without."""

    kind: str
    term: str
    name: str
    label: str
    type: str
    field_type: str
    options: Mapping[str, str] | None = None
    also: tuple[str, ...] = ()
    unique: bool = False

    def definition(self) -> dict[str, object]:
        """The body that creates it."""
        body: dict[str, object] = {
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": self.field_type,
            "groupName": GROUP,
        }
        if self.unique:
            body["hasUniqueValue"] = True
        if self.options:
            body["options"] = [
                {"label": label, "value": value, "displayOrder": place, "hidden": False}
                for place, (value, label) in enumerate(self.options.items())
            ]
        return body


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedLabel:
    """A label for associations from one type of record to another."""

    kind: str
    to: str
    name: str
    label: str

    def definition(self) -> dict[str, object]:
        return {"name": self.name, "label": self.label}


LABELS = (
    WantedLabel(kind="deals", to="companies", name="offportal_partner", label="Partner"),
    WantedLabel(kind="deals", to="companies", name="offportal_further_partner", label="Further partner"),
    WantedLabel(kind="deals", to="contacts", name="offportal_partner_contact", label="Partner contact"),
)

_MOTIONS = {m.value: m.value.capitalize() for m in Motion}
_CHANNELS = {Channel.EMAIL.value: "Email", Channel.SLACK.value: "Slack"}
_TOPICS = {t.value: t.value.capitalize() for t in Topic}
_STATUSES = {"active": "Active", "paused": "Paused", "ended": "Ended"}
_REGISTRATION = {s.value: s.value.capitalize() for s in RegistrationStatus}
_SOURCES = {"sourced": "Sourced", "influenced": "Influenced"}
_CHOICE = ("string",)  # somebody who keeps plain text or a list of choices there is fine, too
_TEXT = ("enumeration",)

# term, label, type, field type, options, other types that serve
_DEAL = (
    ("stage", "Deal stage", "enumeration", "radio", None, ()),
    ("amount", "Amount", "number", "number", None, ()),
    ("currency", "Currency", "enumeration", "select", None, _CHOICE),
    ("close_date", "Close date", "date", "date", None, ()),
    ("next_step", "Next step", "string", "text", None, ()),
    ("lost_reason", "Closed lost reason", "string", "textarea", None, _TEXT),
    ("competitor", "Lost to competitor", "string", "text", None, _TEXT),
    ("stage_notes", "Stage notes", "string", "textarea", None, ()),
    ("protected_until", "Protected until", "date", "date", None, ()),
    ("renewals", "Protection renewals", "number", "number", None, ()),
    ("registration_status", "Registration status", "enumeration", "select", _REGISTRATION, _CHOICE),
    ("registration", "Deal registration ID", "string", "text", None, ()),
    ("partner", "Partner account (record ID)", "string", "text", None, ("number",)),
    ("motion", "Partner motion", "enumeration", "select", _MOTIONS, _CHOICE),
    ("source", "Partner source", "enumeration", "select", _SOURCES, _CHOICE),
    ("share", "Partner share (%)", "number", "number", None, ()),
    ("credits", "Further partners' credits", "string", "text", None, ()),
    ("tier", "Partner tier", "string", "text", None, _TEXT),
    ("certification", "Partner certification", "string", "text", None, _TEXT),
    ("need", "Description", "string", "textarea", None, ()),
)
_COMPANY = (
    ("status", "Partner status", "enumeration", "select", _STATUSES, _CHOICE),
    ("tier", "Partner tier", "string", "text", None, _TEXT),
    ("type", "Partner type", "string", "text", None, _TEXT),
    ("language", "Partner language", "string", "text", None, _TEXT),
    ("slack_channel", "Partner Slack channel (ID)", "string", "text", None, ()),
    ("certifications", "Partner certifications", "string", "text", None, _TEXT),
    ("territories", "Partner territories", "string", "text", None, _TEXT),
    ("motions", "Partner motions", "enumeration", "checkbox", _MOTIONS, _CHOICE),
    ("country", "Country/Region", "string", "text", None, _TEXT),
    ("segment", "Industry", "enumeration", "select", None, _CHOICE),
    ("lifecycle", "Lifecycle Stage", "enumeration", "radio", None, _CHOICE),
    ("other_domains", "Additional domains", "string", "text", None, _TEXT),
)
_CONTACT = (
    ("role", "Partner role", "string", "text", None, _TEXT),
    ("channels", "Partner channels", "enumeration", "checkbox", _CHANNELS, _CHOICE),
    ("language", "Preferred language", "string", "text", None, _TEXT),
    ("timezone", "Time zone", "string", "text", None, _TEXT),
    ("other_emails", "Additional email addresses", "string", "text", None, _TEXT),
    ("topics_off", "Does not want to hear about", "enumeration", "checkbox", _TOPICS, _CHOICE),
    ("topics_digest", "Wants to hear in a digest about", "enumeration", "checkbox", _TOPICS, _CHOICE),
    ("topics_immediate", "Wants to hear at once about", "enumeration", "checkbox", _TOPICS, _CHOICE),
    ("quiet_hours", "Quiet hours (such as 20:00-08:00)", "string", "text", None, ()),
    ("paused_until", "Announcements paused until", "date", "date", None, ()),
    ("last_engagement", "Last engagement with an announcement", "datetime", "date", None, ()),
)


def wanted_properties(settings: HubSpotSettings) -> tuple[WantedProperty, ...]:
    """All properties that our terms are mapped to; HubSpot has some of them from the start."""
    tables = (
        ("deals", _DEAL, settings.deal),
        ("companies", _COMPANY, settings.company),
        ("contacts", _CONTACT, settings.contact),
    )
    return tuple(
        WantedProperty(
            kind=kind,
            term=term,
            name=name,
            label=label,
            type="datetime" if name in MOMENTS else type_,
            field_type=field_type,
            options=options,
            also=also,
            unique=(kind, term) == ("deals", "registration"),
        )
        for kind, table, name_of in tables
        for term, label, type_, field_type, options, also in table
        for name in (name_of(term),)
    )
