"""What dates in a text are read as. Finds none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.language import calendar as cal


@dataclass(frozen=True, slots=True, kw_only=True)
class DateFound:
    """A date in the text at characters start..end.

    `day` None: the words name a day that the calendar does not have. `exact` is False for a period or a relative
    day; `year_said` tells "30.06.2027" from "30.06."; `length` is the length of "in two weeks".
    """

    start: int
    end: int
    day: date | None
    year_said: bool = False
    exact: bool = True
    length: LengthFound | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LengthFound:
    """A length of time ("30 days", "a month"); `sign` is +1 for later, -1 for earlier, 0 when nothing says so."""

    start: int
    end: int
    days: int = 0
    months: int = 0
    sign: int = 0

    def from_day(self, day: date, *, sign: int = 1) -> date | None:
        """That much after (sign 1) or before (sign -1) a day."""
        if self.months:
            return cal.add_months(day, sign * self.months)
        return cal.add_days(day, sign * self.days)


Found = DateFound | LengthFound


@dataclass(frozen=True, slots=True)
class Reading:
    """What dates are read by: the day it is, and whether 3/4 is April the third or March the fourth."""

    today: date
    month_first: bool
