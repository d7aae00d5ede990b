"""The sandbox's mail server: SMTP in, IMAP out, both on loopback. Sends nothing anywhere else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from bot.clock import utc_now
from bot.sandbox.mail_script import Failure, Script
from bot.sandbox.mail_stamps import (
    SERVER,
    Arrival,
    domains,
    from_domain,
    non_delivery,
    split_address,
    stamped,
)
from bot.sandbox.mail_store import MailStore
from bot.sandbox.record import Recorder

__all__ = ["Failure", "MailServer"]

_LARGEST_MAIL_BYTES = 50_000_000


class MailServer:
    """Accounts with passwords, plus-addresses, aliases, a verdict on each sender, and failures on request.

    A mail passes DMARC when its SMTP session logged in as an account of the From domain, or when the From
    domain is one of `authentic_domains`. Addresses that are no account get 550 5.1.1; those given to
    `bounce` are taken and then answered with a non-delivery notice.
    """

    def __init__(
        self,
        accounts: Mapping[str, str],
        *,
        smtp_port: int = 0,
        imap_port: int = 0,
        recorder: Recorder | None = None,
        aliases: Mapping[str, str] | None = None,
        authentic_domains: Iterable[str] = (),
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """`accounts` maps addresses to passwords, `aliases` maps addresses to those of accounts."""
        self._accounts = {address.lower(): password for address, password in accounts.items()}
        self._aliases = {alias.lower(): address.lower() for alias, address in (aliases or {}).items()}
        self._authentic_domains = frozenset(domain.lower() for domain in authentic_domains)
        self._recorder = recorder or Recorder(None)
        self._clock = clock
        self._ports = (smtp_port, imap_port)
        self._store = MailStore(self._accounts, self._recorder)
        self._smtp: asyncio.Server | None = None
        self._bouncing: dict[str, str] = {}
        self._number = 0
        self.script = Script()

    @property
    def smtp_port(self) -> int:
        """The port that takes mail."""
        if self._smtp is None:
            raise RuntimeError("the mail server is not started")
        return int(self._smtp.sockets[0].getsockname()[1])

    @property
    def imap_port(self) -> int:
        """The port that gives mail."""
        return self._store.port

    async def start(self) -> None:
        """Listen on 127.0.0.1."""
        logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd warns of its own deprecated attributes
        smtp_port, imap_port = self._ports
        await self._store.start(imap_port)
        loop = asyncio.get_running_loop()
        self._smtp = await loop.create_server(self._smtp_session, "127.0.0.1", smtp_port)

    async def stop(self) -> None:
        """Stop listening and drop every connection."""
        if self._smtp is not None:
            self._smtp.close()
        await self._store.stop()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def fail(self, *failures: Failure) -> None:
        """Let coming commands fail; see `Failure`."""
        self.script.add(*failures)

    def bounce(self, address: str, status: str = "5.1.1") -> None:
        """From now on take mail for this address, known or not, and answer it with a non-delivery notice."""
        self._bouncing[address.lower()] = status

    def disconnect(self) -> None:
        """Drop every IMAP connection, as a server that is restarted does."""
        self._store.disconnect()

    def set_password(self, address: str, password: str) -> None:
        """Change an account's password, for SMTP and IMAP; who is logged in is thrown out."""
        self._accounts[address.lower()] = password
        self._store.set_password(address.lower(), password)

    async def mails(self, address: str, folder: str = "INBOX") -> list[bytes]:
        """The mails in an account's folder, oldest first, byte for byte as IMAP gives them."""
        return await self._store.mails(address.lower(), folder)

    async def deliver(self, address: str, mail: bytes) -> None:
        """Put a mail into an account's INBOX as it is: no stamps, no checks."""
        await self._store.append(address.lower(), mail, self._clock())

    def why_not_take(self, recipient: str) -> str | None:
        """The refusal for a recipient, None when mail for it is taken."""
        if self._account_of(recipient) is None and recipient.lower() not in self._bouncing:
            return f"550 5.1.1 <{recipient}>: Recipient address rejected: User unknown"
        return None

    async def take(self, mail: bytes, sender: str, recipients: Iterable[str], helo: str, user: str | None) -> str:
        """Deliver an incoming mail to each recipient and give its queue id."""
        self._number += 1
        arrival = Arrival(
            sender=sender, recipient="", helo=helo, user=user, number=self._number, received=self._clock()
        )
        for recipient in recipients:
            await self._deliver_to(mail, replace(arrival, recipient=recipient))
        return f"{arrival.number:06d}"

    async def _deliver_to(self, mail: bytes, arrival: Arrival) -> None:
        status = self._bouncing.get(arrival.recipient.lower())
        if status is not None:
            if arrival.sender and self._account_of(arrival.sender) is not None:
                notice = non_delivery(mail, arrival, status)
                await self._deliver_to(notice, replace(arrival, sender="", recipient=arrival.sender, user=None))
            return
        account = self._account_of(arrival.recipient)
        if account is None:
            return
        local, _, domain = account.rpartition("@")
        _, _, detail = arrival.recipient.rpartition("@")[0].partition("+")
        delivered_to = f"{local}+{detail}@{domain}" if detail else account
        copy = stamped(mail, arrival, delivered_to, authentic=self._is_authentic(mail, arrival))
        await self._store.append(account, copy, arrival.received)

    def _is_authentic(self, mail: bytes, arrival: Arrival) -> bool:
        domain = from_domain(mail)
        own = domains([arrival.user]) if arrival.user else frozenset()
        if not arrival.sender:
            own |= {SERVER}  # our own notices
        return domain is not None and domain in own | self._authentic_domains

    def _account_of(self, recipient: str) -> str | None:
        base, _ = split_address(recipient)
        account = self._aliases.get(base, base)
        return account if account in self._accounts else None

    def _smtp_session(self) -> SMTP:
        return SMTP(
            _Handler(self, self._recorder),
            data_size_limit=_LARGEST_MAIL_BYTES,
            enable_SMTPUTF8=True,
            hostname=SERVER,
            ident="ESMTP",
            auth_require_tls=False,
            authenticator=self._authenticate,
            loop=asyncio.get_running_loop(),
        )

    def _authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, login: Any) -> AuthResult:
        del server, session, envelope, mechanism
        if not isinstance(login, LoginPassword):
            return AuthResult(success=False, handled=False)
        user = login.login.decode("utf-8", "replace").lower()
        good = self._accounts.get(user) == login.password.decode("utf-8", "replace")
        return AuthResult(success=good, handled=False, auth_data=user)


