"""A portal's deal pipelines: stage ids to labels, outcomes and motions. Pure; refuses nothing, reports faults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.deals import Outcome, Pipeline, Pipelines, Stage
from bot.domain.partners import Motion

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class HubStage:
    id: str
    label: str
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class HubPipeline:
    id: str
    label: str
    stages: tuple[HubStage, ...]


class Stages:
    """All deal pipelines, and which of them the motions use (`wanted`: motion -> id or label)."""

    def __init__(self, found: Sequence[Json], wanted: Mapping[Motion, str]) -> None:
        self._all = tuple(_pipeline(p) for p in found if not p.get("archived"))
        self._wanted = {Motion(m): name for m, name in wanted.items()}
        self._of_motion = {m: p for m, name in self._wanted.items() if (p := self._named(name))}

    def pipelines(self) -> Pipelines:
        return {
            motion: Pipeline(
                motion=motion, stages=tuple(Stage(label=s.label, outcome=s.outcome) for s in pipeline.stages)
            )
            for motion, pipeline in self._of_motion.items()
        }

    def motion(self, pipeline_id: str, said: str | None) -> Motion | None:
        """The motion of a deal: its pipeline's; where several share that pipeline, the one the deal says."""
        motions = [m for m, p in self._of_motion.items() if p.id == pipeline_id]
        if len(motions) == 1:
            return motions[0]
        return next((m for m in motions if m == (said or "").strip().casefold()), None)

    def pipeline_id(self, motion: Motion) -> str | None:
        """The id of the motion's pipeline, or None when it has none."""
        pipeline = self._of_motion.get(motion)
        return pipeline.id if pipeline else None

    def label(self, stage_id: str, pipeline_id: str = "") -> str:
        """The stage's label; its id when no pipeline has it."""
        stage = self._stage(stage_id, pipeline_id)
        return stage.label if stage else stage_id

    def outcome(self, stage_id: str, pipeline_id: str = "") -> Outcome:
        stage = self._stage(stage_id, pipeline_id)
        return stage.outcome if stage else Outcome.OPEN

    def knows(self, stage_id: str) -> bool:
        return self._stage(stage_id, "") is not None

    def stage_id(self, pipeline_id: str, label: str) -> str | None:
        """The id of the pipeline's stage with this label, compared without case and outer blanks."""
        wanted = label.strip().casefold()
        stages = next((p.stages for p in self._all if p.id == pipeline_id), ())
        return next((s.id for s in stages if s.label.strip().casefold() == wanted), None)

    def open_stage_ids(self) -> tuple[str, ...]:
        """The open stages of the pipelines that motions use, each once."""
        return tuple(
            dict.fromkeys(s.id for p in self._of_motion.values() for s in p.stages if s.outcome is Outcome.OPEN)
        )

    def faults(self) -> list[str]:
        names = ", ".join(p.label for p in self._all) or "none"
        faults = [
            f"crm.pipelines.{motion}: {name!r} is not one of the portal's deal pipelines: {names}"
            for motion, name in self._wanted.items()
            if motion not in self._of_motion
        ]
        for motion, pipeline in self.pipelines().items():
            missing = [o.value for o in (Outcome.WON, Outcome.LOST) if pipeline.closing_label(o) is None]
            if missing:
                faults.append(
                    f"crm.pipelines.{motion}: {self._wanted[motion]!r} has no stage for {' and '.join(missing)}: "
                    "mark one as closed in HubSpot's pipeline settings"
                )
        return faults

    def _named(self, name: str) -> HubPipeline | None:
        by_id = (p for p in self._all if p.id == name)
        by_label = (p for p in self._all if p.label.strip().casefold() == name.strip().casefold())
        return next(by_id, None) or next(by_label, None)

    def _stage(self, stage_id: str, pipeline_id: str) -> HubStage | None:
        ordered = sorted(self._all, key=lambda p: p.id != pipeline_id)
        return next((s for p in ordered for s in p.stages if s.id == stage_id), None)


def _pipeline(found: Json) -> HubPipeline:
    stages = sorted(
        (s for s in found.get("stages", ()) if not s.get("archived")), key=lambda s: s.get("displayOrder", 0)
    )
    return HubPipeline(
        id=str(found["id"]),
        label=str(found.get("label", "")),
        stages=tuple(HubStage(id=str(s["id"]), label=str(s["label"]), outcome=_outcome(s)) for s in stages),
    )


def _outcome(stage: Json) -> Outcome:
    """Closed with probability 1 is won, closed with less is lost (HubSpot's pipelines guide, 2026)."""
    metadata = stage.get("metadata") or {}
    if str(metadata.get("isClosed", "")).lower() != "true":
        return Outcome.OPEN
    try:
        return Outcome.WON if float(metadata.get("probability", 0)) >= 1 else Outcome.LOST
    except ValueError:
        return Outcome.LOST
