"""[motions.<motion>] of config.toml: the stages of a motion and what a deal needs before it leaves them."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from bot.config.kinds import Section
from bot.domain.motions import REQUIRABLE, Exit


def _requirable(name: str) -> str:
    if name not in REQUIRABLE:
        raise ValueError(f"is not a field of a deal; known are {', '.join(REQUIRABLE)}")
    return name


class ExitConfig(Section):
    """As bot.domain.motions.Exit."""

    stage: Annotated[str, Field(min_length=1)]
    criterion: str = ""
    requires: tuple[Annotated[str, AfterValidator(_requirable)], ...] = ()


class MotionConfig(Section):
    """The stages in their order; they replace those that offportal comes with."""

    stages: Annotated[tuple[ExitConfig, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _each_stage_once(self) -> MotionConfig:
        labels = [e.stage.strip().casefold() for e in self.stages]
        if twice := sorted({label for label in labels if labels.count(label) > 1}):
            raise ValueError(f"names a stage twice: {', '.join(twice)}")
        return self

    def exits(self) -> tuple[Exit, ...]:
        return tuple(Exit(**dict(e)) for e in self.stages)
