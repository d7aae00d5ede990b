"""A headless Chromium over the DevTools protocol, as small as the page's tests need. Talks to loopback alone.

https://chromedevtools.github.io/devtools-protocol/ (2026-11); the browser prints its websocket when it listens.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
WAIT_S = 60.0
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--remote-debugging-port=0",
)


class Page:
    """One tab. Errors of its scripts and its console are kept in `complaints`."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.complaints: list[str] = []
        self._socket = socket
        self._session = ""
        self._number = 0
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}

    async def listen(self) -> None:
        async for message in self._socket:
            if message.type is not WSMsgType.TEXT:
                continue
            said = json.loads(message.data)
            if said.get("id") in self._waiting:
                self._waiting.pop(said["id"]).set_result(said)
            elif said.get("method") == "Runtime.exceptionThrown":
                self.complaints.append(json.dumps(said["params"]["exceptionDetails"]))
            elif said.get("method") == "Log.entryAdded" and said["params"]["entry"]["level"] == "error":
                self.complaints.append(said["params"]["entry"]["text"])

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        answer = asyncio.get_running_loop().create_future()
        self._waiting[self._number] = answer
        body = {"id": self._number, "method": method, "params": params}
        await self._socket.send_json(body | ({"sessionId": self._session} if self._session else {}))
        said = await asyncio.wait_for(answer, WAIT_S)
        if "error" in said:
            raise AssertionError(f"{method}: {said['error']}")
        result: dict[str, Any] = said["result"]
        return result

    async def attach(self) -> None:
        target = await self.call("Target.createTarget", url="about:blank")
        session = await self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = session["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            await self.call(f"{domain}.enable")

    async def size(self, width: int, height: int, *, dark: bool = False) -> None:
        await self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.call("Emulation.setEmulatedMedia", features=[scheme])

    async def go(self, url: str) -> None:
        await self.call("Page.navigate", url=url)

    async def js(self, expression: str) -> Any:
        """The value of an expression; promises are awaited."""
        answer = await self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise AssertionError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    async def until(self, expression: str, within_s: float = WAIT_S) -> None:
        """Wait until an expression is true."""
        deadline = asyncio.get_running_loop().time() + within_s
        while not await self.js(f"!!({expression})"):
            if asyncio.get_running_loop().time() > deadline:
                shown = await self.js("document.body.innerText")
                raise AssertionError(f"not within {within_s:.0f} s: {expression}\n{self.complaints}\n{shown}")
            await asyncio.sleep(0.05)

    async def press(self, selector: str) -> None:
        """Click in the middle of an element, with the mouse."""
        find = f"document.querySelector({json.dumps(selector)})"
        await self.until(f"!!{find}")
        await self.js(f"{find}.scrollIntoView({{block: 'nearest'}})")
        box = await self.js(
            f"(({{x, y, width, height}}) => [x + width / 2, y + height / 2])({find}.getBoundingClientRect())"
        )
        for kind in ("mousePressed", "mouseReleased"):
            await self.call("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)

    async def type(self, words: str) -> None:
        """Type into what has the focus, a key at a time."""
        for letter in words:
            await self.call("Input.dispatchKeyEvent", type="char", text=letter)

    async def key(self, name: str, code: int, modifiers: int = 0) -> None:
        """Press a named key (Tab is 9, Enter 13); modifiers: 1 Alt, 2 Ctrl, 8 Shift."""
        text = {"text": "\r"} if name == "Enter" else {}
        pressed = {"key": name, "code": name, "windowsVirtualKeyCode": code, "modifiers": modifiers}
        await self.call("Input.dispatchKeyEvent", type="keyDown", **pressed, **text)
        await self.call("Input.dispatchKeyEvent", type="keyUp", **pressed)

    async def picture(self, path: Path, *, whole: bool = False) -> None:
        """A PNG of what is to be seen, or of the whole page."""
        answer = await self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(answer["data"]))


@asynccontextmanager
async def chromium(folder: Path) -> AsyncIterator[Page]:
    """A new browser with an empty profile in `folder` and one tab; it is gone at the end."""
    if CHROMIUM is None:
        raise RuntimeError("there is no chromium")
    process = await asyncio.create_subprocess_exec(
        *(CHROMIUM, *_FLAGS, f"--user-data-dir={folder}", "about:blank"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        url = await asyncio.wait_for(_websocket(process.stderr), WAIT_S)
        drain = asyncio.create_task(_drain(process.stderr))
        async with ClientSession() as session, session.ws_connect(url, max_msg_size=0) as socket:
            page = Page(socket)
            listening = asyncio.create_task(page.listen())
            await page.attach()
            yield page
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening
        drain.cancel()
        with suppress(asyncio.CancelledError):
            await drain
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _websocket(stderr: asyncio.StreamReader) -> str:
    said = b""
    while line := await stderr.readline():
        said += line
        if match := re.search(rb"DevTools listening on (ws://\S+)", line):
            return match[1].decode("ascii")
    raise RuntimeError(f"chromium ended: {said.decode('utf-8', 'replace')}")


async def _drain(stderr: asyncio.StreamReader) -> None:
    while await stderr.read(65536):
        pass
