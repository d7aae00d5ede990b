"""Operations on pipelines and their stages. Only deals have pipelines here; other kinds answer 400."""

from __future__ import annotations

from typing import Any

from bot.sandbox.hubspot.bodies import object_in
from bot.sandbox.hubspot.call import Call, Reply, Route
from bot.sandbox.hubspot.errors import bad_request
from bot.sandbox.hubspot.kinds import DEALS
from bot.sandbox.hubspot.pipelines import Pipeline, Pipelines, change_labels, parse_metadata


def _pipelines(call: Call) -> Pipelines:
    if call.kind is not DEALS:
        raise bad_request(f"{call.kind.name} does not support pipelines")
    return call.portal.schema.pipelines


def _pipeline(call: Call) -> Pipeline:
    return _pipelines(call).get(call.path["id"])


def read_all(call: Call) -> Reply:
    return Reply(body={"results": [pipeline.json() for pipeline in _pipelines(call).all()]})


def read(call: Call) -> Reply:
    return Reply(body=_pipeline(call).json())


def create(call: Call) -> Reply:
    body, pipelines = call.json(), _pipelines(call)
    pipeline = pipelines.add(body, now_ms=call.portal.now_ms(), pipeline_id=call.portal.new_id())
    return Reply(status=201, body=pipeline.json())


def update(call: Call) -> Reply:
    pipeline = _pipeline(call)
    change_labels(pipeline, call.json(), now_ms=call.portal.now_ms())
    return Reply(body=pipeline.json())


def delete(call: Call) -> Reply:
    pipeline = _pipeline(call)
    _refuse_use(call, "pipeline", pipeline.id)
    _pipelines(call).remove(pipeline.id)
    return Reply(status=204)


def read_stages(call: Call) -> Reply:
    return Reply(body={"results": [stage.json() for stage in _pipeline(call).ordered()]})


def read_stage(call: Call) -> Reply:
    return Reply(body=_pipeline(call).stage(call.path["stage"]).json())


def create_stage(call: Call) -> Reply:
    stage_id = call.portal.new_id()
    stage = _pipelines(call).add_stage(_pipeline(call), call.json(), now_ms=call.portal.now_ms(), stage_id=stage_id)
    return Reply(status=201, body=stage.json())


def update_stage(call: Call) -> Reply:
    stage, body = _pipeline(call).stage(call.path["stage"]), call.json()
    if "metadata" in body:
        stage.probability, stage.closed = parse_metadata(object_in(body, "metadata"))
    change_labels(stage, body, now_ms=call.portal.now_ms())
    return Reply(body=stage.json())


def delete_stage(call: Call) -> Reply:
    pipeline = _pipeline(call)
    stage = pipeline.stage(call.path["stage"])
    _refuse_use(call, "dealstage", stage.id)
    del pipeline.stages[stage.id]
    return Reply(status=204)


def _refuse_use(call: Call, name: str, value: str) -> None:
    users = [record.id for record in call.portal.records(DEALS) if record.value(name) == value]
    if users:
        raise bad_request(f"{len(users)} deals are still in {name} {value}", dealIds=users[:10])


_READ = ("crm.objects.{scope}.read", "crm.schemas.{scope}.read")
_WRITE = ("crm.schemas.{scope}.write",)


def _route(method: str, path: str, handler: Any) -> Route:
    return Route(
        method=method,
        handler=handler,
        numbered=f"/crm/v3/pipelines/{{kind}}{path}",
        dated=f"/crm/pipelines/2026-09/{{kind}}{path}",
        scopes=_READ if method == "GET" else _WRITE,
    )


ROUTES = (
    _route("GET", "", read_all),
    _route("POST", "", create),
    _route("GET", "/{id}", read),
    _route("PATCH", "/{id}", update),
    _route("PUT", "/{id}", update),
    _route("DELETE", "/{id}", delete),
    _route("GET", "/{id}/stages", read_stages),
    _route("POST", "/{id}/stages", create_stage),
    _route("GET", "/{id}/stages/{stage}", read_stage),
    _route("PATCH", "/{id}/stages/{stage}", update_stage),
    _route("PUT", "/{id}/stages/{stage}", update_stage),
    _route("DELETE", "/{id}/stages/{stage}", delete_stage),
)
