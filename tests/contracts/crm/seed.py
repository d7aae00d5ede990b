"""The contract's small world as the seed of a HubSpot portal."""

from __future__ import annotations

from typing import Any

from bot.crm.hubspot import HubSpotSettings
from bot.crm.hubspot.wanted import wanted_properties
from bot.domain.partners import Motion
from bot.sandbox.hubspot.defaults import default_properties
from tests.contracts.crm.names import (
    ACME,
    ANA,
    ASHBY,
    ASHBYS,
    BRANDT,
    CHANNEL,
    CONTOSO,
    DIRECT,
    EVE,
    FORMER,
    JULIA,
    LOST,
    MUELLER,
    NOBODYS,
    OLGA,
    PRIYA,
    ROLLOUT,
    SECOND,
    SHARED_BY_TWO,
    STAGE_IDS,
    STAGES,
    TOM,
)


def hubspot_seed() -> dict[str, Any]:
    """The same world as a seed."""
    group = [{"name": "offportal", "label": "Partner programme"}]
    return {
        "account": {"portal_id": 4711, "time_zone": "America/New_York", "currency": "EUR", "more_currencies": ["USD"]},
        "owners": [
            {
                "id": PRIYA,
                "user_id": 61001,
                "email": "priya.nair@meridian.example",
                "first_name": "Priya",
                "last_name": "Nair",
            }
        ],
        "groups": dict.fromkeys(("deals", "companies", "contacts"), group),
        "properties": _definitions(),
        "pipelines": [
            {
                "id": "751",
                "label": "Reseller",
                "displayOrder": 1,
                "stages": [
                    {
                        "id": STAGE_IDS[label],
                        "label": label,
                        "displayOrder": place,
                        "metadata": {"probability": {"Closed Won": "1.0", "Closed Lost": "0.0"}.get(label, "0.4")},
                    }
                    for place, label in enumerate(STAGES)
                ],
            }
        ],
        "companies": _companies(),
        "contacts": _contacts(),
        "deals": [
            _seed_deal(ROLLOUT, "Acme rollout", BRANDT, contacts=[JULIA, EVE, ANA]),
            _seed_deal(SECOND, "Acme upgrade", BRANDT),
            _seed_deal(ASHBYS, "Acme in Bath", ASHBY),
            _seed_deal(NOBODYS, "Direct", ""),
            _direct_deal(),
            _seed_deal(LOST, "Gone", BRANDT, stage="Closed Lost"),
        ],
    }


def _companies() -> list[dict[str, Any]]:
    brandt = {
        "name": "Brandt IT GmbH",
        "partner_status": "active",
        "partner_tier": "gold",
        "partner_type": "reseller",
        "partner_language": "de",
        "partner_slack_channel": CHANNEL,
        "partner_certifications": "Sales; Technical",
        "partner_territories": "Deutschland;DACH",
        "partner_motions": "reseller;services",
        "numberofemployees": "40",
        "hubspot_owner_id": PRIYA,
    }
    contoso = {
        "name": "Contoso AG",
        "domain": "contoso.example",
        "country": "Germany",
        "industry": "BANKING",
        "lifecyclestage": "customer",
        "hubspot_owner_id": PRIYA,
    }
    mueller = {
        "name": "Müller Bau GmbH",
        "domain": "mueller-bau.example",
        "hs_additional_domains": "mbau.example;muellerbau.example",
    }
    both = {"partner_slack_channel": SHARED_BY_TWO}
    return [
        {"id": BRANDT, "properties": brandt},
        {"id": ASHBY, "properties": {"name": "Ashby Digital", "partner_status": "active", **both}},
        {"id": FORMER, "properties": {"name": "Former Partners", "partner_status": "ended"}},
        {"id": ACME, "properties": {"name": "Acme GmbH", **both}},
        {"id": CONTOSO, "properties": contoso},
        {"id": MUELLER, "properties": mueller},
    ]


def _contacts() -> list[dict[str, Any]]:
    julia = {
        "email": "julia@brandt-it.example",
        "firstname": "Julia",
        "lastname": "Brandt",
        "hs_additional_emails": "jb@brandt.example",
        "hs_language": "de-de",
        "hs_timezone": "europe_slash_berlin",
        "partner_channels": "email;slack",
    }
    tom = {"email": "tom@people.example", "firstname": "Tom", "lastname": "Weber"}
    eve = {"email": "eve@people.example", "firstname": "Eve", "lastname": "Hall"}
    ana = {"email": "ana@people.example", "firstname": "Ana", "lastname": "Roth"}
    return [
        {"id": JULIA, "properties": julia, "companies": [BRANDT]},
        {"id": TOM, "properties": tom, "companies": [BRANDT]},
        {"id": EVE, "properties": eve, "companies": [ASHBY, BRANDT]},
        {"id": ANA, "properties": ana, "companies": [ACME]},
        {"id": OLGA, "properties": {"email": "olga@people.example", "firstname": "Olga"}, "companies": [FORMER]},
    ]


def _seed_deal(
    deal_id: str, name: str, partner_id: str, *, stage: str = "Qualification", contacts: list[str] | None = None
) -> dict[str, Any]:
    properties = {
        "dealname": name,
        "pipeline": "751",
        "dealstage": STAGE_IDS[stage],
        "amount": "40000",
        "deal_currency_code": "EUR",
        "closedate": "2026-12-31T12:00:00.000Z",
        "partner_account": partner_id,
        "partner_motion": "reseller",
        "registration_id": f"REG-{deal_id}",
        "protected_until": "2027-01-15",
        "hubspot_owner_id": PRIYA,
    }
    return {"id": deal_id, "properties": properties, "companies": [ACME], "contacts": contacts or []}


def _direct_deal() -> dict[str, Any]:
    deal = _seed_deal(DIRECT, "Müller direct", "")
    for name in ("registration_id", "protected_until"):
        del deal["properties"][name]
    return deal | {"companies": [MUELLER]}


def _definitions() -> dict[str, list[dict[str, Any]]]:
    settings = HubSpotSettings(access_token="t", pipelines={Motion.RESELLER: "Reseller"})
    ours: dict[str, list[dict[str, Any]]] = {"deals": [], "companies": [], "contacts": []}
    for wanted in wanted_properties(settings):
        if wanted.name not in {p.name for p in default_properties(wanted.kind)}:
            ours[wanted.kind].append(wanted.definition())
    return ours
