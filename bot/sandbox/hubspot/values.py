"""What a property accepts, and what HubSpot makes of it. Pure: knows properties, no records."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from bot.sandbox.hubspot.errors import Json
from bot.sandbox.hubspot.properties import Property
from bot.sandbox.hubspot.times import (
    day_of,
    is_midnight,
    iso_of,
    moment_of,
    parse_day,
    parse_epoch,
    parse_instant,
)

MAX_TEXT = 65_536  # characters; also the limit of a note's body (docs, "Notes", 2026-11)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?\Z")
_EMAIL = re.compile(r"[^@\s<>,;:\"()\[\]]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\.[A-Za-z]{2,}\Z")
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
_SECONDS_BELOW = 100_000_000_000  # an epoch of up to eleven digits is taken for seconds by the dated family


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """`value` as it is kept and shown; `key` orders it (a number, or epoch milliseconds; None for text);
    `warning` is what the dated family says when it kept something else than was sent."""

    value: str
    key: float | None = None
    warning: Json | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """One member of a "Property values were not valid" answer."""

    name: str
    code: str
    message: str
    value: str

    def json(self, portal_id: int) -> Json:
        return {
            "isValid": False,
            "message": self.message,
            "error": self.code,
            "name": self.name,
            "localizedErrorMessage": self.message,
            "propertyValue": self.value,
            "portalId": portal_id,
        }

    def detail(self) -> Json:
        """As an ErrorDetail of the published schema."""
        return {"message": self.message, "code": self.code, "context": {"propertyName": [self.name]}}


def judge(
    property_: Property, text: str, *, allowed: Collection[str], dated: bool, before: str = ""
) -> Accepted | Refused:
    """Whether a value sent for a property is taken, and as what.

    Args:
        property_: The definition of the property.
        text: What was sent; the empty string clears.
        allowed: The option values of an enumeration.
        dated: True for the 2026-09 family, which puts days and instants right instead of refusing them.
        before: The value so far; a checkbox value that starts with a semicolon is added to it.
    """
    refuse = _Refuser(property_.name, text)
    if text == "":
        return Accepted(value="")
    if property_.type not in {"string", "phone_number"} and text != text.strip().strip(_INVISIBLE):
        return refuse("LEADING_TRAILING_WHITESPACE", f'"{text}" includes leading or trailing whitespace.')
    match property_.type:
        case "number":
            if not _NUMBER.match(text):
                return refuse("INVALID_NUMBER", f'"{text}" was not a valid number.')
            return Accepted(value=text, key=float(text))
        case "date":
            return _judge_day(property_, text, dated=dated)
        case "datetime":
            return _judge_instant(property_, text, dated=dated)
        case "bool":
            return _judge_option(refuse, text, frozenset({"true", "false"}))
        case "enumeration" if property_.field_type == "checkbox":
            return _judge_options(refuse, text, allowed, before)
        case "enumeration":
            return _judge_option(refuse, text, allowed)
        case _:
            return _judge_text(refuse, property_, text)


class _Refuser:
    def __init__(self, name: str, value: str) -> None:
        self._name = name
        self._value = value

    def __call__(self, code: str, message: str) -> Refused:
        return Refused(name=self._name, code=code, message=message, value=self._value)


def _judge_option(refuse: _Refuser, text: str, allowed: Collection[str]) -> Accepted | Refused:
    if text in allowed:
        return Accepted(value=text)
    return refuse("INVALID_OPTION", f"{text} was not one of the allowed options: [{', '.join(allowed)}]")


def _judge_options(refuse: _Refuser, text: str, allowed: Collection[str], before: str) -> Accepted | Refused:
    chosen = [choice for choice in text.split(";") if choice]
    for choice in chosen:
        if choice not in allowed:
            return _judge_option(refuse, choice, allowed)
    if text.startswith(";"):
        chosen = [choice for choice in before.split(";") if choice] + chosen
    return Accepted(value=";".join(dict.fromkeys(chosen)))


def _judge_text(refuse: _Refuser, property_: Property, text: str) -> Accepted | Refused:
    if len(text) > MAX_TEXT:
        return refuse(
            "PROPERTY_VALUE_TOO_LONG",
            f"{property_.name} is {len(text)} characters long; the limit is {MAX_TEXT}.",
        )
    if property_.name == "email" and property_.hubspot_defined:
        if not _EMAIL.match(text):
            return refuse("INVALID_EMAIL", f"Email address {text} is invalid")
        return Accepted(value=text.lower())
    if property_.name == "hs_additional_emails":
        for address in filter(None, text.split(";")):
            if not _EMAIL.match(address):
                return refuse("INVALID_EMAIL", f"Email address {address} is invalid")
    return Accepted(value=text)


def _judge_day(property_: Property, text: str, *, dated: bool) -> Accepted | Refused:
    refuse = _Refuser(property_.name, text)
    day = parse_day(text)
    if day is not None:
        return Accepted(value=text, key=day)
    epoch = parse_epoch(text)
    if not dated:
        if epoch is None:
            return refuse("INVALID_LONG", f"{text} was not a valid long.")
        if not is_midnight(epoch):
            clock = f"{moment_of(epoch):%H:%M:%S}.{epoch % 1000:03d}"
            return refuse("INVALID_DATE", f"{text} is at {clock} UTC, not midnight!")
        return Accepted(value=day_of(epoch), key=epoch)
    instant = _lenient_instant(text, epoch)
    if instant is None:
        return refuse("INVALID_DATE", f"{text} is not a valid date.")
    midnight = instant - instant % 86_400_000
    warning = None if str(midnight) == text else _normalised(property_.name, text, midnight)
    return Accepted(value=day_of(midnight), key=midnight, warning=warning)


def _judge_instant(property_: Property, text: str, *, dated: bool) -> Accepted | Refused:
    instant = parse_instant(text, zone_required=not dated)
    if instant is None:
        instant = parse_day(text)
    if instant is not None:
        return Accepted(value=iso_of(instant), key=instant)
    epoch = parse_epoch(text)
    if dated:
        epoch = _lenient_instant(text, epoch)
    if epoch is None:
        return Refused(name=property_.name, code="INVALID_LONG", message=f"{text} was not a valid long.", value=text)
    warning = None if str(epoch) == text else _normalised(property_.name, text, epoch)
    return Accepted(value=iso_of(epoch), key=epoch, warning=warning)


def _lenient_instant(text: str, epoch: int | None) -> int | None:
    if epoch is None:
        return parse_instant(text, zone_required=False)
    return epoch * 1000 if 0 < epoch < _SECONDS_BELOW else epoch


def _normalised(name: str, raw: str, ms: int) -> Json:
    # Changelog "crm-api-write-validation-enforcement", 2026-08-11.
    return {
        "category": "PROPERTY_VALUE_NORMALIZED",
        "message": f"{name} was normalized",
        "context": {"propertyName": name, "rawValue": raw, "normalizedValue": str(ms)},
    }
