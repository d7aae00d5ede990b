"""What the HubSpot adapter is told: plain values. Refuses what cannot work, with every fault at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.domain.deals import DealField
from bot.domain.partners import Motion
from bot.domain.preferences import ALWAYS, Topic
from bot.domain.segments import FIELDS
from bot.errors import ConfigError

DEAL_PROPERTIES: Mapping[str, str] = {
    "stage": "dealstage",
    "amount": "amount",
    "currency": "deal_currency_code",
    "close_date": "closedate",
    "next_step": "hs_next_step",
    "lost_reason": "closed_lost_reason",
    "competitor": "lost_competitor",
    "stage_notes": "stage_notes",
    "protected_until": "protected_until",
    "renewals": "protection_renewals",
    "registration_status": "registration_status",
    "registration": "registration_id",
    "partner": "partner_account",  # the record id of the partner's company
    "motion": "partner_motion",
    "source": "partner_source",
    "share": "partner_share",
    "credits": "partner_credits",  # what further partners have: bot.domain.credits
    "tier": "partner_tier",
    "certification": "partner_certification",
    "need": "description",
}
WRITTEN_ONLY = frozenset({"tier", "certification", "need"})  # terms of deals that we never read
COMPANY_PROPERTIES: Mapping[str, str] = {
    "status": "partner_status",
    "tier": "partner_tier",
    "type": "partner_type",
    "language": "partner_language",
    "slack_channel": "partner_slack_channel",
    "certifications": "partner_certifications",
    "territories": "partner_territories",
    "motions": "partner_motions",
    "country": "country",
    "segment": "industry",
    "lifecycle": "lifecyclestage",
    "other_domains": "hs_additional_domains",
}
CONTACT_PROPERTIES: Mapping[str, str] = {
    "role": "partner_role",
    "channels": "partner_channels",
    "language": "hs_language",
    "timezone": "hs_timezone",
    "other_emails": "hs_additional_emails",
    "topics_off": "offportal_topics_off",
    "topics_digest": "offportal_topics_digest",
    "topics_immediate": "offportal_topics_immediate",
    "quiet_hours": "offportal_quiet_hours",
    "paused_until": "offportal_paused_until",
    "last_engagement": "offportal_last_engagement",
}
FACT = re.compile(r"(company|contact)\.(\w+)")
WATCHED = (
    DealField.STAGE,
    DealField.AMOUNT,
    DealField.CURRENCY,
    DealField.CLOSE_DATE,
    DealField.NEXT_STEP,
    DealField.PROTECTED_UNTIL,
    DealField.SHARE,
    DealField.CREDITS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSpotSettings:
    """How to reach one HubSpot portal and what its things are called there.

    `pipelines` names the deal pipeline of each motion by id or label. `properties`, `company_properties` and
    `contact_properties` replace single defaults of the mappings above (our term -> property name).
    `api_family` is a dated version ("2026-09") or "v3" (v1-v4 end in 2027: HubSpot changelog, migration guide).
    `calls_per_10_s` is the portal's burst limit (100 on Free and Starter, 190 on Pro and Enterprise: usage
    guidelines, 2026); the adapter stays 10 % below. `portal_id` and `timezone` are asked of HubSpot when None.
    `subscriptions` are HubSpot's email subscription types (their ids) of topics that have one: who is unsubscribed
    there hears nothing of that topic, and the other way round. `facts` are further properties that segments may ask
    for, our word -> "company.numberofemployees" or "contact.jobtitle".
    `customer_stages` are the lifecycle stages of companies that buy from the vendor already.
    `connect_s` and `read_s` are the time-outs of one request. `overlap` is how far each poll for changes looks
    back, against the lag of HubSpot's search index.
    """

    access_token: str = field(repr=False)
    pipelines: Mapping[Motion, str]
    base_url: str = "https://api.hubapi.com"
    api_family: str = "2026-09"
    properties: Mapping[str, str] = field(default_factory=dict)
    company_properties: Mapping[str, str] = field(default_factory=dict)
    contact_properties: Mapping[str, str] = field(default_factory=dict)
    subscriptions: Mapping[Topic, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    watched: tuple[DealField, ...] = WATCHED
    active_statuses: frozenset[str] = frozenset({"active"})
    customer_stages: frozenset[str] = frozenset({"customer", "evangelist"})
    portal_id: str | None = None
    timezone: str | None = None
    calls_per_10_s: int = 100
    searches_per_s: float = 5.0
    overlap: timedelta = timedelta(minutes=2)
    connect_s: float = 3.0
    read_s: float = 10.0

    def __post_init__(self) -> None:
        if faults := list(self._faults()):
            raise ConfigError(faults)

    def deal(self, term: str) -> str:
        """The deal property that holds our term."""
        return self.properties.get(term, DEAL_PROPERTIES[term])

    def company(self, term: str) -> str:
        return self.company_properties.get(term, COMPANY_PROPERTIES[term])

    def contact(self, term: str) -> str:
        return self.contact_properties.get(term, CONTACT_PROPERTIES[term])

    def facts_of(self, kind: str) -> dict[str, str]:
        """The facts that a "company" or a "contact" holds: our word -> its property."""
        named = ((word, FACT.fullmatch(where)) for word, where in self.facts.items())
        return {word: found[2] for word, found in named if found and found[1] == kind}

    def field_of(self, property_name: str) -> DealField | None:
        """Our field that this deal property holds, if it is one of ours."""
        return next((f for f in DealField if self.deal(f) == property_name), None)

    def _faults(self) -> list[str]:
        faults = []
        if not re.fullmatch(r"[!-~]+", self.access_token):
            faults.append(
                "crm.access_token: is empty or has blanks: put HubSpot's service key or private-app token there"
            )
        if not self.pipelines:
            faults.append("crm.pipelines: names no pipeline: name one for each motion that partners sell with")
        motions = [m.value for m in Motion]
        faults += [
            f"crm.pipelines: {m!r} is not one of {', '.join(motions)}" for m in self.pipelines if m not in motions
        ]
        if not re.fullmatch(r"v3|\d{4}-\d{2}", self.api_family):
            faults.append(f"crm.api_family: {self.api_family!r} is neither v3 nor a dated version such as 2026-09")
        url = urlsplit(self.base_url)
        if url.scheme != "https" and url.hostname not in {"127.0.0.1", "localhost"}:
            faults.append(f"crm.base_url: {self.base_url!r} would send the token unencrypted: use https")
        for given, known, where in (
            (self.properties, DEAL_PROPERTIES, "crm.properties"),
            (self.company_properties, COMPANY_PROPERTIES, "crm.company_properties"),
            (self.contact_properties, CONTACT_PROPERTIES, "crm.contact_properties"),
        ):
            faults += [f"{where}: {t!r} is not one of {', '.join(sorted(known))}" for t in given if t not in known]
        faults += self._audience_faults()
        if self.timezone is not None:
            try:
                ZoneInfo(self.timezone)
            except (ZoneInfoNotFoundError, ValueError):
                faults.append(f"crm.timezone: {self.timezone!r} is not an IANA time zone such as Europe/Berlin")
        return faults

    def _audience_faults(self) -> list[str]:
        may = [t.value for t in Topic if t not in ALWAYS]
        faults = [
            f"crm.subscriptions: {topic} cannot be unsubscribed from: name one of {', '.join(may)}"
            for topic in self.subscriptions
            if topic in ALWAYS
        ]
        faults += [
            f"crm.subscriptions: {topic}: {id_!r} is not the number of a subscription type"
            for topic, id_ in self.subscriptions.items()
            if not (id_.isascii() and id_.isdecimal())
        ]
        ids = list(self.subscriptions.values())
        faults += [
            f"crm.subscriptions: {topic}: {id_} stands for another topic, too: name it once"
            for topic, id_ in self.subscriptions.items()
            if ids.count(id_) > 1
        ]
        for word, where in self.facts.items():
            if word in FIELDS or not re.fullmatch(r"[a-z][a-z0-9_-]*", word):
                faults.append(f"crm.properties.facts: {word!r} is taken, or no small word: choose another name")
            if not FACT.fullmatch(where):
                faults.append(
                    f"crm.properties.facts: {word}: {where!r} is not a property such as company.numberofemployees"
                )
        return faults
