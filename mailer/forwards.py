"""A forwarded mail inside another one: who wrote it, when, about what. Only what its header says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mailer.quotes import CUT, header_at
from mailer.shapes import Shapes

_PREFIX = re.compile(r"^(?:\s?>)+ ?")
_SEARCHED_LINES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarded:
    """The values as written in the quoted header, "" where it does not say; they prove nothing."""

    from_: str = ""
    date: str = ""
    subject: str = ""
    text: str = ""


def forwarded_in(quoted: str, shapes: Shapes, *, is_forward: bool) -> Forwarded | None:
    """The forwarded mail at the beginning of a quoted text; None when it is an answer's quote.

    Args:
        quoted: what was cut off below the new words.
        shapes: the words' shapes.
        is_forward: whether the subject says so (Fwd:, WG:, TR: …).
    """
    lines = [_PREFIX.sub("", line) for line in quoted.split("\n") if line != CUT]
    lowered = [line.lower() for line in lines]
    first = next((at for at, one in enumerate(lowered) if one.strip()), 0)
    searched = _SEARCHED_LINES if is_forward else 1  # an answer may quote a forwarded mail further down
    divider = next(
        (at for at in range(first, min(len(lines), first + searched)) if shapes.forwarded.fullmatch(lowered[at])), None
    )
    if divider is None and not (is_forward and quoted.strip()):
        return None
    start = 0 if divider is None else divider + 1
    for at, _ in _window(lines, start, _SEARCHED_LINES):
        if length := header_at(lowered, at, shapes):
            values = _values(lines[at : at + length], shapes)
            return Forwarded(
                from_=values.get("from_", ""),
                date=values.get("sent", ""),
                subject=values.get("subject", ""),
                text="\n".join(lines[at + length :]).strip(),
            )
    return Forwarded(text="\n".join(lines[start:]).strip())


def _window(lines: list[str], start: int, count: int) -> Iterator[tuple[int, str]]:
    return enumerate(lines[start : start + count], start)


def _values(lines: list[str], shapes: Shapes) -> dict[str, str]:
    values: dict[str, str] = {}
    kind = ""
    for line in lines:
        if label := shapes.label.fullmatch(line.lower()):
            kind = shapes.labels[" ".join(label[1].split())]
            values.setdefault(kind, line[label.start(2) :].strip(" *_"))
        elif kind and line.strip():
            values[kind] += " " + line.strip()
    return values
