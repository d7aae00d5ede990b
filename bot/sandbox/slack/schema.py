"""A small vocabulary for saying what JSON Slack accepts, in Slack's own complaints. Knows no block by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


class Rule(Protocol):
    """One field's rule. `faults` yields complaints such as `must provide a string [json-pointer:/blocks/0/x]`."""

    @property
    def required(self) -> bool: ...

    def faults(self, value: Any, at: str) -> Iterator[str]: ...


def fault(words: str, at: str) -> str:
    """A complaint about the place `at`, a JSON pointer."""
    return f"{words} [json-pointer:{at}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Str:
    """A string of min to max characters, optionally one of a few or matching a pattern."""

    max: int = 3000
    min: int = 1
    one_of: tuple[str, ...] = ()
    pattern: str = ""
    required: bool = False

    def faults(self, value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield fault("must provide a string", at)
        elif len(value) > self.max:
            yield fault(f"must be less than {self.max + 1} characters", at)
        elif len(value) < self.min:
            yield fault(f"must be more than {self.min - 1} characters", at)
        elif self.one_of and value not in self.one_of:
            yield fault(f"must be a valid enum value: {', '.join(self.one_of)}", at)
        elif self.pattern and not re.fullmatch(self.pattern, value):
            yield fault("failed to match pattern", at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bool:
    required: bool = False

    def faults(self, value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, bool):
            yield fault("must provide a boolean", at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Int:
    required: bool = False

    def faults(self, value: Any, at: str) -> Iterator[str]:
        if isinstance(value, bool) or not isinstance(value, int):
            yield fault("must provide an integer", at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Anything:
    """Slack checks it, we do not (rich text elements, Slack files, workflow triggers)."""

    required: bool = False

    def faults(self, value: Any, at: str) -> Iterator[str]:
        del value, at
        yield from ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text object: plain_text, or mrkdwn too unless `plain`."""

    max: int = 3000
    plain: bool = False
    required: bool = False

    def faults(self, value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield fault("must provide an object", at)
            return
        kinds = ("plain_text",) if self.plain else ("plain_text", "mrkdwn")
        if value.get("type") not in kinds:
            yield fault(f"unsupported type: {value.get('type')}", f"{at}/type")
            return
        flag = "emoji" if value["type"] == "plain_text" else "verbatim"
        shape = Obj(
            fields={
                "type": Str(required=True),
                "text": Str(max=self.max, required=True),
                flag: Bool(),
            }
        )
        found = list(shape.faults(value, at))
        if found and not self.plain:
            yield fault("failed to match all allowed schemas", at)
        yield from found


@dataclass(frozen=True, slots=True, kw_only=True)
class List:
    """Min to max items of one rule."""

    of: Rule
    max: int
    min: int = 1
    required: bool = False

    def faults(self, value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield fault("must provide an array", at)
            return
        if len(value) > self.max:
            yield fault(f"no more than {self.max} items allowed", at)
        if len(value) < self.min:
            yield fault(f"must provide at least {self.min} items", at)
        for index, item in enumerate(value):
            yield from self.of.faults(item, f"{at}/{index}")


def _nothing_more(_value: Mapping[str, Any], _at: str) -> Iterator[str]:
    yield from ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Obj:
    """An object with these fields and no others; `more` looks at the fields together."""

    fields: Mapping[str, Rule]
    more: Callable[[Mapping[str, Any], str], Iterator[str]] = _nothing_more
    required: bool = False

    def faults(self, value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield fault("must provide an object", at)
            return
        for name in value:
            if name not in self.fields:
                yield fault(f"invalid additional property: {name}", at)
        for name, rule in self.fields.items():
            if value.get(name) is not None:
                yield from rule.faults(value[name], f"{at}/{name}")
            elif rule.required:
                yield fault(f"missing required field: {name}", at)
        yield from self.more(value, at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """An object whose `type` chooses the rule."""

    by_type: Mapping[str, Rule] = field(default_factory=dict)
    required: bool = False

    def faults(self, value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield fault("must provide an object", at)
        elif "type" not in value:
            yield fault("missing required field: type", at)
        elif not isinstance(value["type"], str) or value["type"] not in self.by_type:
            yield fault(f"unsupported type: {value['type']}", f"{at}/type")
        else:
            yield from self.by_type[value["type"]].faults(value, at)
