"""Operations on up to a hundred records at once. Each input stands alone only where HubSpot says so (207)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bot.sandbox.hubspot.bodies import required_text, text_list, text_of
from bot.sandbox.hubspot.call import Call, Reply, Route
from bot.sandbox.hubspot.errors import HubSpotError, Json, already_exists, bad_request, fields_not_set
from bot.sandbox.hubspot.kinds import Kind
from bot.sandbox.hubspot.objects import MAX_PAGE_WITH_HISTORY
from bot.sandbox.hubspot.portal import Prepared
from bot.sandbox.hubspot.records import Record
from bot.sandbox.hubspot.render import batch_json, history_json, object_json, written_json


def read(call: Call) -> Reply:
    kind, portal, started = call.kind, call.portal, call.portal.now_ms()
    body = call.json()
    history = text_list(body, "propertiesWithHistory")
    inputs = call.inputs(most=MAX_PAGE_WITH_HISTORY) if history else call.inputs()
    id_property = text_of(body.get("idProperty"))
    names = [*text_list(body, "properties"), *history]
    results, missing = [], []
    for item in inputs:
        (record_id,) = required_text(item, "id")
        record = portal.find(kind, record_id, id_property=id_property, archived=call.flag("archived"))
        if record is None:
            missing.append(record_id)
            continue
        found = object_json(record, portal.schema, names)
        if history:
            found["propertiesWithHistory"] = history_json(record, history)
        results.append(found)
    errors = [_missing(kind, missing, "get")] if missing else []
    return _answer(call, results, errors, started, complete=200)


def create(call: Call) -> Reply:
    def prepare(item: Json) -> Prepared:
        return call.portal.prepare(
            call.kind,
            item.get("properties"),
            associations=item.get("associations"),
            actor=call.actor,
            dated=call.dated,
        )

    return _each(call, call.inputs(), prepare, complete=201)


def update(call: Call) -> Reply:
    kind, portal, inputs = call.kind, call.portal, call.inputs()
    _refuse_twins(inputs)
    records: dict[int, Record] = {}
    missing: list[str] = []
    for place, item in enumerate(inputs):
        (record_id,) = required_text(item, "id")
        record = portal.find(kind, record_id, id_property=text_of(item.get("idProperty")))
        if record is None:
            missing.append(record_id)
        else:
            records[place] = record
    found = [(inputs[place], record) for place, record in records.items()]
    record_of = {id(item): record for item, record in found}

    def prepare(item: Json) -> Prepared:
        return portal.prepare(
            kind, item.get("properties"), record=record_of[id(item)], actor=call.actor, dated=call.dated
        )

    errors = [_missing(kind, missing, "update")] if missing else []
    return _each(call, [item for item, _ in found], prepare, complete=200, errors=errors)


def upsert(call: Call) -> Reply:
    kind, portal, inputs = call.kind, call.portal, call.inputs()
    _refuse_twins(inputs)

    def prepare(item: Json) -> Prepared:
        record_id, id_property = required_text(item, "id", "idProperty")
        record = portal.find(kind, record_id, id_property=id_property)
        properties = item.get("properties")
        if not isinstance(properties, dict):
            raise fields_not_set("properties")
        properties = {id_property: record_id, **properties}
        return portal.prepare(kind, properties, record=record, actor=call.actor, dated=call.dated)

    return _each(call, inputs, prepare, complete=200, tell_new=True)


def archive(call: Call) -> Reply:
    for item in call.inputs():
        (record_id,) = required_text(item, "id")
        record = call.portal.find(call.kind, record_id)
        if record is not None:
            call.portal.archive(record)
    return Reply(status=204)


def _each(
    call: Call,
    inputs: list[Json],
    prepare: Callable[[Json], Prepared],
    *,
    complete: int,
    errors: Iterable[Json] = (),
    tell_new: bool = False,
) -> Reply:
    """Do each input. One that is refused fails the whole batch before anything is done, unless every input carries
    an objectWriteTraceId of its own; then the others go through (docs, "Error handling", multi-status errors)."""
    started = call.portal.now_ms()
    traces = [text_of(item.get("objectWriteTraceId")) for item in inputs]
    traced = all(traces) and len(set(traces)) == len(traces)
    failures, results = list(errors), []
    ready: list[tuple[Prepared, str]] = []
    taken: set[tuple[str, str]] = set()
    for item, trace in zip(inputs, traces, strict=True):
        try:
            prepared = prepare(item)
            taken = _claim(call, prepared, taken)
        except HubSpotError as error:
            if not traced:
                raise
            failures.append(error.within_batch(trace_id=trace))
        else:
            ready.append((prepared, trace))
    for prepared, trace in ready:
        result = written_json(call.portal.commit(prepared), call.portal.schema, prepared.judged.warnings)
        if trace:
            result["objectWriteTraceId"] = trace
        if tell_new:
            result["new"] = prepared.record is None
        results.append(result)
    return _answer(call, results, failures, started, complete=complete)


def _claim(call: Call, prepared: Prepared, taken: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """What is taken once this write is done; two inputs of one batch may not want the same unique value."""
    wanted = call.portal.unique.among(prepared.kind, prepared.judged.values)
    for name, value in wanted & taken:
        raise already_exists(f"Another input of this batch has the {name} {value}", code="CONFLICT")
    return taken | wanted


def _answer(call: Call, results: list[Json], errors: list[Json], started_ms: int, *, complete: int) -> Reply:
    body = batch_json(results, started_ms=started_ms, now_ms=call.portal.now_ms(), errors=errors)
    return Reply(status=207 if errors else complete, body=body)


def _missing(kind: Kind, ids: list[str], verb: str) -> Json:
    return HubSpotError(
        404,
        "OBJECT_NOT_FOUND",
        f"Could not {verb} some {kind.singular.upper()} objects, they may be deleted or not exist. "
        "Check that ids are valid.",
        context={"ids": ids},
    ).within_batch()


def _refuse_twins(inputs: list[Json]) -> None:
    ids = [text_of(item.get("id")) for item in inputs]
    twins = sorted({one for one in ids if ids.count(one) > 1})
    if twins:
        raise bad_request(f"Duplicate IDs found in batch input: [{', '.join(twins)}]. IDs must be unique", ids=twins)


_READ, _WRITE = ("crm.objects.{scope}.read",), ("crm.objects.{scope}.write",)

ROUTES = tuple(
    Route(
        method="POST",
        handler=handler,
        numbered=f"/crm/v3/objects/{{kind}}/batch/{name}",
        dated=f"/crm/objects/2026-09/{{kind}}/batch/{name}",
        scopes=_READ if name == "read" else _WRITE,
    )
    for name, handler in (
        ("read", read),
        ("create", create),
        ("update", update),
        ("upsert", upsert),
        ("archive", archive),
    )
)
