"""Slack's cursors: base64 of where the next page begins. Pure."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TypeVar

from bot.sandbox.slack.call import SlackError

T = TypeVar("T")


def page(items: Sequence[T], cursor: str, limit: int) -> tuple[Sequence[T], str]:
    """One page of `items` and the cursor of the next, "" at the end; raises invalid_cursor."""
    start = _start(cursor)
    if start > len(items):
        raise SlackError("invalid_cursor")
    rest = start + limit < len(items)
    return items[start : start + limit], base64.b64encode(f"next:{start + limit}".encode()).decode() if rest else ""


def _start(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        word, _, number = base64.b64decode(cursor, validate=True).decode().partition(":")
    except ValueError as exc:  # not base64, or not UTF-8 inside
        raise SlackError("invalid_cursor") from exc
    if word != "next" or not number.isdecimal():
        raise SlackError("invalid_cursor")
    return int(number)
