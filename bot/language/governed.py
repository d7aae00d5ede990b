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
_BEFORE_A_NOUN = frozenset({"preposition", "about_deal", "and", "but", "c:closing", "c:move", "c:because"})
_LEAST_LETTERS = 4
_NEAR = 3  # words between "before" and the date that it counts to
_ENDS = frozenset(".!?;")


def is_governed(clause: Clause, first: int, last: int) -> bool:
    """Whether words before the carriers (tokens `first` to `last`) make them something said, thought or intended."""
    if any(_opens(clause, phrase) for phrase in clause.places("that") if phrase.first < first):
        return True
    if any(_comes_later(clause, phrase) for phrase in clause.places("c:ere") if phrase.last <= first):
        return True
    tokens = clause.reading.text.tokens
    opened = max((at + 1 for at in range(clause.first, last) if tokens[at].fold == ":"), default=clause.first)
    if any(_is_intended(clause, opened, act) for act in _infinitives(clause) if opened <= act <= last):
        return True
    return _is_opened_by_a_word(clause)


def _opens(clause: Clause, that: Phrase) -> bool:
    """Whether a "that" opens what is told; behind a noun it only describes it ("the value that we agreed"), and behind
    a request it asks for it."""
    before = _tags(clause, that.first - 1)
    if "determiner" in that.tags and (that.first == clause.first or before & _BEFORE_A_NOUN):
        return False  # "that is right", "on that deal"; of languages whose "that" also points
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


def _comes_later(clause: Clause, ere: Phrase) -> bool:
    """Whether a "before" or "until" counts to what is told and not to a date: "before Acme moved to Transact"."""
    near = range(ere.last, min(ere.last + _NEAR, clause.last))
    return not any(clause.reading.text.place(start) in near for start, _ in clause.spans_of_time)


def _is_opened_by_a_word(clause: Clause) -> bool:
    """Whether a word of its own opens an infinitive, and nobody asks for it: "to extend", "auf 60k zu erhöhen"."""
    lexicon, tokens = clause.reading.vocabularies[0].lexicon, clause.reading.text.tokens
    for phrase in clause.phrases:
        if phrase.tags & {"c:move", "c:back", "ok", "yes"} or any(
            asked.first <= phrase.first for asked in clause.places("request", "please")
        ):
            continue  # "moved on to", "ok to extend"
        first, last = (lexicon.tags_of(tokens[at].lower) for at in (phrase.first, phrase.last - 1))
        inside = "c:to_do" in first and phrase.last - phrase.first > 1 and _acts(phrase.tags)  # "zu verlängern"
        if (inside or ("c:to_do" in last and _acts(_tags(clause, phrase.last)))) and not _tags(
            clause, phrase.first - 1
        ) & {"ok", "yes"}:
            return True
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
        if _acts(_tags(clause, place)) or (place in clause.unknown and not token.capital):
            yield place


def _acts(tags: Tags) -> bool:
    return bool(tags & _ACTS) or any(
        ":" in tag and not tag.startswith(("c:", "stage:")) and "_stage:" not in tag for tag in tags
    )


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
