"""The properties that the demo's portal has for its partner programme, as its admin made them. Holds no records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Entry = dict[str, Any]

GROUP = "partner_programme"
TIERS = ("registered", "silver", "gold", "platinum")
STATUSES = ("protected", "expired", "released")
TOPICS = ("programme", "enablement", "incentive", "product", "policy", "surveys", "deals")
CERTIFICATIONS = ("trained", "certified", "Certified Implementer")


def _property(name: str, label: str, type_: str, field: str, *values: str, unique: bool = False) -> Entry:
    body: Entry = {"name": name, "label": label, "type": type_, "fieldType": field, "groupName": GROUP}
    if values:
        body["options"] = [
            {"label": value.replace("_", " ").capitalize(), "value": value, "displayOrder": place}
            for place, value in enumerate(values)
        ]
    return body | ({"hasUniqueValue": True} if unique else {})


def deal_properties(motions: Sequence[str]) -> list[Entry]:
    return [
        _property("partner_source", "Partner source", "enumeration", "select", "sourced", "influenced"),
        _property("partner_share", "Partner share (%)", "number", "number"),
        _property("partner_credits", "Further partners' credits", "string", "text"),
        _property("partner_account", "Partner account (record ID)", "string", "text"),
        _property("registration_id", "Deal registration ID", "string", "text", unique=True),
        _property("partner_tier", "Partner tier", "enumeration", "select", *TIERS),
        _property("partner_certification", "Partner certification", "string", "text"),
        _property("partner_motion", "Partner motion", "enumeration", "select", *motions),
        _property("registration_status", "Registration status", "enumeration", "select", *STATUSES),
        _property("protection_renewals", "Protection renewals", "number", "number"),
        _property("protected_until", "Protected until", "date", "date"),
        _property("stage_notes", "Stage notes", "string", "textarea"),
        _property("lost_competitor", "Lost to competitor", "string", "text"),
    ]


def company_properties(motions: Sequence[str]) -> list[Entry]:
    types = ("reseller", "referral", "distributor", "implementation", "marketplace", "technology")
    languages = ("en", "de", "fr", "nl", "es", "it", "pt")
    return [
        _property("partner_status", "Partner status", "enumeration", "select", "active", "paused", "ended"),
        _property("partner_tier", "Partner tier", "enumeration", "select", *TIERS),
        _property("partner_type", "Partner type", "enumeration", "select", *types),
        _property("partner_language", "Partner language", "enumeration", "select", *languages),
        _property("partner_slack_channel", "Partner Slack channel", "string", "text"),
        _property("partner_certifications", "Partner certifications", "enumeration", "checkbox", *CERTIFICATIONS),
        _property("partner_territories", "Partner territories", "string", "text"),
        _property("partner_motions", "Partner motions", "enumeration", "checkbox", *motions),
    ]


def contact_properties() -> list[Entry]:
    return [
        _property(
            "partner_role", "Partner role", "enumeration", "select", "partner", "sales", "technical", "admin", "viewer"
        ),
        _property("partner_channels", "Partner channels", "enumeration", "checkbox", "email", "slack"),
        _property("offportal_topics_off", "Does not want to hear about", "enumeration", "checkbox", *TOPICS),
        _property("offportal_topics_digest", "Wants to hear in a digest about", "enumeration", "checkbox", *TOPICS),
        _property("offportal_topics_immediate", "Wants to hear at once about", "enumeration", "checkbox", *TOPICS),
        _property("offportal_quiet_hours", "Quiet hours (such as 20:00-08:00)", "string", "text"),
        _property("offportal_paused_until", "Announcements paused until", "date", "date"),
        _property("offportal_last_engagement", "Last engagement with an announcement", "datetime", "date"),
    ]
