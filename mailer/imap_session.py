"""One IMAP connection with one folder open, for one owner. Refuses to go on after a broken exchange."""

from __future__ import annotations

import asyncio
import base64
import re
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, cast

import structlog
from aioimaplib import aioimaplib

from bot.errors import TransientError
from mailer.imap_protocol import LostError, Protocol
from mailer.imap_text import Item, fetch_items, folder_name, quoted, search_result, uid_set, uid_validity
from mailer.login import Tls, TokenSource, tls_context
from mailer.refusal import Blame, RefusedError

log = structlog.get_logger()
_HEADER_LIMIT_BYTES = 256 * 1024
_LITERAL_SLACK_BYTES = 1024
_PASSING = re.compile(r"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\]|too many|try again", re.IGNORECASE)  # RFC 5530
_KEEPALIVE = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 15, "TCP_KEEPCNT": 4, "TCP_USER_TIMEOUT": 120_000}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapSettings:
    """One mailbox to watch. Give a password or a token source.

    Times in seconds. `timeout_s` is the longest silence inside an answer; `idle_s` the longest IDLE (many
    servers and NATs drop a silent connection after ten minutes); `poll_s` the pace where the server has no
    IDLE. A mail larger than `limit_bytes` is fetched without its body. With `done_folder` or `mark_seen` a
    message is moved or marked after it is delivered, where the server can do that without deleting
    anything.
    """

    host: str
    port: int
    tls: Tls
    username: str
    password: str = field(default="", repr=False)
    token_source: TokenSource | None = None
    folder: str = "INBOX"
    done_folder: str | None = None
    mark_seen: bool = False
    limit_bytes: int = 25_000_000
    timeout_s: float = 30.0
    idle_s: float = 540.0
    poll_s: float = 30.0
    ssl_context: ssl.SSLContext | None = None
    ca_file: Path | None = None


class AnswerError(TransientError):
    """The server answered NO or BAD; the connection is still good."""


class ImapSession:
    """Commands over one connection; each raises LostError when that is gone and AnswerError for NO or BAD."""

    def __init__(self, protocol: Protocol, settings: ImapSettings) -> None:
        self._protocol = protocol
        self._settings = settings
        self._server = f"{settings.host}:{settings.port}"
        self._capabilities: frozenset[str] = frozenset()
        self._idles = True
        self._up_to_date = False
        self.writable = False
        self.uid_validity = 0

    @property
    def heard_s(self) -> float:
        """When the server last said anything, on the event loop's clock."""
        return self._protocol.heard_s

    async def log_in(self) -> None:
        """Greeting to an open folder. Raises RefusedError when credentials or folder are wrong."""
        async with asyncio.timeout(self._settings.timeout_s):
            greeting = await self._protocol.greeted
        if self._settings.tls == "starttls":
            await self._start_tls()
        if not greeting.startswith(b"* PREAUTH"):
            await self._authenticate()
        answer = await self._ok("CAPABILITY")
        self._capabilities = frozenset(b" ".join(answer).decode("ascii", "replace").upper().split())
        self._idles = "IDLE" in self._capabilities
        await self._select()

    async def _start_tls(self) -> None:
        try:
            await self._ok("STARTTLS")
        except AnswerError as exc:
            raise self._refused("it offers no STARTTLS", "") from exc
        self._protocol.incomplete_line = b""  # what was said before encryption proves nothing (CVE-2011-0411)
        self._protocol.transport = await asyncio.get_running_loop().start_tls(
            self._protocol.transport,
            self._protocol,
            tls_context(self._settings.ssl_context, self._settings.ca_file),
            server_hostname=self._settings.host,
            ssl_handshake_timeout=self._settings.timeout_s,
        )

    async def _authenticate(self) -> None:
        settings, source = self._settings, self._settings.token_source
        if source is None:
            await self._log_in_with("LOGIN", quoted(settings.username), quoted(settings.password))
            return
        token = await source.token()
        try:
            await self._log_in_with("AUTHENTICATE", "XOAUTH2", xoauth2(settings.username, token))
        except RefusedError:
            source.invalidate()
            fresh = await source.token()  # the old one may have been revoked before its time
            if fresh == token:
                raise
            await self._log_in_with("AUTHENTICATE", "XOAUTH2", xoauth2(settings.username, fresh))

    async def _log_in_with(self, name: str, *arguments: str) -> None:
        try:
            await self._ok(name, *arguments)
        except ValueError as exc:
            raise self._refused("user name or password hold a line end or NUL", "") from exc
        except AnswerError as exc:
            if _PASSING.search(str(exc)):
                raise
            raise self._refused("login refused", f"{exc} {self._protocol.challenge}".strip()) from exc
        self._protocol.state = aioimaplib.AUTH

    def _refused(self, what: str, why: str) -> RefusedError:
        message = f"imap: {self._server}: {what}: {why}".rstrip(": ")
        return RefusedError(f"{message}: no mail is read until this is put right", blame=Blame.SETUP)

    async def _select(self) -> None:
        try:
            answer = await self._ok("SELECT", folder_name(self._settings.folder))
        except AnswerError as exc:
            raise self._refused(f"the folder {self._settings.folder!r} cannot be opened", str(exc)) from exc
        self._protocol.state = aioimaplib.SELECTED
        validity = uid_validity(answer)
        if validity is None:
            raise self._refused(f"the folder {self._settings.folder!r} has no UIDVALIDITY", "")
        self.uid_validity = validity
        self._up_to_date = True
        self.writable = not any(b"[READ-ONLY]" in line.upper() for line in answer)

    async def new_uids(self, after: int) -> list[int]:
        """UIDs above `after`, ascending. NOOP goes first unless IDLE or SELECT did: some servers show no mail since."""
        self._protocol.wake.clear()
        if not self._up_to_date:
            await self._ok("NOOP")
        self._up_to_date = False
        return search_result((await self._ok("SEARCH", f"UID {after + 1}:*", by_uid=True))[:-1], after)

    async def last_uid_before(self, day: date) -> int:
        """The highest UID of the messages that the server received before that day (in its own time zone), 0 when
        there are none."""
        months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")  # RFC 3501, 9
        answer = await self._ok("SEARCH", f"BEFORE {day.day}-{months[day.month - 1]}-{day.year}", by_uid=True)
        return max(search_result(answer[:-1], 0), default=0)

    async def delivered_uids(self, up_to: int) -> list[int]:
        """UIDs up to and including `up_to`, ascending."""
        answer = await self._ok("SEARCH", f"UID 1:{up_to}", by_uid=True)
        return [uid for uid in search_result(answer[:-1], 0) if uid <= up_to]

    async def sizes(self, uids: Sequence[int]) -> dict[int, Item]:
        """Size and date of each message that is still there, by UID."""
        return await self._fetch(uids, "UID RFC822.SIZE INTERNALDATE")

    async def bodies(self, uids: Sequence[int]) -> dict[int, bytes]:
        """Whole messages by UID, never more than one byte over the limit; none is marked as seen."""
        items = await self._fetch(uids, f"UID BODY.PEEK[]<0.{self._settings.limit_bytes + 1}>")
        return {uid: item.body for uid, item in items.items() if item.body is not None}

    async def header(self, uid: int) -> bytes | None:
        """The header of one message, at most 256 KiB of it."""
        items = await self._fetch([uid], f"UID BODY.PEEK[HEADER]<0.{_HEADER_LIMIT_BYTES}>")
        return items[uid].body if uid in items else None

    async def _fetch(self, uids: Sequence[int], parts: str) -> dict[int, Item]:
        command = aioimaplib.FetchCommand(
            self._protocol.new_tag(),
            uid_set(uids),
            f"({parts})",
            prefix="UID",
            timeout=self._settings.timeout_s,
        )
        return {item.uid: item for item in fetch_items(await self._run(command))}

    async def wait(self) -> None:
        """Until something may have come, or for the time that IDLE or polling allows."""
        settings = self._settings
        if self._protocol.wake.is_set():
            return
        if self._idles:
            limits = {"limit_s": settings.idle_s, "timeout_s": settings.timeout_s}
            self._idles = self._up_to_date = await self._protocol.idle_until_woken(**limits)
        if not self._idles:
            await self._protocol.quiet(settings.poll_s)

    async def tidy(self, uids: Sequence[int]) -> None:
        """Mark and move delivered messages as far as settings and server allow; what fails is logged."""
        settings = self._settings
        if not uids or not self.writable:
            return
        try:
            if settings.mark_seen:
                await self._ok("STORE", uid_set(uids), r"+FLAGS.SILENT (\Seen)", by_uid=True)
            if settings.done_folder is not None:
                await self._move(uid_set(uids), folder_name(settings.done_folder))
        except AnswerError as exc:
            log.warning("imap.tidy_refused", reason=str(exc), messages=len(uids))

    async def _move(self, uids: str, folder: str) -> None:
        if "MOVE" in self._capabilities:
            await self._creating(folder, "MOVE", uids, folder)
        elif "UIDPLUS" in self._capabilities:
            # Without UIDPLUS, EXPUNGE would also remove what a person marked as deleted (RFC 4315 2.1).
            await self._creating(folder, "COPY", uids, folder)
            await self._ok("STORE", uids, r"+FLAGS.SILENT (\Deleted)", by_uid=True)
            await self._ok("EXPUNGE", uids, by_uid=True)

    async def _creating(self, folder: str, name: str, *arguments: str) -> None:
        try:
            await self._ok(name, *arguments, by_uid=True)
        except AnswerError:
            await self._ok("CREATE", folder)
            await self._ok(name, *arguments, by_uid=True)

    async def _ok(self, name: str, *arguments: str, by_uid: bool = False) -> list[bytes]:
        command = aioimaplib.Command(
            name,
            self._protocol.new_tag(),
            *arguments,
            prefix="UID" if by_uid else "",
            untagged_resp_name="FETCH" if name == "STORE" else None,
            timeout=self._settings.timeout_s,
        )
        return cast("list[bytes]", await self._run(command))

    async def _run(self, command: Any) -> list[bytes | bytearray]:
        response = await self._protocol.execute(command)
        if response.result != "OK":
            text = bytes(response.lines[-1]).decode("utf-8", "replace") if response.lines else ""
            raise AnswerError(f"imap: {self._server} answered {response.result} to {command.name}: {text}")
        return cast("list[bytes | bytearray]", response.lines)

    async def log_out(self) -> None:
        """Say goodbye if that takes no time, and close."""
        with suppress(LostError, AnswerError, TimeoutError):
            async with asyncio.timeout(1.0):
                await self._ok("LOGOUT")
        self._protocol.fail("closed by us")


def xoauth2(username: str, token: str) -> str:
    """The initial response of XOAUTH2, in base64."""
    return base64.b64encode(f"user={username}\1auth=Bearer {token}\1\1".encode()).decode("ascii")


async def connect(settings: ImapSettings) -> ImapSession:
    """A session with the folder open. Raises TransientError, or RefusedError when a person has to act."""
    loop = asyncio.get_running_loop()
    server = f"{settings.host}:{settings.port}"
    protocol = Protocol(loop, server=server, literal_limit_bytes=settings.limit_bytes + _LITERAL_SLACK_BYTES)
    session = ImapSession(protocol, settings)
    context = tls_context(settings.ssl_context, settings.ca_file) if settings.tls == "tls" else None
    try:
        async with asyncio.timeout(settings.timeout_s):
            transport, _ = await loop.create_connection(lambda: protocol, settings.host, settings.port, ssl=context)
        _keep_alive(transport)
        await session.log_in()
    except ssl.SSLCertVerificationError as exc:
        protocol.fail("certificate refused")
        message = f"imap: {server}: its certificate is not to be trusted: {exc.verify_message}"
        raise RefusedError(message, blame=Blame.SETUP) from exc
    except (OSError, TimeoutError) as exc:
        protocol.fail("no connection")
        why = str(exc) or f"no answer within {settings.timeout_s:g} s"
        raise TransientError(f"imap: {server}: {why}: try again") from exc
    except BaseException:
        protocol.fail("no login")
        raise
    return session


def _keep_alive(transport: asyncio.BaseTransport) -> None:
    """Let the kernel find out when the other end has gone, within two minutes."""
    sock = transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE.items():
        option = getattr(socket, name, None)  # not every system has all of them
        if option is not None:
            sock.setsockopt(socket.IPPROTO_TCP, option, value)
