"""One worker process per SQLite file, held by the operating system's file lock, which ends with the process.

Refuses to guess from times or process numbers whether a holder is alive. Not for network file systems, as SQLite
itself (sqlite.org/useovernet.html).
"""

from __future__ import annotations

import fcntl
import os
import socket
from pathlib import Path


class SoloLock:
    """The lock beside a SQLite file: FILE.lock, which names its holder."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(database.name + ".lock")
        self._fd: int | None = None

    def take(self) -> str | None:
        """Take it; None when it is ours now, otherwise who has it ("host alpha, process 4711")."""
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(fd, 200).decode(errors="replace").strip()
            os.close(fd)
            return holder or "another process"
        os.truncate(fd, 0)
        os.pwrite(fd, f"host {socket.gethostname()}, process {os.getpid()}\n".encode(), 0)
        self._fd = fd
        return None

    def release(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
