"""The door to an outside understanding: it may propose what a reply means, and never says a value.

Off unless [understanding] proposer names one. Asked only when our own understanding ended in a plain question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from bot.language.case import CaseDeal


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclear:
    """A reply that was not understood: its words, the partner's deals, the stage labels of each motion in order, and
    the deal that the conversation is about."""

    text: str
    deals: Sequence[CaseDeal]
    stages: Mapping[str, Sequence[str]]
    about: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """What words may mean. `span` is a literal part of the text; the value is read from it by our own parsers, so
    there is none here. `field` is stage, amount or close_date, for "set" alone."""

    do: Literal["set", "won", "lost"]
    span: str
    deal: str
    field: str | None = None


class Proposer(Protocol):
    async def propose(self, unclear: Unclear) -> Sequence[Proposed]:
        """What the words may mean, nothing when there is nothing to propose. May raise anything and take any time:
        both end in the question that there was before."""
