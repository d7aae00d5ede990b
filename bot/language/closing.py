"""What a clause says of a deal's close date. A meeting's date is not taken for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from bot.domain.actions import AnyAction, Ask, Certainty, Field, Set
from bot.language.case import CaseDeal
from bot.language.choose import before, meant
from bot.language.coverage import has_other_object, opened_by, tags_at
from bot.language.dates import DateFound, LengthFound
from bot.language.mood import Mood
from bot.language.outcome import is_yet_to_come
from bot.language.text import Shape
from bot.language.view import View, asked, at_most, is_bare


def propose(view: View) -> Iterator[AnyAction]:
    """Set actions for the close date that a clause proposes."""
    clause = view.clause
    waits = view.mood is Mood.DENIED and clause.has("c:until") and clause.has("c:closing", "c:signing")
    if not view.may_write and not waits:
        return
    sure = _evidence(view)
    if sure is None:
        return
    if waits or view.is_wishful:
        sure = Certainty.CONFIRM
    dates = [one for one in meant(clause, clause.dates) if clause.has("c:closing") or not _is_by_now(view, one)]
    dates = [one for one in dates if not _is_past(view, one)]
    if not dates and view.following is not None and clause.has("c:closing") and _continues(view):
        dates = view.following.dates
    shifts = [one.length for one in dates if one.length is not None and _is_shift(view, one)]
    if shifts:
        yield from _shifted(view, shifts, sure)
    elif dates:
        yield from _dated(view, dates, sure)
    elif clause.lengths and (clause.has("c:closing", "c:move") or any(one.sign for one in clause.lengths)):
        yield from _shifted(view, clause.lengths, sure)
    elif view.matched("wrong_date"):
        for deal in view.deals():
            yield view.settle(_set(view, deal, None, Certainty.ASK, Ask.CLOSE_DATE))


def _evidence(view: View) -> Certainty | None:
    """How surely a date in this clause is the close date; None when it is something else."""
    clause = view.clause
    spans = clause.spans_of_time
    carriers = view.carriers(view.matched("wrong_date"), *spans)
    outcome = view.matched("won", "lost")
    if outcome and all(phrase.first in outcome for phrase in clause.places("c:closing")) and not is_yet_to_come(view):
        return None
    if view.matched("extend", "next_step", "register", "withdraw") and not clause.has("c:closing"):
        return None
    if clause.has("c:closing"):
        sure = _named_closing(view, carriers, outcome=bool(outcome))
        return at_most(sure, Certainty.CONFIRM) if _closes_something_else(view) else sure
    if view.matched("wrong_date") and not (clause.has("c:event") or clause.stages):
        return view.certainty(carriers)
    return _evidence_without_a_name(view, carriers)


def _closes_something_else(view: View) -> bool:
    """Whether it is no deal that closes: "cerramos la oficina hasta enero", "fecha límite para la RFP"."""
    clause = view.clause
    for phrase in clause.places("c:closing"):
        at = phrase.last
        if has_other_object(clause, at):
            return True
        if "about_deal" in tags_at(clause, at) and "determiner" in tags_at(clause, at + 1) and at + 2 in clause.unknown:
            return not clause.reading.text.tokens[at + 2].capital or clause.reading.text.tokens[at + 2].lower == "rfp"
    return False


def _evidence_without_a_name(view: View, carriers: frozenset[int]) -> Certainty | None:
    """The same, where nothing in the clause says closing."""
    clause = view.clause
    if clause.has("c:event") or clause.stages or _heads_a_list(view):
        return None
    if clause.has("c:signing"):
        return Certainty.CONFIRM if clause.dates else None
    if clause.has("c:move"):
        loose = view.loose_ends(carriers, subject=False)
        return Certainty.CONFIRM if loose else view.certainty(carriers)
    return _evidence_alone(view, carriers)


def _evidence_alone(view: View, carriers: frozenset[int]) -> Certainty | None:
    """The same where no word says what the date is for."""
    clause = view.clause
    if clause.has("c:direct") and clause.dates and not (clause.has("c:value") or clause.unknown or view.intents):
        return Certainty.CONFIRM  # "put it in January"
    shifts = any(one.sign for one in clause.lengths)
    if shifts and is_bare(clause) and clause.has("c:named"):
        return view.certainty(carriers)  # "Acme: two weeks later"
    if not (clause.dates and is_bare(clause)) or _is_goodbye(view) or _is_promise(view):
        return None
    plain = all(one.exact or not _is_near(view, one) for one in clause.dates)
    plain = plain and not (clause.numbers and any(_is_whole_year(view, one) for one in clause.dates))
    return view.certainty(carriers) if plain else at_most(view.certainty(carriers), Certainty.CONFIRM)


def _heads_a_list(view: View) -> bool:
    """Whether it only stands over what follows: "this week's news:" and a line's end."""
    clause = view.clause
    tokens = clause.reading.text.tokens
    colon = clause.last - 1 if tokens[clause.last - 1].fold == ":" else clause.last
    behind = tokens[colon : colon + 2]
    ends = len(behind) == 2 and behind[0].fold == ":" and behind[1].shape is Shape.BREAK  # noqa: PLR2004
    return ends and not (clause.deals or clause.has("c:closing"))


