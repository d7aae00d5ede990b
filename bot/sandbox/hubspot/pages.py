"""The sandbox's own pages under /_sandbox/: what a demo or a test in another language may do to the portal.

    GET    /_sandbox/records/{kind}            every record with its history and associations
    GET    /_sandbox/records/{kind}/{id}       one of them
    POST   /_sandbox/records/{kind}            {"properties": {…}, "to": [["contacts", "8001"]], "by": "5001"}
    PATCH  /_sandbox/records/{kind}/{id}       {"properties": {…}, "by": owner's id or address}
    DELETE /_sandbox/records/{kind}/{id}
    POST   /_sandbox/deals/{id}/stage          {"stage": label or id, "by": …}
    POST   /_sandbox/failures                  the members of failures.Failure
    DELETE /_sandbox/failures
    GET    /_sandbox/requests                  how often each operation was asked for
    GET    /_sandbox/deviations                how often bodies left the published schemas, and where
    POST   /_sandbox/reset                     back to the seed

No token is asked for, nothing here is recorded, and only loopback reaches it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from aiohttp import web

from bot.sandbox.hubspot.errors import HubSpotError, Json
from bot.sandbox.hubspot.failures import parse_failure

if TYPE_CHECKING:
    from bot.sandbox.hubspot.server import HubSpotServer

PREFIX = "/_sandbox/"
Do = Callable[[web.Request, Json], Json]


class Pages:
    """The pages of one server; each takes the request and its JSON body, and answers JSON."""

    def __init__(self, server: HubSpotServer) -> None:
        self._server = server

    def routes(self) -> list[web.RouteDef]:
        """For the application that serves the portal."""
        records, record = f"{PREFIX}records/{{kind}}", f"{PREFIX}records/{{kind}}/{{id}}"
        return [
            web.get(records, _page(self._look_at_all)),
            web.post(records, _page(self._create)),
            web.get(record, _page(self._look)),
            web.patch(record, _page(self._change)),
            web.delete(record, _page(self._archive)),
            web.post(f"{PREFIX}deals/{{id}}/stage", _page(self._move)),
            web.post(f"{PREFIX}failures", _page(self._order_failure)),
            web.delete(f"{PREFIX}failures", _page(self._clear_failures)),
            web.get(f"{PREFIX}requests", _page(self._count_requests)),
            web.get(f"{PREFIX}deviations", _page(self._count_deviations)),
            web.post(f"{PREFIX}reset", _page(self._reset)),
        ]

    def _look(self, request: web.Request, _: Json) -> Json:
        return self._server.hands.look(request.match_info["kind"], request.match_info["id"])

    def _look_at_all(self, request: web.Request, _: Json) -> Json:
        return {"results": self._server.hands.look_at_all(request.match_info["kind"])}

    def _create(self, request: web.Request, body: Json) -> Json:
        to = [(str(kind), str(id_)) for kind, id_ in body.get("to", [])]
        kind, by = request.match_info["kind"], str(body.get("by", ""))
        return {"id": self._server.hands.create(kind, body["properties"], to=to, by=by)}

    def _change(self, request: web.Request, body: Json) -> Json:
        where = request.match_info["kind"], request.match_info["id"]
        self._server.hands.change(*where, body["properties"], by=str(body.get("by", "")))
        return self._server.hands.look(*where)

    def _archive(self, request: web.Request, _: Json) -> Json:
        self._server.hands.archive(request.match_info["kind"], request.match_info["id"])
        return {}

    def _move(self, request: web.Request, body: Json) -> Json:
        self._server.hands.move(request.match_info["id"], body["stage"], by=str(body.get("by", "")))
        return self._server.hands.look("deals", request.match_info["id"])

    def _order_failure(self, _: web.Request, body: Json) -> Json:
        self._server.failures.order(parse_failure(body))
        return {}

    def _clear_failures(self, _: web.Request, __: Json) -> Json:
        self._server.failures.clear()
        return {}

    def _count_requests(self, _: web.Request, __: Json) -> Json:
        return dict(self._server.requests)

    def _count_deviations(self, _: web.Request, __: Json) -> Json:
        return dict(self._server.deviations)

    def _reset(self, _: web.Request, __: Json) -> Json:
        self._server.reset()
        return {}


def _page(do: Do) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """A page that does one thing and answers in JSON; what HubSpot refuses to a person is a 400 with its words."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            body = await request.json() if request.can_read_body else {}
            return web.json_response(do(request, body))
        except HubSpotError as error:
            return web.json_response({"error": error.message, "errors": error.errors}, status=400)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)

    return handle
