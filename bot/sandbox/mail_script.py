"""What goes wrong in the sandbox's mail server, written down before it happens. Refuses nothing by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verb = Literal["MAIL", "RCPT", "DATA"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """The next `times` commands of that kind fail (None: all from now on).

    `reply` is what the server says, such as "451 4.3.2 try later"; None means that it hangs up without a
    word. DATA fails after the whole mail, and with `after_delivery` the mail is delivered nevertheless, so
    that the client cannot know. `address` limits the failure to a sender (MAIL) or a recipient.
    """

    verb: Verb
    reply: str | None
    times: int | None = 1
    address: str | None = None
    after_delivery: bool = False


class Script:
    """Failures to come, in the order in which they were added."""

    def __init__(self) -> None:
        self._failures: list[tuple[Failure, list[int]]] = []

    def add(self, *failures: Failure) -> None:
        """Expect these failures."""
        self._failures.extend((failure, [failure.times or 0]) for failure in failures)

    def clear(self) -> None:
        """Let everything succeed again."""
        self._failures.clear()

    def next(self, verb: Verb, address: str) -> Failure | None:
        """The failure due now, used up by being asked for."""
        for entry in self._failures:
            failure, left = entry
            if failure.verb != verb or failure.address not in {None, address}:
                continue
            if failure.times is not None:
                left[0] -= 1
                if left[0] == 0:
                    self._failures.remove(entry)
            return failure
        return None
