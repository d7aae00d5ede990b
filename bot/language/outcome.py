"""Whether a clause says that a deal is won or lost, and why it was lost. Never invents a reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.domain.actions import AnyAction, Ask, Certainty, Lost, Won
from bot.language.choose import before
from bot.language.coverage import opened_by
from bot.language.doubts import is_light
from bot.language.intents import matches
from bot.language.mood import Mood
from bot.language.otherthings import INFLECTED, is_about_something_else
from bot.language.segments import Clause
from bot.language.text import Shape, Text
from bot.language.view import View, asked, at_most

_GERMAN_NOUNS = ("ung", "heit", "keit", "schaft", "tion", "system", "haus", "weg")
"""Endings of nouns, which German writes like names: "bleibt bei der alten Lösung" names nobody."""


def propose(view: View, others: Sequence[Clause]) -> Iterator[AnyAction]:
    """Won and Lost actions of a clause; `others` are the reply's clauses near it, where a reason may stand."""
    if not view.may_write or view.matched("next_step"):
        return
    if _is_told_of_others(view):
        return
    asked_to_mark = view.clause.has("c:direct", "c:move", "c:stage")
    if view.mood is Mood.ASKED and not asked_to_mark:
        return
    lost, won = view.matched("lost", "chose_rival"), view.matched("won")
    if lost and _is_loss(view):
        yield from _lost(view, lost, others)
    elif won and not view.clause.has("c:side_paper") and not is_yet_to_come(view) and not _closes_at(view):
        yield from _won(view, won, others)


def is_yet_to_come(view: View) -> bool:
    """Whether a deal is won on a day to come: "fechamos" is past and present, "fechamos em janeiro" a close date."""
    won = view.matched("won")
    closes = any(phrase.first in won for phrase in view.clause.places("c:closing"))
    return closes and any(one.day is not None and one.day > view.case.today for one in view.clause.dates)


def _closes_at(view: View) -> bool:
    """Whether it is a sum that "closes": "o valor fechou em R$ 512.000"."""
    clause, won = view.clause, min(view.matched("won"))
    behind = any(clause.reading.text.place(one.start) >= won for one in clause.numbers)
    return behind and any(phrase.last == won for phrase in clause.places("c:value"))


def _is_told_of_others(view: View) -> bool:
    """Whether it is another partner, or another year, that the outcome is told of."""
    places = view.matched("won", "lost", "chose_rival")
    return bool(places) and any(phrase.last <= min(places) for phrase in view.clause.places("c:elsewhere"))


def _is_loss(view: View) -> bool:
    """Whether it is lost indeed: "we went with the larger package" names nobody who won."""
    clause = view.clause
    if view.matched("lost"):
        return True
    if not clause.has("c:rival") and clause.has("c:contract", "c:document"):
        return False  # a paper goes to somebody: "le devis part chez Berger"
    return not view.matched("won") and (clause.has("c:rival_noun") or competitor_in(clause) is not None)


def _sure(view: View, places: frozenset[int]) -> Certainty:
    """Unknown words right behind the trigger change what was signed or lost ("signed the NDA")."""
    clause = view.clause
    sure = view.certainty(places, obj=False, subject=not clause.has("c:of_things"))
    if clause.reading.language in INFLECTED and any(p.slip and p.first in places for p in clause.phrases):
        return at_most(sure, Certainty.CONFIRM)  # "se conclut" is another form of "conclu", and no slip of the pen
    if view.clause.has("c:event") or is_about_something_else(view, places):
        return at_most(sure, Certainty.CONFIRM)
    first = min(places)
    yet_to_come = view.clause.has("soon") or any(phrase.first < first for phrase in view.clause.places("c:before"))
    return at_most(sure, Certainty.CONFIRM) if yet_to_come else sure


def _won(view: View, places: frozenset[int], others: Sequence[Clause]) -> Iterator[AnyAction]:
    sure = _sure(view, places)
    due = view.clause.reading.vocabularies[0].lists.get("due", ())
    tokens, place_of = view.clause.reading.text.tokens, view.clause.reading.text.place
    if any(
        one.day is not None and one.day > view.case.today and tokens[place_of(one.start) - 1].fold in due
        for one in view.clause.dates
    ):
        sure = at_most(sure, Certainty.CONFIRM)  # "hanno confermato l'ordine per lunedì"
    if _is_object_of_having(view.clause, min(places)) or _is_half_done(view.clause, others):
        sure = at_most(sure, Certainty.CONFIRM)
    for deal in view.deals():
        yield view.settle(Won(deal=deal.id if deal else None, certainty=sure, because=view.clause.words))


