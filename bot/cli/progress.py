"""A bar for long work, on a terminal only. Imports nothing heavy before it is needed."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")


def with_progress(items: Iterable[T], what: str) -> Iterable[T]:
    """The same items, with a bar on standard error while they are worked through; none where that is no terminal,
    nor where results are read off the same one."""
    if not sys.stderr.isatty() or sys.stdout.isatty():
        return items
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import track  # noqa: PLC0415

    return track(items, description=what, console=Console(stderr=True), transient=True)
