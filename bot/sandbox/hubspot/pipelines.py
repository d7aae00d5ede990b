"""Pipelines and their stages, and what a stage says of a deal. Moves no deals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.hubspot.bodies import object_in, objects_in, text_of, whole_in
from bot.sandbox.hubspot.errors import HubSpotError, Json, bad_request, fields_not_set, not_found
from bot.sandbox.hubspot.times import iso_of


@dataclass(slots=True, kw_only=True)
class Stage:
    """`probability` runs from "0.0" to "1.0"; a closed stage with "1.0" is won, any other closed one lost."""

    id: str
    label: str
    display_order: int
    probability: str
    closed: bool
    created_ms: int
    updated_ms: int

    @property
    def won(self) -> bool:
        return self.closed and float(self.probability) == 1.0

    def json(self) -> Json:
        """The published schema `PipelineStage`."""
        return {
            "label": self.label,
            "displayOrder": self.display_order,
            "metadata": {"isClosed": "true" if self.closed else "false", "probability": self.probability},
            "id": self.id,
            "createdAt": iso_of(self.created_ms),
            "updatedAt": iso_of(self.updated_ms),
            "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
            "archived": False,
        }


@dataclass(slots=True, kw_only=True)
class Pipeline:
    id: str
    label: str
    display_order: int
    stages: dict[str, Stage]
    created_ms: int
    updated_ms: int

    def json(self) -> Json:
        """The published schema `Pipeline`."""
        return {
            "label": self.label,
            "displayOrder": self.display_order,
            "id": self.id,
            "archived": False,
            "stages": [stage.json() for stage in self.ordered()],
            "createdAt": iso_of(self.created_ms),
            "updatedAt": iso_of(self.updated_ms),
        }

    def ordered(self) -> list[Stage]:
        return sorted(self.stages.values(), key=lambda stage: stage.display_order)

    def stage(self, stage_id: str) -> Stage:
        """That stage.

        Raises:
            HubSpotError: 404.
        """
        if stage_id not in self.stages:
            raise not_found(f"Stage ID '{stage_id}' not found in pipeline '{self.id}'", stageId=[stage_id])
        return self.stages[stage_id]


class Pipelines:
    """The deal pipelines of a portal, in their order; stage ids are unique across them, as in HubSpot."""

    def __init__(self) -> None:
        self._pipelines: dict[str, Pipeline] = {}

    def all(self) -> list[Pipeline]:
        return sorted(self._pipelines.values(), key=lambda pipeline: pipeline.display_order)

    def ids(self) -> list[str]:
        return [pipeline.id for pipeline in self.all()]

    def get(self, pipeline_id: str) -> Pipeline:
        """That pipeline.

        Raises:
            HubSpotError: 404.
        """
        if pipeline_id not in self._pipelines:
            raise not_found(f"Pipeline ID '{pipeline_id}' not found", pipelineId=[pipeline_id])
        return self._pipelines[pipeline_id]

    def find_stage(self, stage_id: str) -> Stage | None:
        for pipeline in self._pipelines.values():
            if stage_id in pipeline.stages:
                return pipeline.stages[stage_id]
        return None

    def pipeline_of(self, stage_id: str) -> Pipeline | None:
        return next((p for p in self._pipelines.values() if stage_id in p.stages), None)

    def add(self, body: Mapping[str, Any], *, now_ms: int, pipeline_id: str) -> Pipeline:
        """A new pipeline from a PipelineInput body; stages may bring their own `id`.

        Raises:
            HubSpotError: 400 for a missing member, 409 for a label or id that is taken.
        """
        missing = [member for member in ("label", "displayOrder", "stages") if member not in body]
        if missing:
            raise fields_not_set(*missing)
        if pipeline_id in self._pipelines or any(p.label == body["label"] for p in self.all()):
            raise HubSpotError(409, "CONFLICT", f"Pipeline '{body['label']}' already exists")
        pipeline = Pipeline(
            id=pipeline_id,
            label=text_of(body["label"]),
            display_order=whole_in(body, "displayOrder", default=0),
            stages={},
            created_ms=now_ms,
            updated_ms=now_ms,
        )
        for place, raw in enumerate(objects_in(body, "stages")):
            stage_id = text_of(raw.get("id")) or f"{pipeline_id}{place + 1:02d}"
            self.add_stage(pipeline, raw, now_ms=now_ms, stage_id=stage_id)
        self._pipelines[pipeline_id] = pipeline
        return pipeline

    def add_stage(self, pipeline: Pipeline, body: Mapping[str, Any], *, now_ms: int, stage_id: str) -> Stage:
        """A new stage from a PipelineStageInput body.

        Raises:
            HubSpotError: 400 for a missing member or probability, 409 for an id or label that is taken.
        """
        missing = [member for member in ("label", "displayOrder") if member not in body]
        if missing:
            raise fields_not_set(*missing)
        if self.find_stage(stage_id) or any(s.label == body["label"] for s in pipeline.stages.values()):
            raise HubSpotError(409, "CONFLICT", f"Stage '{body['label']}' already exists")
        probability, closed = parse_metadata(object_in(body, "metadata"))
        stage = Stage(
            id=stage_id,
            label=text_of(body["label"]),
            display_order=whole_in(body, "displayOrder", default=0),
            probability=probability,
            closed=closed,
            created_ms=now_ms,
            updated_ms=now_ms,
        )
        pipeline.stages[stage_id] = stage
        return stage

    def remove(self, pipeline_id: str) -> None:
        self._pipelines.pop(pipeline_id, None)


def parse_metadata(metadata: Mapping[str, Any]) -> tuple[str, bool]:
    """Probability and closedness of a deal stage; HubSpot wants the probability, and derives isClosed.

    Raises:
        HubSpotError: 400 when the probability is missing or not between 0 and 1.
    """
    text = text_of(metadata.get("probability"))
    try:
        probability = float(text)
    except ValueError:
        probability = -1.0
    if not 0.0 <= probability <= 1.0:
        raise bad_request("Deal stages need a metadata.probability between 0.0 and 1.0", probability=[text])
    closed = text_of(metadata.get("isClosed")).lower() == "true" or probability in {0.0, 1.0}
    return text, closed


def change_labels(target: Pipeline | Stage, body: Mapping[str, Any], *, now_ms: int) -> None:
    """Apply a patch of label and displayOrder."""
    if "label" in body:
        target.label = text_of(body["label"])
    target.display_order = whole_in(body, "displayOrder", default=target.display_order)
    target.updated_ms = now_ms


def stages_in_words(pipelines: Iterable[Pipeline]) -> str:
    """The valid stages as HubSpot lists them when it refuses one."""
    return ", ".join(
        f"pipelineId={pipeline.id} : [{', '.join(stage.id for stage in pipeline.ordered())}]" for pipeline in pipelines
    )
