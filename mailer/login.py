"""How we prove to a mail server who we are. Holds no secret longer than its owner does."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Literal, Protocol

Tls = Literal["none", "starttls", "tls"]


class TokenSource(Protocol):
    """Gives OAuth 2 access tokens for XOAUTH2; `mailer.oauth` has the two that matter."""

    async def token(self) -> str:
        """A token that is good for some minutes; raises TransientError or PermanentError."""
        ...

    def invalidate(self) -> None:
        """The server refused the last token: get a new one next time, whatever its age."""
        ...


def tls_context(given: ssl.SSLContext | None, ca_file: Path | None) -> ssl.SSLContext:
    """The context as given, or one that verifies against `ca_file` or the system's authorities."""
    return given or ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