class _Handler:
    """What aiosmtpd asks us, one of it for each connection."""

    def __init__(self, server: MailServer, recorder: Recorder) -> None:
        self._server = server
        self._recorder = recorder

    async def handle_EHLO(  # noqa: N802
        self, smtp: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        del smtp, envelope
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", "250-ENHANCEDSTATUSCODES", responses[-1]]

    async def handle_MAIL(  # noqa: N802
        self, smtp: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        self._recorder.write("smtp", "MAIL", address, {}, _session_headers(session), " ".join(options))
        failure = self._server.script.next("MAIL", address)
        if failure is not None:
            return self._failed(smtp, failure)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Ok"

    async def handle_RCPT(  # noqa: N802
        self, smtp: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        self._recorder.write("smtp", "RCPT", address, {}, _session_headers(session), " ".join(options))
        failure = self._server.script.next("RCPT", address)
        if failure is not None:
            return self._failed(smtp, failure)
        refusal = self._server.why_not_take(address)
        if refusal is not None:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, smtp: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        recipients = ", ".join(envelope.rcpt_tos)
        self._recorder.write("smtp", "DATA", recipients, {}, _session_headers(session), envelope.content)
        failure = self._server.script.next("DATA", envelope.rcpt_tos[0])
        if failure is not None and not failure.after_delivery:
            return self._failed(smtp, failure)
        sender = "" if envelope.mail_from == "<>" else envelope.mail_from
        number = await self._server.take(
            envelope.content, sender, envelope.rcpt_tos, session.host_name, session.auth_data
        )
        if failure is not None:
            return self._failed(smtp, failure)
        return f"250 2.0.0 Ok: queued as {number}"

    def _failed(self, smtp: Any, failure: Failure) -> str:
        if failure.reply is None:
            smtp.transport.abort()
            return "421 4.3.0 dropped"  # nobody will read it
        return failure.reply


def _session_headers(session: Any) -> dict[str, str]:
    return {"helo": session.host_name or "", "user": session.auth_data or ""}
