"""Values of the domain as JSON and back, exactly. Refuses classes that are not the domain's own.

A dataclass becomes {"is": its class name, …fields that differ from None}; Decimal {"decimal": "60.00"},
date {"date": "2027-03-31"}; tuples become lists and come back as tuples.
"""

from __future__ import annotations

import dataclasses
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from types import ModuleType
from typing import Any, get_args, get_type_hints

from bot.domain import actions, deals, notices, registrations


def _classes(*modules: ModuleType) -> dict[str, type]:
    return {
        name: cls
        for module in modules
        for name, cls in vars(module).items()
        if isinstance(cls, type) and dataclasses.is_dataclass(cls)
    }


_CLASSES = _classes(actions, deals, notices, registrations)


def to_json(value: Any) -> Any:
    """Make a value JSON can carry; raises TypeError for a foreign class."""
    if dataclasses.is_dataclass(value) and type(value).__name__ in _CLASSES:
        fields = {f.name: to_json(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return {"is": type(value).__name__, **{k: v for k, v in fields.items() if v is not None}}
    match value:
        case Enum():
            return value.value
        case None | str() | bool() | int() | float():
            return value
        case Decimal():
            return {"decimal": str(value)}
        case datetime():
            return {"datetime": value.isoformat()}
        case date():
            return {"date": value.isoformat()}
        case tuple() | list():
            return [to_json(v) for v in value]
        case dict():
            return {str(k): to_json(v) for k, v in value.items()}
    raise TypeError(f"{type(value).__name__} is not a value of the domain")


def from_json(value: Any) -> Any:
    """The value that to_json made this from; raises KeyError or ValueError for what it did not make."""
    match value:
        case list():
            return tuple(from_json(v) for v in value)
        case {"is": str(name), **raw}:
            return _build(_CLASSES[name], {str(k): v for k, v in raw.items()})
        case {"decimal": str(text)}:
            return Decimal(text)
        case {"datetime": str(text)}:
            return datetime.fromisoformat(text)
        case {"date": str(text)}:
            return date.fromisoformat(text)
        case dict():
            return {k: from_json(v) for k, v in value.items()}
    return value


def _build(cls: type, raw: dict[str, Any]) -> Any:
    enums, required = _shape(cls)
    fields = {name: enums[name](v) if name in enums else from_json(v) for name, v in raw.items()}
    return cls(**dict.fromkeys(required - fields.keys()), **fields)


@cache
def _shape(cls: type) -> tuple[dict[str, type[Enum]], frozenset[str]]:
    """The fields that hold an enum, and those without a default (left out of the JSON when they are None)."""
    enums = {}
    for name, hint in get_type_hints(cls).items():
        for option in get_args(hint) or (hint,):
            if isinstance(option, type) and issubclass(option, Enum):
                enums[name] = option
    missing = dataclasses.MISSING
    fields = dataclasses.fields(cls)
    return enums, frozenset(f.name for f in fields if f.default is missing and f.default_factory is missing)
