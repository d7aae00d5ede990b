"""HubSpot's errors as values that know their own HTTP answer. Refuses to guess: every caller names the category."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Json = dict[str, Any]

_AUTH_DOC = "https://developers.hubspot.com/docs/methods/auth/oauth-overview"
_SCOPES_DOC = "https://developers.hubspot.com/scopes"


class HubSpotError(Exception):
    """One refused request.

    `status` is the HTTP status; `errors` are ErrorDetail objects, `context` maps a name to a list of strings (both
    as in the published schema `Error`); `extra` are further members of the body, for the shapes that have them.
    """

    def __init__(
        self,
        status: int,
        category: str,
        message: str,
        *,
        errors: Sequence[Json] = (),
        context: Mapping[str, Sequence[str]] | None = None,
        sub_category: str | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.category = category
        self.message = message
        self.errors = list(errors)
        self.context = {name: list(values) for name, values in (context or {}).items()}
        self.sub_category = sub_category
        self.extra = dict(extra or {})

    def body(self, correlation_id: str) -> Json:
        """The answer's JSON, in the order in which HubSpot writes it (developers.hubspot.com, error handling)."""
        body: Json = {"status": "error", "message": self.message, "correlationId": correlation_id}
        if self.errors:
            body["errors"] = self.errors
        if self.context:
            body["context"] = self.context
        if self.sub_category:
            body["subCategory"] = self.sub_category
        return body | self.extra | {"category": self.category}

    def within_batch(self, *, trace_id: str | None = None) -> Json:
        """The same refusal as a member of a 207's `errors` (published schema `StandardError`)."""
        context = dict(self.context)
        if trace_id is not None:
            context["objectWriteTraceId"] = [trace_id]
        body: Json = {
            "status": "error",
            "category": self.category,
            "message": self.message,
            "context": context,
            "links": {},
            "errors": self.errors,
        }
        return body | ({"subCategory": self.sub_category} if self.sub_category else {})


def invalid_json(reason: str) -> HubSpotError:
    return HubSpotError(400, "VALIDATION_ERROR", f"Invalid input JSON on line 1, column 1: {reason}")


def fields_not_set(*names: str) -> HubSpotError:
    """A required member of the body is absent."""
    return HubSpotError(
        400,
        "VALIDATION_ERROR",
        f"Invalid input JSON on line 1, column 1. Some required fields were not set: [{', '.join(names)}]",
    )


def bad_request(message: str, **context: Sequence[str]) -> HubSpotError:
    return HubSpotError(400, "VALIDATION_ERROR", message, context=context)


def not_found(message: str = "resource not found", **context: Sequence[str]) -> HubSpotError:
    return HubSpotError(404, "OBJECT_NOT_FOUND", message, context=context)


def method_not_allowed() -> HubSpotError:
    return HubSpotError(405, "METHOD_NOT_ALLOWED", "Method Not Allowed")


def unauthenticated() -> HubSpotError:
    message = (
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find "
        f"more details at {_AUTH_DOC}"
    )
    return HubSpotError(401, "INVALID_AUTHENTICATION", message)


def missing_scopes(scopes: Sequence[str]) -> HubSpotError:
    """The token lacks every one of `scopes`; any one of them would do."""
    return HubSpotError(
        403,
        "MISSING_SCOPES",
        "This app hasn't been granted all required scopes to make this call. "
        f"Read more about required scopes here: {_SCOPES_DOC}.",
        errors=[
            {
                "message": "One or more of the following scopes are required.",
                "context": {"requiredGranularScopes": list(scopes)},
            }
        ],
        extra={"links": {"scopes": _SCOPES_DOC}},
    )


def rate_limited(policy: str) -> HubSpotError:
    """Too fast: policy is DAILY, TEN_SECONDLY_ROLLING or SECONDLY (usage guidelines, "Error responses")."""
    return HubSpotError(
        429,
        "RATE_LIMITS",
        f"You have reached your {policy.lower()} limit.",
        extra={"errorType": "RATE_LIMIT", "policyName": policy},
    )


def already_exists(message: str, *, code: str = "OBJECT_ALREADY_EXISTS") -> HubSpotError:
    return HubSpotError(409, code, message)
