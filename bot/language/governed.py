"""Whether what carries an action is only spoken of: "they think that …", "the plan is to …". Takes no verb on trust.

What stands before a word like "that" decides whether the rest is a fact, and so does what stands before an infinitive.
A vocabulary lists the openings that state it ([say] tells: "I confirm that"); behind any other one it is shown first.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.language.guards import is_request
from bot.language.lexicon import Phrase, Tags
from bot.language.segments import Clause

_NOUNS = frozenset(
    {"c:value", "c:closing", "c:deal", "c:contract", "c:registration", "c:them", "c:stage", "c:document", "name"}
)
_ACTS = frozenset({"c:direct", "c:move", "c:change", "c:closing", "c:signing", "c:rival", "c:raised", "c:lowered"})
_LEAST_LETTERS = 4
_ENDS = frozenset(".!?;")


def is_governed(clause: Clause, first: int, last: int) -> bool:
    """Whether words before the carriers (tokens `first` to `last`) make them something said, thought or intended."""
    if any(_opens(clause, phrase) for phrase in clause.places("that") if phrase.first < first):
        return True
    tokens = clause.reading.text.tokens
    opened = max((at + 1 for at in range(clause.first, last) if tokens[at].fold == ":"), default=clause.first)
    return any(_is_intended(clause, opened, act) for act in _infinitives(clause) if opened <= act <= last)


def _opens(clause: Clause, that: Phrase) -> bool:
    """Whether a "that" opens what is told; behind a noun it only describes it ("the value that we agreed"), and behind
    a request it asks for it."""
    before = _tags(clause, that.first - 1)
    if before & _NOUNS or before & {"request", "please", "c:wish"} or _goes_on(clause, that):
        return False
    return not (is_request(clause) and "c:direct" in _tags(clause, that.last))  # "we ask that you raise it to 60k"


def _goes_on(clause: Clause, that: Phrase) -> bool:
    """Whether it goes on with what an opening before states: "I confirm that it is signed and that it is 60k"."""
    reading, at = clause.reading, that.first - 1
    before = reading.phrase_at[at] if at > 0 else None
    if before is None or "and" not in before.tags:
        return False
    words = {reading.text.tokens[place].lower for place in range(that.first, that.last)}
    while at > 0 and reading.text.tokens[at].fold not in _ENDS:
        at -= 1
        if reading.text.tokens[at].lower in words:
            opening = reading.phrase_at[at]
            return opening is not None and "that" not in opening.tags
    return False


def _infinitives(clause: Clause) -> Iterator[int]:
    """The places of infinitives that act on a deal, and of those that nothing explains."""
    suffixes = clause.reading.vocabularies[0].lists.get("infinitive", ())
    if not suffixes:
        return
    for place in range(clause.first, clause.last):
        token = clause.reading.text.tokens[place]
        if len(token.fold) < _LEAST_LETTERS or not token.fold.endswith(suffixes):
            continue
        tags = _tags(clause, place)
        acts = bool(tags & _ACTS) or any(":" in tag and not tag.startswith("c:") for tag in tags)
        if acts or (place in clause.unknown and not token.capital):
            yield place


def _is_intended(clause: Clause, opened: int, act: int) -> bool:
    """Whether an infinitive stands behind words that make it a plan; alone, or allowed, it is an order."""
    phrase = clause.reading.phrase_at[act]
    start = phrase.first if phrase is not None else act
    if any(asked.first <= act for asked in clause.places("request", "please")):
        return False
    if any(":reject:" in tag or ":decline:" in tag for tag in _tags(clause, start - 1)):
        return True  # "recusamos passar"
    if _tags(clause, start - 1) & {"preposition", "c:before", "c:until"}:
        return not _tags(clause, start - 2) & {"ok", "yes"}  # "ok to extend"
    return any(place in clause.unknown or "is" in _tags(clause, place) for place in range(opened, start))


def _tags(clause: Clause, place: int) -> Tags:
    phrase = clause.reading.phrase_at[place] if clause.first <= place < clause.last else None
    return phrase.tags if phrase is not None else frozenset()
