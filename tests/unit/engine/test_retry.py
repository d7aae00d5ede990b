"""When a failed job is tried again, and when it is given up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.retry import Failures, GivenUp, RetryAt, RetryPolicy, give_up_after_crash, next_attempt
from bot.errors import PermanentError, TransientError, UnknownOutcomeError

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
DAYS = timedelta(days=1)


def wait_after(error: Exception, failures: int = 0, **more: object) -> timedelta:
    before = Failures(failures=failures, **more)  # type: ignore[arg-type]  # tests name what they mean
    verdict = next_attempt(error, key="apply:1", before=before, now=NOW)
    assert isinstance(verdict, RetryAt)
    return verdict.at - NOW


@given(failures=st.integers(0, 10_000), key=st.text())
def test_a_wait_doubles_up_to_a_quarter_of_an_hour(failures: int, key: str):
    before = Failures(failures=failures, first_failed_at=NOW)
    verdict = next_attempt(TransientError("away"), key=key, before=before, now=NOW)
    assert isinstance(verdict, RetryAt)
    full = min(timedelta(seconds=2) * 2 ** min(failures, 20), timedelta(minutes=15))
    assert full * 0.75 <= verdict.at - NOW <= full


def test_the_same_failure_waits_the_same_and_others_wait_differently():
    waits = [
        next_attempt(TransientError("away"), key=f"apply:{n}", before=Failures(failures=9), now=NOW) for n in range(20)
    ]
    assert waits[0] == next_attempt(TransientError("away"), key="apply:0", before=Failures(failures=9), now=NOW)
    assert len({str(wait) for wait in waits}) == 20


@given(asked_s=st.floats(0, 80_000), failures=st.integers(0, 500))
def test_a_wait_that_was_asked_for_is_kept_and_not_much_exceeded(asked_s: float, failures: int):
    asked = timedelta(seconds=asked_s)
    wait = wait_after(TransientError("slow down", retry_after=asked), failures)
    assert asked <= wait <= asked * 1.1 + timedelta(microseconds=1)


def test_nobody_may_ask_for_more_than_a_day():
    assert wait_after(TransientError("", retry_after=9 * DAYS)) <= 1.1 * DAYS
    assert wait_after(TransientError("", retry_after=-DAYS)) == timedelta()


@pytest.mark.parametrize("error", [TransientError("away"), UnknownOutcomeError("cut off")])
def test_a_transient_error_is_given_up_after_three_days(error: TransientError):
    almost = NOW - timedelta(days=3) + timedelta(seconds=1)
    assert wait_after(error, 300, first_failed_at=almost) > timedelta(minutes=10)
    verdict = next_attempt(error, key="k", before=Failures(failures=300, first_failed_at=NOW - 3 * DAYS), now=NOW)
    assert isinstance(verdict, GivenUp)
    assert str(error) in verdict.reason


def test_a_permanent_error_is_given_up_at_once_in_its_own_words():
    verdict = next_attempt(PermanentError("crm: refused"), key="k", before=Failures(), now=NOW)
    assert verdict == GivenUp(reason="crm: refused")


@pytest.mark.parametrize("error", [KeyError("x"), AssertionError(), TimeoutError()])
def test_a_bug_is_tried_three_times_whatever_else_failed(error: Exception):
    assert wait_after(error, failures=0, bugs=0) <= timedelta(seconds=2)
    assert wait_after(error, failures=40, bugs=1) <= timedelta(minutes=15)
    verdict = next_attempt(error, key="k", before=Failures(failures=2, bugs=2), now=NOW)
    assert isinstance(verdict, GivenUp)
    assert type(error).__name__ in verdict.reason


@pytest.mark.parametrize(("crashes", "given_up"), [(1, False), (2, False), (3, True), (4, True)])
def test_a_job_that_workers_die_of_is_given_up(crashes: int, *, given_up: bool):
    verdict = give_up_after_crash(crashes=crashes, policy=RetryPolicy())
    assert isinstance(verdict, GivenUp) is given_up