def _is_whole_year(view: View, one: DateFound) -> bool:
    """Whether it may be the year that a sum is of: "this year it is 45,000"."""
    last = one.day is not None and (one.day.month, one.day.day) == (12, 31)
    return (
        last and not one.exact and not any(sign.isdigit() for sign in view.clause.reading.text.raw[one.start : one.end])
    )


def _named_closing(view: View, carriers: frozenset[int], *, outcome: bool) -> Certainty:
    """How surely the date is meant where the clause speaks of closing."""
    clause = view.clause
    told = _behind_colon(view)
    aside = [place for place in clause.unknown if place < told or opened_by(clause, place) == "preposition"]
    sure = view.certainty(carriers, subject=False, known=aside)
    unsure = clause.has("c:event") or (clause.has("c:wish") and not view.is_request)
    unsure = unsure or (outcome and any(_is_near(view, one) for one in clause.dates))  # "firmamos el viernes"
    return at_most(sure, Certainty.CONFIRM) if unsure else sure


def _behind_colon(view: View) -> int:
    """Where "new closing" begins behind a colon; what stands before it only tells why. 0 when there is none."""
    tokens = view.clause.reading.text.tokens
    named = [phrase.first for phrase in view.clause.places("c:closing")]
    return max((at for at in named if any(tokens[at - back].fold == ":" for back in (1, 2) if at > back)), default=0)


def _is_promise(view: View) -> bool:
    """Whether it is the answer that is announced for a day: "tomorrow I confirm"."""
    clause = view.clause
    near = all(not one.exact and _is_near(view, one) for one in clause.dates)
    place = clause.reading.text.place(clause.dates[0].start)
    return near and view.kind == "confirmation" and any(phrase.first > place for phrase in clause.places("yes"))


def _is_past(view: View, one: DateFound) -> bool:
    """Whether a weekday is one that has been: "since Monday", "lunedì scorso"."""
    behind = view.clause.reading.text.place(one.end) - 1
    tags = tags_at(view.clause, behind) | (tags_at(view.clause, behind + 1) if not one.year_said else frozenset())
    said = "c:past" in tags or before(view.clause, one.start, "c:past", reach=1)
    return said and not one.exact and _is_near(view, one)


def _is_goodbye(view: View) -> bool:
    """A nearby "until Friday" behind other words takes leave; as the whole reply it may answer what was asked."""
    clause = view.clause
    near = all(not one.exact and _is_near(view, one) for one in clause.dates)
    said_before = any(token.shape is Shape.WORD for token in clause.reading.text.tokens[: clause.first])
    little = clause.has("c:until") and not clause.has("c:move", "c:now", "c:deal", "c:closing", "c:value", "c:named")
    bids_farewell = any("signoff" in p.tags and p.first >= clause.last for p in clause.reading.phrases)
    return near and (said_before or bids_farewell) and little


def _is_near(view: View, one: DateFound) -> bool:
    """A bare "Friday" or "next week" may be an answer to anything."""
    return one.day is not None and (one.day - view.case.today).days <= 14  # noqa: PLR2004


def _is_shift(view: View, one: DateFound) -> bool:
    """Whether "in two weeks" says by how much, not until when: "adiado em duas semanas", but "para daqui a"."""
    return view.clause.has("c:later", "c:earlier") and not before(view.clause, one.start, "c:to", reach=1)


def _is_by_now(view: View, one: DateFound) -> bool:
    """Whether "today" or "yesterday" only tells when something happened ("moved forward today")."""
    return not one.exact and one.day is not None and one.day <= view.case.today


def _continues(view: View) -> bool:
    """Whether the next clause only holds the date that this one announces."""
    following = view.following
    return following is not None and bool(following.dates) and is_bare(following) and not following.has("c:closing")


def _dated(view: View, dates: list[DateFound], sure: Certainty) -> Iterator[AnyAction]:
    for deal in view.deals():
        if len({one.day for one in dates}) > 1:
            yield view.settle(_set(view, deal, None, Certainty.ASK, Ask.CLOSE_DATE))
            continue
        day = dates[0].day
        past = day is not None and day < view.case.today
        action = _set(view, deal, None if past else day, sure)
        yield view.settle(asked(action, Ask.CLOSE_DATE) if day is None or past else action)


def _shifted(view: View, lengths: list[LengthFound], sure: Certainty) -> Iterator[AnyAction]:
    """Counts "two weeks later", "pushed by a month" from the deal's present date."""
    length = lengths[-1]
    sign = length.sign or (-1 if view.clause.has("c:earlier") else 1)
    for deal in view.deals():
        present = deal.close_date if deal is not None else None
        day = length.from_day(present, sign=sign) if present is not None else None
        action = _set(view, deal, day, sure)
        if day is None or day < view.case.today:
            action = asked(_set(view, deal, None, sure), Ask.CLOSE_DATE)
        yield view.settle(action)


def _set(view: View, deal: CaseDeal | None, value: date | None, sure: Certainty, ask: Ask | None = None) -> Set:
    return Set(
        deal=deal.id if deal else None,
        field=Field.CLOSE_DATE,
        value=value,
        certainty=sure,
        ask=ask,
        because=view.clause.words,
    )
