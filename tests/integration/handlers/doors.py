"""What stands at the desk's doors instead of a relay, Slack and the hours of the day. Decides nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.ports import ChatPerson, Email, Letter, Posted, SlackPost


@dataclass
class Post:
    """Takes every mail; `errors` are raised first, one a call."""

    sent: list[Email] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)

    async def send(self, email: Email) -> str:
        if self.errors:
            raise self.errors.pop(0)
        self.sent.append(email)
        return "250 ok"


@dataclass
class Bulk:
    """Takes every letter; `refuses` are raised, heard or waited for by the place of the letter among all."""

    letters: list[Letter] = field(default_factory=list)
    refuses: dict[int, Exception] = field(default_factory=dict)
    breaks: dict[int, Exception] = field(default_factory=dict)
    tries: int = 0

    async def send_all(
        self, letters: Sequence[Letter], heard: Callable[[Letter, Exception | None], Awaitable[bool]]
    ) -> None:
        for letter in letters:
            number, self.tries = self.tries, self.tries + 1
            if number in self.breaks:
                raise self.breaks[number]
            error = self.refuses.get(number)
            if error is None:
                self.letters.append(letter)
            if not await heard(letter, error):
                return

    def to(self) -> list[str]:
        return [letter.to_address for letter in self.letters]


@dataclass
class Chat:
    """Takes every Slack message; knows the vendor's people."""

    posted: list[tuple[SlackPost, Posted]] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)
    people: dict[str, ChatPerson] = field(default_factory=dict)
    edited: dict[str, SlackPost] = field(default_factory=dict)  # by ts, as it stands now

    async def person(self, _team_id: str, user_id: str) -> ChatPerson | None:
        return self.people.get(user_id)

    async def post(self, message: SlackPost) -> Posted:
        posted = Posted(channel=message.channel, ts=f"{1000 + len(self.posted)}.0001")
        self.posted.append((message, posted))
        if self.errors:
            raise self.errors.pop(0)
        return posted

    async def update(self, posted: Posted, message: SlackPost) -> None:
        self.edited[posted.ts] = message

    async def find(self, message: SlackPost, _since: datetime) -> Posted | None:
        return next((posted for said, posted in self.posted if said.key == message.key), None)


@dataclass
class MovedClock:
    """The time of day, and what has been added to it."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead
