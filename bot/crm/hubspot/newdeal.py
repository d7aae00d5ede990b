"""What a registration becomes in HubSpot: the properties of its deal, company and contact. Pure; the refusals of
HubSpot are told in our terms.

Association types: hubspot-api-client 12.0.0, hubspot/crm/association_type.py, and HubSpot's page "Associations v4".
"""

from __future__ import annotations

from datetime import date, tzinfo
from decimal import Decimal

from bot.crm.hubspot.errors import InvalidError
from bot.crm.hubspot.fields import encode
from bot.crm.hubspot.objects import Json
from bot.crm.hubspot.settings import DEAL_PROPERTIES, HubSpotSettings
from bot.domain.deals import DealField, RegistrationStatus
from bot.ports import NewDeal, RefusedFieldsError

DEAL_TO_COMPANY, DEAL_TO_PRIMARY_COMPANY, DEAL_TO_CONTACT = 341, 5, 3
COMPANY_TO_DEAL, COMPANY_TO_PRIMARY_DEAL = 342, 6
CONTACT_TO_DEAL, CONTACT_TO_COMPANY, CONTACT_TO_PRIMARY_COMPANY = 4, 279, 1
PARTNER, PARTNER_CONTACT = "offportal_partner", "offportal_partner_contact"  # wanted.LABELS
FURTHER_PARTNER = "offportal_further_partner"


def hubspots(*type_ids: int) -> list[Json]:
    """Types of an association that HubSpot has from the start."""
    return [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": i} for i in type_ids]


def labelled(type_id: int, label_id: int | None) -> list[Json]:
    """A plain association, with our label where the portal has it."""
    own = [] if label_id is None else [{"associationCategory": "USER_DEFINED", "associationTypeId": label_id}]
    return [*hubspots(type_id), *own]


def link(to_id: str, types: list[Json]) -> Json:
    """An association as a create takes it."""
    return {"to": {"id": to_id}, "types": types}


def deal_properties(
    new: NewDeal, settings: HubSpotSettings, *, pipeline_id: str, stage_id: str, zone: tzinfo
) -> dict[str, str]:
    """The deal; empty terms are left out."""
    close_date, until = settings.deal("close_date"), settings.deal("protected_until")
    terms: dict[str, str | None] = {
        "stage": stage_id,
        "amount": _number(new.amount),
        "currency": new.currency,
        "close_date": _day(DealField.CLOSE_DATE, new.close_date, close_date, zone),
        "protected_until": _day(DealField.PROTECTED_UNTIL, new.protected_until, until, zone),
        "registration_status": RegistrationStatus.PROTECTED.value,
        "renewals": "0",
        "registration": new.registration,
        "partner": new.partner_id,
        "motion": new.motion.value,
        "source": new.source,
        "share": _number(new.share),
        "tier": new.tier,
        "certification": new.certification,
        "need": new.need,
    }
    held = {settings.deal(term): _plain(text) for term, text in terms.items()}
    held |= {"dealname": _plain(new.name), "pipeline": pipeline_id, "hubspot_owner_id": _plain(new.owner_id)}
    return {name: text for name, text in held.items() if text}


def company_properties(new: NewDeal) -> dict[str, str]:
    held = {"name": _plain(new.company), "domain": _plain(new.domain), "hubspot_owner_id": _plain(new.owner_id)}
    return {name: text for name, text in held.items() if text}


def contact_properties(new: NewDeal) -> dict[str, str]:
    """The contact, the last word of the name as the last name; nothing when the registration names nobody."""
    first, _, last = _plain(new.contact_name).rpartition(" ")
    held = {"email": _plain(new.contact_email).lower(), "firstname": first.strip(), "lastname": last}
    properties = {name: text for name, text in held.items() if text}
    return properties | {"hubspot_owner_id": _plain(new.owner_id)} if properties and new.owner_id else properties


def refusal(new: NewDeal, settings: HubSpotSettings, exc: InvalidError) -> RefusedFieldsError:
    """HubSpot's refusal of the deal by our terms; a property that is none of ours keeps its name."""
    terms = {settings.deal(term): term for term in DEAL_PROPERTIES}
    terms |= {"dealname": "name", "hubspot_owner_id": "owner", "pipeline": "motion"}
    fields = {terms.get(name, name): words for name, words in exc.properties.items()}
    what = "; ".join(f"{term}: {words}" for term, words in fields.items()) or exc.words
    return RefusedFieldsError(
        f"hubspot: create the deal of {new.registration}: values refused, there is no deal: {what}",
        fields=fields or {"registration": exc.words},
        code=exc.code,
    )


def _number(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _day(field: DealField, day: date | None, property_name: str, zone: tzinfo) -> str | None:
    return None if day is None else encode(field, day, property_name=property_name, zone=zone)


def _plain(text: str | None) -> str:
    """Without outer blanks, which HubSpot refuses, and halves of characters, which cannot be sent."""
    return (text or "").encode(errors="replace").decode().strip()
