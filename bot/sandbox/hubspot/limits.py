"""How fast an app may ask. Counts requests; knows nothing of what they do.

Source: developers.hubspot.com, "API usage guidelines and limits", 2026-11: 190 requests in ten seconds for an app of a
Professional portal, 625,000 a day, 5 searches a second for the whole account; searches carry no rate headers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.hubspot.errors import rate_limited

WINDOW_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    per_ten_seconds: int = 190
    searches_per_second: int = 5
    per_day: int = 625_000


class RateLimiter:
    """Two rolling windows and a day's count; `timer` runs in seconds. A refused request does not count."""

    def __init__(self, limits: Limits, *, timer: Callable[[], float]) -> None:
        self._limits = limits
        self._timer = timer
        self._requests: deque[float] = deque()
        self._searches: deque[float] = deque()
        self._today = 0

    def admit(self, *, is_search: bool) -> None:
        """Count one request.

        Raises:
            HubSpotError: 429 with the policy that was exceeded.
        """
        now = self._timer()
        _forget(self._requests, now - WINDOW_S)
        _forget(self._searches, now - 1.0)
        if self._today >= self._limits.per_day:
            raise rate_limited("DAILY")
        if is_search and len(self._searches) >= self._limits.searches_per_second:
            raise rate_limited("SECONDLY")
        if len(self._requests) >= self._limits.per_ten_seconds:
            raise rate_limited("TEN_SECONDLY_ROLLING")
        (self._searches if is_search else self._requests).append(now)
        self._today += 1

    def headers(self) -> dict[str, str]:
        """The five X-HubSpot-RateLimit headers."""
        most = self._limits.per_ten_seconds
        return {
            "X-HubSpot-RateLimit-Daily": str(self._limits.per_day),
            "X-HubSpot-RateLimit-Daily-Remaining": str(max(0, self._limits.per_day - self._today)),
            "X-HubSpot-RateLimit-Interval-Milliseconds": str(int(WINDOW_S * 1000)),
            "X-HubSpot-RateLimit-Max": str(most),
            "X-HubSpot-RateLimit-Remaining": str(max(0, most - len(self._requests))),
        }


def _forget(times: deque[float], before: float) -> None:
    while times and times[0] <= before:
        times.popleft()
