"""The body of a note: plain words as HTML, and the mark that tells whether it was written already. Pure."""

from __future__ import annotations

import html
import re
import unicodedata

LIMIT = 65_536  # characters of hs_note_body (HubSpot's notes guide), counted as UTF-16 units to be safe
_CUT = " […]"


def note_body(words: str, key: str) -> str:
    """The words as HTML with their line breaks, cut to HubSpot's limit, and the mark in small grey print."""
    mark = f'<p style="color:#99acc2;font-size:10px">{html.escape(_mark(key))}</p>'
    escaped = [_escape(char) for char in words.replace("\r\n", "\n").strip()]
    room = LIMIT - _units(mark) - len("<p></p>")
    if sum(map(_units, escaped)) > room:
        escaped = _fitting(escaped, room - _units(_CUT))
        escaped.append(_CUT)
    return f"<p>{''.join(escaped)}</p>{mark}"


def holds(body: str, key: str) -> bool:
    """Whether a note's body ends with the mark of this key; HubSpot may have changed the tags around it."""
    text = html.unescape(re.sub(r"<[^>]*>", "", body))
    return text.rstrip().endswith(_mark(key))


def _mark(key: str) -> str:
    return f"[offportal {key}]"


def _escape(char: str) -> str:
    if char == "\n":
        return "<br>"
    return " " if unicodedata.category(char) in {"Cc", "Cs"} else html.escape(char)


def _units(text: str) -> int:
    return len(text) + sum(char > "\uffff" for char in text)


def _fitting(pieces: list[str], room: int) -> list[str]:
    kept, used = [], 0
    for piece in pieces:
        used += _units(piece)
        if used > room:
            break
        kept.append(piece)
    return kept
