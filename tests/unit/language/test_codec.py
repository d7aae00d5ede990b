"""The contract's JSON: what is written is read back, what is invalid is refused with its key."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.actions import AnyAction, Field, Register, Set, Value
from bot.language import Result, understand
from bot.language.codec import action_from_json, action_to_json, case_from_json, result_to_json

CASE: dict[str, Any] = {
    "id": "x",
    "today": "2026-11-24",
    "channel": "slack",
    "partner": {"contact": "Tom", "email": "t@a.example", "org": "A", "locale": "en-GB", "role": "partner"},
    "deals": [{"id": "D1", "name": "Acme", "company": "Acme", "motion": "m", "stage": "A", "amount": 40000}],
    "stages": {"m": ["A", "B"]},
    "about": {
        "kind": "confirmation",
        "deal": "D1",
        "pending": [{"do": "set", "deal": "D1", "field": "stage", "value": "B"}],
    },
    "text": "yes",
}


def test_a_case_is_read_and_its_result_written() -> None:
    result = result_to_json(understand(case_from_json(CASE)), id="x")
    assert result == {
        "id": "x",
        "verdict": "human",
        "language": "en",
        "actions": [
            {"do": "set", "deal": "D1", "field": "stage", "value": "B", "decision": "apply", "because": ""},
        ],
    }


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"today": "soon"}, "today: 'soon' is no ISO date"),
        ({"channel": "fax"}, "channel: 'fax' is not one of email, slack"),
        ({"text": None}, "text: must be a string"),
        ({"partner": None}, "partner: must be an object"),
        ({"partner": {"role": "king"}}, "partner.role: 'king' is not one of partner, manager"),
        ({"deals": {}}, "deals: must be a list"),
        ({"deals": [{"id": "D1"}]}, "deals[0].name: must be a string"),
        ({"deals": [{"id": "D1", "name": "A", "amount": "much"}]}, "deals[0].amount: 'much' is no number"),
        ({"stages": []}, "stages: must be an object"),
        ({"policy": {"extension_days": 0}}, "policy.extension_days: must be a whole number"),
        ({"about": {"kind": "confirmation", "pending": [{"do": "fly"}]}}, "do: 'fly' is not one of"),
    ],
)
def test_an_invalid_case_is_refused_with_its_key(change: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011 - the message is checked below
        case_from_json(CASE | change)
    assert fault in str(error.value)


def test_something_that_is_no_object_is_no_case() -> None:
    with pytest.raises(ValueError, match="the case: must be an object"):
        case_from_json([])


def _consistent(action: AnyAction) -> AnyAction:
    """A Set whose value is of its field's kind; an amount that a JSON number holds exactly (below 2**53)."""
    if isinstance(action, Register) and action.draft.amount is not None:
        return replace(action, draft=replace(action.draft, amount=Decimal("12.5")))
    if not isinstance(action, Set):
        return action
    values: dict[Field, Value] = {Field.AMOUNT: Decimal("12.5"), Field.CLOSE_DATE: date(2027, 1, 31)}
    return replace(action, value=values.get(action.field, "text"))


@given(st.from_type(AnyAction).map(_consistent))  # type: ignore[arg-type]
def test_every_action_is_read_back_as_it_was_written(action: AnyAction) -> None:
    again = action_to_json(action_from_json(action_to_json(action)))
    assert again == action_to_json(action)


def test_a_result_without_language_says_so() -> None:
    assert result_to_json(Result(language=None), id="y")["language"] is None
