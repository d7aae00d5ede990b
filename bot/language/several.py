"""A message that claims several deals: read one by one where each is whole, else left to a person. Never mixes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.domain.actions import AnyAction, Certainty, Question, Register
from bot.language.case import Case, Result
from bot.language.reading import EMAIL
from bot.language.understanding import understand

_PARTS = re.compile(r"\n\s*\n|\n(?=\s*(?:\d{1,2}[.)]|[-*•–])\s)")
_MOST = 20


def one_by_one(case: Case, result: Result) -> Result:
    """The same result, unless it registers a deal out of words that name people of several companies: then a
    registration for each part of the message that is complete by itself, or the whole message for a person."""
    if not any(isinstance(action, Register) for action in result.actions) or len(_companies(case.text, case)) <= 1:
        return result
    parts = [part for part in _PARTS.split(case.text) if part and part.strip()]
    if len(parts) <= _MOST and (case.about is None or case.about.draft is None):
        actions = tuple(action for part in parts for action in understand(replace(case, text=part)).actions)
        if _each_is_whole(parts, [a for a in actions if isinstance(a, Register)], case):
            return replace(result, actions=actions)
    text = case.text.strip()
    others: tuple[AnyAction, ...] = tuple(a for a in result.actions if not isinstance(a, Register | Question))
    return replace(result, actions=(*others, Question(certainty=Certainty.ROUTE, because=text, text=text)))


def _each_is_whole(parts: Sequence[str], registers: Sequence[Register], case: Case) -> bool:
    """Whether every part that names a company's people registers one deal, with nothing missing."""
    named = [_companies(part, case) for part in parts]
    alone = all(len(companies) <= 1 for companies in named)
    return alone and len(registers) == sum(map(bool, named)) and not any(r.missing for r in registers)


def _companies(text: str, case: Case) -> set[str]:
    """The domains of the addresses in the words, without the speaker's own."""
    own = case.speaker.email.rpartition("@")[2].casefold()
    return {address[0].rpartition("@")[2].casefold().rstrip(".") for address in EMAIL.finditer(text)} - {own}