def _is_half_done(clause: Clause, others: Sequence[Clause]) -> bool:
    """Whether only some of those who must sign have signed: "one of them signed, the other signature is missing"."""
    if clause.has("c:some"):
        return True
    beside = [other for other in others if other.sentence - clause.sentence in {0, 1} and other is not clause]
    return any(
        (other.has("c:missing") and other.sentence == clause.sentence)
        or (other.has("not") and (other.has("c:signing") or "won" in matches(other)))
        for other in beside
        if not other.deals
    )


def _is_object_of_having(clause: Clause, first: int) -> bool:
    """Whether an unknown noun between "haben" and "gewonnen" says what was won: no subject stands there."""
    opened = [phrase.first for phrase in clause.places("c:has") if phrase.first < first]
    behind = [place for place in clause.unknown if opened and opened[0] < place < first]
    return any(opened_by(clause, place) == "determiner" for place in behind)


def _lost(view: View, places: frozenset[int], others: Sequence[Clause]) -> Iterator[AnyAction]:
    why = reason_of(view, places, others)
    sure = view.certainty(places, obj=False, known=why.places)
    if view.clause.has("soon") or (why.competitor is None and is_about_something_else(view, places)):
        sure = at_most(sure, Certainty.CONFIRM)
    for deal in view.deals():
        action = Lost(
            deal=deal.id if deal else None,
            reason=why.text,
            competitor=why.competitor,
            certainty=sure,
            because=view.clause.words,
        )
        if why.text is None:
            action = asked(action, Ask.REASON) if sure is Certainty.APPLY else action
        yield view.settle(action)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a deal was lost, in the partner's words, and to whom."""

    text: str | None = None
    competitor: str | None = None
    places: tuple[int, ...] = ()  # of the clause's tokens that say so


def reason_of(view: View, places: frozenset[int], others: Sequence[Clause]) -> Reason:
    """The reason in the clause itself, else in one beside it."""
    clause = view.clause
    competitor = here = competitor_in(clause)
    text = _behind_because(clause, places) or _behind_colon(clause, places)
    for other in others:
        if other is clause:
            continue
        rival = competitor_in(other)
        told = _explains(other, same_sentence=other.sentence == clause.sentence) or _tells_how(clause, other)
        if text is None and (rival is not None or told):
            text = _behind_label(other) or other.words
        competitor = competitor or rival or _name_beside(clause, other)
    other_choice = clause.has("c:rival_noun") and (clause.has("c:rival") or "chose_rival" in matches(clause))
    if text is None and (competitor is not None or other_choice):
        text = clause.words
    return Reason(text=text, competitor=competitor, places=_reason_places(clause, places, here))


def _behind_label(clause: Clause) -> str | None:
    """What stands behind "reason:"."""
    tokens = clause.reading.text.tokens
    for phrase in clause.places("c:because"):
        colon = next((at for at in (phrase.last - 1, phrase.last) if tokens[at].fold == ":"), clause.last)
        if phrase.first == clause.first and colon < clause.last - 1:
            return clause.reading.text.words(tokens[colon].end, clause.end)
    return None


def _reason_places(clause: Clause, places: frozenset[int], competitor: str | None) -> tuple[int, ...]:
    """The tokens of a reason or competitor inside the clause, which no longer need an explanation."""
    tokens = clause.reading.text.tokens
    opening = [phrase.last for phrase in clause.places("c:because", "c:reason") if phrase.first > min(places)]
    opening += [place for place in range(max(places), clause.last) if tokens[place].fold == ":"]
    behind = range(min(opening), clause.last) if opening else ()
    named = {word.fold for word in Text(competitor).tokens} if competitor else set()
    return (*behind, *(place for place in clause.unknown if tokens[place].fold in named))


