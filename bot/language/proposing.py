"""What one clause proposes: its wishes, the next step, the outcome, the protection, and the fields of its deal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.domain.actions import AnyAction, Extend, Question, Withdraw
from bot.language import answers, closing, money, outcome, protection, staging, wishes
from bot.language.doubts import is_light
from bot.language.guards import is_request
from bot.language.mood import Mood
from bot.language.view import View

_NEAR = 2  # clauses before and behind in which a reason may stand


def of_view(view: View, views: Sequence[View], place: int) -> Iterator[AnyAction]:
    """What one clause proposes."""
    if view.matched("approve", "reject") and _decides(view):
        yield from _decided(view, views)
        return
    wished = list(wishes.propose(view))
    if wished:
        yield from wished
        return
    if view.mood is Mood.ASKED and not view.is_request:
        return
    meant_else = view.clause.has("c:value") or view.matched("extend", "withdraw", "won", "lost")
    if view.is_request and view.clause.has("c:other_money") and not meant_else:
        yield answers.question(_sentence(view, views))  # a discount is granted by people
        return
    steps = list(wishes.next_step(view, _sentence_end(view, views)))
    if steps or _belongs_to_step(view, views, place):
        yield from steps
        return
    near = [other.clause for other in views[max(0, place - _NEAR) : place + _NEAR + 1]]
    outcomes = list(outcome.propose(view, near))
    protections = [] if outcomes else list(protection.propose(view))
    yield from outcomes
    yield from protections
    if not outcomes:
        yield from staging.propose(view, suggest=not _denied_beside(view, views))
    if not any(isinstance(action, Extend | Withdraw) for action in protections):
        yield from closing.propose(view)
        yield from money.propose(view)


def _denied_beside(view: View, views: Sequence[View]) -> bool:
    """Whether the sentence denies something: "not signed yet, legal is reviewing" only tells why."""
    return any(other.clause.sentence == view.clause.sentence and other.mood is Mood.DENIED for other in views)


def _belongs_to_step(view: View, views: Sequence[View], place: int) -> bool:
    """Whether an earlier clause of the sentence has taken the rest of it as the next step."""
    return any(
        other.clause.sentence == view.clause.sentence and other.matched("next_step") and other.may_write
        for other in views[:place]
    )


def _decides(view: View) -> bool:
    """Whether "approve" is said of a registration and not of something else."""
    if view.kind == "approval_request":
        return True
    return view.clause.has("c:registration") and not view.matched("withdraw", "extend", "register", "status", "lapse")


def _decided(view: View, views: Sequence[View]) -> Iterator[AnyAction]:
    if view.case.speaker.role == "manager" and view.mood is not Mood.ASKED:
        named = {one for found in view.clause.deals[:1] for one in found.ids}
        deal = next((deal for deal in view.case.deals if deal.id in named), None)
        one = answers.decision([view], deal.registration if deal else None, None)
        if one is not None and deal is not None:
            yield one
            return
    yield from [answers.question(_sentence(view, views))]


def question_of(view: View, views: Sequence[View]) -> Iterator[Question]:
    """A question, or a wish that nothing else understands, goes to a person in whole sentences."""
    unmet = is_request(view.clause) and view.clause.unknown and not view.intents and view.mood is not Mood.DENIED
    aside = view.mood is Mood.ASIDE and (view.clause.has_slot or view.clause.has_trigger)
    if view.is_request and _only_repeats(view, views):
        return
    if (view.mood is Mood.ASKED or unmet or aside) and (view.clause.asked or not is_light(view.clause)):
        yield answers.question(_sentence(view, views))


def _only_repeats(view: View, views: Sequence[View]) -> bool:
    """Whether a request only repeats one for a document: "I need the price list, could you send it?"."""
    said = view.clause.unknown or view.clause.has_slot or view.clause.deals or view.intents
    return not said and any(other.matched("asset") for other in views if other is not view)


def _sentence(view: View, views: Sequence[View]) -> str:
    """The part of a sentence that asks, to its end."""
    mine = [other for other in views if other.clause.sentence == view.clause.sentence]
    asking = [other for other in mine if other.mood is Mood.ASKED] or mine
    raw = view.clause.reading.text.raw
    start, end = asking[0].clause.start, asking[-1].clause.end
    while end < len(raw) and raw[end] in "?!.…":
        end += 1
    return raw[start:end].strip().lstrip(",;:-– ")


def _sentence_end(view: View, views: Sequence[View]) -> int:
    return max(other.clause.end for other in views if other.clause.sentence == view.clause.sentence)
