"""The ways a clause can be meant. Finds none: see guards."""

from __future__ import annotations

from enum import Enum, auto


class Mood(Enum):
    """How a clause is meant."""

    STATED = auto()
    DOUBTED = auto()
    CONDITIONAL = auto()
    DENIED = auto()
    ASIDE = auto()  # of another time, another firm, or undecided: no news of the deal, but words for a person
    ASKED = auto()
