"""Where a poll for changes goes on: a small text that survives. Pure; refuses a text that is not ours.

Three facts shape it (search guide, 2026-09): the search lags behind the records; it pages by offset, so that a
record which changes while we page shifts the rest past us; and it ends at 10,000. So each page starts anew at the
time where the last ended (`position`), and each sweep starts `overlap` before the last one's end. Once an hour a
sweep looks hours back, for the days when HubSpot's index is late by more than that, or our clock is wrong.
`seen` keeps what was read already, so that looking back costs no reading.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot.errors import PermanentError

WIDE_EVERY_MS = 3_600_000
WIDE_MS = 6 * 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """All times in milliseconds since 1970, by HubSpot's clock.

    `start` is when watching began: nothing earlier is ever told. `floor` is where this sweep began: earlier history
    entries were told by an earlier sweep. `position` is where the next page starts. `wide` is when a sweep last
    looked far back. `seen` maps a deal to the time of the newest version that was read.
    """

    start: int
    floor: int
    position: int
    wide: int
    seen: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def begin(cls, now: int) -> Cursor:
        return cls(start=now, floor=now, position=now, wide=now)

    @classmethod
    def load(cls, text: str) -> Cursor:
        """Raises PermanentError for a text that `dump` did not make."""
        try:
            held = json.loads(text)
            numbers = {name: int(held[name]) for name in ("start", "floor", "position", "wide")}
            return cls(**numbers, seen={str(k): int(v) for k, v in held["seen"].items()})
        except (ValueError, TypeError, KeyError, AttributeError) as exc:
            raise PermanentError(
                f"hubspot: read changes: {text[:60]!r} is not a cursor of this CRM: forget it to start from now"
            ) from exc

    def dump(self) -> str:
        held = {"start": self.start, "floor": self.floor, "position": self.position, "wide": self.wide}
        return json.dumps({**held, "seen": dict(self.seen)}, separators=(",", ":"))

    @property
    def between_sweeps(self) -> bool:
        return self.position == self.floor

    def opened(self, now: int) -> Cursor:
        """The cursor to sweep with: once an hour, between two sweeps, it looks far back."""
        if not self.between_sweeps or now - self.wide < WIDE_EVERY_MS:
            return self
        back = max(self.start, min(self.floor, now - WIDE_MS))
        return replace(self, floor=back, position=back, wide=now)

    def knows(self, deal_id: str, version: int) -> bool:
        """Whether this version of the deal, or a newer one, was read already."""
        return self.seen.get(deal_id, -1) >= version

    def finished(self, read: Mapping[str, int], *, now: int, overlap: int) -> Cursor:
        """After a sweep that reached the end; `read` are the versions it read."""
        begin = max(self.floor, now - overlap)
        return replace(self, floor=begin, position=begin, seen=self._recent(read, begin))

    def interrupted(self, read: Mapping[str, int], *, position: int) -> Cursor:
        """After a sweep that stopped at `position` because it had found enough for once."""
        return replace(self, position=position, seen=self._recent(read, min(self.floor, position)))

    def _recent(self, read: Mapping[str, int], since: int) -> dict[str, int]:
        return {deal_id: version for deal_id, version in {**self.seen, **read}.items() if version >= since}
