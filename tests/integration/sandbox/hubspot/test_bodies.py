"""Whatever body an operation gets, it answers or refuses in HubSpot's way; and what it answers is whole JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.sandbox.hubspot.call import Call, Reply, Route
from bot.sandbox.hubspot.errors import HubSpotError
from bot.sandbox.hubspot.portal import Portal
from bot.sandbox.hubspot.published import MAP, SCHEMAS, Members
from bot.sandbox.hubspot.records import Actor
from bot.sandbox.hubspot.seed import fill, schema_of
from bot.sandbox.hubspot.server import ROUTES
from bot.sandbox.world import demo_world

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**12) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
TELLING = ["9001", "8001", "7001", "registration_id", "email", "dealname", "amount", "EQ", "IN", "GTE", "BETWEEN"]
TELLING += ["hs_lastmodifieddate", "closedate", "associations.contact", "HUBSPOT_DEFINED", "0.5", "string", "text"]
TEXT = st.sampled_from(TELLING) | st.text(max_size=8)
NAMES = st.sampled_from(
    ["dealname", "dealstage", "pipeline", "amount", "closedate", "email", "hs_timestamp", "nothing"]
)


def like(schema: Any) -> st.SearchStrategy[Any]:
    """Bodies that nearly follow a schema."""
    if isinstance(schema, list):
        return st.lists(like(schema[0]), max_size=3) | JSON
    if isinstance(schema, Members):
        required = {name: like(member) for name, member in schema.required.items()}
        optional = {name: like(member) for name, member in schema.optional.items()}
        return st.fixed_dictionaries(required, optional=optional) | st.fixed_dictionaries({}, optional=required) | JSON
    if schema is MAP:
        return st.dictionaries(NAMES, TEXT | JSON, max_size=4) | JSON
    return {"string": TEXT, "integer": st.integers(-1, 400), "boolean": st.booleans()}[schema] | JSON


def new_portal() -> Portal:
    made = Portal(schema_of(demo_world(), now=NOW), clock=lambda: NOW, timer=lambda: 0.0, lag_s=0.0)
    fill(made, demo_world(), now=NOW)
    return made


READ_ONLY = new_portal()
ACTOR = Actor(source_type="INTEGRATION", source_id="1")
WITH_BODY = [route for route in ROUTES if (route.method, route.numbered) in SCHEMAS]


def ask(
    portal: Portal, route: Route, path: dict[str, str], *, query: dict[str, list[str]], body: Any, dated: bool
) -> Reply | None:
    """The answer, or None when it was refused."""
    call = Call(
        portal=portal,
        method=route.method,
        raw_path="/x",
        path=path,
        query=query,
        body=json.dumps(body).encode(),
        actor=ACTOR,
        dated=dated,
        base_url="http://127.0.0.1",
    )
    try:
        return route.handler(call)
    except HubSpotError as error:
        json.dumps(error.body("id"))
        return None if 400 <= error.status < 500 else Reply(status=error.status)


PATHS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["deals", "contacts", "companies", "notes", "widgets"]),
        "from": st.sampled_from(["deals", "contacts", "widgets"]),
        "to": st.sampled_from(["contacts", "companies", "notes"]),
        "id": st.sampled_from(["9001", "8001", "751200", "x"]),
        "from_id": st.sampled_from(["9001", "8001", "x"]),
        "to_id": st.sampled_from(["8001", "7001", "x"]),
        "name": st.sampled_from(["partner_source", "amount", "partner_programme", "x"]),
        "stage": st.sampled_from(["75120001", "x"]),
    }
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), route=st.sampled_from(WITH_BODY), path=PATHS, dated=st.booleans())
def test_any_body(data: st.DataObject, route: Route, path: dict[str, str], *, dated: bool) -> None:
    body = data.draw(like(SCHEMAS[route.method, route.numbered]))
    reply = ask(new_portal(), route, path, query={}, body=body, dated=dated)
    if reply is not None:
        assert reply.status in {200, 201, 204, 207}
        json.dumps(reply.body)


@settings(max_examples=300, deadline=None)
@given(
    route=st.sampled_from([route for route in ROUTES if route.method == "GET"]),
    path=PATHS,
    query=st.dictionaries(
        st.sampled_from(["limit", "after", "archived", "properties", "propertiesWithHistory", "associations"])
        | st.sampled_from(["idProperty", "email"]),
        st.lists(TEXT | st.sampled_from(["1", "100", "true", "contacts"]), max_size=3),
        max_size=4,
    ),
)
def test_any_query(route: Route, path: dict[str, str], query: dict[str, list[str]]) -> None:
    reply = ask(READ_ONLY, route, path, query=query, body=None, dated=True)
    assert reply is None or reply.status == 200
