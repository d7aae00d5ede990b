"""From simple values to Block Kit. Pure functions; refuses what Slack would refuse.

Limits: https://docs.slack.dev/reference/block-kit/blocks and block-elements/button-element (2026-11).
Text is mrkdwn and what comes from outside is passed through `escape` by its caller; broadcasts (<!channel> and the
like) are neutralised here whoever wrote them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any, Literal, TypeVar

T = TypeVar("T")
Block = dict[str, Any]
Style = Literal["primary", "danger"] | None

MAX_SECTION = 3_000
MAX_FIELD = 2_000
MAX_FIELDS = 10
MAX_CONTEXT = 10
MAX_BUTTONS = 25
MAX_LABEL = 75
MAX_VALUE = 2_000
MAX_ACTION_ID = 255
MAX_BLOCKS = 50

_BROADCAST = re.compile(r"<(?=!(?:channel|here|everyone|subteam))")


class ActionId(StrEnum):
    """The buttons offportal knows."""

    UNDO = "undo"
    CONFIRM = "confirm"
    DECLINE = "decline"
    APPROVE = "approve"
    REJECT = "reject"


def escape(text: str) -> str:
    """A value as plain words in mrkdwn: no markup, no mention, no link comes out of it
    (https://docs.slack.dev/messaging/formatting-message-text#escaping, 2026-11)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def section(text: str) -> tuple[Block, ...]:
    """As many section blocks as the text needs (at most 3,000 characters each); none for blank text."""
    return tuple({"type": "section", "text": _mrkdwn(part)} for part in split(_quiet(text), MAX_SECTION))


def fields(pairs: Iterable[tuple[str, str]]) -> tuple[Block, ...]:
    """Name and value side by side, ten to a block. What does not fit into 2,000 characters ends with "…"."""
    cells = [_mrkdwn(_cut(f"*{name}*\n{value}", MAX_FIELD)) for name, value in pairs]
    return tuple({"type": "section", "fields": part} for part in _chunks(cells, MAX_FIELDS))


def context(text: str) -> tuple[Block, ...]:
    """Small grey text."""
    parts = [_mrkdwn(part) for part in split(_quiet(text), MAX_SECTION)]
    return tuple({"type": "context", "elements": part} for part in _chunks(parts, MAX_CONTEXT))


def buttons(items: Sequence[tuple[str, str, str, Style]]) -> tuple[Block, ...]:
    """A row of buttons: (action id, label, value, style). Labels are cut at 75 characters.

    Action ids of one block must differ, so a repeated one gets a number (`confirm:2`); `action_name` takes it off.
    Raises ValueError for a value over 2,000 or an action id over 255 characters, since cutting would change its
    meaning, and for an id with a colon.
    """
    return tuple(
        {"type": "actions", "elements": [_button(*item, n=_nth(row, i)) for i, item in enumerate(row)]}
        for row in _chunks(list(items), MAX_BUTTONS)
    )


def action_name(action_id: str) -> str:
    """The action id as it was given to `buttons`."""
    return action_id.partition(":")[0]


def message(*parts: Iterable[Block]) -> tuple[Block, ...]:
    """The blocks of one message. Raises ValueError for more than 50; several lines belong into one section."""
    blocks = tuple(block for part in parts for block in part)
    if len(blocks) > MAX_BLOCKS:
        raise ValueError(f"slack: a message has {len(blocks)} blocks and may have {MAX_BLOCKS}")
    return blocks


def split(text: str, limit: int) -> tuple[str, ...]:
    """Cut text into parts of at most `limit` characters: at a line's end, else at a blank, else anywhere outside
    an entity and a link. No words are lost; blank parts are."""
    parts = []
    rest = text.strip()
    while len(rest) > limit:
        at = _cut_at(rest, limit)
        parts.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return tuple(part for part in (*parts, rest) if part)


def _cut_at(text: str, limit: int) -> int:
    for mark in ("\n", " "):
        at = text.rfind(mark, limit // 2, limit)
        if at > 0 and _inside(text, at) is None:
            return at
    return _inside(text, limit) or limit


def _inside(text: str, at: int) -> int | None:
    """Where the link or entity that `at` would cut begins."""
    for opening, closing, longest in (("<", ">", 2_000), ("&", ";", 5)):
        begin = text.rfind(opening, max(0, at - longest), at)
        if begin >= 0 and text.find(closing, begin, at) < 0 and text.find(closing, at, begin + longest) >= 0:
            return begin
    return None


def _cut(text: str, limit: int) -> str:
    text = _quiet(text).strip()
    return text if len(text) <= limit else text[: _cut_at(text, limit - 1)].rstrip() + "…"


def _quiet(text: str) -> str:
    return _BROADCAST.sub("&lt;", text)


def _mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text}


def _button(action_id: str, label: str, value: str, style: Style, *, n: int) -> Block:
    unique = f"{action_id}:{n}" if n > 1 else action_id
    if ":" in action_id or len(unique) > MAX_ACTION_ID or len(value) > MAX_VALUE:
        raise ValueError(f"slack: button {action_id!r} has an id or a value ({len(value)} characters) Slack refuses")
    text = label if len(label) <= MAX_LABEL else label[: MAX_LABEL - 1] + "…"
    button: Block = {
        "type": "button",
        "action_id": unique,
        "text": {"type": "plain_text", "text": text, "emoji": True},
        "value": value,
    }
    return button | {"style": style} if style else button


def _nth(row: Sequence[tuple[str, str, str, Style]], at: int) -> int:
    return sum(1 for item in row[: at + 1] if item[0] == row[at][0])


def _chunks(items: Sequence[T], size: int) -> list[list[T]]:
    return [list(items[i : i + size]) for i in range(0, len(items), size)]
