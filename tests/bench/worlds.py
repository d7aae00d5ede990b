"""The demo's portal, grown: as many partners, contacts and deals as a measurement wants. Starts nothing."""

from __future__ import annotations

from typing import Any

from bot.sandbox.world import demo_world, pipeline_id, stage_id

PARTNER, CUSTOMER, CONTACT, DEAL = 20_000, 30_000, 40_000, 100_000  # where ids begin
MOTION, STAGE = "reseller", "Qualification"


def grown_world(*, partners: int, deals: int) -> dict[str, Any]:
    """A seed with one contact a partner, and the deals shared out among the partners. All speak English and are
    told by mail; contact n is `person<n>@partner<n>.example`."""
    seed = demo_world()
    numbers = range(partners)
    seed["companies"] = [*map(_partner, numbers), {"id": str(CUSTOMER), "properties": {"name": "Acme GmbH"}}]
    seed["contacts"] = [*map(_contact, numbers)]
    seed["deals"] = [_deal(number, number % partners) for number in range(deals)]
    return seed


def address(partner: int) -> str:
    return f"person{partner}@partner{partner}.example"


def deal_id(number: int) -> str:
    return str(DEAL + number)


def _partner(number: int) -> dict[str, Any]:
    properties = {
        "name": f"Partner {number}",
        "domain": f"partner{number}.example",
        "type": "PARTNER",
        "hubspot_owner_id": "5001",
        "partner_status": "active",
        "partner_tier": "gold",
        "partner_type": "reseller",
        "partner_language": "en",
    }
    return {"id": str(PARTNER + number), "created": "today-400d", "properties": properties}


def _contact(number: int) -> dict[str, Any]:
    properties = {
        "firstname": "Robin",
        "lastname": f"Person{number}",
        "email": address(number),
        "hs_language": "en-gb",
        "hs_timezone": "europe_slash_london",
        "partner_role": "partner",
        "partner_channels": "email",
    }
    return {"id": str(CONTACT + number), "companies": [str(PARTNER + number)], "properties": properties}


def _deal(number: int, partner: int) -> dict[str, Any]:
    properties = {
        "dealname": f"Rollout {number}",
        "pipeline": pipeline_id(MOTION),
        "dealstage": stage_id(MOTION, STAGE),
        "amount": "40000",
        "deal_currency_code": "EUR",
        "closedate": "today+60d",
        "partner_account": str(PARTNER + partner),
        "partner_motion": MOTION,
        "partner_source": "sourced",
        "registration_id": f"REG-{number}",
    }
    return {
        "id": deal_id(number),
        "created": "today-30d",
        "companies": [str(CUSTOMER)],
        "contacts": [str(CONTACT + partner)],
        "properties": properties,
    }
