"""What an SMTP server's words mean: bytes in, replies out, and each refusal judged. Performs no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bot.errors import TransientError
from mailer.refusal import Blame, RefusedError

_LINE_LIMIT_BYTES = 64 * 1024  # RFC 5321 4.5.3.1.5 says 512; real servers send longer ones
_REPLY_LIMIT_LINES = 256
_LINE = re.compile(rb"[2-5]\d\d(?:[ -]|$)")
_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?:\s|$)")
_WAIT = re.compile(r"\b(?:in|after|for|wait) (\d{1,6}) ?(s|sec|second|min|minute|hour)s?\b", re.IGNORECASE)
_WAIT_UNIT_S = {"s": 1, "sec": 1, "second": 1, "min": 60, "minute": 60, "hour": 3600}
_LONGEST_WAIT = timedelta(hours=24)

# What class and subject (RFC 3463) do not tell. The two large providers list their own in
# https://support.google.com/a/answer/3726730 and, as of November 2026,
# https://learn.microsoft.com/exchange/troubleshoot/email-delivery/ndr/non-delivery-reports-in-exchange-online
_SETUP_STATUS = frozenset(
    {
        "5.7.26",  # Gmail: our domain passes neither SPF nor DKIM, or fails DMARC
        "5.7.57",  # Microsoft: we are not authenticated
        "5.7.60",  # Microsoft: we may not send as this sender
        "5.7.64",  # Microsoft: relay access denied, the tenant is not recognised
        "5.7.705",  # Microsoft: the tenant sent too much and is blocked
        "5.7.708",  # Microsoft: no mail is taken from this IP
    }
)
_OF_THE_ADDRESS = {"1", "2"}  # RFC 3463's subjects: addressing, mailbox
_OF_THE_SENDER = frozenset({"1.7", "1.8"})  # RFC 3463 3.2
_MAILBOX_OF_SENDER = "2.0"  # Microsoft, after the mail: our own mailbox's submission limits
_UNKNOWN_AT_EDGE = "4.1"  # Microsoft, at RCPT: "Recipient address rejected: Access denied", nobody there has it
_SETUP_WORDS = re.compile(r"SendAsDenied")  # Microsoft, after the mail, under several statuses
_RELAY_DENIED = re.compile(r"\brelay", re.IGNORECASE)
_SETUP_CODE = frozenset({530, 534, 535, 538})  # RFC 4954
_QUOTA = "5.4.5"  # Gmail's daily sending limit, in its 550 too: it passes by itself within 24 hours
_KNOWN_WAIT_S = {"432": 60, "454": 60, "4.7.0": 60, "5.4.5": 3600, "4.7.28": 600, "4.2.1": 600}


class Phase(StrEnum):
    """Where in the session a reply came."""

    CONNECT = "connect"  # greeting, EHLO, STARTTLS, AUTH
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"  # the reply to DATA and the one after the final dot


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One reply, its lines joined by blanks."""

    code: int
    text: str

    @property
    def enhanced(self) -> str:
        """RFC 2034's status, such as "5.1.1", or ""."""
        found = _ENHANCED.match(self.text)
        return found[1] if found else ""

    @property
    def status(self) -> str:
        """Code and enhanced status, such as "550 5.1.1"."""
        return f"{self.code} {self.enhanced}".rstrip()

    def __str__(self) -> str:
        return f"{self.code} {self.text}".rstrip()


class ReplyError(ValueError):
    """The other side does not speak SMTP."""


