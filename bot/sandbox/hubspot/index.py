"""The search index: a late copy of the records of one kind. Never reads a record's present state."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable, Iterable

from bot.sandbox.hubspot.kinds import Kind
from bot.sandbox.hubspot.records import Record, Version

Entry = tuple[int, int]  # (modified in ms, record number): the order of the index


class SearchIndex:
    """HubSpot shows new data in searches only after "a few moments"; here after `lag_s` seconds of `timer`.

    Kept sorted by the time of the last change, with a table of equal values for each property that was ever
    asked for by equality, so that polling ten thousand records costs what it finds.
    """

    def __init__(self, kind: Kind, *, lag_s: float, timer: Callable[[], float]) -> None:
        self.kind = kind
        self._lag_s = lag_s
        self._timer = timer
        self._waiting: deque[tuple[float, Record, Version]] = deque()
        self._versions: dict[int, Version] = {}
        self._order: list[Entry] = []
        self._equal: dict[str, dict[str, set[int]]] = {}

    def show_later(self, record: Record) -> None:
        """Queue the record's present version; it becomes visible when its time has come."""
        self._waiting.append((self._timer() + self._lag_s, record, record.version))

    def load(self, records: Iterable[Record]) -> None:
        """Make records visible at once, as data that was there all along."""
        self._waiting.clear()
        for record in records:
            self._versions[int(record.id)] = record.version
        self._order = sorted((version.modified_ms, number) for number, version in self._versions.items())
        self._equal.clear()

    def forget(self, record: Record) -> None:
        """Archived records leave at once, with whatever of them was still waiting."""
        self._waiting = deque(entry for entry in self._waiting if entry[1] is not record)
        self._drop(int(record.id))

    def catch_up(self) -> None:
        """Take in everything whose time has come."""
        now = self._timer()
        while self._waiting and self._waiting[0][0] <= now:
            _, record, version = self._waiting.popleft()
            number = int(record.id)
            self._drop(number)
            self._versions[number] = version
            insort(self._order, (version.modified_ms, number))
            for name, table in self._equal.items():
                table.setdefault(version.properties.get(name, "").lower(), set()).add(number)

    def __len__(self) -> int:
        return len(self._versions)

    def version(self, number: int) -> Version:
        return self._versions[number]

    def all(self) -> Iterable[int]:
        return (number for _, number in self._order)

    def modified_between(self, low_ms: float, high_ms: float) -> list[int]:
        """Records last changed from low to high, both included, oldest change first."""
        first = bisect_left(self._order, low_ms, key=lambda entry: entry[0])
        last = bisect_left(self._order, high_ms + 1, key=lambda entry: entry[0])
        return [number for _, number in self._order[first:last]]

    def equal_to(self, name: str, lowered: str) -> set[int]:
        """Records whose property, in lower case, is that text."""
        table = self._equal.get(name)
        if table is None:
            table = self._equal[name] = {}
            for number, version in self._versions.items():
                table.setdefault(version.properties.get(name, "").lower(), set()).add(number)
        return table.get(lowered, set())

    def having(self, name: str) -> set[int]:
        """Records whose property is set."""
        return self._versions.keys() - self.equal_to(name, "")

    def existing(self, numbers: Iterable[int]) -> set[int]:
        return {number for number in numbers if number in self._versions}

    def _drop(self, number: int) -> None:
        version = self._versions.pop(number, None)
        if version is None:
            return
        del self._order[bisect_left(self._order, (version.modified_ms, number))]
        for name, table in self._equal.items():
            table[version.properties.get(name, "").lower()].discard(number)
