"""SMTP out: a pool of connections to one server. Holds no policy and never retries."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar, cast

import aiosmtplib

from bot.errors import TransientError
from mailer.login import Tls, TokenSource, tls_context
from mailer.refusal import Blame, RefusedError
from mailer.smtp_reply import Phase, Reply, refusal
from mailer.smtp_session import Session

S = TypeVar("S", bound=Session)
_AUTH_CODES = frozenset({"530", "534", "535"})  # RFC 4954


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """One outgoing account. Give a password or a token source; neither means no login.

    Times in seconds. `timeout_s` bounds every wait but the one after the final dot, which RFC 5321
    4.5.3.2.6 wants long: giving up there sends a mail twice. An idle connection is closed after `idle_s`
    (servers drop it after some minutes), a busy one replaced after `mails_per_connection`. `local_hostname`
    goes into EHLO.
    """

    host: str
    port: int
    tls: Tls
    username: str = ""
    password: str = field(default="", repr=False)
    token_source: TokenSource | None = None
    pool_size: int = 3
    local_hostname: str = "localhost"
    timeout_s: float = 60.0
    final_timeout_s: float = 600.0
    idle_s: float = 60.0
    mails_per_connection: int = 100
    ssl_context: ssl.SSLContext | None = None
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The server took the mail: `reply` is what it said, often with its queue id."""

    reply: str


class _Client(aiosmtplib.SMTP):
    """aiosmtplib's client, but trying a password by one mechanism only: servers count failures."""

    AUTH_METHODS = ("plain", "login", "cram-md5")

    @property
    def supported_auth_methods(self) -> list[str]:
        return super().supported_auth_methods[:1]


class Smtp:
    """Sends mails through one account over at most `pool_size` connections; connects when first needed."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._server = f"{settings.host}:{settings.port}"
        self._slots = asyncio.Semaphore(settings.pool_size)
        self._idle: list[Session] = []
        self._busy: set[Session] = set()
        self._closed = False
        self._tls: ssl.SSLContext | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def send(self, envelope_from: str, to: str, message: bytes) -> Accepted:
        """Send one mail to one recipient; an empty `envelope_from` is the null sender.

        Raises RefusedError (for good; `blame` and `code` say what has to change), UnknownOutcomeError (the
        server fell silent after the whole mail: it may have gone out) or TransientError (not sent;
        `retry_after` where the server or its reply code tells). Cancelling closes the connection used.
        """
        async with self._slots:
            session = self._take_idle()
            if session is not None:
                try:
                    return await self._send_over(session, envelope_from, to, message)
                except TransientError:
                    if session.answered:
                        raise
                    # The server had left while the connection was idle: it has seen nothing of this mail.
            session = await self._connect(Session)
            return await self._send_over(session, envelope_from, to, message)

    async def connect(self, kind: type[S]) -> S:
        """A connection of one's own, logged in, beside the pool; raises like `send`. Its owner ends it."""
        if self._closed:
            raise TransientError(f"smtp: {self._server}: the pool is closed: send again after the restart")
        return await self._connect(kind)

    async def check(self) -> None:
        """Connect, log in and ask for a sign of life over a fresh connection; raises like `send`."""
        session = await self._connect(Session)
        try:
            await session.noop()
        finally:
            await session.quit()

    async def close(self, grace_s: float = 10.0) -> None:
        """Let mails under way finish for `grace_s`, then close all connections; the pool stays closed."""
        self._closed = True
        held = 0
        try:
            async with asyncio.timeout(grace_s):
                while held < self._settings.pool_size:
                    await self._slots.acquire()
                    held += 1
        except TimeoutError:
            for session in self._busy:
                session.abort()
        finally:
            for _ in range(held):
                self._slots.release()
        idle, self._idle = self._idle, []
        await asyncio.gather(*(session.quit() for session in idle))

    async def _send_over(self, session: Session, sender: str, to: str, message: bytes) -> Accepted:
        self._busy.add(session)
        try:
            reply = await session.send(sender, to, message)
        finally:
            self._busy.discard(session)
            await self._give_back(session)
        return Accepted(reply=str(reply))

    def _take_idle(self) -> Session | None:
        if self._closed:
            raise TransientError(f"smtp: {self._server}: the pool is closed: send again after the restart")
        now_s = asyncio.get_running_loop().time()
        while self._idle:
            session = self._idle.pop()
            if session.usable and now_s - session.idle_since_s < self._settings.idle_s:
                return session
            session.abort()
        return None

    async def _give_back(self, session: Session) -> None:
        if not session.usable:
            session.abort()
        elif self._closed or session.sent >= self._settings.mails_per_connection:
            await session.quit()
        else:
            session.idle_since_s = asyncio.get_running_loop().time()
            self._idle.append(session)

    async def _connect(self, kind: type[S]) -> S:
        """A new session, logged in. A token that is refused is replaced once: it may have been revoked."""
        source = self._settings.token_source
        try:
            return await self._connect_once(kind)
        except RefusedError as exc:
            if source is None or exc.code[:3] not in _AUTH_CODES:
                raise
            source.invalidate()
            return await self._connect_once(kind)

    async def _connect_once(self, kind: type[S]) -> S:
        settings = self._settings
        client = self._client()
        try:
            async with asyncio.timeout(settings.timeout_s):
                await client.connect()
                if client.is_ehlo_or_helo_needed:
                    await client.ehlo()
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as exc:
            client.close()
            raise self._connect_error(exc) from exc
        except BaseException:
            client.close()
            raise
        return kind(
            cast("asyncio.Transport", client.transport),
            client.esmtp_extensions,
            self._server,
            timeout_s=settings.timeout_s,
            final_timeout_s=settings.final_timeout_s,
        )

    def _client(self) -> aiosmtplib.SMTP:
        settings = self._settings
        if settings.tls != "none" and self._tls is None:
            self._tls = tls_context(settings.ssl_context, settings.ca_file)
        source = settings.token_source
        return _Client(
            hostname=settings.host,
            port=settings.port,
            username=settings.username or None,
            password=settings.password if settings.username and source is None else None,
            oauth_token_generator=None if source is None else source.token,
            local_hostname=settings.local_hostname,
            timeout=settings.timeout_s,
            use_tls=settings.tls == "tls",
            start_tls=settings.tls == "starttls",
            tls_context=self._tls,
        )

    def _connect_error(self, exc: Exception) -> Exception:
        if isinstance(exc, aiosmtplib.SMTPResponseException):
            return refusal(Reply(code=exc.code, text=exc.message), Phase.CONNECT, self._server)
        cause = exc if isinstance(exc, ssl.SSLError) else exc.__cause__
        if isinstance(cause, ssl.SSLCertVerificationError):
            message = f"smtp: {self._server}: its certificate is not to be trusted: {cause.verify_message}"
            return RefusedError(message, blame=Blame.SETUP)
        if isinstance(exc, OSError | TimeoutError):
            why = str(exc) or f"no connection within {self._settings.timeout_s:g} s"
            return TransientError(f"smtp: {self._server}: {why}: try again")
        message = f"smtp: {self._server}: {exc}: the account's TLS or login settings do not fit the server"
        return RefusedError(message, blame=Blame.SETUP)
