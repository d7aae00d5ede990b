"""How often Slack lets an app call: tiers a minute, one post a second in a channel. Holds no clock.

Tiers from docs.slack.dev/apis/web-api/rate-limits (2026-11): per method, per workspace, per app.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from dataclasses import dataclass, field
from enum import IntEnum

_WINDOW_S = 60.0
_ROUNDING = 1e-9  # of a token: whoever waits as long as told is let in


class Tier(IntEnum):
    """Slack's tiers; SPECIAL is "hundreds per minute", POST is chat.postMessage's own rule."""

    ONE = 1
    TWO = 2
    THREE = 3
    FOUR = 4
    SPECIAL = 5
    POST = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Calls a minute by tier, and how many messages a channel takes at once before one a second holds."""

    per_minute: dict[Tier, int] = field(
        default_factory=lambda: {
            Tier.ONE: 10,  # "1+"; apps.connections.open is tier 1 and takes a reconnecting client
            Tier.TWO: 20,
            Tier.THREE: 50,
            Tier.FOUR: 100,
            Tier.SPECIAL: 600,
            Tier.POST: 300,
        }
    )
    post_burst: int = 4
    post_per_channel_per_s: float = 1.0


class Limiter:
    """Counts calls. `now_s` is any clock that only goes forward, in seconds."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._calls: dict[tuple[str, str], deque[float]] = defaultdict(deque)
        self._tokens: dict[tuple[str, str], tuple[float, float]] = {}

    def wait_s(self, method: str, tier: Tier, team_id: str, *, channel: str = "", now_s: float) -> int:
        """0 and the call counts; or the whole seconds for Retry-After, and the call does not count."""
        calls = self._calls[method, team_id]
        while calls and calls[0] <= now_s - _WINDOW_S:
            calls.popleft()
        if len(calls) >= self.limits.per_minute[tier]:
            return max(1, math.ceil(calls[0] + _WINDOW_S - now_s))
        if tier is Tier.POST and (wait_s := self._channel_wait_s(team_id, channel, now_s)):
            return wait_s
        calls.append(now_s)
        return 0

    def _channel_wait_s(self, team_id: str, channel: str, now_s: float) -> int:
        burst, rate = self.limits.post_burst, self.limits.post_per_channel_per_s
        tokens, at_s = self._tokens.get((team_id, channel), (float(burst), now_s))
        tokens = min(float(burst), tokens + (now_s - at_s) * rate)
        if tokens < 1 - _ROUNDING:
            self._tokens[team_id, channel] = tokens, now_s
            return max(1, math.ceil((1 - tokens) / rate))
        self._tokens[team_id, channel] = max(tokens - 1, 0.0), now_s
        return 0
