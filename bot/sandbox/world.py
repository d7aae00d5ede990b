"""The demo world in HubSpot: Meridian Software, its partners and their deals. All invented; holds no behaviour.

Ids are fixed, so that tests and the demo can name them: owners 500x, partner companies 700x, customers 71xx, contacts
800x, deals 900x. Days are relative to the server's clock, save where a story needs a fixed one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.sandbox.world_companies import customers, partners
from bot.sandbox.world_properties import GROUP, company_properties, contact_properties, deal_properties

Entry = dict[str, Any]

# Motion: its name in the programme, pipeline id, and the five stages of docs/motions.md; ids differ from labels, as in
# every real portal.
MOTIONS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("referral", "Referral", "751100", ("Intro Logged", "Validate", "Prove Value", "Commercials", "Closed & Credit")),
    (
        "reseller",
        "Reseller",
        "751200",
        ("Deal Registration", "Qualification", "Configure & Quote", "Transact", "Launch & Activate"),
    ),
    (
        "marketplace",
        "Marketplace",
        "751300",
        ("Listing Ready", "Private Offer", "Procurement", "Close & Disburse", "Adopt & Expand"),
    ),
    (
        "services",
        "Services-led",
        "751400",
        ("Solution Design", "Proof / Workshop", "Commercials", "Delivery", "Handover"),
    ),
    (
        "technology",
        "Technology",
        "751500",
        ("Integration Fit", "Field Readiness", "Pipeline Activation", "Validation", "Commercials & Close"),
    ),
)


def demo_world() -> Entry:
    """The seed for `HubSpotServer`."""
    groups = [{"name": GROUP, "label": "Partner programme", "display_order": 9}]
    return {
        "account": {"portal_id": 146000123, "time_zone": "Europe/London", "currency": "EUR"}
        | {"more_currencies": ["GBP", "USD", "CHF", "BRL"]},
        "owners": [
            _owner("5001", 61001, "Priya", "Nair"),
            _owner("5002", 61002, "Franco", "De Santis"),
        ],
        "groups": dict.fromkeys(("deals", "companies", "contacts"), groups),
        "properties": {
            "deals": deal_properties([motion[0] for motion in MOTIONS]),
            "companies": company_properties([motion[0] for motion in MOTIONS]),
            "contacts": contact_properties(),
        },
        "labels": [
            {"from": "deals", "to": "companies", "label": "Partner"},
            {"from": "deals", "to": "contacts", "label": "Partner contact"},
        ],
        "subscriptions": [
            {"id": "5301", "name": "Marketing Information", "description": "Offers and updates."},
            {"id": "5302", "name": "Partner incentives", "description": "Bonuses and promotions for partners."},
        ],
        "pipelines": [_pipeline(place, *motion) for place, motion in enumerate(MOTIONS, start=1)],
        "companies": [*partners(), *customers()],
        "contacts": _contacts(),
        "deals": _deals(),
    }


def stage_id(motion: str, label: str) -> str:
    """The id of a motion's stage, "Closed won" and "Closed lost" included."""
    for name, _, pipeline_id, labels in MOTIONS:
        if name == motion:
            return f"{pipeline_id}{(*labels, 'Closed won', 'Closed lost').index(label) + 1:02d}"
    raise KeyError(motion)


def pipeline_id(motion: str) -> str:
    return next(id_ for name, _, id_, _ in MOTIONS if name == motion)


def _owner(id_: str, user_id: int, first: str, last: str) -> Entry:
    email = f"{first}.{last}@meridian.example".lower().replace(" ", "")
    return {"id": id_, "user_id": user_id, "email": email, "first_name": first, "last_name": last}


def _pipeline(place: int, _: str, label: str, id_: str, stages: Sequence[str]) -> Entry:
    probabilities = [*(f"0.{2 * number}" for number in range(1, 5)), "0.9", "1.0", "0.0"]
    return {
        "id": id_,
        "label": label,
        "displayOrder": place,
        "stages": [
            {"id": f"{id_}{number + 1:02d}", "label": name, "displayOrder": number}
            | {"metadata": {"probability": probability}}
            for number, (name, probability) in enumerate(
                zip((*stages, "Closed won", "Closed lost"), probabilities, strict=True)
            )
        ],
    }


