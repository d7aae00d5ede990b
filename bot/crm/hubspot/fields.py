"""HubSpot's texts as our values and back. Pure; refuses a value that is not of its kind instead of guessing.

HubSpot keeps every property as text. `closedate` is a moment, not a day: HubSpot's pages show it in the portal's
time zone, so a day is read in that zone and written as a moment that is this day there and in UTC alike.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from bot.crm.hubspot.countries import country
from bot.crm.hubspot.settings import HubSpotSettings
from bot.crm.hubspot.stages import Stages
from bot.domain.deals import Deal, DealField, FieldValue
from bot.domain.partners import Channel, Contact, Manager, Motion, Partner
from bot.errors import PermanentError

Record = Mapping[str, Any]

MOMENTS = {"closedate"}  # HubSpot's own property of type datetime; other date fields are of type date
_NUMBERS = {DealField.AMOUNT, DealField.RENEWALS, DealField.SHARE}
_DAYS = {DealField.CLOSE_DATE, DealField.PROTECTED_UNTIL}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(text: str) -> datetime:
    """A moment of HubSpot's: ISO 8601, or milliseconds since 1970; aware, UTC. Raises ValueError."""
    text = text.strip()
    if text.lstrip("-").isdecimal():
        try:
            return _EPOCH + timedelta(milliseconds=int(text))
        except OverflowError as exc:
            raise ValueError(text) from exc
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def millis(moment: datetime) -> int:
    """Whole milliseconds since 1970."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def stamp(moment: datetime) -> str:
    """A moment as HubSpot writes it: 2026-11-24T14:00:00.000Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def encode(field: DealField, value: FieldValue, *, property_name: str, zone: tzinfo) -> str:
    """What to write into the property; empty text clears it. The stage's id is not made here (stages.py)."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value, "f")
    if field in _DAYS and isinstance(value, date):
        day = value.date() if isinstance(value, datetime) else value
        return stamp(_moment_of(day, zone)) if property_name in MOMENTS else day.isoformat()
    text = str(value).encode(errors="replace").decode()  # half of a character cannot be sent
    return text.strip()  # outer blanks are refused (HubSpot changelog of 2025-01-06, enhanced validations)


def decode(field: DealField, text: str | None, *, zone: tzinfo) -> FieldValue:
    """What the property means; the stage stays an id here. Raises PermanentError for a text of another kind."""
    if text is None or not text.strip():
        return None
    try:
        if field in _NUMBERS:
            return _number(text)
        if field in _DAYS:
            return _day(text, zone)
    except ValueError as exc:
        raise PermanentError(
            f"hubspot: {field}: {text[:40]!r} is not a {'number' if field in _NUMBERS else 'date'}: "
            "map this term to a property of the right type (offportal setup shows them)"
        ) from exc
    return text


def deal_from(
    record: Record, *, settings: HubSpotSettings, stages: Stages, zone: tzinfo, company: str, url: str | None
) -> Deal:
    """A deal out of a record that holds `deal_properties`."""
    held = record["properties"]

    def text(term: str) -> str | None:
        return held.get(settings.deal(term)) or None

    def value(field: DealField) -> Any:
        return decode(field, text(field), zone=zone)

    pipeline_id, stage_id = held.get("pipeline") or "", text("stage") or ""
    return Deal(
        id=str(record["id"]),
        name=held.get("dealname") or "",
        company=company,
        partner_id=text("partner"),
        motion=stages.motion(pipeline_id, text("motion")),
        stage=stages.label(stage_id, pipeline_id),
        outcome=stages.outcome(stage_id, pipeline_id),
        amount=value(DealField.AMOUNT),
        currency=text("currency"),
        close_date=value(DealField.CLOSE_DATE),
        next_step=text("next_step"),
        lost_reason=text("lost_reason"),
        competitor=text("competitor"),
        stage_notes=text("stage_notes"),
        registration=text("registration"),
        protected_until=value(DealField.PROTECTED_UNTIL),
        registration_status=text("registration_status"),
        renewals=value(DealField.RENEWALS),
        source=text("source"),
        share=_share(text("share")),
        credits=text("credits"),
        owner_id=held.get("hubspot_owner_id") or None,
        updated_at=updated_at(record),
        url=url,
    )


def partner_from(record: Record, settings: HubSpotSettings) -> Partner:
    """A partner out of a company; only a status that the settings call active makes it one that may act."""
    held = record["properties"]

    def text(term: str) -> str | None:
        return held.get(settings.company(term)) or None

    return Partner(
        id=str(record["id"]),
        name=held.get("name") or held.get("domain") or "",
        active=(text("status") or "").strip().casefold() in settings.active_statuses,
        tier=text("tier"),
        certifications=listed(text("certifications")),
        territories=tuple(map(country, listed(text("territories")))),
        type=text("type"),
        language=language_tag(text("language")),
        slack_channel=text("slack_channel"),
        manager_id=held.get("hubspot_owner_id") or None,
    )


def motions_from(record: Record, settings: HubSpotSettings) -> frozenset[Motion]:
    """The motions that a partner sells by; what is none of ours is left out."""
    ticked = {part.casefold() for part in listed(record["properties"].get(settings.company("motions")))}
    return frozenset(m for m in Motion if m in ticked)


def contact_from(record: Record, settings: HubSpotSettings) -> Contact:
    """A contact; its partner is HubSpot's primary company of it (`associatedcompanyid`)."""
    held = record["properties"]

    def text(term: str) -> str:
        return held.get(settings.contact(term)) or ""

    email = (held.get("email") or "").strip()
    name = " ".join(part for part in (held.get("firstname"), held.get("lastname")) if part)
    wishes = {part.strip().casefold() for part in text("channels").split(";")}
    return Contact(
        id=str(record["id"]),
        partner_id=held.get("associatedcompanyid") or None,
        name=name or email,
        email=email,
        other_emails=tuple(a.strip() for a in text("other_emails").split(";") if a.strip()),
        locale=language_tag(text("language")),
        timezone=time_zone(text("timezone")),
        role=text("role") or "partner",
        channels=tuple(c for c in Channel if c in wishes),
    )


