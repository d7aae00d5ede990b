"""Every message of a folder after a position, in order. Refuses to let one bad message hold up the rest."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from mailer.imap_protocol import LostError
from mailer.imap_session import AnswerError, ImapSession
from mailer.imap_text import Item

log = structlog.get_logger()
_LIST_MESSAGES = 200  # aioimaplib takes quadratic time in the number of answers to one command
_FETCH_MESSAGES = 50
_FETCH_BYTES = 4_000_000
_TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """The last message taken. UIDs compare only while `uid_validity` stays the same (RFC 3501 2.3.1.1)."""

    uid_validity: int
    uid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One message as the server has it.

    `raw` is None for a mail over the limit, whose `header` is there instead (cut at 256 KiB), and for one
    that the server lists and cannot hand over, where `error` says why. `size_bytes` is the server's figure,
    which some servers only estimate; None when unknown. `internal_date` is when the server received it.
    """

    uid_validity: int
    uid: int
    size_bytes: int | None
    internal_date: datetime | None
    raw: bytes | None
    header: bytes | None = None
    error: str = ""

    @property
    def position(self) -> Position:
        """What to store in the same transaction as the message."""
        return Position(uid_validity=self.uid_validity, uid=self.uid)


Deliver = Callable[[Fetched], Awaitable[None]]


@dataclass(slots=True, kw_only=True)
class Cursor:
    """How far we are, and which messages gave trouble; outlives connections.

    Up to `careful_until` messages are fetched singly, to find the one that breaks the exchange.
    """

    uid_validity: int = 0
    uid: int = 0
    careful_until: int = 0
    tries: dict[int, int] = field(default_factory=dict)
    fault: str = ""

    def open(self, uid_validity: int) -> None:
        """Start over when the folder is not the one that the position belongs to."""
        if uid_validity == self.uid_validity:
            return
        if self.uid_validity:
            log.warning("imap.uid_validity_changed", old=self.uid_validity, new=uid_validity)
        self.uid_validity, self.uid, self.careful_until = uid_validity, 0, 0
        self.tries.clear()

    def chunks(self, uids: Sequence[int]) -> Iterator[Sequence[int]]:
        """`uids` in portions: one by one where care is needed, some hundred elsewhere."""
        careful = [uid for uid in uids if uid <= self.careful_until]
        yield from ([uid] for uid in careful)
        rest = uids[len(careful) :]
        yield from (rest[start : start + _LIST_MESSAGES] for start in range(0, len(rest), _LIST_MESSAGES))

    def gave_trouble(self, uid: int, fault: str) -> None:
        """Look at everything up to `uid` singly from now on."""
        self.careful_until = max(self.careful_until, uid)
        self.fault = fault


class _MissingError(Exception):
    """The server listed a message and then did not hand it over; perhaps somebody deleted it meanwhile."""


class Backlog:
    """Drains one session's folder into `deliver`, moving `cursor` on with each acknowledged message."""

    def __init__(self, session: ImapSession, cursor: Cursor, deliver: Deliver, limit_bytes: int) -> None:
        self._session = session
        self._cursor = cursor
        self._deliver = deliver
        self._limit_bytes = limit_bytes

    async def tidy_left_over(self) -> None:
        """Tidy what was delivered and not tidied before the last connection ended."""
        for chunk in _portions(await self._session.delivered_uids(self._cursor.uid), _LIST_MESSAGES):
            await self._session.tidy(chunk)

    async def drain(self) -> None:
        """Deliver everything that is there; raises LostError, and whatever `deliver` raises."""
        while uids := await self._session.new_uids(self._cursor.uid):
            for chunk in self._cursor.chunks(uids):
                if not await self._take(chunk):
                    break  # ask again what is there: somebody may have deleted it, or it needs care

    async def _take(self, uids: Sequence[int]) -> bool:
        """Deliver these messages; False when one could not be had."""
        cursor, complete = self._cursor, True
        try:
            if uids[0] <= cursor.careful_until:
                await self._take_carefully(uids[0])
            else:
                await self._take_all(uids)
        except LostError as exc:
            cursor.gave_trouble(uids[-1], str(exc))
            raise
        except (AnswerError, _MissingError) as exc:
            cursor.gave_trouble(uids[-1], str(exc))
            complete = False
        await self._session.tidy([uid for uid in uids if uid <= cursor.uid])
        return complete

    async def _take_carefully(self, uid: int) -> None:
        """One message; after three tries that each ended badly it is reported instead."""
        tries = self._cursor.tries.get(uid, 0)
        if tries < _TRIES:
            self._cursor.tries[uid] = tries + 1
            await self._take_all([uid])
        else:
            await self._hand_over(Item(uid=uid), error=self._cursor.fault)
        self._cursor.tries.pop(uid, None)

    async def _take_all(self, uids: Sequence[int]) -> None:
        sizes = await self._session.sizes(uids)
        listed = [sizes[uid] for uid in itertools.takewhile(sizes.__contains__, uids)]
        for group in self._groups(listed):
            small = [item.uid for item in group if not self._too_big(item)]
            bodies = await self._session.bodies(small) if small else {}
            for item in group:
                await self._hand_over(item, body=bodies.get(item.uid))
        if len(listed) < len(uids):
            raise _MissingError("the server lists a message and does not tell its size")

    def _groups(self, items: Sequence[Item]) -> Iterator[list[Item]]:
        """Items whose bodies are fetched with one command: bounded in number and in bytes held at once."""
        group: list[Item] = []
        size_bytes = 0
        for item in items:
            more_bytes = 0 if self._too_big(item) else item.size_bytes or 0
            if group and (len(group) == _FETCH_MESSAGES or size_bytes + more_bytes > _FETCH_BYTES):
                yield group
                group, size_bytes = [], 0
            group.append(item)
            size_bytes += more_bytes
        if group:
            yield group

    def _too_big(self, item: Item) -> bool:
        return item.size_bytes is not None and item.size_bytes > self._limit_bytes

    async def _hand_over(self, item: Item, *, body: bytes | None = None, error: str = "") -> None:
        """Deliver one message and, once it is acknowledged, move on."""
        header = None
        if self._too_big(item) or (body is not None and len(body) > self._limit_bytes):
            body, header = None, await self._session.header(item.uid)
        if body is None and header is None and not error:
            raise _MissingError("the server lists a message and does not hand it over")
        await self._deliver(
            Fetched(
                uid_validity=self._cursor.uid_validity,
                uid=item.uid,
                size_bytes=item.size_bytes,
                internal_date=item.internal_date,
                raw=body,
                header=header,
                error=error,
            )
        )
        self._cursor.uid = item.uid


def _portions(uids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (uids[start : start + size] for start in range(0, len(uids), size))
