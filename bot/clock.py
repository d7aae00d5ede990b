"""The time of day, aware and in UTC: the system's, or ahead of it by what a file says, to rehearse the weeks to come.

The file holds whole seconds, read whenever it is written to. Nobody else asks for the time; whoever needs it is given
a clock.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path


class Clock:
    """Called for the time of day; `ahead` is the file, which may be absent. A file that holds no number counts as 0."""

    def __init__(self, ahead: Path | None = None) -> None:
        self._file = ahead
        self._written_ns = -1
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + (self._ahead if self._file is None else self._read(self._file))

    def _read(self, file: Path) -> timedelta:
        try:
            written_ns = file.stat().st_mtime_ns
            if written_ns != self._written_ns:
                self._ahead = timedelta(seconds=int(file.read_text(encoding="ascii")))
                self._written_ns = written_ns
        except (OSError, ValueError, OverflowError):
            return self._ahead
        return self._ahead


utc_now = Clock()
