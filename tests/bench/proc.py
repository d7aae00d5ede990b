"""What a process has cost so far, as Linux counts it (proc(5)). Looks only, at any process of this user."""

from __future__ import annotations

import os
from pathlib import Path

_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
_USER, _SYSTEM = 11, 12  # fields 14 and 15, counted after the command's closing parenthesis


def cpu_s(pid: int | None = None) -> float:
    """Seconds of CPU, of user and system, that the process (by default this one) has used."""
    fields = Path(f"/proc/{pid or 'self'}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[_USER]) + int(fields[_SYSTEM])) / _TICKS_A_SECOND


def peak_mb(pid: int | None = None) -> float:
    """The most memory that it has held at once (VmHWM), in MiB."""
    for line in Path(f"/proc/{pid or 'self'}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("proc: this kernel does not tell VmHWM")
