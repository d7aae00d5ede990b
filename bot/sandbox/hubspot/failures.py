"""Failures on order: what goes wrong with the next requests that look like this. Decides nothing by chance."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.sandbox.hubspot.errors import HubSpotError, Json, rate_limited


class Effect(StrEnum):
    """STATUS answers with `status`; GARBAGE is a 502 that is not UTF-8; TIMEOUT says nothing for `delay_s`, then
    hangs up; RESET hangs up at once; SLOW answers properly after `delay_s`."""

    STATUS = "status"
    GARBAGE = "garbage"
    TIMEOUT = "timeout"
    RESET = "reset"
    SLOW = "slow"


@dataclass(slots=True, kw_only=True)
class Failure:
    """For the next `times` requests whose method and path match (regular expressions, searched).

    `applied` carries the request out before it fails. `body` and `headers` replace those of the status.
    """

    method: str = ""
    path: str = ""
    times: int = 1
    effect: Effect = Effect.STATUS
    status: int = 500
    applied: bool = False
    delay_s: float = 60.0
    body: Json | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def matches(self, method: str, path: str) -> bool:
        return bool(re.search(self.method, method) and re.search(self.path, path))

    def answer(self, correlation_id: str) -> Json:
        return self.body if self.body is not None else _error_of(self.status).body(correlation_id)


class Failures:
    """The failures still on order, first ordered first served."""

    def __init__(self) -> None:
        self._ordered: list[Failure] = []

    def order(self, failure: Failure) -> None:
        self._ordered.append(failure)

    def take(self, method: str, path: str) -> Failure | None:
        """The failure for this request, used up by one."""
        for failure in self._ordered:
            if failure.matches(method, path):
                failure.times -= 1
                if failure.times <= 0:
                    self._ordered.remove(failure)
                return failure
        return None

    def clear(self) -> None:
        self._ordered.clear()


def parse_failure(body: Mapping[str, Any]) -> Failure:
    """A failure from JSON, members named as the fields of `Failure`.

    Raises:
        ValueError: for a member or a value that there is not.
    """
    known = set(Failure.__dataclass_fields__)
    unknown = sorted(set(body) - known)
    if unknown:
        raise ValueError(f"sandbox: no such member of a failure: {', '.join(unknown)}: use {', '.join(sorted(known))}")
    return Failure(**{**body, "effect": Effect(body.get("effect", "status"))})


def _error_of(status: int) -> HubSpotError:
    match status:
        case 423:
            return HubSpotError(423, "LOCKED", "This resource is locked. Please try again in two seconds.")
        case 429:
            return rate_limited("TEN_SECONDLY_ROLLING")
        case 477:
            return HubSpotError(477, "MIGRATION_IN_PROGRESS", "This account is being migrated between data centers.")
        case _:
            return HubSpotError(status, "INTERNAL_ERROR", "internal error")
