"""Answers to what was asked: a survey, an invitation, a task, a registration to decide. Answers nothing unasked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.domain.actions import (
    AnyAction,
    Approve,
    Certainty,
    Complete,
    Extend,
    Question,
    Reject,
    Rsvp,
)
from bot.language.calendar import add_days
from bot.language.coverage import tags_at
from bot.language.doubts import is_light
from bot.language.governed import is_governed
from bot.language.mood import Mood
from bot.language.segments import Clause
from bot.language.view import View

_PLAIN_WORDS = frozenset(
    {
        "yes", "no", "ok", "thanks", "please", "filler", "determiner", "preposition", "is",
        "name", "and", "greeting", "signoff", "c:right", "c:deal", "closer", "c:both", "c:all_deals",
    }
)  # fmt: skip


def plain(views: Sequence[View]) -> str | None:
    """What a reply says when it says nothing else: "yes", "no", "ok" or "thanks"; None when it says more."""
    said: list[str] = []
    for view in views:
        clause = view.clause
        own = clause.tags & {"yes", "no", "ok", "thanks"}
        if clause.unknown or clause.has_slot or clause.asked or _hedges(clause):
            return None
        if clause.after_but and clause.has("no", "not"):
            return None  # "yes, but not yet"
        if not all(phrase.tags & _PLAIN_WORDS for phrase in clause.phrases):
            return None
        said.extend(sorted(own, key=["no", "yes", "ok", "thanks"].index))
    for word in ("no", "yes", "ok", "thanks"):
        if word in said:
            return "yes" if word == "no" and "yes" in said and said[0] == "yes" else word
    return None


def _hedges(clause: Clause) -> bool:
    """Whether a word of doubt stands in it that is no yes in this language ("pode ser")."""
    return any("yes" not in phrase.tags for phrase in clause.places("maybe", "reported", "if", "mistaken"))


def takes_back(views: Sequence[View]) -> bool:
    """Whether a reply to a receipt says "cancel" and names nothing that could be cancelled but what was written."""
    first = views[0].clause
    cancels = [phrase for phrase in first.phrases if any(":withdraw:0:0" in tag for tag in phrase.tags)]
    little = all(phrase in cancels or phrase.tags & _PLAIN_WORDS for phrase in first.phrases)
    says_nothing_else = all(not (view.clause.has_slot or view.clause.deals or view.clause.asked) for view in views)
    return bool(cancels) and little and not first.unknown and says_nothing_else


def extension(views: Sequence[View], answer: str | None) -> Iterator[AnyAction]:
    """A plain yes to "protection ends" extends by the policy's days."""
    if answer not in {"yes", "ok"} or not views:
        return
    view = views[0]
    for deal in view.deals():
        until = None
        if deal is not None:
            until = add_days(deal.protected_until or view.case.today, view.case.extension_days)
        action = Extend(
            deal=deal.id if deal else None,
            until=until,
            certainty=Certainty.APPLY if view.case.cut_is_certain else Certainty.CONFIRM,
            because=view.clause.words,
        )
        yield view.settle(action)


def rsvp(views: Sequence[View], answer: str | None) -> AnyAction | None:
    """An answer to an invitation; a doubt makes it tentative."""
    response: str | None = None
    because = views[0].clause.words if views else ""
    for view in views:
        if (view.mood is Mood.ASKED and not view.matched("decline")) or _will_answer(view):
            continue
        if view.matched("tentative"):
            response, because = "tentative", view.clause.words
            break
        if view.matched("decline"):
            response, because = "declined", view.clause.words
        elif view.matched("accept") and view.mood is Mood.STATED:
            response, because = response or "accepted", view.clause.words
        elif view.matched("accept"):
            response = "declined" if view.mood is Mood.DENIED else "tentative"
            because = view.clause.words
    if response is None:
        says = [view for view in views if view.mood is not Mood.ASKED and not _will_answer(view)]
        yes = answer in {"yes", "ok"} or any(view.clause.has("yes") for view in says)
        no = answer == "no" or any(view.clause.has("no") for view in says)
        if yes == no:
            doubt = any(view.mood is Mood.DOUBTED for view in says)
            response = "tentative" if doubt else None
        else:
            response = "accepted" if yes else "declined"
    return Rsvp(response=response, certainty=Certainty.APPLY, because=because) if response else None


