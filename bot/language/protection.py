"""What a clause says of a deal's protection: keep it until a day, or give it back. Never shortens it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from bot.domain.actions import AnyAction, Ask, Certainty, Extend, Withdraw
from bot.language.calendar import add_days
from bot.language.case import CaseDeal
from bot.language.choose import meant
from bot.language.coverage import has_other_object
from bot.language.dates import LengthFound
from bot.language.guards import is_request
from bot.language.mood import Mood
from bot.language.view import View, asked, at_most, is_bare

ENDING = "protection_ending"


def propose(view: View) -> Iterator[AnyAction]:
    """Extend and Withdraw actions of a clause."""
    if not view.may_write:
        return
    withdraw, extend = view.matched("withdraw"), view.matched("extend")
    if any(has_other_object(view.clause, max(places) + 1) for places in (withdraw, extend) if places):
        return  # "we extended our office hours"
    if withdraw:
        sure = view.certainty(withdraw)
        if view.clause.has("soon") and not view.is_request:
            sure = at_most(sure, Certainty.CONFIRM)
        for deal in view.deals():
            yield view.settle(Withdraw(deal=deal.id if deal else None, certainty=sure, because=view.clause.words))
        return
    if _is_extension(view):
        yield from _extend(view)


def _is_extension(view: View) -> bool:
    clause = view.clause
    if view.matched("extend"):
        if clause.has("c:closing") or view.matched("lapse") or _is_told_of_time(view):
            return False
        if clause.has("c:move") and not (view.kind == ENDING or view.is_request or clause.has("c:registration")):
            return False  # "Acme slipped another month"
        return view.mood is not Mood.ASKED or view.is_request
    if view.kind != ENDING or clause.has("c:closing", "c:event") or view.matched("won", "lost", "next_step"):
        return False
    wished = view.mood is not Mood.ASKED or view.is_request
    return bool(clause.dates or clause.lengths) and is_bare(clause) and wished


def _is_told_of_time(view: View) -> bool:
    """Whether "longer" or "more time" only tells how long something took: "I was away longer than planned"."""
    clause = view.clause
    spans = {place for phrase in clause.places("c:longer") for place in range(phrase.first, phrase.last)}
    if not view.matched("extend") <= spans:
        return False
    excuses = clause.has("c:regret", "correction", "closer")  # "please excuse that it took longer"
    for_others = any(phrase.first < min(spans) for phrase in clause.places("c:them"))  # "the customer needs more time"
    asks = (is_request(clause) and not excuses) or clause.has("c:wish")
    return not (view.kind == ENDING or (asks and not for_others) or clause.has("c:registration"))


def _may_be_no_wish(view: View) -> bool:
    """Whether something else may be meant to take longer: "extend the demo by 30 minutes"."""
    clause = view.clause
    return clause.has("c:event") or (clause.has("soon") and not view.is_request) or _others_want_time(view)


def _others_want_time(view: View) -> bool:
    """Whether it is somebody else who wants time, and nothing says that it is for the protection."""
    clause, extend = view.clause, view.matched("extend")
    spans = {place for phrase in clause.places("c:longer") for place in range(phrase.first, phrase.last)}
    others = any(phrase.first < min(extend) for phrase in clause.places("c:them")) if extend else False
    return bool(extend) and extend <= spans and others and not view.is_request


def _extend(view: View) -> Iterator[AnyAction]:
    clause = view.clause
    dates, lengths = meant(clause, clause.dates), meant(clause, clause.lengths)
    following = view.following
    if not dates and not lengths and following is not None and is_bare(following):
        dates, lengths = following.dates, following.lengths
    spans = clause.spans_of_time
    sure = view.certainty(view.carriers(view.matched("extend"), *spans))
    sure = at_most(sure, Certainty.CONFIRM) if _may_be_no_wish(view) else sure
    for deal in view.deals():
        action = Extend(deal=deal.id if deal else None, certainty=sure, because=clause.words)
        several = len({one.day for one in dates}) > 1 or len({(one.days, one.months) for one in lengths}) > 1
        until = None
        if not several:
            if dates:
                until = dates[0].day
            elif deal is not None:
                until = _counted(view, deal, lengths[0] if lengths else None)
        if deal is None and until is None and not dates:
            yield view.settle(action)
        elif until is None or _is_no_extension(view, deal, until):
            yield view.settle(asked(action, Ask.UNTIL))
        elif deal is not None and until == deal.protected_until:  # it is told so, whatever was meant
            yield view.settle(replace(action, until=until, certainty=at_most(sure, Certainty.CONFIRM)))
        else:
            yield view.settle(replace(action, until=until))


def _counted(view: View, deal: CaseDeal, length: LengthFound | None) -> date | None:
    start = deal.protected_until or view.case.today
    if length is not None:
        return length.from_day(start)
    return add_days(start, view.case.extension_days)


def _is_no_extension(view: View, deal: CaseDeal | None, until: date) -> bool:
    """Whether that day is over or shortens the protection; until the day that stands is told so, and not asked."""
    if until <= view.case.today:
        return True
    return deal is not None and deal.protected_until is not None and until < deal.protected_until
