"""What a clause asks the programme for: a status, a document, other mail, an undo; and the next step it reports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.domain.actions import AnyAction, Asset, Certainty, Field, Set, Start, Status, Stop, Undo
from bot.language.mood import Mood
from bot.language.segments import Clause
from bot.language.text import Shape
from bot.language.view import View

_TOPICS = ("announcements", "digest", "surveys")
_KEYWORDS: Mapping[str, type[Stop | Start]] = {  # alone, in any language
    "stop": Stop,
    "unsubscribe": Stop,
    "start": Start,
    "subscribe": Start,
}
_TOPIC_OF_KIND = {"announcement": "announcements", "digest": "digest", "survey": "surveys"}


def propose(view: View) -> Iterator[AnyAction]:
    """Status, Asset, Stop, Start and Undo actions of a clause."""
    clause = view.clause
    because = clause.words
    keyword = _KEYWORDS.get(because.strip(" .!").casefold())
    if keyword is not None:
        yield keyword(topic=_topic(view), certainty=Certainty.APPLY, because=because)
    elif view.matched("undo") and view.mood in {Mood.STATED, Mood.ASKED} and not _sets_right(view):
        yield Undo(certainty=Certainty.APPLY, because=because)
    elif view.matched("stop") and view.mood is not Mood.DENIED:
        yield Stop(topic=_topic(view), certainty=Certainty.APPLY, because=because)
    elif view.matched("start") and view.mood is not Mood.DENIED:
        yield Start(topic=_topic(view), certainty=Certainty.APPLY, because=because)
    elif view.matched("status") and _asks_status(view):
        yield from _status(view)
    elif view.matched("asset") and view.mood is not Mood.DENIED and not _asks_of_a_stage(view):
        yield Asset(query=_query(view), certainty=Certainty.APPLY, because=because)


def _sets_right(view: View) -> bool:
    """Whether it says what is right instead: "my mistake: 46k and not 64k"."""
    clause = view.clause
    return len(clause.numbers) > 1 and clause.has("not", "no", "c:instead")


def _asks_of_a_stage(view: View) -> bool:
    """Whether it asks what a stage takes: "which documents do you need for Transact?" is for a person."""
    return view.mood is Mood.ASKED and bool(view.clause.stages)


def _asks_status(view: View) -> bool:
    """Whether a status is wanted and not told: no other fact stands in the clause."""
    told = view.matched("won", "lost", "wrong_stage", "wrong_amount", "wrong_date", "undo") or view.clause.has_slot
    if view.mood is Mood.ASKED:
        return not view.matched("won", "lost")
    return not told and view.mood in {Mood.STATED, Mood.ASIDE}


def _topic(view: View) -> str:
    topics = [topic for topic in _TOPICS if view.clause.has("c:" + topic)]
    if len(topics) == 1:
        return topics[0]
    return "all" if topics or view.clause.has("c:all_mail") else _TOPIC_OF_KIND.get(view.kind, "all")


def _status(view: View) -> Iterator[AnyAction]:
    clause, scope = view.clause, view.scope
    if clause.has("c:all_deals") or (not scope.deals and not scope.named):
        yield Status(deal=None, certainty=Certainty.APPLY, because=clause.words)
        return
    for deal in view.deals():
        yield view.settle(Status(deal=deal.id if deal else None, certainty=Certainty.APPLY, because=clause.words))


def _query(view: View) -> str:
    """The document in the partner's own words: from its determiner or first describing word to the clause's end."""
    clause = view.clause
    tokens = clause.reading.text.tokens
    documents = clause.places("c:document")
    first = documents[0].first
    while first > clause.first and _describes(clause, first - 1):
        first -= 1
    while first < documents[0].first and tokens[first].shape is Shape.SIGN:
        first += 1  # "dell'ultimo listino"
    last = clause.last
    while last > documents[-1].last and _trails(clause, last - 1):
        last -= 1
    return clause.reading.text.words(tokens[first].start, tokens[last - 1].end).rstrip("?!. ")


def _describes(clause: Clause, place: int) -> bool:
    phrase = clause.reading.phrase_at[place]
    token = clause.reading.text.tokens[place]
    if token.shape is Shape.SIGN:
        return token.fold in {"-", "'", "/", "&"}
    if phrase is None or clause.reading.taken[place]:
        return True
    return bool(phrase.tags & {"determiner", "c:document", "c:describes"})


def _trails(clause: Clause, place: int) -> bool:
    phrase = clause.reading.phrase_at[place]
    if phrase is None:
        return clause.reading.text.tokens[place].shape is Shape.SIGN
    asks = any(":asset:" in tag for tag in phrase.tags) or "c:particle" in phrase.tags  # "… haben", "stuur … door"
    return bool(phrase.tags & {"please", "thanks", "ok"}) or (asks and not phrase.tags & {"c:document", "c:describes"})


def next_step(view: View, sentence_end: int) -> Iterator[AnyAction]:
    """What follows "next step is": the rest of the sentence, as it was written."""
    places = view.matched("next_step")
    if not places or not view.may_write or view.mood is Mood.ASKED:
        return
    clause = view.clause
    tokens = clause.reading.text.tokens
    first = max(places) + 1
    while first < clause.last and _is_link(clause, first):
        first += 1
    if first >= clause.last:
        return
    value = clause.reading.text.words(tokens[first].start, sentence_end).rstrip(".! ")
    if not value:
        return
    sure = Certainty.CONFIRM if view.mood is not Mood.STATED or not view.case.cut_is_certain else Certainty.APPLY
    for deal in view.deals():
        yield view.settle(
            Set(
                deal=deal.id if deal else None,
                field=Field.NEXT_STEP,
                value=value,
                certainty=sure,
                because=clause.words,
            )
        )


def _is_link(clause: Clause, place: int) -> bool:
    """Whether only a copula, a colon or the deal's name stands between the label and the step."""
    token, phrase = clause.reading.text.tokens[place], clause.reading.phrase_at[place]
    if token.shape is Shape.SIGN and token.fold in ":=-–>→":
        return True
    if any(deal.first <= place < deal.last for deal in clause.deals):
        return True
    return phrase is not None and bool(phrase.tags & {"is", "about_deal", "c:now"})
