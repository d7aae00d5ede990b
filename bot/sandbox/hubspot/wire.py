"""Between aiohttp and the calls: reading requests, writing answers, and the ways a connection can go wrong."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Mapping
from contextlib import suppress

from aiohttp import web

from bot.sandbox.hubspot.call import Call, Reply
from bot.sandbox.hubspot.errors import HubSpotError
from bot.sandbox.hubspot.failures import Effect, Failure
from bot.sandbox.hubspot.portal import Portal
from bot.sandbox.hubspot.records import Actor

_GARBAGE = b"<html><body><h1>502 Bad Gateway</h1>\xff\xfe\xe9\xa0</body></html>"


def read_call(request: web.Request, body: bytes, *, portal: Portal, actor: Actor, dated: bool, base_url: str) -> Call:
    """The call that a request makes, once it was let in."""
    return Call(
        portal=portal,
        method=request.method,
        raw_path=request.rel_url.raw_path,
        path=request.match_info,
        query=query_of(request),
        body=body,
        actor=actor,
        dated=dated,
        base_url=base_url,
    )


def query_of(request: web.Request) -> dict[str, list[str]]:
    """Every value of every parameter of the query string."""
    return {name: request.query.getall(name) for name in request.query}


def check_media_type(request: web.Request, body: bytes) -> None:
    """Refuse bodies that do not say that they are JSON.

    Raises:
        HubSpotError: 415.
    """
    if body and request.content_type != "application/json":
        raise HubSpotError(415, "UNSUPPORTED_MEDIA_TYPE", f"Unsupported Media Type: {request.content_type}")


def respond(reply: Reply, headers: Mapping[str, str]) -> web.Response:
    """HubSpot's JSON: compact, UTF-8."""
    if reply.body is None:
        return web.Response(status=reply.status, headers={**headers, **reply.headers})
    text = json.dumps(reply.body, separators=(",", ":"), ensure_ascii=False)
    return web.Response(
        status=reply.status,
        body=text.encode(),
        headers={"Content-Type": "application/json;charset=utf-8", **headers, **reply.headers},
    )


async def fail(request: web.Request, failure: Failure, correlation_id: str, stopping: asyncio.Event) -> web.Response:
    """Answer, or do not answer, as ordered."""
    match failure.effect:
        case Effect.GARBAGE:
            return web.Response(status=502, body=_GARBAGE, content_type="text/html")
        case Effect.RESET:
            return _hang_up(request)
        case Effect.TIMEOUT:
            await pause(failure.delay_s, stopping)
            return _hang_up(request)
        case _:
            reply = Reply(status=failure.status, body=failure.answer(correlation_id), headers=failure.headers)
            return respond(reply, {})


async def pause(seconds: float, stopping: asyncio.Event) -> None:
    """Wait, but not beyond the server's end."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), timeout=seconds)


def _hang_up(request: web.Request) -> web.Response:
    """Cut the connection with a reset, as a dying proxy does; the answer returned goes nowhere."""
    transport = request.transport
    if transport is not None:
        connection = transport.get_extra_info("socket")
        if connection is not None:
            # Linger of zero seconds makes close() send RST instead of FIN.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response()
