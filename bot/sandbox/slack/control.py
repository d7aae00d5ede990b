"""The sandbox's own HTTP interface under /_sandbox/, for the demo page and testers in any language. Never recorded.

`POST /_sandbox/<verb>` with a JSON object of the verb's arguments acts for a person or makes trouble; `GET` reads.
Both answer `{"ok": true, "result": …}`, or 400 with `{"ok": false, "error": "<who: what: why>"}`. `GET /_sandbox/`
lists the verbs with their arguments.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from http import HTTPStatus
from typing import Any

from aiohttp import web

from bot.sandbox.slack.state import SandboxError

PREFIX = "/_sandbox"
Verb = Callable[..., Any]


class Control:
    """Calls `acts` for POST and `reads` for GET, by name; arguments are bound to the function's signature."""

    def __init__(self, *, acts: Mapping[str, Verb], reads: Mapping[str, Verb]) -> None:
        self._acts = acts
        self._reads = reads

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(f"{PREFIX}/", self.on_index),
            web.get(f"{PREFIX}/{{verb}}", self.on_read),
            web.post(f"{PREFIX}/{{verb}}", self.on_act),
        ]

    async def on_index(self, _request: web.Request) -> web.Response:
        return _ok(
            {
                "POST": {name: _signature(verb) for name, verb in self._acts.items()},
                "GET": {name: _signature(verb) for name, verb in self._reads.items()},
            }
        )

    async def on_read(self, request: web.Request) -> web.Response:
        return await _run(self._reads, request.match_info["verb"], dict(request.query))

    async def on_act(self, request: web.Request) -> web.Response:
        try:
            given = json.loads(await request.read() or b"{}")
        except ValueError as exc:
            return _refused(f"body: is not JSON: {exc}")
        if not isinstance(given, dict):
            return _refused("body: must be a JSON object of arguments")
        return await _run(self._acts, request.match_info["verb"], given)


async def _run(verbs: Mapping[str, Verb], name: str, given: Mapping[str, Any]) -> web.Response:
    verb = verbs.get(name)
    if verb is None:
        return _refused(f"{name}: is not one of {', '.join(sorted(verbs))}", status=HTTPStatus.NOT_FOUND)
    try:
        bound = inspect.signature(verb).bind(**given)
    except TypeError as exc:
        return _refused(f"{name}: {exc}: it takes {_signature(verb)}")
    try:
        result = verb(*bound.args, **bound.kwargs)
        return _ok(await result if inspect.isawaitable(result) else result)
    except (SandboxError, TimeoutError, ValueError) as exc:
        return _refused(f"{name}: {exc}")


def _signature(verb: Verb) -> str:
    return str(inspect.signature(verb)).partition(" -> ")[0]


def _ok(result: Any) -> web.Response:
    return web.json_response({"ok": True, "result": result}, dumps=_dumps)


def _refused(why: str, *, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> web.Response:
    return web.json_response({"ok": False, "error": why}, status=status)


def _dumps(value: Any) -> str:
    return json.dumps(value, default=_plain)


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, set | frozenset | tuple):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} is not JSON")
