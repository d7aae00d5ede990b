"""Makes one list of actions of what the clauses of a reply propose: the last word wins, what competes is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.actions import AnyAction, Ask, Certainty, Extend, Field, Lost, Question, Set, Undo, Withdraw, Won
from bot.language.lexicon import Tags
from bot.language.mood import Mood
from bot.language.segments import Clause
from bot.language.view import View, at_most

_CORRECTED_NAME = 3  # words
_ASK_OF = {
    Field.STAGE: Ask.STAGE,
    Field.AMOUNT: Ask.AMOUNT,
    Field.CURRENCY: Ask.CURRENCY,
    Field.CLOSE_DATE: Ask.CLOSE_DATE,
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """An action and the clause it comes from, by its place among the reply's views."""

    action: AnyAction
    place: int


def combined(proposals: Sequence[Proposal], views: Sequence[View]) -> list[AnyAction]:
    """The actions of a reply, each once, in the order they were said."""
    kept: list[Proposal] = []
    for one in proposals:
        kept = _add(kept, one, views)
    kept = _shown_first(_without_taken_back(kept, views), views)
    return _without_contradictions([one.action for one in kept])


def _add(kept: list[Proposal], new: Proposal, views: Sequence[View]) -> list[Proposal]:
    earlier = next((one for one in kept if _same_slot(one.action, new.action)), None)
    if earlier is None:
        return [*kept, new]
    rest = [one for one in kept if one is not earlier]
    return [*rest, _last_word(earlier, new, views)]


def _same_slot(first: AnyAction, second: AnyAction) -> bool:
    if type(first) is not type(second):
        return False
    if isinstance(first, Set) and isinstance(second, Set):
        return first.field is second.field and first.deal == second.deal and first.field is not Field.NEXT_STEP
    if isinstance(first, Won | Lost | Extend | Withdraw):
        return first.deal == getattr(second, "deal", None)
    if isinstance(first, Question) and isinstance(second, Question):
        return first.text == second.text
    return replace(first, because="") == replace(second, because="")


def _last_word(earlier: Proposal, new: Proposal, views: Sequence[View]) -> Proposal:
    """The later value; asked when two values compete and no word says which of them counts."""
    first, second = earlier.action, new.action
    if isinstance(first, Lost) and isinstance(second, Lost):
        return Proposal(_fuller(first, second), new.place)
    if not (isinstance(first, Set) and isinstance(second, Set)):
        return earlier if _is_empty(second) and not _is_empty(first) else new
    if first.value == second.value:
        return new
    if _corrected(earlier, new, views):
        return new
    if _is_complaint(first, earlier, views) or _is_complaint(second, new, views):
        return new if second.value is not None else earlier  # "the amount is wrong" asks only where no value is said
    totals = [views[one.place].clause.has("c:total") for one in (earlier, new)]
    if totals[0] != totals[1] and second.field is Field.AMOUNT:
        return earlier if totals[0] else new
    if first.value is None or second.value is None:
        return earlier if first.value is None else new  # one of them has already been found to compete
    same_sentence = views[earlier.place].clause.sentence == views[new.place].clause.sentence
    weak = Certainty.CONFIRM is second.certainty is first.certainty and _is_loose(views[new.place])
    if same_sentence or weak:
        return Proposal(replace(second, value=None, certainty=Certainty.ASK, ask=_ASK_OF[second.field]), new.place)
    return new


def _is_complaint(action: Set, one: Proposal, views: Sequence[View]) -> bool:
    """Whether the ask comes from "the amount is wrong" and not from values that compete."""
    view = views[one.place]
    names = {
        Field.AMOUNT: "wrong_amount",
        Field.CLOSE_DATE: "wrong_date",
        Field.STAGE: "wrong_stage",
        Field.CURRENCY: "wrong_currency",
    }
    return action.value is None and action.field in names and bool(view.matched(names[action.field]))


def _is_loose(view: View) -> bool:
    return bool(view.clause.unknown) or view.mood is not Mood.STATED


