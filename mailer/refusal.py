"""Who is to blame when a mail server says no for good. Refuses to guess: in doubt it is the message alone."""

from __future__ import annotations

from enum import StrEnum

from bot.errors import PermanentError


class Blame(StrEnum):
    """What has to change before trying again makes sense."""

    RECIPIENT = "recipient"  # this address takes no mail: suppress it
    MESSAGE = "message"  # this message, or this message to this recipient; both may be fine otherwise
    SETUP = "setup"  # our credentials, rights, sender or certificate: stop everything and tell a person


class RefusedError(PermanentError):
    """A mail server refused for good; `code` is reply code and enhanced status, such as "550 5.1.1"."""

    def __init__(self, message: str, *, blame: Blame, code: str = "") -> None:
        super().__init__(message, code=code)
        self.blame = blame
