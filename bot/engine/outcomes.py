"""What becomes of a run that failed, or whose worker died. Pure."""

from __future__ import annotations

from datetime import datetime

from bot.engine.registry import Registered
from bot.engine.retry import DEFAULT, Failures, GivenUp, give_up_after_crash, next_attempt
from bot.errors import OffportalError
from bot.ledger import Again, Dead, Dying, Outcome, Run


def after_failure(run: Run, error: BaseException, registered: Registered, now: datetime) -> Outcome:
    """Again later, or its end. The text kept with the job is our own error's, or names the bug."""
    before = Failures(failures=run.failures, bugs=run.bugs, first_failed_at=run.first_failed_at)
    verdict = next_attempt(error, key=run.key, before=before, now=now, policy=registered.retry)
    if isinstance(verdict, GivenUp):
        return _end(run, verdict.reason, registered)
    bug = not isinstance(error, OffportalError)
    text = f"{type(error).__name__}: {error}" if bug else str(error)
    return Again(run=run, due_at=verdict.at, error=text, failed=True, bug=bug)


def after_crash(run: Run, registered: Registered | None, now: datetime) -> Outcome:
    """Again at once, in its place, unless workers die of it. `registered` is None for a kind that only other
    workers know: they may have somebody to tell."""
    policy = registered.retry if registered is not None else DEFAULT
    verdict = give_up_after_crash(crashes=run.crashes + 1, policy=policy)
    if verdict is None:
        return Again(run=run, due_at=now, crashed=True)
    return _end(run, verdict.reason, registered)


def _end(run: Run, reason: str, registered: Registered | None) -> Dying | Dead:
    if run.dying:
        return Dead(run=run, error=f"{run.error} (and nobody could be told: {reason})")
    if registered is not None and registered.on_dead is None:
        return Dead(run=run, error=reason)
    return Dying(run=run, error=reason)
