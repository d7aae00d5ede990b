"""Names and sizes of attached files. Writes nothing and opens nothing."""

from __future__ import annotations

import binascii
import mimetypes
import re
from collections.abc import Container

MAX_FILE_NAME_BYTES = 120

_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f<>:\"|?*\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_BLANKS = re.compile(r"\s+")
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")
_UU_BEGIN = re.compile(r"begin [0-7]{3,4} (\S.*)")
_UU_LINE = re.compile(r"[ -`]{1,90}")


def file_name(name: str | None, content_type: str, used: Container[str]) -> str:
    """A name that is safe in any directory: the last path component without control, direction or reserved
    signs, not hidden, no device name of Windows, at most MAX_FILE_NAME_BYTES of UTF-8, not among `used`."""
    last = re.split(r"[/\\]", name or "")[-1]
    safe = _BLANKS.sub(" ", _UNSAFE.sub("", last)).strip(". ")
    if not safe:
        safe = "attachment" + (mimetypes.guess_extension(content_type) or ".bin")
    if _DEVICES.match(safe):
        safe = "_" + safe
    stem, dot, extension = safe.rpartition(".")
    if not dot or len(extension.encode()) > 20:  # noqa: PLR2004 - longer ones are no extensions
        stem, dot, extension = safe, "", ""
    for number in range(1, 10_000):
        tail = (f" ({number})" if number > 1 else "") + dot + extension
        room = MAX_FILE_NAME_BYTES - len(tail.encode())
        candidate = stem.encode()[:room].decode("utf-8", "ignore").rstrip(". ") + tail
        if candidate not in used:
            return candidate
    return candidate


def uuencoded(text: str) -> tuple[str, list[tuple[str, int]]]:
    """Takes uuencoded files (`begin 644 name` … `end`) out of a text; gives the rest and (name, size in bytes).

    A block without its end or with a line that is no uuencoding stays text.
    """
    lines = text.split("\n")
    kept: list[str] = []
    files: list[tuple[str, int]] = []
    at = 0
    while at < len(lines):
        begin = _UU_BEGIN.fullmatch(lines[at])
        size_and_end = _uu_block(lines, at + 1) if begin else None
        if begin and size_and_end:
            files.append((begin[1].strip(), size_and_end[0]))
            at = size_and_end[1]
        else:
            kept.append(lines[at])
            at += 1
    return "\n".join(kept), files


def _uu_block(lines: list[str], start: int) -> tuple[int, int] | None:
    """Size in bytes and the line after `end`; None when it is no uuencoded block."""
    size_bytes = 0
    for at in range(start, len(lines)):
        if lines[at] == "end":
            return size_bytes, at + 1
        if not _UU_LINE.fullmatch(lines[at] or " "):
            return None
        try:
            size_bytes += len(binascii.a2b_uu(lines[at].encode("ascii")))
        except binascii.Error:
            return None
    return None
