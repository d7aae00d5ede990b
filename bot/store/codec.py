"""Values of the programme as JSON and back, exactly: a Decimal keeps its digits, a date stays a date.

Refuses floats and every type it does not know, instead of writing something that reads back as another.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from bot.domain.deals import DealField, FieldChange, FieldValue

_TYPED_KEYS = 1


def dump(value: Any) -> str:
    """JSON without blanks and in ASCII, so that text which UTF-8 cannot hold comes back as it was."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def load(text: str) -> Any:
    return json.loads(text)


def value_to_json(value: FieldValue) -> Any:
    """Text and None as they are; {"decimal": "60.00"}; {"date": "2026-11-30"}. Raises TypeError for others."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if type(value) is date:
        return {"date": value.isoformat()}
    raise TypeError(f"store: a field's value is text, Decimal, date or None, not {type(value).__name__}")


def value_from_json(value: Any) -> FieldValue:
    """The inverse of value_to_json. Raises ValueError for what it never writes."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Mapping) and len(value) == _TYPED_KEYS:
        [(kind, text)] = value.items()
        if kind == "decimal":
            return Decimal(text)
        if kind == "date":
            return date.fromisoformat(text)
    raise ValueError(f"store: {value!r} is not a stored field value")


def changes_to_json(changes: Sequence[FieldChange]) -> list[dict[str, Any]]:
    """[{"field": "amount", "old": {"decimal": "50"}, "new": {"decimal": "60.00"}}, …], in the order given."""
    return [
        {"field": change.field.value, "old": value_to_json(change.old), "new": value_to_json(change.new)}
        for change in changes
    ]


def changes_from_json(changes: Sequence[Mapping[str, Any]]) -> tuple[FieldChange, ...]:
    """The inverse of changes_to_json. Raises ValueError for an unknown field or value."""
    return tuple(
        FieldChange(
            field=DealField(change["field"]),
            old=value_from_json(change["old"]),
            new=value_from_json(change["new"]),
        )
        for change in changes
    )
