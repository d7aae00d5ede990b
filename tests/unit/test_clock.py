"""The clock: the system's time, or ahead of it by what a file says."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import Clock


def ahead(clock: Clock) -> timedelta:
    return clock() - datetime.now(UTC)


def near(span: timedelta, wanted: timedelta) -> bool:
    return abs(span - wanted) < timedelta(minutes=1)


def test_without_a_file_it_is_the_time_of_day(tmp_path):
    assert near(ahead(Clock()), timedelta())
    assert near(ahead(Clock(tmp_path / "absent")), timedelta())


def test_it_follows_the_file_while_it_runs(tmp_path):
    file = tmp_path / "clock"
    clock = Clock(file)
    for number, days in enumerate((0, 30, 76)):
        file.write_text(str(days * 86400), encoding="ascii")
        os.utime(file, ns=(number, number))
        assert near(ahead(clock), timedelta(days=days))


@pytest.mark.parametrize("text", ["", "soon", "9" * 30, "\x00"])
def test_a_file_that_holds_no_time_leaves_it_as_it_was(tmp_path, text):
    file = tmp_path / "clock"
    file.write_text(text, encoding="ascii")
    assert near(ahead(Clock(file)), timedelta())
