"""HubSpot's answers as errors."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import urllib3.exceptions as u3
from hypothesis import given
from hypothesis import strategies as st

from bot.crm.hubspot.errors import Call, InvalidError, Reply, broken, error_of
from bot.errors import OffportalError, PermanentError, SetupError, TransientError, UnknownOutcomeError
from bot.ports import GoneError

READ = Call(what="read deal 42")
WRITE = Call(what="write deal 42", writes=True)


def answer(status: int, body: Any = None, **headers: str) -> Reply:
    raw = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
    return Reply(status=status, headers=headers, body=raw)


@pytest.mark.parametrize(
    ("status", "reading", "writing"),
    [
        (401, SetupError, SetupError),
        (403, SetupError, SetupError),
        (404, GoneError, GoneError),
        (400, InvalidError, InvalidError),
        (409, InvalidError, InvalidError),
        (415, PermanentError, PermanentError),
        (423, TransientError, TransientError),
        (429, TransientError, TransientError),
        (477, TransientError, TransientError),
        (500, TransientError, UnknownOutcomeError),
        (502, TransientError, UnknownOutcomeError),
        (503, TransientError, UnknownOutcomeError),
        (504, TransientError, UnknownOutcomeError),
        (202, TransientError, UnknownOutcomeError),  # an unexpected success is no success
        (301, PermanentError, PermanentError),
    ],
)
def test_an_answer_is_exactly_this_error(status: int, reading: type[Exception], writing: type[Exception]) -> None:
    assert type(error_of(READ, answer(status))) is reading
    assert type(error_of(WRITE, answer(status))) is writing


@given(
    status=st.integers(min_value=100, max_value=599),
    body=st.binary(max_size=200)
    | st.recursive(
        st.none() | st.integers() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["message", "errors", "context", "category", "code", "propertyName", "policyName"]),
                inner,
            )
        ),
        max_leaves=12,
    ).map(lambda value: json.dumps(value).encode()),
    retry_after=st.text(max_size=5),
)
def test_any_answer_is_an_error_of_ours(status: int, body: bytes, retry_after: str) -> None:
    reply = Reply(status=status, headers={"retry-after": retry_after}, body=body)
    for call in (READ, WRITE):
        error = error_of(call, reply)
        assert isinstance(error, OffportalError)
        assert str(error).startswith(f"hubspot: {call.what}")


def test_missing_scopes_are_named() -> None:
    body = {
        "message": "This app hasn't been granted all required scopes",
        "errors": [{"message": "…", "context": {"requiredGranularScopes": ["crm.objects.deals.write"]}}],
    }
    assert "crm.objects.deals.write" in str(error_of(WRITE, answer(403, body)))


@pytest.mark.parametrize(
    "body",
    [
        {
            "message": "Property values were not valid: "
            '[{"isValid":false,"message":"not an option","error":"INVALID_OPTION","name":"dealstage"}]',
        },
        {
            "message": "Property values were not valid",
            "errors": [
                {"message": "not an option", "code": "INVALID_OPTION", "context": {"propertyName": ["dealstage"]}}
            ],
        },
        {"errors": [{"message": "not an option", "code": "INVALID_OPTION", "name": "dealstage"}]},
    ],
    ids=["in the message", "in the errors", "named plainly"],
)
def test_a_refused_property_is_named_in_each_of_hubspots_ways(body: dict[str, Any]) -> None:
    error = error_of(WRITE, answer(400, body))
    assert isinstance(error, InvalidError)
    assert error.properties == {"dealstage": "not an option"}
    assert error.code == "INVALID_OPTION"


@pytest.mark.parametrize(
    ("policy", "header", "wait"),
    [
        ("SECONDLY", "", timedelta(seconds=1)),
        ("TEN_SECONDLY_ROLLING", "", timedelta(seconds=2)),
        ("DAILY", "", timedelta(minutes=30)),
        ("TEN_SECONDLY_ROLLING", "7", timedelta(seconds=7)),
        ("", "soon", None),
    ],
)
def test_too_fast_says_how_long_to_wait(policy: str, header: str, wait: timedelta | None) -> None:
    error = error_of(READ, answer(429, {"policyName": policy}, **{"retry-after": header}))
    assert isinstance(error, TransientError)
    assert error.retry_after == wait


@pytest.mark.parametrize(
    ("exc", "writing"),
    [
        (u3.NewConnectionError(None, "refused"), TransientError),  # type: ignore[arg-type]
        (u3.ConnectTimeoutError(), TransientError),
        (u3.ReadTimeoutError(None, "", ""), UnknownOutcomeError),  # type: ignore[arg-type]
        (u3.ProtocolError("reset"), UnknownOutcomeError),
        (u3.SSLError("self-signed"), SetupError),
    ],
)
def test_a_broken_write_is_unknown_only_when_it_was_sent(exc: u3.HTTPError, writing: type[Exception]) -> None:
    assert type(broken(WRITE, exc)) is writing
    assert type(broken(READ, exc)) in {TransientError, SetupError}
