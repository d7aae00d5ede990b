"""What the loopback servers were asked, as JSON Lines. Refuses to write the secret of an Authorization."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

Kind = Literal["smtp", "imap", "hubspot", "slack", "salesforce"]

_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie"})
_SECRET_QUERY = frozenset({"access_token", "client_secret", "hapikey", "token"})


class Recorder:
    """One file for all fakes of one process; belongs to one event loop.

    A line is `{"n": 1, "t": 1764000000.123, "kind": "hubspot", "method": "PATCH", "path": "/crm/…",
    "query": {…}, "headers": {…}, "body": "…"}`: n counts from 1, t is in seconds since the epoch. For SMTP
    the method is the verb, the path its address, and the body of DATA is the mail. Bytes that are not UTF-8
    become surrogate escapes, so `line["body"].encode("utf-8", "surrogateescape")` is exactly what came.
    """

    def __init__(self, path: Path | None, *, clock: Callable[[], float] = time.time) -> None:
        """A path of None records nothing; an existing file is appended to."""
        self._file = None if path is None else path.open("a", encoding="ascii")
        self._clock = clock
        self._n = 0

    def write(
        self,
        kind: Kind,
        method: str,
        path: str,
        query: Mapping[str, Any],
        headers: Mapping[str, str],
        body: str | bytes,
    ) -> None:
        """Write one request and flush, so that another process can follow the file."""
        if self._file is None:
            return
        self._n += 1
        line = {
            "n": self._n,
            "t": self._clock(),
            "kind": kind,
            "method": method,
            "path": path,
            "query": {k: "[redacted]" if k.lower() in _SECRET_QUERY else v for k, v in query.items()},
            "headers": {k: _safe_header(k, v) for k, v in headers.items()},
            "body": body if isinstance(body, str) else body.decode("utf-8", "surrogateescape"),
        }
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()

    def close(self) -> None:
        """Close the file; later writes are an error."""
        if self._file is not None:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _safe_header(name: str, value: str) -> str:
    if name.lower() not in _SECRET_HEADERS:
        return value
    scheme, blank, _secret = value.partition(" ")
    return f"{scheme} [redacted]" if blank and name.lower() != "cookie" else "[redacted]"
