"""[rhythm] of config.toml: after how long somebody is reminded."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from bot.config.kinds import Section
from bot.domain.rhythm import Rhythm

Span = Annotated[int, Field(ge=0, le=3650)]


class RhythmConfig(Section):
    """Each key as in bot.domain.rhythm.Rhythm; 0 is never."""

    stalled_days: Span = 30
    notes_days: Span = 7
    action_days: Span = 7
    follow_up_hours: Span = 24
    per_day: Annotated[int, Field(ge=1)] = 3
    held_reminder_days: Span = 3
    held_days: Span = 14

    @model_validator(mode="after")
    def _reminded_before_dropped(self) -> RhythmConfig:
        if self.held_days and self.held_reminder_days >= self.held_days:
            raise ValueError("held_reminder_days is not before held_days: remind earlier, or 0 for never")
        return self

    def rhythm(self) -> Rhythm:
        return Rhythm(**dict(self))
