"""HubSpot's email subscription types: who has unsubscribed from which, and setting it. Knows no other preference.

Source: HubSpot's specification of "Communication Preferences Subscriptions" 2026-09; the same as v4, which v1–v3's
clients do not have. Unlike v3 it subscribes those again who unsubscribed (HubSpot's guide of v3, 2025-12).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from bot.crm.hubspot.errors import Call
from bot.crm.hubspot.settings import HubSpotSettings
from bot.crm.hubspot.transport import Transport
from bot.domain.preferences import Topic

BASE = "/communication-preferences/v4"
SUBSCRIBED, UNSUBSCRIBED = "SUBSCRIBED", "UNSUBSCRIBED"
# What portals that keep to the GDPR ask for (specification, PartialPublicStatusRequest).
CONSENT = {"legalBasis": "CONSENT_WITH_NOTICE", "legalBasisExplanation": "The contact asked for it by email or Slack."}


class Subscriptions:
    """The subscription types that topics are mapped to."""

    def __init__(self, transport: Transport, settings: HubSpotSettings) -> None:
        self._transport = transport
        self._ids = settings.subscriptions

    async def opted_out(self, email: str) -> frozenset[Topic]:
        """The topics that this address has unsubscribed from, as of now. Without mapped topics nothing is asked."""
        if not self._ids or not email:
            return frozenset()
        answer = await self._transport.get(
            Call(what="read a contact's subscriptions"), _path(email), query={"channel": "EMAIL"}
        )
        out = {str(one["subscriptionId"]) for one in answer["results"] if one.get("status") == UNSUBSCRIBED}
        return frozenset(topic for topic, id_ in self._ids.items() if id_ in out)

    async def put(self, email: str, topic: Topic, *, wanted: bool) -> None:
        """Subscribe or unsubscribe the address; the same again changes nothing. Raises InvalidError, GoneError."""
        body = {
            "subscriptionId": int(self._ids[topic]),
            "statusState": SUBSCRIBED if wanted else UNSUBSCRIBED,
            "channel": "EMAIL",
            **(CONSENT if wanted else {}),
        }
        await self._transport.post(Call(what=f"set a contact's subscription to {topic}"), _path(email), body)

    async def faults(self) -> list[str]:
        """Mapped subscription types that the portal does not have."""
        if not self._ids:
            return []
        answer: Mapping[str, Any] = await self._transport.get(
            Call(what="read the subscription types"), f"{BASE}/definitions"
        )
        there = {str(one["id"]): str(one.get("name") or "") for one in answer["results"] if one.get("isActive", True)}
        known = ", ".join(f"{id_} ({name})" for id_, name in there.items()) or "none"
        return [
            f"hubspot: subscriptions: {topic}: there is no active subscription type {id_}; there are {known}"
            for topic, id_ in self._ids.items()
            if id_ not in there
        ]


def _path(email: str) -> str:
    return f"{BASE}/statuses/{quote(email, safe='')}"
