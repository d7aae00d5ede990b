"""Socket Mode: Slack's side of the websockets. Delivers what it is given once; repeating is the courier's business."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import count

from aiohttp import WSMsgType, web

from bot.sandbox.slack.courier import ACK_WITHIN_S, Answer, Category
from bot.sandbox.slack.ids import Mint
from bot.sandbox.slack.state import Json

CONNECTIONS_MAX = 10
_RETIRE_AFTER_S = 10.0


@dataclass(slots=True, kw_only=True, eq=False)
class _Connection:
    socket: web.WebSocketResponse
    request: web.Request
    is_retiring: bool = False
    waiting: set[str] = field(default_factory=set)


class SocketMode:
    """A `Route` over up to ten websockets; any of them may get an envelope, in turn."""

    def __init__(self, mint: Mint, app_id: str, *, ack_within_s: float = ACK_WITHIN_S) -> None:
        self.ack_within_s = ack_within_s
        self.acks = 0
        self._mint = mint
        self._app_id = app_id
        self._tickets: set[str] = set()
        self._connections: list[_Connection] = []
        self._waiting: dict[str, asyncio.Future[Answer]] = {}
        self._turn = count()
        self._came = asyncio.Condition()
        self._retiring: set[asyncio.Task[None]] = set()

    @property
    def connections(self) -> int:
        """Websockets that take envelopes now."""
        return len(self._live())

    async def connected(self, count: int = 1, *, timeout_s: float = 10.0) -> None:
        """Wait until that many websockets take envelopes; raises TimeoutError."""
        async with asyncio.timeout(timeout_s), self._came:
            await self._came.wait_for(lambda: self.connections >= count)

    def ticket(self) -> str:
        """A ticket for one connection, as apps.connections.open hands out in its url."""
        ticket = self._mint.uuid()
        self._tickets.add(ticket)
        return ticket

    async def on_connect(self, request: web.Request) -> web.StreamResponse:
        """Serve one websocket until it closes."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=HTTPStatus.FORBIDDEN, text="invalid ticket")
        self._tickets.remove(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        if self.connections >= CONNECTIONS_MAX:
            await socket.send_json(_disconnect("too_many_websockets"))
            await socket.close()
            return socket
        connection = _Connection(socket=socket, request=request)
        self._connections.append(connection)
        try:
            await socket.send_json(self._hello())
            async with self._came:
                self._came.notify_all()
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._on_text(message.data)
        finally:
            self._connections.remove(connection)
            for envelope_id in connection.waiting:
                self._answer(envelope_id, Answer(acked=False, reason="connection_failed"))
        return socket

    async def carry(self, category: Category, payload: Json, *, attempt: int, reason: str) -> Answer:
        """Send one envelope and wait for its acknowledgement."""
        live = self._live()
        if not live:
            return Answer(acked=False, reason="connection_failed")
        connection = live[next(self._turn) % len(live)]
        envelope: Json = {
            "envelope_id": self._mint.uuid(),
            "payload": payload,
            "type": category.value,
            "accepts_response_payload": category is not Category.EVENT,
        }
        if category is Category.EVENT:
            envelope |= {"retry_attempt": attempt, "retry_reason": reason}
        return await self._send(connection, envelope)

    async def _send(self, connection: _Connection, envelope: Json) -> Answer:
        envelope_id = envelope["envelope_id"]
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = answer
        connection.waiting.add(envelope_id)
        try:
            await connection.socket.send_json(envelope)
            async with asyncio.timeout(self.ack_within_s):
                return await answer
        except TimeoutError:
            return Answer(acked=False, reason="timeout")
        except ConnectionError:
            return Answer(acked=False, reason="connection_failed")
        finally:
            connection.waiting.discard(envelope_id)
            del self._waiting[envelope_id]

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask every connection to come back on a new one; "warning" announces it, other reasons close it soon."""
        for connection in self._live():
            await connection.socket.send_json(_disconnect(reason))
            if reason != "warning":
                connection.is_retiring = True
                task = asyncio.create_task(_close_later(connection))
                self._retiring.add(task)
                task.add_done_callback(self._retiring.discard)

    def kill(self) -> int:
        """Break every connection without a word, as a network does; how many there were."""
        for connection in self._connections:
            connection.is_retiring = True
            if (transport := connection.request.transport) is not None:
                transport.abort()
        return len(self._connections)

    async def close(self) -> None:
        """Close every connection."""
        for task in self._retiring:
            task.cancel()
        await asyncio.gather(*self._retiring, return_exceptions=True)
        for connection in tuple(self._connections):
            await connection.socket.close()

    def _live(self) -> list[_Connection]:
        return [c for c in self._connections if not c.is_retiring and not c.socket.closed]

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": self.connections,
            "debug_info": {"host": "applink-sandbox", "build_number": 1, "approximate_connection_time": 18060},
            "connection_info": {"app_id": self._app_id},
        }

    def _on_text(self, text: str) -> None:
        try:
            frame = json.loads(text)
        except ValueError:
            return
        if isinstance(frame, dict) and isinstance(frame.get("envelope_id"), str):
            body = frame.get("payload")
            body = {"text": body} if isinstance(body, str) else body
            if self._answer(frame["envelope_id"], Answer(acked=True, body=body or None)):
                self.acks += 1

    def _answer(self, envelope_id: str, answer: Answer) -> bool:
        waiting = self._waiting.get(envelope_id)
        if waiting is None or waiting.done():
            return False
        waiting.set_result(answer)
        return True


def _disconnect(reason: str) -> Json:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-sandbox"}}


async def _close_later(connection: _Connection) -> None:
    await asyncio.sleep(_RETIRE_AFTER_S)
    await connection.socket.close()