def _will_answer(view: View) -> bool:
    """Whether the answer itself is announced for a day: "confirmo mañana"."""
    clause = view.clause
    ends = {phrase.last for phrase in clause.places("yes")}
    place = clause.reading.text.place
    soon = [one for one in clause.dates if one.day is not None and one.day > view.case.today]
    return view.is_bare() and any(place(one.start) in ends for one in soon)


def complete(views: Sequence[View], task: str, answer: str | None) -> AnyAction | None:
    """A task that is done; one that is not done, or only planned, is left alone."""
    for view in views:
        if view.matched("complete") and view.mood is Mood.STATED and not view.clause.has("soon"):
            return Complete(task=task, certainty=Certainty.APPLY, because=view.clause.words)
    if answer == "yes" and views and not views[0].clause.has("no"):
        return Complete(task=task, certainty=Certainty.APPLY, because=views[0].clause.words)
    return None


def decision(views: Sequence[View], registration: str | None, answer: str | None) -> AnyAction | None:
    """A manager's approval or rejection, with the reason that stands beside it."""
    if any(view.clause.has("retract") for view in views):
        return None
    for view in views:
        if view.mood is Mood.ASIDE:
            continue
        if view.matched("approve", "reject") and _is_put_off(view, views):
            return None
        reject = view.matched("reject") or (view.matched("approve") and view.mood is Mood.DENIED)
        if not (reject or view.matched("approve")) or (view.mood is Mood.ASKED and not view.is_request):
            continue
        sure = _how_surely(view, views, reject=bool(reject))
        if not reject:
            return Approve(registration=registration, certainty=sure, because=view.clause.words)
        return Reject(registration=registration, reason=_why(view, views), certainty=sure, because=view.clause.words)
    because = views[0].clause.words if views else ""
    hedged = any(_limits(view) for view in views)
    unsure = {Mood.DOUBTED, Mood.CONDITIONAL, *((Mood.STATED,) if hedged else ())}
    if any(view.mood in unsure and view.clause.has("yes", "ok", "c:right") for view in views):
        return Approve(registration=registration, certainty=Certainty.CONFIRM, because=because)
    if answer in {"yes", "ok"}:
        return Approve(registration=registration, certainty=Certainty.APPLY, because=because)
    if answer == "no" or (views and _says_no(views[0])):
        reason = _why(views[0], views) if answer is None else None
        return Reject(registration=registration, reason=reason, certainty=Certainty.APPLY, because=because)
    return None


def _how_surely(view: View, views: Sequence[View], *, reject: bool) -> Certainty:
    """APPLY when a decision is firm, of this registration, and neither limited nor yet to come."""
    clause, carriers = view.clause, view.matched("approve", "reject")
    if reject and _gives_a_reason(view) and not any(other.clause.has("mistaken") for other in views):
        return Certainty.APPLY if view.case.cut_is_certain else Certainty.CONFIRM
    firm = view.mood in {Mood.STATED, Mood.ASKED} or (not view.matched("reject") and view.mood is Mood.DENIED)
    unsure = is_governed(clause, min(carriers), max(carriers)) or _only_cannot(view, reject=reject)
    unsure = unsure or (view.mood is Mood.DENIED and clause.has("reported", "that"))  # "nobody says that I approve it"
    if not reject:  # "aprovo amanhã": the present tense of a decision yet to come
        coming = any(one.day is not None and one.day > view.case.today for one in clause.dates)
        limited = any(_limits(other) for other in views)
        unsure = unsure or coming or limited or _decides_something_else(clause, max(carriers) + 1)
    return Certainty.APPLY if firm and view.case.cut_is_certain and not unsure else Certainty.CONFIRM


def _gives_a_reason(view: View) -> bool:
    """Whether the decision stands alone before a colon, so that all doubt is in its reason: "Rejected: too early"."""
    carriers, tokens = view.matched("reject"), view.clause.reading.text.tokens
    behind = max(carriers) + 1 if carriers else view.clause.last
    alone = bool(carriers) and min(carriers) == view.clause.first
    return alone and behind < view.clause.last and tokens[behind].fold == ":"


