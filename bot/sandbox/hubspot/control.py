"""The portal from the other side: what people do in HubSpot's own pages. Obeys the same rules as they do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.sandbox.hubspot.errors import Json, bad_request
from bot.sandbox.hubspot.kinds import DEALS, KINDS, Kind, kind_of
from bot.sandbox.hubspot.pipelines import Pipeline, Stage
from bot.sandbox.hubspot.portal import Portal
from bot.sandbox.hubspot.records import Record
from bot.sandbox.hubspot.render import history_json, object_json


class Hands:
    """Changes by hand: their history says CRM_UI and names the user.

    `by` is an owner's id or address; empty means the first owner. Kinds are named as in paths ("deals"). Every
    method raises HubSpotError where HubSpot's page would refuse.
    """

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def create(
        self,
        kind: str,
        properties: Mapping[str, str],
        *,
        to: Iterable[tuple[str, str]] = (),
        by: str = "",
    ) -> str:
        """A new record, associated in the default way with `to` (kind and id); its id."""
        portal = self._portal
        prepared = portal.prepare(kind_of(kind), dict(properties), actor=portal.person(by), dated=False)
        record = portal.commit(prepared)
        for to_kind, to_id in to:
            type_ = portal.associations.default_type(record.kind.name, kind_of(to_kind).name)
            portal.associate(record, portal.get(kind_of(to_kind), to_id), type_)
        return record.id

    def change(self, kind: str, record_id: str, properties: Mapping[str, str], *, by: str = "") -> None:
        """Set properties of a record."""
        portal = self._portal
        record = portal.get(kind_of(kind), record_id)
        prepared = portal.prepare(record.kind, dict(properties), record=record, actor=portal.person(by), dated=False)
        portal.commit(prepared)

    def move(self, deal_id: str, stage: str, *, by: str = "") -> None:
        """Move a deal to a stage, named by id or by label; a label of the deal's own pipeline wins."""
        pipeline, found = self._stage(self._portal.get(DEALS, deal_id), stage)
        self.change("deals", deal_id, {"pipeline": pipeline.id, "dealstage": found.id}, by=by)

    def unsubscribe(self, email: str, subscription_id: str) -> None:
        """As the contact does on HubSpot's page of preferences."""
        self._portal.subscribe(email, subscription_id, "UNSUBSCRIBED", source="Preferences page")

    def unsubscribe_from_all(self, email: str) -> None:
        self._portal.unsubscribe_from_all(email, source="Preferences page")

    def subscribe(self, email: str, subscription_id: str) -> None:
        self._portal.subscribe(email, subscription_id, "SUBSCRIBED", source="Preferences page")

    def archive(self, kind: str, record_id: str) -> None:
        self._portal.archive(self._portal.get(kind_of(kind), record_id))

    def look(self, kind: str, record_id: str) -> Json:
        """A record with every value, its history and its associations."""
        return self._look(self._portal.get(kind_of(kind), record_id))

    def look_at_all(self, kind: str) -> list[Json]:
        return [self._look(record) for record in self._portal.records(kind_of(kind))]

    def _look(self, record: Record) -> Json:
        node = (record.kind.name, record.id)
        names = [name for name, value in record.version.properties.items() if value]
        body = object_json(record, self._portal.schema, names)
        body["propertiesWithHistory"] = history_json(record, sorted(record.history))
        body["associations"] = {
            kind.name: [other for other, _ in self._portal.associations.of(node, kind.name)]
            for kind in KINDS
            if self._portal.associations.ids_of(node, kind.name)
        }
        return body | self._stage_labels(record.kind, record)

    def _stage_labels(self, kind: Kind, record: Record) -> Json:
        """Stage and pipeline of a deal in words, for people."""
        if kind is not DEALS:
            return {}
        pipeline = self._portal.schema.pipelines.pipeline_of(record.value("dealstage"))
        if pipeline is None:
            return {}
        return {"pipelineLabel": pipeline.label, "stageLabel": pipeline.stages[record.value("dealstage")].label}

    def _stage(self, deal: Record, wanted: str) -> tuple[Pipeline, Stage]:
        pipelines = self._portal.schema.pipelines.all()
        own_first = sorted(pipelines, key=lambda pipeline: pipeline.id != deal.value("pipeline"))
        for pipeline in own_first:
            for stage in pipeline.ordered():
                if wanted == stage.id or wanted.casefold() == stage.label.casefold():
                    return pipeline, stage
        raise bad_request(f"No pipeline has a stage {wanted}")
