"""When a failed job is tried again, and when it is given up. Pure: knows no clock and no jobs table."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import PermanentError, TransientError

_SPREAD = 0.25  # the part of a wait that is left to the job's key
_LONGEST_ASKED = timedelta(hours=24)  # HubSpot's daily limit is the longest wait that we know of


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """`first` doubles with every failure up to `longest`; after `patience` a TransientError is final too; a bug
    (any error that is not ours) is tried `bug_tries` times in all."""

    first: timedelta = timedelta(seconds=2)
    longest: timedelta = timedelta(minutes=15)
    patience: timedelta = timedelta(days=3)
    bug_tries: int = 3
    crash_tries: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryAt:
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUp:
    """`reason` is one sentence for the person who has to act."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """What went before: failures and bugs without the present one, and when the first was."""

    failures: int = 0
    bugs: int = 0
    first_failed_at: datetime | None = None


DEFAULT = RetryPolicy()


def next_attempt(
    error: BaseException, *, key: str, before: Failures, now: datetime, policy: RetryPolicy = DEFAULT
) -> RetryAt | GivenUp:
    """What to do after this error. The same key, failures and time give the same answer; the spread of waits
    comes from the key, so that many jobs failing together do not come back together.

    A TransientError's `retry_after` (at most a day) is kept, never shortened.
    """
    if isinstance(error, PermanentError):
        return GivenUp(reason=str(error))
    if not isinstance(error, TransientError):
        if before.bugs + 1 >= policy.bug_tries:
            return GivenUp(reason=f"{type(error).__name__}: {error}: failed {policy.bug_tries} times; a bug")
        return RetryAt(at=now + _backoff(key, before.failures, policy))
    first_failed_at = before.first_failed_at or now
    if now - first_failed_at >= policy.patience:
        return GivenUp(reason=f"{error}: given up after {policy.patience}")
    if error.retry_after is not None:
        asked = max(timedelta(), min(error.retry_after, _LONGEST_ASKED))
        return RetryAt(at=now + asked * (1 + 0.1 * _chance(key, before.failures)))
    return RetryAt(at=now + _backoff(key, before.failures, policy))


def give_up_after_crash(*, crashes: int, policy: RetryPolicy = DEFAULT) -> GivenUp | None:
    """GivenUp when the worker has died of (or with) this job often enough; `crashes` counts the present one."""
    if crashes < policy.crash_tries:
        return None
    return GivenUp(reason=f"the worker died {crashes} times while it ran this job; it is not started again")


def _backoff(key: str, failures: int, policy: RetryPolicy) -> timedelta:
    doubled: timedelta = min(policy.first * (1 << min(failures, 30)), policy.longest)
    return doubled * (1 - _SPREAD * _chance(key, failures))


def _chance(key: str, failures: int) -> float:
    """A number from 0 to 1 that looks random and always is the same for this key and count."""
    digest = hashlib.blake2b(f"{key}/{failures}".encode(errors="replace"), digest_size=4).digest()
    return int.from_bytes(digest, "big") / 2**32
