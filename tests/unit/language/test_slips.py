"""Slips are counted as everybody counts them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.slips import slips

WORDS = st.text("abc", max_size=7)


def _by_the_book(word: str, other: str) -> int:
    """The table of the optimal string alignment distance, whole."""
    table = [[max(i, j) if not min(i, j) else 0 for j in range(len(other) + 1)] for i in range(len(word) + 1)]
    for i in range(1, len(word) + 1):
        for j in range(1, len(other) + 1):
            same = word[i - 1] == other[j - 1]
            table[i][j] = min(table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (not same))
            if i > 1 and j > 1 and word[i - 1] == other[j - 2] and word[i - 2] == other[j - 1]:
                table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
    return table[-1][-1]


@pytest.mark.parametrize(
    ("word", "other", "count"),
    [
        ("signed", "signed", 0),
        ("singed", "signed", 1),  # swapped
        ("siigned", "signed", 1),  # added
        ("sgned", "signed", 1),  # left out
        ("sogned", "signed", 1),  # replaced
        ("sginde", "signed", 2),
        ("", "ab", 2),
        ("sign", "signature", 3),
    ],
)
def test_slips_are_counted(word: str, other: str, count: int) -> None:
    assert slips(word, other, most=2) == count


@given(WORDS, WORDS, st.integers(0, 3))
def test_slips_are_the_optimal_string_alignment_distance(word: str, other: str, most: int) -> None:
    assert slips(word, other, most=most) == min(_by_the_book(word, other), most + 1)
