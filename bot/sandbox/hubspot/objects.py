"""Operations on single records and their lists, and the search. One function an operation of the published spec."""

from __future__ import annotations

from urllib.parse import quote

from bot.sandbox.hubspot.call import Call, Reply, Route
from bot.sandbox.hubspot.errors import Json, bad_request
from bot.sandbox.hubspot.query import parse_query
from bot.sandbox.hubspot.records import Record
from bot.sandbox.hubspot.render import associations_json, history_json, object_json, paging_json, written_json
from bot.sandbox.hubspot.search import run_query

MAX_PAGE = 100
MAX_PAGE_WITH_HISTORY = 50


def read(call: Call) -> Reply:
    record = call.portal.get(
        call.kind, call.path["id"], id_property=call.text("idProperty"), archived=call.flag("archived")
    )
    return Reply(body=_full(call, record))


def read_page(call: Call) -> Reply:
    with_history = bool(call.names("propertiesWithHistory"))
    limit = call.number("limit", default=10, most=MAX_PAGE_WITH_HISTORY if with_history else MAX_PAGE)
    after = call.text("after")
    if after and not after.isdecimal():
        raise bad_request(f"after is not a cursor of this API: {after}")
    start = int(after or 0)
    records = [r for r in call.portal.records(call.kind, archived=call.flag("archived")) if int(r.id) > start]
    page = records[:limit]
    body: Json = {"results": [_full(call, record) for record in page]}
    if len(records) > limit:
        link = f"{call.base_url}{call.raw_path}?limit={limit}&after={page[-1].id}"
        body |= paging_json(page[-1].id, link)
    return Reply(body=body)


def create(call: Call) -> Reply:
    body = call.json()
    prepared = call.portal.prepare(
        call.kind,
        body.get("properties"),
        associations=body.get("associations"),
        actor=call.actor,
        dated=call.dated,
    )
    record = call.portal.commit(prepared)
    location = f"{call.base_url}{call.raw_path.rstrip('/')}/{quote(record.id)}"
    return Reply(
        status=201,
        body=written_json(record, call.portal.schema, prepared.judged.warnings),
        headers={"Location": location},
    )


def update(call: Call) -> Reply:
    record = call.portal.get(call.kind, call.path["id"], id_property=call.text("idProperty"))
    properties = call.json().get("properties")
    prepared = call.portal.prepare(call.kind, properties, record=record, actor=call.actor, dated=call.dated)
    call.portal.commit(prepared)
    return Reply(body=written_json(record, call.portal.schema, prepared.judged.warnings))


def archive(call: Call) -> Reply:
    record = call.portal.find(call.kind, call.path["id"])
    if record is not None:
        call.portal.archive(record)
    return Reply(status=204)


def search(call: Call) -> Reply:
    kind, portal = call.kind, call.portal
    query = parse_query(call.json(), kind, lambda name: portal.schema.property(kind.name, name))
    index = portal.indexes[kind.name]
    total, numbers = run_query(query, index, portal.associations)
    results = []
    for number in numbers:
        record = portal.get(kind, str(number))
        results.append(object_json(record, portal.schema, query.properties, version=index.version(number)))
    body: Json = {"total": total, "results": results}
    following = query.offset + query.limit
    return Reply(body=body | (paging_json(str(following)) if following < total else {}))


def _full(call: Call, record: Record) -> Json:
    """A record with everything that the query string asks for."""
    history = call.names("propertiesWithHistory")
    body = object_json(record, call.portal.schema, [*call.names("properties"), *history])
    if history:
        known = [name for name in history if call.portal.schema.property(record.kind.name, name)]
        body["propertiesWithHistory"] = history_json(record, known)
    associations = associations_json(record, call.portal.associations, call.names("associations"))
    return body | ({"associations": associations} if associations else {})


_ONE, _ALL = "/crm/v3/objects/{kind}/{id}", "/crm/v3/objects/{kind}"
_DATED_ONE, _DATED_ALL = "/crm/objects/2026-09/{kind}/{id}", "/crm/objects/2026-09/{kind}"
_READ, _WRITE = ("crm.objects.{scope}.read",), ("crm.objects.{scope}.write",)

ROUTES = (
    Route(
        method="POST",
        handler=search,
        numbered=f"{_ALL}/search",
        dated=f"{_DATED_ALL}/search",
        scopes=_READ,
        is_search=True,
    ),
    Route(method="GET", handler=read_page, numbered=_ALL, dated=_DATED_ALL, scopes=_READ),
    Route(method="POST", handler=create, numbered=_ALL, dated=_DATED_ALL, scopes=_WRITE),
    Route(method="GET", handler=read, numbered=_ONE, dated=_DATED_ONE, scopes=_READ),
    Route(method="PATCH", handler=update, numbered=_ONE, dated=_DATED_ONE, scopes=_WRITE),
    Route(method="DELETE", handler=archive, numbered=_ONE, dated=_DATED_ONE, scopes=_WRITE),
)