def _fuller(first: Lost, second: Lost) -> Lost:
    """Both say lost: the reason and competitor of either."""
    reason, competitor = second.reason or first.reason, second.competitor or first.competitor
    sure = second.certainty if second.reason else first.certainty
    ask = next((one for one in (first.ask, second.ask) if one is not None and not (reason and one is Ask.REASON)), None)
    if reason and ask is None and sure is Certainty.ASK:
        sure = Certainty.APPLY
    return replace(second, reason=reason, competitor=competitor, certainty=sure, ask=ask)


def _is_empty(action: AnyAction) -> bool:
    return action.certainty is Certainty.ASK


def _corrected(earlier: Proposal, new: Proposal, views: Sequence[View]) -> bool:
    """Whether a word of correction stands between the two values, or the first one is said to be the old one."""
    for place in range(earlier.place, new.place + 1):
        clause = views[place].clause
        if place > earlier.place and (
            clause.has("correction", "c:instead") or (clause.after_but and place == new.place)
        ):
            return True
        if place > earlier.place and clause.has("no") and not clause.has("yes"):
            return True
    tail = views[earlier.place].clause.places("correction")
    return bool(tail) and tail[-1].last >= views[earlier.place].clause.last - 1


def _without_taken_back(kept: list[Proposal], views: Sequence[View]) -> list[Proposal]:
    """Without what is taken back: "Signed. Scratch that." all of it, "signed … no, not signed" what is denied."""
    for place, view in enumerate(views):
        if view.clause.has("retract"):
            undone = view.matched("undo")  # "please undo that, it was a mistake" takes nothing of itself back
            kept = [one for one in kept if one.place > place or (undone and isinstance(one.action, Undo))]
        if view.mood is Mood.DENIED:
            denied = {name for name in ("won", "lost") if view.matched(name)}
            kept = [one for one in kept if not (one.place < place and _is_denied(one.action, denied, view))]
    return kept


def _shown_first(kept: list[Proposal], views: Sequence[View]) -> list[Proposal]:
    """What stands before a correction that says nothing we know is shown first."""
    mistakes = [place for place, view in enumerate(views) if _is_mistake(view)]
    if not mistakes:
        return kept
    return [
        Proposal(replace(one.action, certainty=at_most(one.action.certainty, Certainty.CONFIRM)), one.place)
        if one.place < mistakes[-1] and isinstance(one.action, Set | Won | Lost | Extend | Withdraw)
        else one
        for one in kept
    ]


def _is_mistake(view: View) -> bool:
    clause = view.clause
    tokens = clause.reading.text.tokens
    opens = any(phrase.first <= clause.first < phrase.last for phrase in clause.places("correction")) or any(
        "correction" in tags for tags in [_tags_before(clause)]
    )
    names = clause.unknown and all(tokens[place].capital for place in clause.unknown)
    return bool(opens and names and clause.last - clause.first <= _CORRECTED_NAME) and not clause.has_slot


def _tags_before(clause: Clause) -> Tags:
    """What ends right before a clause, but for a sign."""
    phrase = clause.reading.phrase_at[clause.first - 2] if clause.first > 1 else None
    return phrase.tags if phrase is not None else frozenset()


def _is_denied(action: AnyAction, denied: set[str], view: View) -> bool:
    name = "won" if isinstance(action, Won) else "lost" if isinstance(action, Lost) else ""
    return name in denied and (
        not view.scope.deals or any(deal.id == getattr(action, "deal", None) for deal in view.scope.deals)
    )


def _without_contradictions(actions: list[AnyAction]) -> list[AnyAction]:
    """A deal both won and lost is confirmed; a stage beside won or lost says nothing more, nor does a price that is
    the reason of the loss ("lost to Globex, lower price")."""
    won = {action.deal for action in actions if isinstance(action, Won)}
    lost = {action.deal for action in actions if isinstance(action, Lost)}
    reasons = {action.reason for action in actions if isinstance(action, Lost)}
    settled: list[AnyAction] = []
    for action in actions:
        if isinstance(action, Set) and action.field is Field.STAGE and action.deal in won | lost:
            continue
        if isinstance(action, Set) and action.value is None and action.because in reasons:
            continue
        if isinstance(action, Won | Lost) and action.deal in won & lost and action.certainty is Certainty.APPLY:
            settled.append(replace(action, certainty=Certainty.CONFIRM))
        else:
            settled.append(action)
    return settled
