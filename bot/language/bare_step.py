"""A next step given alone, as the answer to "what is the next step?". Takes no question, wish or past day for one.

Applied is only what names its day ("Demo with the CTO on Friday"); any other words are shown and wait for a yes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import TypeVar

from bot.domain.actions import AnyAction, Certainty, Field, Set
from bot.language.doubts import is_light
from bot.language.mood import Mood
from bot.language.view import View, is_bare

_Fact = TypeVar("_Fact", bound=AnyAction)
_SAYABLE = frozenset({Mood.STATED, Mood.DOUBTED, Mood.CONDITIONAL})
#: What is said of other questions, and may be part of a step that names its day: "the offer will be sent on Friday".
_LOOSE = frozenset({"complete", "accept", "approve", "tentative"})


def step_views(views: Sequence[View], facts: Sequence[AnyAction], *, day_is_asked: bool) -> list[View]:
    """The clauses that tell of a next step, in their order. None does when the reply asks, wishes or tells of
    something that has its own meaning. A clause of values and little words ("on Monday") is the day where one is asked
    too (`day_is_asked`)."""
    own = [view for view in views if not is_light(view.clause) and not _tells_a_fact(view, facts)]
    if any(_is_something_else(view) for view in own):
        return []
    return [view for view in own if not (is_bare(view.clause) and (day_is_asked or not view.clause.dates))]


def filled(action: Set, told: Sequence[View], views: Sequence[View]) -> Set | None:
    """The question for the next step with its answer: the words of the clauses `told`, as they were written. None when
    they speak of another deal."""
    if not told or any(view.scope.named and action.deal not in {d.id for d in view.scope.deals} for view in told):
        return None
    runs = [
        [view for view in run if view in told]
        for _, run in groupby(views, key=lambda view: (view in told, view.clause.sentence))
    ]
    text = told[0].clause.reading.text
    said = [text.words(run[0].clause.start, run[-1].clause.end) for run in runs if run]
    words = "; ".join(" ".join(one.split()).rstrip(".! ") for one in said)
    sure = Certainty.APPLY if len(said) == 1 and _is_plain(told) else Certainty.CONFIRM
    return replace(action, value=words, certainty=sure, ask=None)


def without_hints(facts: Sequence[_Fact], told: Sequence[View]) -> list[_Fact]:
    """The facts without the stages that the step's words only suggest: "then the offer goes out" is what comes next."""
    return [fact for fact in facts if not (_is_hint(fact) and any(_within(fact, view) for view in told))]


def _is_plain(told: Sequence[View]) -> bool:
    """Whether it is one step with its day, said without a doubt."""
    return (
        told[0].case.cut_is_certain
        and any(view.clause.dates and not is_bare(view.clause) for view in told)
        and not any(_is_loose(view) or view.clause.has("c:until") for view in told)
    )


def _is_something_else(view: View) -> bool:
    clause = view.clause
    means = any(not name.startswith("hint:") and name not in _LOOSE for name in view.intents)
    past = any(found.day is not None and found.day < view.case.today for found in clause.dates)
    vague = _is_loose(view) and not clause.dates
    return view.mood not in _SAYABLE or view.is_request or means or past or vague


def _is_loose(view: View) -> bool:
    return view.mood is not Mood.STATED or bool(view.intents.keys() & _LOOSE)


def _tells_a_fact(view: View, facts: Sequence[AnyAction]) -> bool:
    return any(_within(fact, view) for fact in facts if not _is_hint(fact))


def _is_hint(fact: AnyAction) -> bool:
    return isinstance(fact, Set) and fact.field is Field.STAGE and fact.certainty is Certainty.CONFIRM


def _within(fact: AnyAction, view: View) -> bool:
    words = view.clause.words
    return bool(fact.because) and (fact.because in words or words in fact.because)
