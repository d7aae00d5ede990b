"""Which nudge a quiet deal has earned, and who owes the next step. Pure. Refuses to know the time of day.

Quiet is a deal that nothing in the CRM has touched. Spans are hours that passed, so that no change of the clocks moves
anything; a deal that is touched starts anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from bot.domain.deals import Deal, DealField, FieldChange, Outcome, same


class What(StrEnum):
    """What a nudge is about."""

    STALLED = "stalled"  # nothing has happened for long
    STALE_NOTES = "stale_notes"  # under way, and nobody says what is next
    ACTION_CYCLE = "action_cycle"  # a next step was set, and nothing has happened since


#: Whatever is due, nobody is nudged about one deal more often.
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """After how many quiet days (hours after a meeting) somebody is reminded; 0 is never. `per_day` bounds the nudges
    about one partner's deals in a day (UTC): a programme that starts, or a worker that was away, floods nobody.
    `held_reminder_days` and `held_days` are after how long a stage change that waits at its gate is reminded of once,
    and dropped."""

    stalled_days: int = 30
    notes_days: int = 7
    action_days: int = 7
    follow_up_hours: int = 24
    per_day: int = 3
    held_reminder_days: int = 3
    held_days: int = 14

    def span(self, what: What) -> timedelta | None:
        """How long a deal is quiet before this is due, and how long until it is due again; None is never."""
        days = {
            What.STALLED: self.stalled_days,
            What.STALE_NOTES: self.notes_days,
            What.ACTION_CYCLE: self.action_days,
        }[what]
        return timedelta(days=days) if days else None

    def shortest(self) -> timedelta | None:
        """How long a deal is quiet before anything may be due; None when nothing ever is."""
        return min((span for what in What if (span := self.span(what)) is not None), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Nudged:
    """The last nudge about a deal."""

    what: What
    at: datetime


def nudge(deal: Deal, rhythm: Rhythm, *, now: datetime, is_first_stage: bool, last: Nudged | None) -> What | None:
    """What is due on this deal now. A stalled deal wins over its next step, and that over missing notes, which a deal
    in the first stage of its motion (`is_first_stage`) does not owe yet."""
    if deal.outcome is not Outcome.OPEN:
        return None
    now = now.astimezone(UTC)  # two moments of one zone would be subtracted by its clocks
    what = _earned(deal, rhythm, now - deal.updated_at, is_first_stage=is_first_stage)
    if what is None or last is None:
        return what
    again = max(WEEK, rhythm.span(what) or WEEK) if last.what is what else WEEK
    return what if now - last.at >= again else None


def _earned(deal: Deal, rhythm: Rhythm, quiet: timedelta, *, is_first_stage: bool) -> What | None:
    def passed(what: What) -> bool:
        span = rhythm.span(what)
        return span is not None and quiet >= span

    if passed(What.STALLED):
        return What.STALLED
    if deal.next_step:
        return What.ACTION_CYCLE if passed(What.ACTION_CYCLE) else None
    return What.STALE_NOTES if not is_first_stage and passed(What.STALE_NOTES) else None


def is_partners_step(deal: Deal, written: Sequence[FieldChange]) -> bool:
    """Whether the partner owes the next step: theirs was the last (`written`, oldest first) and the deal has it yet."""
    steps = [change for change in written if change.field is DealField.NEXT_STEP]
    return bool(steps) and same(steps[-1].new, deal.next_step)
