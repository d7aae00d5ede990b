"""The two blocks these tests say something with."""

from __future__ import annotations

from typing import Any


def section(text: str) -> tuple[dict[str, Any], ...]:
    return ({"type": "section", "text": {"type": "mrkdwn", "text": text}},)


def undo(value: str) -> tuple[dict[str, Any], ...]:
    button = {"type": "button", "action_id": "undo", "text": {"type": "plain_text", "text": "Undo"}, "value": value}
    return ({"type": "actions", "elements": [button]},)
