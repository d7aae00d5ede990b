"""A clause with everything that is needed to propose actions from it. Proposes nothing itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from bot.domain.actions import AnyAction, Ask, Certainty
from bot.language.case import Case, CaseDeal
from bot.language.coverage import certainty, loose_ends
from bot.language.intents import Match
from bot.language.mood import Mood
from bot.language.scope import Scope
from bot.language.segments import Clause

NEUTRAL = frozenset(
    {
        "filler", "determiner", "preposition", "about_deal", "is", "name", "please", "thanks", "ok", "yes", "and",
        "but", "correction", "greeting", "request", "c:now", "c:deal", "c:to", "c:from", "c:until", "c:approx",
        "c:value", "c:closing", "c:move", "c:registration", "c:currency", "c:total", "c:more", "c:less", "c:wishful",
    }
)  # fmt: skip
_Action = TypeVar("_Action", bound=AnyAction)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A clause, how it is meant, what it speaks of, what it matches, and the clause after it."""

    clause: Clause
    mood: Mood
    scope: Scope
    intents: Mapping[str, Match]
    is_request: bool = False  # asks for something to be done, in question form or not
    following: Clause | None = None

    @property
    def case(self) -> Case:
        """The case."""
        return self.clause.reading.case

    @property
    def kind(self) -> str:
        """What the reply answers; empty when nothing."""
        return self.case.about.kind if self.case.about else ""

    @property
    def may_write(self) -> bool:
        """Whether a fact may be read from it: it is neither denied, an aside nor a plain question."""
        return self.mood not in {Mood.DENIED, Mood.ASIDE} and (self.mood is not Mood.ASKED or self.is_request)

    def deals(self) -> Iterator[CaseDeal | None]:
        """The deals spoken of, or one None when it must be asked which."""
        yield from self.scope.deals or (None,)

    def matched(self, *names: str) -> frozenset[int]:
        """The places of the tokens by which any of the intents is matched."""
        return frozenset().union(*(self.intents[name].places for name in names if name in self.intents))

    def carriers(self, places: Collection[int], *spans: tuple[int, int]) -> frozenset[int]:
        """Token places together with those inside character spans."""
        tokens = self.clause.reading.text.tokens
        inside = {
            place
            for place in range(self.clause.first, self.clause.last)
            if any(start <= tokens[place].start < end for start, end in spans)
        }
        return frozenset(places) | inside

    def certainty(
        self,
        carriers: Collection[int],
        *,
        subject: bool = True,
        obj: bool = True,
        known: Collection[int] = (),
    ) -> Certainty:
        """How surely something carried by these tokens is said."""
        return certainty(self.clause, self.mood, carriers, subject=subject, obj=obj, known=known)

    def loose_ends(self, carriers: Collection[int], *, subject: bool = True, obj: bool = True) -> bool:
        """Whether unknown words remain that could turn the meaning."""
        return bool(loose_ends(self.clause, carriers, subject=subject, obj=obj))

    def settle(self, action: _Action) -> _Action:
        """The action, asked when it is not clear which deal it is for."""
        if self.scope.ask is None:
            return action
        return replace(action, certainty=Certainty.ASK, ask=self.scope.ask)

    @property
    def is_wishful(self) -> bool:
        """Whether it only says what would be nice ("60k would be great"), and asks for nothing to be done."""
        return self.clause.has("c:wishful") and not self.clause.has("c:direct", "c:change", "c:move")

    def is_bare(self) -> bool:
        """Whether nothing but values and little words stands in the clause."""
        return is_bare(self.clause)


def is_bare(clause: Clause) -> bool:
    """Whether nothing but values, names of deals and little words stands in a clause."""
    return not clause.unknown and all(
        phrase.tags & NEUTRAL or ("c:instead" in phrase.tags and "not" not in phrase.tags) for phrase in clause.phrases
    )


def asked(action: _Action, ask: Ask) -> _Action:
    """The action, with one thing to ask back."""
    return replace(action, certainty=Certainty.ASK, ask=ask)


def at_most(one: Certainty, other: Certainty) -> Certainty:
    """The more careful of two certainties."""
    order = [Certainty.APPLY, Certainty.CONFIRM, Certainty.ASK, Certainty.ROUTE]
    return max(one, other, key=order.index)