def competitor_in(clause: Clause) -> str | None:
    """The name that stands with a word for choosing somebody else ("went with Globex"); None for "another vendor"."""
    rivals = clause.places("c:rival")
    if not rivals and matches(clause).keys() & {"lost", "chose_rival"}:
        rivals = clause.places("c:rival_to")
    if not rivals:
        return None
    tokens = clause.reading.text.tokens
    behind = [place for place in clause.unknown if place >= rivals[0].last]
    next_to = rivals[0].last
    if next_to not in behind and _may_be_a_name(clause, next_to):
        behind = [next_to]  # "ze kozen voor Exact", though "exact" is a word, too
    places = behind or [place for place in clause.unknown if tokens[place].capital]
    names = [
        place
        for place in places
        if tokens[place].capital or (place in behind and _right_behind(clause, rivals[0].last, place))
    ]
    if not names or (clause.reading.language == "de" and tokens[names[0]].fold.endswith(_GERMAN_NOUNS)):
        return None
    first = names[0]
    last = first + 1
    if not tokens[first].capital and last in clause.unknown and tokens[last].capital:
        return None  # "beim jetzigen Lieferanten": an adjective, and a noun that only looks like a name
    while last < clause.last and (
        (last in clause.unknown and tokens[last].capital)
        or (tokens[last].fold in {"-", "&", "+"} and last + 1 in clause.unknown)
        or (tokens[last].shape is Shape.NUMBER and tokens[last].glued)
    ):
        last += 1
    return clause.reading.text.raw[tokens[first].start : tokens[last - 1].end]


def _may_be_a_name(clause: Clause, place: int) -> bool:
    """Whether a word that is also in the vocabulary stands there like a name; German writes every noun like one."""
    if place >= clause.last or clause.stages or "chose_rival" not in matches(clause):
        return False
    reading = clause.reading
    return reading.language != "de" and reading.text.tokens[place].capital and not reading.taken[place]


def _name_beside(clause: Clause, other: Clause) -> str | None:
    """The name in brackets behind "a competitor (Kestrel)"."""
    tokens = clause.reading.text.tokens
    alone = other.first == clause.last + 1 and len(other.unknown) == other.last - other.first <= 3  # noqa: PLR2004
    if clause.has("c:rival_noun") and alone and all(tokens[place].capital for place in other.unknown):
        return other.words
    return None


def _right_behind(clause: Clause, start: int, place: int) -> bool:
    """Whether only determiners stand between."""
    for at in range(start, place):
        phrase = clause.reading.phrase_at[at]
        if phrase is None or not phrase.tags & {"determiner", "preposition", "about_deal"}:
            return False
    return True


def _behind_because(clause: Clause, places: frozenset[int]) -> str | None:
    """What stands behind "because of", "on", "due to", up to a trigger that closes the clause."""
    text = clause.reading.text
    for phrase in clause.places("c:because"):
        closing = [place for place in places if place > phrase.last]
        end = text.tokens[min(closing)].start if closing else clause.end
        words = text.words(text.tokens[phrase.last - 1].end, end)
        if words and any(place >= phrase.last for place in _telling(clause)):
            return words
    return None


def _behind_colon(clause: Clause, places: frozenset[int]) -> str | None:
    tokens = clause.reading.text.tokens
    last = max(places) + 1
    for place in range(last, clause.last):
        if tokens[place].fold == ":" and any(at > place for at in _telling(clause)):
            return clause.reading.text.words(tokens[place].end, clause.end)
    reasons = [p for p in clause.places("c:reason") if p.first >= last]
    if reasons and before(clause, tokens[reasons[0].first].start, "preposition", "about_deal", "determiner", reach=1):
        return clause.reading.text.words(tokens[reasons[0].first].start, clause.end)
    return None


def _telling(clause: Clause) -> list[int]:
    """The places of words that can be a reason: unknown ones and nouns of reasons."""
    reasons = [
        place
        for phrase in clause.places("c:reason", "c:rival", "c:value", "not")
        for place in range(phrase.first, phrase.last)
    ]
    return sorted([*clause.unknown, *reasons])


def _tells_how(clause: Clause, other: Clause) -> bool:
    """Whether the clause right behind says in other words how it was lost: "lost, the project was cancelled"."""
    behind = other.sentence == clause.sentence and other.first > clause.last - 1
    return behind and "lost" in matches(other) and not (other.deals or other.asked or other.has("not", "maybe", "if"))


def _explains(other: Clause, *, same_sentence: bool) -> bool:
    """Whether a neighbouring clause can be the reason: it says something and is no other fact."""
    if is_light(other) or other.has("c:stage", "c:closing", "next", "asks", "request") or other.asked:
        return False
    if other.has("c:reason", "c:because", "c:rival"):
        return True
    return same_sentence and len(other.unknown) >= 2 and not other.has_slot and not other.has("maybe", "c:regret")  # noqa: PLR2004