def _contacts() -> list[Entry]:
    rows = (
        ("8001", "Julia", "Brandt", "julia@brandt-it.example", "7001", "de-de", "europe_slash_berlin", "admin"),
        ("8002", "Lukas", "Weber", "lukas.weber@brandt-it.example", "7001", "de-de", "europe_slash_berlin", "sales"),
        ("8003", "Tom", "Ashby", "tom@ashby-digital.example", "7002", "en-gb", "europe_slash_london", "admin"),
        ("8004", "Hugo", "Marchand", "h.marchand@marchand-reseaux.example", "7003", "fr-fr", "europe_slash_paris", ""),
        ("8005", "Bram", "de Wit", "bram@dewit-automatisering.example", "7004", "nl-nl", "europe_slash_amsterdam", ""),
        ("8006", "Nuria", "Campos", "nuria@campos-sistemas.example", "7005", "es-es", "europe_slash_madrid", ""),
        ("8007", "Paolo", "Ricci", "paolo@ricci-informatica.example", "7006", "it-it", "europe_slash_rome", ""),
        ("8008", "Joana", "Pires", "joana@minho-dados.example", "7007", "pt-pt", "europe_slash_lisbon", ""),
        ("8009", "Kari", "Nordahl", "kari@fjord-partners.example", "7008", "en-gb", "europe_slash_oslo", ""),
    )
    return [
        {
            "id": id_,
            "created": "today-300d",
            "companies": [company],
            "properties": {
                "firstname": first,
                "lastname": last,
                "email": email,
                "hs_language": language,
                "hs_timezone": zone,
                "partner_role": role or "partner",
                "partner_channels": "email;slack" if company in {"7001", "7002"} else "email",
                "hs_additional_emails": "j.brandt@brandt-it.example" if id_ == "8001" else "",
            },
        }
        for id_, first, last, email, company, language, zone, role in rows
    ]


# id | name | customer | partner | contacts | motion | stage | amount | closes | protected until | source;
# days with a sign count from today.
_DEALS = """
9001 | Acme rollout | 7101 | 7001 | 8001 8002 | reseller | Qualification | 40000 EUR | 2026-12-31 | +60d | sourced
9002 | Elbtal Bau time tracking | 7102 | 7001 | 8001 | reseller | Configure & Quote | 31000 EUR | +45d | +41d | sourced
9003 | Weingut Kamptal tills | 7103 | 7001 | 8002 | services | Solution Design | 26000 EUR | +90d | +35d | influenced
9004 | Redwood Dairy traceability | 7104 | 7002 | 8003 | marketplace | Private Offer | 36000 GBP | +60d | +30d | sourced
9005 | Harbour Freight Lines | 7105 | 7002 | 8003 | technology | Field Readiness | 120000 GBP | +150d |  | influenced
9006 | Verrerie du Nord | 7106 | 7003 | 8004 | referral | Validate | 73000 EUR | +75d | +37d | sourced
9007 | Brasserie Lefort | 7107 | 7003 | 8004 | reseller | Qualification | 40000 EUR | +50d | +55d | sourced
9008 | Transport Maasdijk | 7108 | 7004 | 8005 | reseller | Deal Registration | 24000 EUR | +120d | +88d | sourced
9009 | Bodegas Duero | 7109 | 7005 | 8006 | marketplace | Listing Ready | 43000 EUR | +80d | +40d | sourced
9010 | Ceramiche Faenza | 7110 | 7006 | 8007 | technology | Validation | 72000 EUR | +35d |  | influenced
9011 | Teatro de Braga ticketing | 7111 | 7007 | 8008 | services | Proof / Workshop | 27000 EUR | +65d | +49d | sourced
"""


def _deals() -> list[Entry]:
    programme = {partner["id"]: partner["properties"] for partner in partners()}
    rows = [[cell.strip() for cell in line.split("|")] for line in _DEALS.strip().splitlines()]
    return [*(_deal(*row, programme=programme[row[3]]) for row in rows), _direct_deal()]


def _direct_deal() -> Entry:
    return {
        "id": "9101",
        "owner": "5002",
        "created": "today-20d",
        "companies": ["7202"],
        "properties": {
            "dealname": "Kestrel crew rosters",
            "pipeline": pipeline_id("reseller"),
            "dealstage": stage_id("reseller", "Qualification"),
            "amount": "85000",
            "deal_currency_code": "GBP",
            "closedate": _day("+70d"),
            "hubspot_owner_id": "5002",
        },
    }


def _deal(*row: str, programme: Entry) -> Entry:
    id_, name, customer, partner, contacts, motion, stage, money, closes, protected, source = row
    amount, currency = money.split()
    return {
        "id": id_,
        "owner": programme["hubspot_owner_id"],
        "created": "today-30d",
        "companies": [customer],
        "contacts": contacts.split(),
        "properties": {
            "dealname": name,
            "pipeline": pipeline_id(motion),
            "dealstage": stage_id(motion, stage),
            "amount": amount,
            "deal_currency_code": currency,
            "closedate": _day(closes),
            "hubspot_owner_id": programme["hubspot_owner_id"],
            "partner_account": partner,
            "partner_motion": motion,
            "partner_source": source,
            "partner_share": "100" if source == "sourced" else "40",
            "partner_tier": programme["partner_tier"],
            "partner_certification": "certified" if programme["partner_tier"] == "gold" else "trained",
            "registration_id": f"REG-{id_}",
            "protected_until": _day(protected),
            "registration_status": "protected" if protected else "",
            "protection_renewals": "0",
        },
    }


def _day(text: str) -> str:
    return f"today{text}" if text[:1] in {"+", "-"} else text
