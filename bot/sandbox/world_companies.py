"""The companies of the demo world: partners, prospects and customers. All invented; holds no behaviour."""

from __future__ import annotations

from typing import Any

Entry = dict[str, Any]
CERTIFIED = {"gold": "trained;certified;Certified Implementer", "silver": "trained;certified"}  # by tier
SELL_BY = {
    "7001": "reseller;services",
    "7002": "marketplace;technology",
    "7003": "referral;reseller",
    "7004": "reseller",
    "7005": "marketplace;services",
    "7006": "technology",
    "7007": "services",
    "7008": "referral",
}


def partners() -> list[Entry]:
    rows = (
        ("7001", "Brandt IT GmbH", "brandt-it.example", "gold", "reseller", "de", "C0BRANDTIT0", "5001", "DE;AT;CH"),
        (
            "7002",
            "Ashby Digital",
            "ashby-digital.example",
            "silver",
            "marketplace",
            "en",
            "C0ASHBYDIG0",
            "5002",
            "GB;IE;DE",
        ),
        ("7003", "Marchand Réseaux", "marchand-reseaux.example", "gold", "referral", "fr", "", "5001", ""),
        ("7004", "De Wit Automatisering", "dewit-automatisering.example", "silver", "reseller", "nl", "", "5001", ""),
        ("7005", "Campos Sistemas", "campos-sistemas.example", "registered", "implementation", "es", "", "5002", ""),
        ("7006", "Ricci Informatica", "ricci-informatica.example", "silver", "technology", "it", "", "5002", ""),
        ("7007", "Minho Dados", "minho-dados.example", "registered", "implementation", "pt", "", "5002", ""),
        ("7008", "Fjord Partners", "fjord-partners.example", "registered", "referral", "en", "", "5001", ""),
    )
    return [
        {
            "id": id_,
            "created": "today-400d",
            "properties": {
                "name": name,
                "domain": domain,
                "type": "PARTNER",
                "hubspot_owner_id": owner,
                "partner_status": "ended" if name == "Fjord Partners" else "active",
                "partner_tier": tier,
                "partner_type": type_,
                "partner_language": language,
                "partner_slack_channel": channel,
                "partner_certifications": CERTIFIED.get(tier, "trained"),
                "partner_territories": territories,
                "partner_motions": SELL_BY[id_],
            },
        }
        for id_, name, domain, tier, type_, language, channel, owner, territories in rows
    ]


def customers() -> list[Entry]:
    names = (
        "Acme GmbH",
        "Elbtal Bau GmbH",
        "Weingut Kamptal",
        "Redwood Dairy",
        "Harbour Freight Lines",
        "Verrerie du Nord",
        "Brasserie Lefort",
        "Transport Maasdijk",
        "Bodegas Duero",
        "Ceramiche Faenza",
        "Teatro de Braga",
    )
    prospects = [
        {"id": str(7101 + place), "created": "today-200d", "properties": {"name": name, "type": "PROSPECT"}}
        for place, name in enumerate(names)
    ]
    return [*prospects, *_known_companies()]


def _known_companies() -> list[Entry]:
    """A company that buys from Meridian already, and one that direct sales are talking with."""
    rows = (
        ("7201", "Rheinwerk Maschinenbau AG", "rheinwerk.example", "Germany", "MACHINERY", "customer"),
        ("7202", "Kestrel Airways Ltd", "kestrel-airways.example", "United Kingdom", "LOGISTICS_AND_SUPPLY_CHAIN", ""),
    )
    return [
        {
            "id": id_,
            "created": "today-500d",
            "properties": {
                "name": name,
                "domain": domain,
                "country": country,
                "industry": industry,
                "lifecyclestage": stage,
                "hubspot_owner_id": "5002",
            },
        }
        for id_, name, domain, country, industry, stage in rows
    ]