def manager_from(owner: Record) -> Manager:
    name = " ".join(part for part in (owner.get("firstName"), owner.get("lastName")) if part)
    email = owner.get("email") or ""
    return Manager(id=str(owner["id"]), name=name or email, email=email, active=not owner.get("archived", False))


def updated_at(record: Record) -> datetime:
    """When HubSpot last changed the record, by its own clock."""
    held = record.get("properties", {})
    return instant(held.get("hs_lastmodifieddate") or held.get("lastmodifieddate") or record["updatedAt"])


def language_tag(text: str | None) -> str | None:
    """hs_language (de-ch, pt_BR) as a BCP 47 tag (de-CH, pt-BR)."""
    language, _, rest = (text or "").strip().replace("_", "-").partition("-")
    if not language:
        return None
    regions = (part.upper() if re.fullmatch(r"\w{2,3}", part) else part.title() for part in rest.split("-") if part)
    return "-".join([language.lower(), *regions])


def time_zone(text: str | None) -> str | None:
    """hs_timezone (europe_slash_berlin, or an IANA name) as an IANA name, or None when it is none."""
    return _zones().get((text or "").strip().casefold())


def written_zone(name: str, property_name: str) -> str:
    """An IANA name as the property takes it: HubSpot's own has europe_slash_berlin, others what they are given."""
    return _spelled(name) if property_name == "hs_timezone" else name


@cache
def _zones() -> dict[str, str]:
    names = available_timezones()
    return {**{_spelled(n): n for n in names}, **{n.lower(): n for n in names}}


def _spelled(name: str) -> str:
    return name.lower().replace("/", "_slash_").replace("-", "_hyphen_").replace("+", "_plus_")


def listed(text: str | None) -> tuple[str, ...]:
    """The entries of a property with several checked boxes, or of a text that lists them with ; or ,"""
    return tuple(filter(None, (part.strip() for part in re.split("[;,]", text or ""))))


def _share(text: str | None) -> Decimal | None:
    """Percent; what is no number says nothing about a share, and must not hide the deal."""
    try:
        return None if text is None else _number(text)
    except ValueError:
        return None


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation as exc:
        raise ValueError(text) from exc
    if not number.is_finite():
        raise ValueError(text)
    return number


def _day(text: str, zone: tzinfo) -> date:
    text = text.strip()
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return date.fromisoformat(text)
    return instant(text).astimezone(zone).date()


def _moment_of(day: date, zone: tzinfo) -> datetime:
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return midnight if midnight.astimezone(zone).date() == day else midnight + timedelta(hours=12)
