"""How many slips of the fingers lie between two words. Knows no words."""

from __future__ import annotations


def slips(word: str, other: str, *, most: int) -> int:
    """Letters added, left out, replaced or swapped with their neighbour to make one word of the other.

    The optimal string alignment distance; beyond `most`, which must be small, it is told as `most + 1`.
    """
    if word == other:
        return 0
    if not most or abs(len(word) - len(other)) > most:
        return most + 1
    at = 0
    while at < min(len(word), len(other)) and word[at] == other[at]:
        at += 1
    word, other = word[at:], other[at:]
    ways = [(word[1:], other), (word, other[1:]), (word[1:], other[1:])]
    if word[1:2] + word[:1] == other[:2]:
        ways.append((word[2:], other[2:]))
    return 1 + min(slips(rest, wanted, most=most - 1) for rest, wanted in ways)
