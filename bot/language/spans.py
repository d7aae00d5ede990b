"""Which characters of a text are spoken for. Knows not by what."""

from __future__ import annotations

from collections.abc import Iterable


class Spans:
    """Character ranges of one text; adding and asking take time of the range's length only."""

    def __init__(self, length: int, spans: Iterable[tuple[int, int]] = ()) -> None:
        self._taken = bytearray(length)
        for start, end in spans:
            self.add(start, end)

    def add(self, start: int, end: int) -> None:
        """Takes characters start..end."""
        self._taken[start:end] = b"\1" * (end - start)

    def free(self, start: int, end: int) -> None:
        """Gives characters start..end back."""
        self._taken[start:end] = bytes(end - start)

    def overlaps(self, start: int, end: int) -> bool:
        """Whether any of the characters is taken."""
        return 1 in self._taken[start:end]

    def masked(self, text: str) -> str:
        """The text with a NUL for every character taken."""
        if 1 not in self._taken:
            return text
        return "".join("\0" if taken else sign for sign, taken in zip(text, self._taken, strict=True))
