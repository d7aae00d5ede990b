"""Where a poll for changes goes on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.crm.hubspot.cursor import WIDE_EVERY_MS, WIDE_MS, Cursor
from bot.errors import PermanentError

MOMENTS = st.integers(min_value=0, max_value=4 * 10**12)
CURSORS = st.builds(
    Cursor,
    start=MOMENTS,
    floor=MOMENTS,
    position=MOMENTS,
    wide=MOMENTS,
    seen=st.dictionaries(st.from_regex(r"[0-9]{1,12}", fullmatch=True), MOMENTS, max_size=5),
)
NOW = 1_800_000_000_000


@given(cursor=CURSORS)
def test_a_cursor_survives_as_text(cursor: Cursor) -> None:
    assert Cursor.load(cursor.dump()) == cursor


@given(text=st.text(max_size=40) | st.sampled_from(["{}", "[]", "null", '{"start":1}']))
def test_a_foreign_text_is_refused_by_name(text: str) -> None:
    with pytest.raises(PermanentError, match="is not a cursor"):
        Cursor.load(text)


def test_nothing_before_the_beginning_is_looked_at() -> None:
    cursor = Cursor.begin(NOW).finished({}, now=NOW + 1000, overlap=120_000)
    assert cursor.position == NOW
    assert cursor.opened(NOW + WIDE_EVERY_MS).position == NOW


@given(steps=st.lists(st.integers(min_value=-60_000, max_value=600_000), max_size=20))
def test_each_sweep_starts_at_least_the_overlap_before_the_end_of_the_last(steps: list[int]) -> None:
    cursor, now, newest = Cursor.begin(NOW), NOW, NOW
    for step in steps:  # also backwards, as clocks go
        now += step
        assert cursor.opened(now).position <= max(NOW, newest - 120_000)
        newest = max(newest, now)
        cursor = cursor.opened(now).finished({}, now=now, overlap=120_000)


def test_once_an_hour_a_sweep_looks_hours_back() -> None:
    long_after = NOW + 2 * WIDE_MS
    cursor = Cursor(start=NOW, floor=long_after - 120_000, position=long_after - 120_000, wide=NOW)
    assert cursor.opened(long_after).position == long_after - WIDE_MS
    assert cursor.opened(long_after).opened(long_after).wide == long_after


def test_a_sweep_that_stopped_goes_on_where_it_stopped() -> None:
    cursor = Cursor.begin(NOW).interrupted({"1": NOW + 5}, position=NOW + 7)
    assert cursor.opened(NOW + 2 * WIDE_EVERY_MS) == cursor
    assert (cursor.position, cursor.floor) == (NOW + 7, NOW)
    assert cursor.knows("1", NOW + 5)
    assert not cursor.knows("1", NOW + 6)


def test_what_left_the_window_is_forgotten() -> None:
    cursor = Cursor.begin(NOW).finished({"1": NOW + 1, "2": NOW + 500_000}, now=NOW + 500_000, overlap=120_000)
    assert dict(cursor.seen) == {"2": NOW + 500_000}
