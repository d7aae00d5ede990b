"""Reading the members of JSON bodies, and refusing those of another shape as HubSpot does. Knows no operation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.sandbox.hubspot.errors import Json, fields_not_set, invalid_json


def text_of(raw: Any) -> str:
    """The text that HubSpot reads from a JSON scalar; null clears like an empty string.

    Raises:
        HubSpotError: 400 for an array or an object.
    """
    match raw:
        case None:
            return ""
        case bool():
            return "true" if raw else "false"
        case str():
            return raw
        case int() | float():
            return str(raw)
        case _:
            raise invalid_json("Cannot deserialize value of type `java.lang.String` from an array or an object")


def required_text(body: Mapping[str, Any], *names: str) -> list[str]:
    """Members that must be there, as text.

    Raises:
        HubSpotError: 400 naming those that are not.
    """
    missing = [name for name in names if body.get(name) in (None, "")]
    if missing:
        raise fields_not_set(*missing)
    return [text_of(body[name]) for name in names]


def text_list(body: Mapping[str, Any], name: str) -> list[str]:
    """A list of texts, empty when it is not there.

    Raises:
        HubSpotError: 400.
    """
    raw = body.get(name)
    if raw is None:
        return []
    if not isinstance(raw, list):
        raise invalid_json(f"{name} is not an array")
    return [text_of(item) for item in raw]


def objects_in(body: Mapping[str, Any], name: str) -> list[Json]:
    """A list of objects, empty when it is not there.

    Raises:
        HubSpotError: 400.
    """
    raw = body.get(name)
    if raw is None:
        return []
    if not isinstance(raw, list) or not all(isinstance(item, dict) for item in raw):
        raise invalid_json(f"{name} is not an array of objects")
    return raw


def object_in(body: Mapping[str, Any], name: str) -> Json:
    """An object, empty when it is not there.

    Raises:
        HubSpotError: 400.
    """
    raw = body.get(name)
    if raw is None:
        return {}
    if not isinstance(raw, dict):
        raise invalid_json(f"{name} is not an object")
    return raw


def whole_in(body: Mapping[str, Any], name: str, *, default: int) -> int:
    """A whole number, written as one or as text; the default when it is not there or empty.

    Raises:
        HubSpotError: 400.
    """
    raw = body.get(name)
    if raw is None or raw == "":
        return default
    text = text_of(raw)
    if isinstance(raw, bool) or not text.removeprefix("-").isdecimal() or not text.isascii():
        raise invalid_json(f"{name} is not a whole number: {text}")
    return int(text)


def flag_in(body: Mapping[str, Any], name: str) -> bool:
    """A boolean, False when it is not there.

    Raises:
        HubSpotError: 400.
    """
    raw = body.get(name, False)
    if not isinstance(raw, bool):
        raise invalid_json(f"{name} is not a boolean")
    return raw
