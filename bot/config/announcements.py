"""[announcements] of config.toml: how one text goes to many."""

from __future__ import annotations

from datetime import time
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator

from bot.config.kinds import Section
from bot.domain.preferences import QuietHours
from bot.domain.segments import SegmentError, parse


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
        raise ValueError(f"{value!r} is no time zone such as Europe/Berlin") from exc
    return value


class AnnouncementsConfig(Section):
    """`timezone` is that of --at, and of readers without one. `refusal_share` is a part of 1."""

    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"
    quiet_from: time = time(20)
    quiet_until: time = time(8)
    quiet_weekends: bool = True
    mails_per_s: Annotated[float, Field(gt=0, le=100_000)] = 10.0
    refusals_in_a_row: Annotated[int, Field(ge=1)] = 20
    refusal_share: Annotated[float, Field(gt=0, le=1)] = 0.1
    segments: dict[str, str] = {}

    def quiet(self) -> QuietHours:
        return QuietHours(starts=self.quiet_from, ends=self.quiet_until, weekends=self.quiet_weekends)

    @property
    def batch(self) -> int:
        """How many are taken at a time: some ten seconds' worth, so that a pause is soon felt."""
        return max(1, min(500, int(self.mails_per_s * 10)))

    @model_validator(mode="after")
    def _segments_can_be_read(self) -> AnnouncementsConfig:
        """Which further facts there are is [crm]'s matter: a field that is unknown here shows when it is used."""
        faults = []
        for name, text in self.segments.items():
            try:
                parse(text, saved=self.segments)
            except SegmentError as exc:
                faults += [f"segments.{name}: {fault}" for fault in exc.faults if "no such field" not in fault]
        if faults:
            raise ValueError("; ".join(faults))
        return self
