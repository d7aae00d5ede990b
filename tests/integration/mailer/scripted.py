"""Small servers on loopback that say what a test wants. Keep no state between tests."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import fnmatch
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter


class HangUp:
    """In place of a reply: close the connection without a word."""


class Silence:
    """In place of a reply: say nothing, and keep the connection."""


Say = str | type[HangUp] | type[Silence]


class GoneError(Exception):
    """The client left, or we hung up."""


@asynccontextmanager
async def listening(serve: Callable[[Reader, Writer], Awaitable[None]]) -> AsyncIterator[int]:
    """A loopback port whose connections `serve` handles; a fault of `serve` fails the test."""
    faults: list[BaseException] = []
    connections: set[asyncio.Task[None]] = set()

    async def connection(reader: Reader, writer: Writer) -> None:
        connections.add(cast("asyncio.Task[None]", asyncio.current_task()))
        try:
            await serve(reader, writer)
        except (GoneError, ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        except Exception as exc:  # noqa: BLE001
            faults.append(exc)
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(connection, "127.0.0.1", 0, limit=1 << 26)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections)
        await server.wait_closed()
    if faults:
        raise faults[0]


@dataclass
class MiniSmtp:
    """An SMTP server: `says` maps a verb (or GREETING, DOT) to what it says instead of yes, in turn."""

    extensions: tuple[str, ...] = ("PIPELINING", "8BITMIME", "SIZE 60000000", "ENHANCEDSTATUSCODES")
    says: Mapping[str, list[Say]] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)
    connections: int = 0
    open: int = 0
    most_open: int = 0
    writers: list[Writer] = field(default_factory=list)
    dot_delay_s: float = 0.0

    async def __call__(self, reader: Reader, writer: Writer) -> None:
        self.connections += 1
        self.open += 1
        self.most_open = max(self.open, self.most_open)
        self.writers.append(writer)
        try:
            await self._serve(reader, writer)
        finally:
            self.open -= 1

    async def _serve(self, reader: Reader, writer: Writer) -> None:
        await self._say(writer, "GREETING", "220 mini.test ESMTP")
        while line := await reader.readline():
            command = line.decode().rstrip("\r\n")
            self.commands.append(command)
            verb = command.split(" ")[0].upper()
            if verb == "EHLO":
                lines = ["mini.test", *self.extensions]
                joined = [f"250{' ' if n == len(lines) - 1 else '-'}{text}" for n, text in enumerate(lines)]
                await self._say(writer, verb, "\r\n".join(joined))
            elif verb == "DATA":
                if (await self._say(writer, verb, "354 go ahead")).startswith("354"):
                    await self._data(reader, writer)
            elif verb == "QUIT":
                await self._say(writer, verb, "221 bye")
                raise GoneError
            else:
                await self._say(writer, verb, "250 2.0.0 ok")

    async def _data(self, reader: Reader, writer: Writer) -> None:
        lines = []
        while (line := await reader.readuntil(b"\r\n")) != b".\r\n":
            lines.append(line.removeprefix(b"."))
        self.mails.append(b"".join(lines))
        await asyncio.sleep(self.dot_delay_s)
        await self._say(writer, "DOT", "250 2.0.0 queued as 4711")

    async def _say(self, writer: Writer, verb: str, yes: str) -> str:
        script = self.says.get(verb)
        said = script.pop(0) if script else yes
        if said is HangUp:
            writer.transport.abort()
            raise GoneError
        if said is Silence:
            await asyncio.sleep(3600)
        assert isinstance(said, str)
        writer.write(said.encode() + b"\r\n")
        await writer.drain()
        return said


@dataclass
class MiniImap:
    """An IMAP server with one folder: `says` maps a pattern of commands to what it says instead, in turn.

    What is said may hold %tag%; lines are separated by CRLF.
    """

    messages: dict[int, bytes] = field(default_factory=dict)
    uid_validity: int = 7
    capabilities: str = "IMAP4rev1 IDLE UIDPLUS MOVE AUTH=XOAUTH2"
    says: dict[str, list[Say]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    greeting: Say = "* OK mini"
    select_code: str = "READ-WRITE"
    commands: list[str] = field(default_factory=list)
    connections: int = 0
    writers: list[Writer] = field(default_factory=list)
    idling: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, reader: Reader, writer: Writer) -> None:
        self.connections += 1
        self.writers.append(writer)
        await self._say(writer, "", self.greeting)
        while line := await reader.readline():
            tag, _, command = line.decode().strip().partition(" ")
            self.commands.append(command)
            scripted = self._scripted(command)
            if scripted is not None:
                await self._say(writer, tag, scripted)
                continue
            verb = re.sub(r"^UID ", "UID_", command).split(" ")[0]
            answer = getattr(self, f"on_{verb.lower()}", None)
            if answer is not None:
                await answer(reader, writer, tag, command)
            else:
                await self._say(writer, tag, "%tag% OK done")

    def _scripted(self, command: str) -> Say | None:
        for pattern, script in self.says.items():
            if script and fnmatch.fnmatchcase(command, pattern):
                return script.pop(0)
        return None

    async def _say(self, writer: Writer, tag: str, said: Say | bytes) -> None:
        if said is HangUp:
            writer.transport.abort()
            raise GoneError
        if said is Silence:
            await asyncio.sleep(3600)
        assert isinstance(said, str | bytes)
        raw = said if isinstance(said, bytes) else said.encode("latin-1")
        writer.write(raw.replace(b"%tag%", tag.encode()) + b"\r\n")
        await writer.drain()

    async def on_capability(self, _r: Reader, writer: Writer, tag: str, _c: str) -> None:
        await self._say(writer, tag, f"* CAPABILITY {self.capabilities}\r\n%tag% OK done")

    async def on_authenticate(self, reader: Reader, writer: Writer, tag: str, command: str) -> None:
        said = base64.b64decode(command.split(" ")[2]).decode()
        if any(said == f"user=bot@vendor.test\1auth=Bearer {token}\1\1" for token in self.tokens):
            await self._say(writer, tag, "%tag% OK welcome")
            return
        challenge = base64.b64encode(b'{"status":"400","scope":"https://mail.test/"}').decode()
        await self._say(writer, tag, f"+ {challenge}")
        assert await reader.readline() == b"\r\n"
        await self._say(writer, tag, "%tag% NO [AUTHENTICATIONFAILED] Invalid credentials")

    async def on_select(self, _r: Reader, writer: Writer, tag: str, _c: str) -> None:
        lines = [
            f"* {len(self.messages)} EXISTS",
            f"* OK [UIDVALIDITY {self.uid_validity}] ok",
            f"%tag% OK [{self.select_code}] selected",
        ]
        await self._say(writer, tag, "\r\n".join(lines))

    async def on_uid_search(self, _r: Reader, writer: Writer, tag: str, command: str) -> None:
        low, _, high = command.rpartition(" ")[2].partition(":")
        top = max(self.messages, default=0)
        found = [uid for uid in self.messages if int(low) <= uid <= (top if high in {"*", ""} else int(high))]
        if high == "*" and not found and self.messages:
            found = [top]  # RFC 3501 9: "*" is the last message, and the range may run backwards
        if not high:
            found = [int(low)] if int(low) in self.messages else []
        await self._say(writer, tag, f"* SEARCH {' '.join(map(str, found))}\r\n%tag% OK done")

    async def on_uid_fetch(self, _r: Reader, writer: Writer, tag: str, command: str) -> None:
        uids, parts = re.fullmatch(r"UID FETCH (\S+) (.*)", command).groups()  # type: ignore[union-attr]
        for number, uid in enumerate(sorted(self.messages), 1):
            if not any(_covers(part, uid) for part in uids.split(",")):
                continue
            raw = self.messages[uid]
            limit = re.search(r"<0\.(\d+)>", parts)
            if "BODY.PEEK[HEADER]" in parts:
                body = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
                item = b" BODY[HEADER]<0> {%d}\r\n%b" % (len(body), body)
            elif "BODY.PEEK" in parts and limit:
                body = raw[: int(limit[1])]
                item = b" BODY[]<0> {%d}\r\n%b" % (len(body), body)
            else:
                item = b' RFC822.SIZE %d INTERNALDATE "24-Nov-2026 13:00:00 +0100"' % len(raw)
            await self._say(writer, tag, b"* %d FETCH (UID %d%b)" % (number, uid, item))
        await self._say(writer, tag, "%tag% OK done")

    async def on_idle(self, reader: Reader, writer: Writer, tag: str, _c: str) -> None:
        await self._say(writer, tag, "+ idling")
        self.idling.set()
        line = await reader.readline()
        self.idling.clear()
        if line != b"DONE\r\n":
            raise GoneError
        await self._say(writer, tag, "%tag% OK done")

    async def on_logout(self, _r: Reader, writer: Writer, tag: str, _c: str) -> None:
        await self._say(writer, tag, "* BYE\r\n%tag% OK done")
        raise GoneError

    async def push(self, line: str) -> None:
        """Say something unasked on the newest connection."""
        with contextlib.suppress(GoneError):
            await self._say(self.writers[-1], "", line)


def _covers(part: str, uid: int) -> bool:
    low, _, high = part.partition(":")
    return int(low) <= uid <= int(high or low)


async def eventually(happened: Callable[[], object], *, within_s: float = 60.0) -> None:
    """Wait until `happened()` is true; long enough for a busy machine: only a test that fails waits for it."""
    async with asyncio.timeout(within_s):
        while not happened():
            await asyncio.sleep(0.005)
