"""The two questions an error answers: try again, or tell a person? Refusals by policy are values, not errors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta


class OffportalError(Exception):
    """Base of all errors that offportal raises on purpose; the message says who: what: why: what next."""


class TransientError(OffportalError):
    """Try again; not before `retry_after` when the other side said so."""

    def __init__(self, message: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class UnknownOutcomeError(TransientError):
    """The connection broke after the request was sent: it may have been carried out. Trying again must be
    recognisable (same Message-ID) or preceded by a look (re-read the record)."""


class SetupError(TransientError):
    """Credentials, rights or certificates are refused: nothing of its kind works until a person corrects them. What
    waits is tried again every minute meanwhile, so that nothing is lost. `code` as in PermanentError."""

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message, retry_after=timedelta(minutes=1))
        self.code = code


class PermanentError(OffportalError):
    """Trying again changes nothing: a person has to act. `code` is the other side's own code, for the record."""

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class ConfigError(OffportalError):
    """Everything that is wrong with the configuration, at once; the process exits with 2."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)
