"""What becomes of a run that failed, or whose worker died. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from bot.engine.registry import Registered
from bot.engine.retry import DEFAULT, Failures, GivenUp, give_up_after_crash, next_attempt
from bot.errors import OffportalError
from bot.ledger import Again, Dead, Dying, Outcome, Run

_SUSPECTS_APART = timedelta(seconds=1)


def after_failure(run: Run, error: BaseException, registered: Registered, now: datetime) -> Outcome:
    """Again later, or its end. The text kept with the job is our own error's, or names the bug."""
    before = Failures(failures=run.failures, bugs=run.bugs, first_failed_at=run.first_failed_at)
    verdict = next_attempt(error, key=run.key, before=before, now=now, policy=registered.retry)
    if isinstance(verdict, GivenUp):
        return _end(run, verdict.reason, registered)
    bug = not isinstance(error, OffportalError)
    text = f"{type(error).__name__}: {error}" if bug else str(error)
    return Again(run=run, due_at=verdict.at, error=text, failed=True, bug=bug)


def after_crash(runs: Sequence[Run], registered: Callable[[str], Registered | None], now: datetime) -> list[Outcome]:
    """What a dead worker had in hand: again at once, each in its place, unless workers die of it.

    From the second crash on they come back one after the other, so that the one that kills its worker does so
    alone, and not three times together with its neighbours. `registered` may answer None for a kind that only
    other workers know.
    """
    outcomes: list[Outcome] = []
    due_at = now
    for run in runs:
        known = registered(run.kind)
        policy = known.retry if known is not None else DEFAULT
        verdict = give_up_after_crash(crashes=run.crashes + 1, policy=policy)
        if verdict is not None:
            outcomes.append(_end(run, verdict.reason, known))
        elif run.crashes == 0:
            outcomes.append(Again(run=run, due_at=now, crashed=True))
        else:
            outcomes.append(Again(run=run, due_at=due_at, crashed=True))
            due_at += _SUSPECTS_APART
    return outcomes


def _end(run: Run, reason: str, registered: Registered | None) -> Dying | Dead:
    """A kind that is not registered here may have somebody to tell where it is."""
    if run.dying:
        return Dead(run=run, error=f"{run.error} (and nobody could be told: {reason})")
    if registered is not None and registered.on_dead is None:
        return Dead(run=run, error=reason)
    return Dying(run=run, error=reason)
