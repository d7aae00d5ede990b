"""The sandbox's mailboxes over IMAP: pymap inside our process. Keeps nothing beyond its own end."""

from __future__ import annotations

import asyncio
import re
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from proxyprotocol.result import ProxyResultUnknown
from proxyprotocol.sock import SocketInfo
from pymap.backend.dict import DictBackend, Identity
from pymap.backend.dict.mailbox import MailboxData
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.parsing.specials import FetchRequirement
from pymap.user import Passwords, UserMetadata
from pysasl.hashing import Cleartext

from bot.sandbox.record import Recorder

_COMMAND = re.compile(rb"\S+ ((?:UID )?[A-Z]+)(?: (.*))?\r?\n", re.IGNORECASE | re.DOTALL)
_ARGUMENTS = {
    "host": "127.0.0.1",
    "port": 0,
    "debug": False,
    "cert": None,
    "key": None,
    "tls": False,
    "proxy_protocol": None,
    "passlib_cfg": None,
    "inherited_sockets": None,
    "demo_data": False,
    "demo_user": "nobody",
    "demo_password": "none",
}


class MailStore:
    """Accounts with an INBOX each, served on a loopback port."""

    def __init__(self, accounts: Mapping[str, str], recorder: Recorder) -> None:
        """`accounts` maps lower-case addresses to passwords."""
        self._accounts = accounts
        self._recorder = recorder
        self._identities: dict[str, Any] = {}
        self._connections: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._imap: Any = None

    @property
    def port(self) -> int:
        """The port it listens on."""
        if self._server is None:
            raise RuntimeError("the mail server is not started")
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self, port: int) -> None:
        """Listen on 127.0.0.1; port 0 takes a free one."""
        _mend_pymap()
        backend, config = await DictBackend.init(
            Namespace(**_ARGUMENTS), invalid_user_sleep=0.0, reject_dnsbl=False, hash_context=Cleartext()
        )
        config.apply_context()
        passwords = Passwords(config)
        for address, password in self._accounts.items():
            identity = Identity(address, backend.login, None, frozenset())
            hashed = await passwords.hash_password(password)
            await identity.set(UserMetadata(config, address, password=hashed))
            self._identities[address] = identity
        self._imap = IMAPServer(backend.login, config)
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)

    async def stop(self) -> None:
        """Stop listening and drop every connection."""
        if self._server is not None:
            self._server.close()
            self.disconnect()
            await self._server.wait_closed()

    def disconnect(self) -> None:
        """Drop every connection, as a server that is restarted does."""
        for writer in tuple(self._connections):
            writer.transport.abort()

    def set_password(self, address: str, password: str) -> None:
        """Change an account's password and drop every connection."""
        users = self._identities[address].login.users_dict
        users[address] = replace(users[address], password=password)
        self.disconnect()

    async def append(self, address: str, mail: bytes, received: datetime) -> None:
        """Put a mail into an account's INBOX, byte for byte."""
        async with self._identities[address].new_session() as session:
            mailbox = await session.mailbox_set.get_mailbox("INBOX")
            await mailbox.append(AppendMessage(mail, received, frozenset()), recent=True)

    async def mails(self, address: str, folder: str) -> list[bytes]:
        """The mails of a folder, oldest first; a folder that does not exist is a KeyError."""
        async with self._identities[address].new_session() as session:
            mailbox = await session.mailbox_set.get_mailbox(folder)
            return [await _content(message) async for message in mailbox.messages()]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection. asyncio calls this and keeps the task; pymap's own way loses it on Python 3.12+."""
        self._connections.add(writer)
        self._record_lines(reader)
        try:
            await self._imap(reader, writer, SocketInfo.get(writer, ProxyResultUnknown(), unique_id=uuid4().bytes))
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client has gone; pymap lets that through
        finally:
            self._connections.discard(writer)
            writer.close()

    def _record_lines(self, reader: asyncio.StreamReader) -> None:
        read_line = reader.readline

        async def recording() -> bytes:
            line = await read_line()
            self._record(line)
            return line

        reader.readline = recording  # type: ignore[method-assign]

    def _record(self, line: bytes) -> None:
        found = _COMMAND.fullmatch(line)
        if found is None:
            return  # DONE, a literal, or the answer to a login's challenge
        name = found[1].decode("ascii").upper()
        secret = name in {"LOGIN", "AUTHENTICATE"}
        arguments = "[redacted]" if secret else (found[2] or b"").decode("utf-8", "replace").strip()
        self._recorder.write("imap", name, arguments, {}, {}, "")


async def _content(message: Any) -> bytes:
    loaded = await message.load_content(FetchRequirement.CONTENT)
    return bytes(loaded.get_body(None))


def _mend_pymap() -> None:
    """Let IDLE tell at once of mail that came since the last command.

    The dict backend of pymap 0.36.7 waits for a fresh event before it looks.
    """
    original = MailboxData.update_selected
    if getattr(original, "mended", False):
        return

    async def update_selected(self: Any, selected: Any, *, wait_on: Any = None) -> Any:
        if wait_on is not None and (selected.mod_sequence or 0) < self._mod_sequences.highest:
            wait_on = None
        return await original(self, selected, wait_on=wait_on)

    update_selected.mended = True  # type: ignore[attr-defined]
    MailboxData.update_selected = update_selected  # type: ignore[method-assign]
