"""One API call as the handlers see it, and their answer. Free of HTTP machinery, so that a handler is a function."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.hubspot.bodies import objects_in
from bot.sandbox.hubspot.errors import Json, bad_request, fields_not_set, invalid_json
from bot.sandbox.hubspot.kinds import Kind, kind_of
from bot.sandbox.hubspot.portal import Portal
from bot.sandbox.hubspot.records import Actor
from bot.sandbox.hubspot.render import split_lists

MAX_BATCH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """`path` holds the path's parameters, decoded; `query` every value of each parameter; `dated` is True for the
    2026-09 family; `base_url` is where the server can be reached, for links."""

    portal: Portal
    method: str
    raw_path: str
    path: Mapping[str, str]
    query: Mapping[str, Sequence[str]]
    body: bytes
    actor: Actor
    dated: bool
    base_url: str

    @property
    def kind(self) -> Kind:
        return kind_of(self.path["kind"])

    def flag(self, name: str) -> bool:
        return self.text(name).lower() == "true"

    def text(self, name: str) -> str:
        values = self.query.get(name)
        return values[0] if values else ""

    def names(self, name: str) -> list[str]:
        return split_lists(self.query, name)

    def number(self, name: str, *, default: int, most: int) -> int:
        """A whole number from 1 to `most`.

        Raises:
            HubSpotError: 400.
        """
        text = self.text(name)
        if not text:
            return default
        if not text.isdecimal() or not 0 < int(text) <= most:
            raise bad_request(f"{name} must be a number between 1 and {most}, not {text}")
        return int(text)

    def value(self) -> Any:
        """The body as JSON.

        Raises:
            HubSpotError: 400.
        """
        try:
            return json.loads(self.body)
        except ValueError as exc:
            raise invalid_json(f"Unexpected input: {exc}") from exc

    def json(self) -> Json:
        """The body as a JSON object.

        Raises:
            HubSpotError: 400.
        """
        value = self.value()
        if not isinstance(value, dict):
            raise invalid_json("Cannot deserialize an object from another value")
        return value

    def inputs(self, *, most: int = MAX_BATCH) -> list[Json]:
        """The members of a batch.

        Raises:
            HubSpotError: 400 when they are missing, too many, or not objects.
        """
        body = self.json()
        if "inputs" not in body:
            raise fields_not_set("inputs")
        inputs = objects_in(body, "inputs")
        if len(inputs) > most:
            raise bad_request(f"Too many inputs: {len(inputs)}. The maximum batch size is {most}.")
        return inputs


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """`body` None is an empty answer."""

    status: int = 200
    body: Json | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Call], Reply]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One operation in both families; `template` starts after the family's prefix, an empty prefix is not served.

    `scopes` names what the token needs, with {kind} filled in; any one will do.
    """

    method: str
    handler: Handler
    numbered: str
    dated: str
    scopes: tuple[str, ...] = ()
    is_search: bool = False
