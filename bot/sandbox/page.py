"""The demo's page: an inbox, a Slack and a CRM side by side, live. On 127.0.0.1 only; asks nothing of any other host.

GET  /                        the page; /static/* is what it is made of
GET  /mail/{address}/{number} a mail's HTML, a document of its own that may run and load nothing
GET  /api/snapshot            everything the page shows, as JSON (page_world.py)
GET  /api/events              the same as server-sent events, whenever something has changed
POST /api/{act}               reply, change, say, press, link, wait; 204, or 400 with {"error": "…"}
"""

from __future__ import annotations

import asyncio
import json
import logging
import webbrowser
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.errors import PermanentError
from bot.sandbox.demo import World
from bot.sandbox.page_world import ActError, PageWorld
from bot.sandbox.slack.state import SandboxError
from bot.sandbox.world import demo_world

STATIC = Path(__file__).parent / "static"
LOOK_EVERY_S = 0.2
_BEAT_EVERY = 50  # looks without news until a comment line shows that the stream lives
_SAFE = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; "
    "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-same-origin"
)
log = logging.getLogger(__name__)


async def serve(world: World, *, port: int, open_browser: bool, tell: Callable[[str], None]) -> None:
    """Show the page until cancelled, and link Julia's Slack account as a partner would."""
    async with serving(world, port=port) as url:
        tell(f"The demo is at {url} (Ctrl-C ends it)")
        if open_browser:
            await asyncio.to_thread(webbrowser.open, url)
        await asyncio.Event().wait()


@asynccontextmanager
async def serving(world: World, *, port: int = 0, seed: Mapping[str, Any] | None = None) -> AsyncIterator[str]:
    """The page's address while it is served; port 0 takes a free one.

    Args:
        world: The running services.
        port: Where on 127.0.0.1.
        seed: What the CRM was started with; names and stages are read from it.

    Raises:
        PermanentError: The port is taken.
    """
    shown = PageWorld(world=world, seed=seed or demo_world())
    runner = web.AppRunner(_Page(shown).app(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        try:
            await site.start()
        except OSError as exc:
            raise PermanentError(f"page: port {port} is taken ({exc.strerror}): choose another with --port") from exc
        linking = asyncio.create_task(_link_julia(shown))
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
        linking.cancel()
        with suppress(asyncio.CancelledError):
            await linking
    finally:
        await runner.cleanup()


async def _link_julia(shown: PageWorld) -> None:
    """So that her buttons work from the start; without it the page still does, and says how to link."""
    try:
        await shown.world.slack.socket.connected()
        await shown.link("julia@brandt-it.example", "#brandt-it")
    except (ActError, SandboxError, TimeoutError) as exc:
        log.warning("page.not_linked", extra={"reason": str(exc)})


class _Page:
    """The routes. Refuses requests that did not come from the page itself."""

    def __init__(self, shown: PageWorld) -> None:
        self._shown = shown
        self._acts: dict[str, Callable[..., Awaitable[None]]] = {
            act.__name__: act for act in (shown.reply, shown.change, shown.say, shown.press, shown.link, shown.wait)
        }

    def app(self) -> web.Application:
        app = web.Application(middlewares=[_only_from_here])
        app.on_response_prepare.append(_guard)
        app.add_routes(
            [
                web.get("/", self._on_page),
                web.get("/mail/{address}/{number:[0-9]{1,6}}", self._on_mail),
                web.get("/api/snapshot", self._on_snapshot),
                web.get("/api/events", self._on_events),
                web.post("/api/{act}", self._on_act),
                web.static("/static", STATIC),
            ]
        )
        return app

    async def _on_page(self, _request: web.Request) -> web.StreamResponse:
        return web.FileResponse(STATIC / "index.html")

    async def _on_mail(self, request: web.Request) -> web.Response:
        where = request.match_info
        try:
            html = await self._shown.html(where["address"], int(where["number"]))
        except ActError as exc:
            return web.Response(text=str(exc), status=HTTPStatus.NOT_FOUND)
        return web.Response(text=html, content_type="text/html", headers={"Content-Security-Policy": _MAIL_POLICY})

    async def _on_snapshot(self, _request: web.Request) -> web.Response:
        return web.json_response(await self._shown.snapshot())

    async def _on_events(self, request: web.Request) -> web.StreamResponse:
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await stream.prepare(request)
        last, quiet = "", 0
        with suppress(ConnectionError):  # the page was closed
            while True:
                now = json.dumps(await self._shown.snapshot())
                if now != last:
                    await stream.write(f"data: {now}\n\n".encode())
                    last, quiet = now, 0
                elif (quiet := quiet + 1) % _BEAT_EVERY == 0:
                    await stream.write(b":\n\n")
                await asyncio.sleep(LOOK_EVERY_S)
        return stream

    async def _on_act(self, request: web.Request) -> web.Response:
        act = self._acts.get(request.match_info["act"])
        if act is None:
            return _refused("there is no such act", HTTPStatus.NOT_FOUND)
        try:
            await act(**await request.json())
        except (ActError, SandboxError) as exc:
            return _refused(str(exc))
        except (TypeError, ValueError) as exc:  # not JSON, or not this act's arguments
            return _refused(f"the page asked wrongly: {exc}")
        return web.Response(status=HTTPStatus.NO_CONTENT)


def _refused(why: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> web.Response:
    return web.json_response({"error": why}, status=status)


@web.middleware
async def _only_from_here(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """No other site may act here: the Host is ours (DNS rebinding), and a POST is JSON, which needs a preflight."""
    if (request.url.host or "") not in {"127.0.0.1", "localhost"}:
        return _refused("this page is only at 127.0.0.1", HTTPStatus.FORBIDDEN)
    if request.method == "POST" and request.content_type != "application/json":
        return _refused("an act is JSON", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    return await handler(request)


async def _guard(_request: web.Request, response: web.StreamResponse) -> None:
    """The page runs its own files alone; a mail, which brings its own policy, nothing at all."""
    response.headers.setdefault("Content-Security-Policy", _PAGE_POLICY)
    response.headers.update(_SAFE)
