"""A body as clean lines: one kind of line end and blank, nothing invisible, bounded. Judges nothing."""

from __future__ import annotations

import re
from textwrap import dedent

MAX_CHARS = 100_000
MAX_LINES = 2_000
WHITE = "\ue003"  # stands before words that mailer/html.py found to be white on white

_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029\x0b\x0c\x85]")
# Zero-width and direction signs, soft hyphens, controls: invisible, and able to hide a word from its reader.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
_BLANKS = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000]")
_MANY_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*){2,}")
_RESERVED = re.compile("[\ue000-\ue003]")  # the signs by which mailer/html.py marks quotes


def clean(text: str) -> tuple[str, bool]:
    """The text with LF line ends, plain blanks and no invisible signs, and whether it had to be cut."""
    cut = len(text) > MAX_CHARS
    shown = _LINE_ENDS.sub("\n", text[: MAX_CHARS + 1])
    shown = _BLANKS.sub(" ", _INVISIBLE.sub("", shown))[:MAX_CHARS]
    shown = _MANY_BLANK_LINES.sub("\n\n", shown)
    lines = shown.split("\n")
    if len(lines) > MAX_LINES:
        return "\n".join(lines[:MAX_LINES]), True
    return shown, cut


def without_reserved(text: str) -> str:
    """The text without the signs that mark quotes: a sender must not be able to write them."""
    return _RESERVED.sub("", text)


def joined(lines: list[str]) -> str:
    """Lines to text: blank lines at the ends and doubled ones, blanks at line ends and a common indent dropped."""
    text = "\n".join(line.rstrip() for line in lines).strip("\n")
    return dedent(re.sub(r"\n{3,}", "\n\n", text))