class ReplyReader:
    """Cuts a stream of bytes into replies (RFC 5321 4.2), however the network has split it."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._lines: list[str] = []

    def feed(self, chunk: bytes) -> Iterator[Reply]:
        """Take in bytes and give the replies they complete; ReplyError ends the connection."""
        self._buffer += chunk
        while (end := self._buffer.find(b"\n")) >= 0:
            line = bytes(self._buffer[:end]).rstrip(b"\r")
            del self._buffer[: end + 1]
            reply = self._line(line)
            if reply is not None:
                yield reply
        if len(self._buffer) > _LINE_LIMIT_BYTES:
            raise ReplyError("a reply line without end")

    def _line(self, line: bytes) -> Reply | None:
        if not _LINE.match(line):
            raise ReplyError(f"not an SMTP reply: {line[:80]!r}")
        self._lines.append(line[4:].decode("utf-8", "replace").strip())
        if line[3:4] == b"-":
            if len(self._lines) >= _REPLY_LIMIT_LINES:
                raise ReplyError("a reply without end")
            return None
        text, self._lines = _joined(self._lines), []
        return Reply(code=int(line[:3]), text=text)


def _joined(lines: list[str]) -> str:
    """The lines of one reply as one line; the enhanced status, repeated on each (RFC 2034), is kept once."""
    status = _ENHANCED.match(lines[0])
    if status:
        lines = [lines[0], *(line.removeprefix(status[1]).strip() for line in lines[1:])]
    return " ".join(line for line in lines if line)


def refusal(reply: Reply, phase: Phase, server: str) -> TransientError | RefusedError:
    """The error that a reply other than the hoped-for one means."""
    message = f"smtp: {server} refused at {phase} ({reply})"
    if reply.code >= 500 and reply.enhanced != _QUOTA:  # noqa: PLR2004
        blame = blame_of(reply, phase)
        return RefusedError(f"{message}: {_WHAT_NEXT[blame]}", blame=blame, code=reply.status)
    return TransientError(f"{message}: try again later", retry_after=wait_of(reply))


_WHAT_NEXT = {
    Blame.RECIPIENT: "the address takes no mail; it has to be changed before the next one",
    Blame.MESSAGE: "this message is not taken; a person has to look at it",
    Blame.SETUP: "nothing can be sent until our account or sending domain is put right",
}


def blame_of(reply: Reply, phase: Phase) -> Blame:
    """Whom a 5xx reply blames.

    RFC 3463's subject decides where there is one: x.1 and x.2 are the addressee's, save where it is about the sender.
    Other policy (x.7) blames the message only, so that one recipient's strange filter neither suppresses the address
    nor stops the rest.
    """
    _class, _, detail = reply.enhanced.partition(".")
    subject = detail.partition(".")[0]
    if phase is Phase.CONNECT or reply.code in _SETUP_CODE or reply.enhanced in _SETUP_STATUS:
        return Blame.SETUP
    if detail in _OF_THE_SENDER or _SETUP_WORDS.search(reply.text):
        return Blame.SETUP
    if phase is Phase.MAIL:
        return Blame.SETUP if subject in {"1", "7"} or reply.code == 550 else Blame.MESSAGE  # noqa: PLR2004
    if phase is Phase.DATA:
        return Blame.RECIPIENT if subject in _OF_THE_ADDRESS and detail != _MAILBOX_OF_SENDER else Blame.MESSAGE
    if subject in _OF_THE_ADDRESS or detail == _UNKNOWN_AT_EDGE:
        return Blame.RECIPIENT
    if _RELAY_DENIED.search(reply.text):
        return Blame.SETUP  # "relay access denied": the server does not take us for its client
    return Blame.RECIPIENT if not detail and reply.code in {550, 551, 553} else Blame.MESSAGE


def wait_of(reply: Reply) -> timedelta | None:
    """How long the server asks us to wait, by its words or what is known of its code; None when unknown."""
    said = _WAIT.search(reply.text)
    if said:
        return min(timedelta(seconds=int(said[1]) * _WAIT_UNIT_S[said[2].lower()]), _LONGEST_WAIT)
    known = _KNOWN_WAIT_S.get(reply.enhanced) or _KNOWN_WAIT_S.get(str(reply.code))
    return None if known is None else timedelta(seconds=known)
