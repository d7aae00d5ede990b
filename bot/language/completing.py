"""The piece that had been asked for, given alone: a deal, a day, a sum, a stage, a step, a reason. Guesses nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from bot.domain.actions import AnyAction, Ask, Certainty, Extend, Field, Lost, Question, Set, Won
from bot.language import bare_step
from bot.language.amounts import Kind
from bot.language.money import candidates
from bot.language.mood import Mood
from bot.language.outcome import competitor_in
from bot.language.view import View, is_bare

_DealAction = Set | Won | Lost | Extend


def complete(
    pending: Sequence[AnyAction], said: Sequence[AnyAction], views: Sequence[View], body: str
) -> list[AnyAction] | None:
    """The pending actions with what was asked filled in; None when the reply fills in nothing.

    Args:
        pending: what waits; only those with an `ask` are completed, the others go on waiting.
        said: what the reply itself proposes; a whole action of its own takes the place of the asked one.
        views: the reply's clauses.
        body: the reply's words, which are the reason when a reason was asked for.
    """
    if any(view.mood in {Mood.DENIED, Mood.ASKED} for view in views):
        return None
    facts = [action for action in said if not isinstance(action, Question) and action.certainty is not Certainty.ASK]
    asks = {action.ask for action in pending}
    steps = bare_step.step_views(views, facts, day_is_asked=Ask.CLOSE_DATE in asks) if Ask.NEXT_STEP in asks else []
    facts = bare_step.without_hints(facts, steps)
    others = [view for view in views if view not in steps]
    result: list[AnyAction] = []
    filled_any = False
    for action in pending:
        if action.ask is None or not isinstance(action, _DealAction):
            result.append(action)
            continue
        own = next((fact for fact in facts if _replaces(fact, action)), None)
        alone = _step(action, steps, views) if action.ask is Ask.NEXT_STEP else _filled(action, others, body)
        filled = own if own is not None else alone
        if own is not None:
            facts.remove(own)
        filled_any = filled_any or filled is not None
        result.extend(_with_currency(filled, views) if filled is not None else [action])
    return [*result, *facts] if filled_any else None


def _replaces(fact: AnyAction, asked: _DealAction) -> bool:
    """Whether a whole action answers what was asked: the same thing, on the same deal where one was known."""
    same = type(fact) is type(asked) and getattr(fact, "field", None) == getattr(asked, "field", None)
    return same and getattr(fact, "deal", None) is not None and asked.deal in {None, getattr(fact, "deal", None)}


def _step(action: _DealAction, steps: Sequence[View], views: Sequence[View]) -> AnyAction | None:
    return bare_step.filled(action, steps, views) if isinstance(action, Set) else None


def _filled(action: _DealAction, views: Sequence[View], body: str) -> AnyAction | None:
    if not views:
        return None
    sure = Certainty.APPLY if _is_plain(views) else Certainty.CONFIRM
    match action.ask, action:
        case ((Ask.WHICH_DEAL | Ask.DEAL_UNKNOWN), _):
            deals = {i for view in views for found in view.clause.deals for i in found.ids}
            whole = not isinstance(action, Set | Extend) or getattr(action, "value", getattr(action, "until", None))
            if len(deals) != 1 or not whole:
                return None
            return replace(action, deal=deals.pop(), certainty=sure, ask=None)
        case Ask.CLOSE_DATE, Set(field=Field.CLOSE_DATE):
            day = _only_day(views)
            return replace(action, value=day, certainty=sure, ask=None) if day else None
        case Ask.UNTIL, Extend():
            day = _only_day(views)
            return replace(action, until=day, certainty=sure, ask=None) if day else None
        case Ask.AMOUNT, Set(field=Field.AMOUNT):
            sums = {n.value for view in views for n in candidates(view.clause, valued=True) if n.kind is not Kind.RANGE}
            return replace(action, value=sums.pop(), certainty=sure, ask=None) if len(sums) == 1 else None
        case Ask.CURRENCY, Set(field=Field.CURRENCY):
            codes = {n.currency for view in views for n in view.clause.numbers if n.currency and len(n.currency) == 3}  # noqa: PLR2004 - ISO 4217
            return replace(action, value=codes.pop(), certainty=sure, ask=None) if len(codes) == 1 else None
        case Ask.STAGE, Set(field=Field.STAGE):
            labels = {label for view in views for found in view.clause.stages for label in found.labels}
            return replace(action, value=labels.pop(), certainty=sure, ask=None) if len(labels) == 1 else None
        case Ask.REASON, Lost():
            rival = next((name for view in views if (name := competitor_in(view.clause))), None)
            certainty = Certainty.APPLY if views[0].case.cut_is_certain else Certainty.CONFIRM
            return replace(action, reason=body, competitor=rival, certainty=certainty, ask=None)
    return None


def _only_day(views: Sequence[View]) -> date | None:
    """The one day named, if it is not past."""
    days = {found.day for view in views for found in view.clause.dates}
    day = days.pop() if len(days) == 1 else None
    return day if day is not None and day >= views[0].case.today else None


def _is_plain(views: Sequence[View]) -> bool:
    """Whether nothing but the piece itself and little words was said."""
    return views[0].case.cut_is_certain and all(view.mood is Mood.STATED and is_bare(view.clause) for view in views)


def _with_currency(action: AnyAction, views: Sequence[View]) -> list[AnyAction]:
    """A sum given in another currency than the deal's changes the currency too."""
    if not (isinstance(action, Set) and action.field is Field.AMOUNT and action.value is not None):
        return [action]
    deal = next((d for d in views[0].case.deals if d.id == action.deal), None)
    codes = {n.currency for view in views for n in view.clause.numbers if n.currency and len(n.currency) == 3}  # noqa: PLR2004 - ISO 4217
    if deal is None or len(codes) != 1 or (code := codes.pop()) == deal.currency:
        return [action]
    return [action, replace(action, field=Field.CURRENCY, value=code)]