def _only_cannot(view: View, *, reject: bool) -> bool:
    """Whether it only says that somebody cannot approve: "non posso approvarlo"."""
    if not reject:
        return bool(view.matched("decline"))
    suffixes = view.clause.reading.vocabularies[0].lists.get("infinitive", ())
    tokens = view.clause.reading.text.tokens
    approve, lexicon = view.matched("approve"), view.clause.reading.vocabularies[0].lexicon
    cannot = any("c:to_do" in lexicon.tags_of(tokens[place].lower) for place in approve)
    cannot = cannot or (bool(suffixes) and any(tokens[place].fold.endswith(suffixes) for place in approve))
    return cannot and not view.matched("reject")


def _decides_something_else(clause: Clause, place: int) -> bool:
    """Whether what is approved is named and is no registration: "aprobado el presupuesto de marketing"."""
    tags, noun = tags_at(clause, place), tags_at(clause, place + 1)
    named = place + 1 < clause.last and not clause.reading.taken[place + 1]
    decided = {"c:registration", "c:deal", "filler"}
    return "determiner" in tags and "preposition" not in tags and named and not noun & decided


def _says_no(view: View) -> bool:
    return view.clause.has("no") and not view.clause.has("yes", "c:yet", "c:before")


def _is_put_off(view: View, views: Sequence[View]) -> bool:
    """Whether a decision is only announced or still open: "I'll approve it tomorrow", "do not approve it yet", "not
    before I have seen the numbers", "I do not reject it"."""
    clause = view.clause
    beside = [other.clause for other in views if other.clause.sentence == clause.sentence and other is not view]
    waits = clause.has("c:yet", "c:before") or any(_begins_with(other, "c:yet", "c:before") for other in beside)
    if view.matched("reject") and view.mood is Mood.DENIED:
        return True
    if view.matched("reject") or view.mood is Mood.DENIED:
        return waits
    return bool(clause.has("c:before") and not clause.dates) or bool(clause.dates and clause.has("soon"))


def _limits(view: View) -> bool:
    """Whether a clause narrows what it stands beside: "only for 60 days", "but not Berlin", "provided they sign"."""
    clause = view.clause
    if view.mood is Mood.CONDITIONAL or clause.lengths:
        return True
    if view.mood is Mood.ASKED:
        return False
    behind = [clause.reading.phrase_at[only.last] for only in clause.places("c:only") if only.last < clause.last]
    narrow = any(phrase is not None and "preposition" in phrase.tags for phrase in behind)
    return narrow or (clause.has("c:only") and clause.has_slot) or (clause.after_but and clause.has("not", "c:only"))


def _begins_with(clause: Clause, *tags: str) -> bool:
    return any(phrase.first == clause.first for phrase in clause.places(*tags))


def _why(view: View, views: Sequence[View]) -> str | None:
    """The words behind "because" or a colon, else the clauses behind the decision, else the one before."""
    text = view.clause.reading.text
    tokens = text.tokens
    for place in range(view.clause.first, view.clause.last):
        if tokens[place].fold == ":" and place + 1 < view.clause.last:
            return text.words(tokens[place].end, _end_of_sentence(view, views)).rstrip(".")
    for phrase in view.clause.places("c:because"):
        return text.words(tokens[phrase.last - 1].end, _end_of_sentence(view, views))
    telling = [
        other
        for other in views
        if other is not view and (other.clause.unknown or other.clause.tags) and not is_light(other.clause)
    ]
    telling = telling or [other for other in views if other is not view and _is_said_in_little_words(other)]
    behind = [other for other in telling if other.clause.start > view.clause.start] or telling
    if not behind:
        return None
    words = text.words(behind[0].clause.start, max(other.clause.end for other in behind)).rstrip(".")
    for phrase in behind[0].clause.places("c:because"):
        if phrase.first == behind[0].clause.first:
            words = text.words(tokens[phrase.last - 1].end, behind[-1].clause.end).rstrip(".")
    return words or None


def _is_said_in_little_words(view: View) -> bool:
    """Whether a clause of little words alone still tells something: "es cliente directo nuestro", not "many thanks"."""
    words = sum("filler" in phrase.tags for phrase in view.clause.phrases)
    return words > 1 and not view.clause.has("thanks", "please", "ok", "yes", "no", "greeting", "signoff", "closer")


def _end_of_sentence(view: View, views: Sequence[View]) -> int:
    return max(other.clause.end for other in views if other.clause.sentence == view.clause.sentence)


def question(text: str) -> Question:
    """What goes to a person."""
    return Question(text=text, certainty=Certainty.ROUTE, because=text)
