"""Which process this is, and whether another one on this machine still lives. Refuses to judge other machines."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from bot.ledger import Worker

_STARTED = 19  # field 22 of /proc/PID/stat, counted after the command's closing parenthesis (proc(5))


def this_process(worker_id: str) -> Worker:
    pid = os.getpid()
    return Worker(id=worker_id, host=_host(), pid=pid, birth=_birth(pid) or "")


def is_here(worker: Worker) -> bool:
    """Whether its process number means something on this machine (and in this container)."""
    return worker.host == _host()


def is_alive(worker: Worker) -> bool:
    """Whether this very process lives, told from a later one that got its number. Only where `is_here`."""
    try:
        os.kill(worker.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # somebody else's process has the number; its birth decides
    birth = _birth(worker.pid)
    return birth is None or birth == worker.birth


def _host() -> str:
    """The host's name, and on Linux the space in which process numbers count (a container has its own)."""
    try:
        return f"{socket.gethostname()}/{os.stat('/proc/self/ns/pid').st_ino}"  # noqa: PTH116
    except OSError:
        return socket.gethostname()


def _birth(pid: int) -> str | None:
    """When the process began, in words that no later process with the same number has; None when unknown."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return f"{boot}/{stat.rpartition(')')[2].split()[_STARTED]}"
