"""Who has subscribed to which type of email, by address. Says nothing of contacts: an address may have none."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.sandbox.hubspot.errors import Json
from bot.sandbox.hubspot.times import iso_of

STATES = ("SUBSCRIBED", "UNSUBSCRIBED", "NOT_SPECIFIED")


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What an address has said of one type; `state` is one of STATES."""

    email: str
    subscription_id: str
    state: str = "NOT_SPECIFIED"
    source: str = "Not specified"
    at_ms: int = 0

    def json(self, name: str) -> Json:
        """The published schema `PublicStatus`."""
        return {
            "channel": "EMAIL",
            "source": self.source,
            "status": self.state,
            "subscriberIdString": self.email,
            "subscriptionId": int(self.subscription_id),
            "subscriptionName": name,
            "timestamp": iso_of(self.at_ms),
        }


@dataclass(slots=True)
class Subscriptions:
    _held: dict[tuple[str, str], Status] = field(default_factory=dict)

    def of(self, email: str, subscription_id: str) -> Status:
        none = Status(email=email, subscription_id=subscription_id)
        return self._held.get((email.lower(), subscription_id), none)

    def put(self, email: str, subscription_id: str, state: str, *, source: str, now_ms: int) -> tuple[Status, str]:
        """Set it; the status, and what happened in the words of `setStatusSuccessReason`."""
        before = self.of(email, subscription_id)
        if before.state == state:
            return before, "NO_STATUS_CHANGE"
        status = Status(email=email, subscription_id=subscription_id, state=state, source=source, at_ms=now_ms)
        self._held[email.lower(), subscription_id] = status
        again = (before.state, state) == ("UNSUBSCRIBED", "SUBSCRIBED")
        return status, "RESUBSCRIBE_OCCURRED" if again else "REQUESTED_CHANGE_OCCURRED"
