"""HubSpot's answers as our errors: reads any body, however broken, and never raises while doing so.

Error bodies: developers.hubspot.com/docs/api-reference/error-handling (2026-09). Retry-After is not promised for
CRM 429s (usage guidelines), so the name of the exceeded policy stands in for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import urllib3.exceptions as u3

from bot.errors import OffportalError, PermanentError, SetupError, TransientError, UnknownOutcomeError
from bot.ports import GoneError

WAITS = {
    "SECONDLY": timedelta(seconds=1),
    "TEN_SECONDLY_ROLLING": timedelta(seconds=2),
    "DAILY": timedelta(minutes=30),
}
NOT_CARRIED_OUT = {423, 429, 477}  # locked, too fast, being moved: HubSpot refused before doing anything
TRY_AGAIN = NOT_CARRIED_OUT | {408, 500, 502, 503, 504, 521, 523, 524}
PROPERTY_KEYS = ("propertyName", "propertyNames", "properties", "missingProperties", "requiredProperties", "name")
SCOPE_KEYS = ("missingScopes", "requiredScopes", "requiredGranularScopes")


class InvalidError(PermanentError):
    """HubSpot refuses the request's values (400, 409): `properties` maps property names to HubSpot's words,
    `missing_ids` are records to associate with that do not exist."""

    def __init__(
        self, message: str, *, code: str, properties: Mapping[str, str], words: str, missing_ids: Iterable[str] = ()
    ) -> None:
        super().__init__(message, code=code)
        self.properties = dict(properties)
        self.words = words
        self.missing_ids = frozenset(missing_ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request: what it is for (ids, never values), whether it changes anything, which answers are right."""

    what: str
    writes: bool = False
    search: bool = False
    expect: tuple[int, ...] = (200,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back, unread. Header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Any:
        """The body as JSON, or None when it is none; "no content" is an empty object."""
        if self.status == HTTPStatus.NO_CONTENT:
            return {}
        try:
            return json.loads(self.body)
        except ValueError:  # also bytes that are not UTF-8
            return None


def error_of(call: Call, reply: Reply) -> OffportalError:
    """The error that an answer outside `call.expect` is."""
    raw = reply.json()
    body: Mapping[str, Any] = raw if isinstance(raw, dict) else {}
    words = str(body.get("message") or "")[:2000] or f"no words, {len(reply.body)} bytes"
    who = f"hubspot: {call.what}: {reply.status}"
    code = _code(body, reply.status)
    if HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
        return _unexpected_success(call, reply)
    if reply.status == HTTPStatus.UNAUTHORIZED:
        return SetupError(f"{who}: the access token is refused: put a valid one into the configuration", code=code)
    if reply.status == HTTPStatus.FORBIDDEN:
        scopes = ", ".join(_named(body, SCOPE_KEYS)) or f"not named ({words})"
        return SetupError(f"{who}: the access token lacks scopes: {scopes}: add them to HubSpot's key", code=code)
    if reply.status in {404, 410}:
        return GoneError(f"{who}: there is no such record: {words}", code=code)
    if reply.status in TRY_AGAIN:
        return _passing(call, reply, body, who, words)
    if reply.status in {400, 409}:
        missing_ids = _named(body, ("INVALID_OBJECT_IDS",))
        return InvalidError(
            f"{who}: {words}", code=code, properties=_properties(body), words=words, missing_ids=missing_ids
        )
    return PermanentError(f"{who}: HubSpot refuses the request: {words}", code=code)


def broken(call: Call, exc: u3.HTTPError) -> OffportalError:
    """The error that a failed connection is: nothing was sent, or we cannot know whether it was carried out."""
    who = f"hubspot: {call.what}"
    if isinstance(exc, u3.SSLError):
        return SetupError(f"{who}: HubSpot's certificate is not trusted: {exc}: check base_url and the proxy")
    unsent = isinstance(exc, u3.NewConnectionError | u3.ConnectTimeoutError | u3.EmptyPoolError | u3.ProxyError)
    if call.writes and not unsent:
        return UnknownOutcomeError(f"{who}: the connection broke after sending: look before trying again")
    return TransientError(f"{who}: no answer ({type(exc).__name__}): it is tried again")


def _unexpected_success(call: Call, reply: Reply) -> OffportalError:
    why = f"hubspot: {call.what}: answered {reply.status} or no JSON where {call.expect} was expected"
    if call.writes:
        return UnknownOutcomeError(f"{why}: look whether it was carried out")
    return TransientError(f"{why}: it is tried again")


def _passing(call: Call, reply: Reply, body: Mapping[str, Any], who: str, words: str) -> OffportalError:
    if call.writes and reply.status not in NOT_CARRIED_OUT:
        return UnknownOutcomeError(f"{who}: HubSpot failed meanwhile: look before trying again: {words}")
    wait = _retry_after(reply) or WAITS.get(str(body.get("policyName")))
    if reply.status == HTTPStatus.LOCKED:
        wait = wait or timedelta(seconds=2)
    return TransientError(f"{who}: HubSpot asks to try again: {words}", retry_after=wait)


def _retry_after(reply: Reply) -> timedelta | None:
    text = reply.headers.get("retry-after", "")
    return timedelta(seconds=min(float(text), 86_400.0)) if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text) else None


def _details(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The single errors: of `errors`, and of the JSON that HubSpot puts into the text of `message`."""
    listed = body.get("errors")
    yield from (e for e in (listed if isinstance(listed, list) else ()) if isinstance(e, dict))
    _, found, tail = str(body.get("message") or "").partition("[{")
    if found:
        try:
            embedded, _ = json.JSONDecoder().raw_decode("[{" + tail)
        except ValueError:
            return
        yield from (e for e in embedded if isinstance(e, dict))


def _listed(detail: Mapping[str, Any], keys: tuple[str, ...]) -> Iterator[str]:
    context = detail.get("context")
    for place in (context if isinstance(context, dict) else {}, detail):
        for key in keys:
            value = place.get(key)
            yield from (str(v) for v in (value if isinstance(value, list) else [value]) if v)


def _properties(body: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for detail in _details(body):
        for name in _listed(detail, PROPERTY_KEYS):
            found.setdefault(name, str(detail.get("message") or detail.get("code") or "refused"))
    return found


def _named(body: Mapping[str, Any], keys: tuple[str, ...]) -> list[str]:
    """What the body or one of its single errors lists under one of these keys, each once."""
    return list(dict.fromkeys(s for detail in (body, *_details(body)) for s in _listed(detail, keys)))


def _code(body: Mapping[str, Any], status: int) -> str:
    codes = (str(d.get("code") or d.get("error") or "") for d in _details(body))
    return next((c for c in codes if c), str(body.get("category") or status))
