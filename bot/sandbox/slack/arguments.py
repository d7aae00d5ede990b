"""How a Web API request says what it wants: token and arguments from header, query, form or JSON. Judges no method."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from bot.sandbox.slack.call import SlackError


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """`plain` came by query or form, `from_json` by a JSON body. `warning` is Slack's about the content type."""

    token: str
    plain: Mapping[str, str]
    from_json: Mapping[str, Any]
    warning: str = ""


async def read(request: web.Request, body: bytes) -> Arguments:
    """The arguments of a request; raises invalid_post_type, missing_post_type, invalid_json, invalid_form_data."""
    plain = dict(request.query)
    from_json: dict[str, Any] = {}
    warning = ""
    if request.method == "POST" and body:
        match request.content_type:
            case "application/x-www-form-urlencoded":
                plain |= _form(body)
            case "application/json":
                from_json = _json(body)
                warning = "" if request.charset else "missing_charset"
            case "multipart/form-data":
                plain |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
            case "application/octet-stream" if "Content-Type" not in request.headers:
                raise SlackError("missing_post_type")
            case "text/plain":
                pass  # Slack takes it and reads no argument from it.
            case _:
                raise SlackError("invalid_post_type")
    token = _bearer(request) or plain.pop("token", "")
    return Arguments(token=token, plain=plain, from_json=from_json, warning=warning)


def _bearer(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _form(body: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True))
    except UnicodeDecodeError as exc:
        raise SlackError("invalid_form_data") from exc


def _json(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body)
    except ValueError as exc:
        raise SlackError("invalid_json") from exc
    if not isinstance(parsed, dict):
        raise SlackError("json_not_object")
    return parsed
