"""A person whose press or command could not be stored is told, in the way Slack offers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.slack.apology import answer

INPUT = {"type": "input", "block_id": "b2"}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"command": "/partner"}, {"response_type": "ephemeral", "text": "sorry"}),
        (
            {"type": "view_submission", "view": {"blocks": [{"type": "section", "block_id": "b1"}, INPUT]}},
            {"response_action": "errors", "errors": {"b2": "sorry"}},
        ),
        ({"type": "view_submission", "view": {"blocks": []}}, None),
        ({"type": "event_callback", "event": {}}, None),
        ({"type": "block_actions"}, None),
    ],
)
def test_the_person_is_told_where_slack_shows_it(body: dict[str, Any], told: dict[str, Any] | None) -> None:
    response = answer(body, "sorry")
    assert (json.loads(response.body) if response else None) == told
