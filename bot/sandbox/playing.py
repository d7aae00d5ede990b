"""A person of the sandbox's world with a mailbox, for stories and tests: reads, answers, waits. Decides nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from smtplib import SMTP
from typing import Any

from bot.sandbox.demo import PARTNER_DESK, PASSWORD, MailSystem, World

WAIT_S = 120.0  # long enough for a busy machine: only a story that fails waits for it


class StoryError(AssertionError):
    """A step did not hold."""


@dataclass(slots=True)
class Mailbox:
    """A person's mailbox, read and answered as a mail program does."""

    world: World
    address: str
    seen: int = 0

    async def next(self, what: str, within_s: float = WAIT_S) -> EmailMessage:
        """The next mail that comes in. Raises StoryError when none does."""
        raw = await until(what, self._unread, within_s)
        self.seen += 1
        message = message_from_bytes(raw, policy=policy.default)
        assert isinstance(message, EmailMessage)  # noqa: S101  policy.default makes nothing else
        return message

    async def about(self, words: str, what: str, within_s: float = WAIT_S) -> EmailMessage:
        """The next mail with these words in its subject; others are passed over."""
        while words not in str((mail := await self.next(what, within_s))["Subject"]):
            pass
        return mail

    async def _unread(self) -> bytes | None:
        mails = await self.world.mail.mails(self.address)
        return mails[self.seen] if len(mails) > self.seen else None

    async def write(self, subject: str, words: str, *, name: str) -> None:
        """Write to the partner desk of one's own accord."""
        await self._send(name, PARTNER_DESK, subject, words)

    async def reply(self, to: EmailMessage, words: str, *, name: str = "Julia Brandt") -> None:
        """Answer above the whole quoted mail, as a phone does."""
        quoted = "\n".join(f"> {line}" for line in text_of(to).splitlines())
        thread = {
            "In-Reply-To": str(to["Message-ID"]),
            "References": f"{to.get('References', '')} {to['Message-ID']}".strip(),
        }
        body = f"{words}\n\nAm 24.11.2026 um 14:05 schrieb Meridian Partner Desk:\n\n{quoted}"
        await self._send(name, str(to["Reply-To"]), f"Re: {to['Subject']}", body, thread)

    async def _send(
        self, name: str, to: str, subject: str, words: str, thread: Mapping[str, str] | None = None
    ) -> None:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = f"{name} <{self.address}>", to, subject
        mail["Date"] = format_datetime(self.world.clock())
        mail["Message-ID"] = make_msgid(domain=self.address.rpartition("@")[2])
        for header, value in (thread or {}).items():
            mail[header] = value
        mail.set_content(f"{words}\n")
        await asyncio.to_thread(submit, self.world.mail, self.address, mail)


def submit(mail: MailSystem, sender: str, *messages: EmailMessage) -> None:
    """Hand mails to the server as their logged-in author, in this order; blocking."""
    with SMTP("127.0.0.1", mail.smtp_port, timeout=WAIT_S) as smtp:
        smtp.login(sender, PASSWORD)
        for message in messages:
            smtp.send_message(message, from_addr=sender)


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    return "" if body is None else body.get_content()


async def until(what: str, look: Callable[[], Awaitable[Any]], within_s: float = WAIT_S) -> Any:
    """The first true answer of `look`, asked ten times a second. Raises StoryError after `within_s` seconds."""
    deadline = asyncio.get_running_loop().time() + within_s
    while True:
        if found := await look():
            return found
        if asyncio.get_running_loop().time() > deadline:
            raise StoryError(f"{what}: did not happen within {within_s:.0f} s")
        await asyncio.sleep(0.1)
