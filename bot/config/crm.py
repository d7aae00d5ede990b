"""[crm] of config.toml: which CRM, how to reach it, what its things are called. Refuses to know what it really has."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bot.config.kinds import Secret, Section
from bot.domain.deals import DealField
from bot.domain.partners import Motion
from bot.domain.preferences import Topic


class PropertiesConfig(Section):
    """Our word = the portal's property, where it has another name than the default. `facts` are further words for
    segments, such as size = "company.numberofemployees"."""

    deal: dict[str, str] = {}
    company: dict[str, str] = {}
    contact: dict[str, str] = {}
    facts: dict[str, str] = {}


class HubSpotConfig(Section):
    base_url: str = "https://api.hubapi.com"
    access_token: Secret
    api: Literal["2026-09", "v3"] = "2026-09"
    portal_id: str | None = None
    calls_per_10_s: Annotated[int, Field(ge=1)] = 100
    active_statuses: frozenset[str] = frozenset({"active"})
    customer_stages: frozenset[str] = frozenset({"customer", "evangelist"})
    properties: PropertiesConfig = PropertiesConfig()
    subscriptions: dict[Topic, str] = {}
    pipelines: dict[Motion, str] = {}


class CRMConfig(Section):
    kind: Literal["hubspot"] = "hubspot"
    poll_every_s: Annotated[float, Field(gt=0)] = 15.0
    watched: tuple[DealField, ...] = (
        DealField.STAGE,
        DealField.AMOUNT,
        DealField.CURRENCY,
        DealField.CLOSE_DATE,
        DealField.NEXT_STEP,
        DealField.SHARE,
        DealField.CREDITS,
    )
    hubspot: HubSpotConfig
