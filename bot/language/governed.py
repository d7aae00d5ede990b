"""Whether what carries an action is only spoken of: "they think that …", "the plan is to …". Takes no verb on trust.

What stands before a word like "that" decides whether the rest is a fact, and so does what stands before an infinitive.
A vocabulary lists the openings that state it ([guard] tells: "I confirm that"); behind any other one it is shown first.
"""

from __future__ import annotations

from bot.language.guards import is_request
from bot.language.lexicon import Phrase, Tags
from bot.language.segments import Clause

_NOUNS = frozenset(
    {"c:value", "c:closing", "c:deal", "c:contract", "c:registration", "c:them", "c:stage", "c:document", "name"}
)
_ACTS = frozenset({"c:direct", "c:move", "c:change", "c:closing", "c:signing"})
_LEAST_LETTERS = 4


def is_governed(clause: Clause, first: int, last: int) -> bool:
    """Whether words before the carriers (tokens `first` to `last`) make them something said, thought or intended."""
    return any(_opens(clause, phrase) for phrase in clause.places("that") if phrase.first < first) or any(
        _is_intended(clause, phrase) for phrase in clause.phrases if phrase.first <= last
    )


def _opens(clause: Clause, that: Phrase) -> bool:
    """Whether a "that" opens what is told; behind a noun it only describes it ("the value that we agreed")."""
    if _tags(clause, that.first - 1) & _NOUNS:
        return False
    return not (is_request(clause) and "c:direct" in _tags(clause, that.last))  # "we ask that you raise it to 60k"


def _is_intended(clause: Clause, act: Phrase) -> bool:
    """Whether an infinitive stands behind words that make it a plan; alone, or asked for, it is an order."""
    if is_request(clause) or not (act.tags & _ACTS or any(":" in t and not t.startswith("c:") for t in act.tags)):
        return False
    suffixes = clause.reading.vocabularies[0].lists.get("infinitive", ())
    words = [clause.reading.text.tokens[place].fold for place in range(act.first, act.last)]
    if not any(len(word) >= _LEAST_LETTERS and word.endswith(suffixes) for word in words):
        return False
    before = range(clause.first, act.first)
    return "preposition" in _tags(clause, act.first - 1) or any(
        place in clause.unknown or "is" in _tags(clause, place) for place in before
    )


def _tags(clause: Clause, place: int) -> Tags:
    phrase = clause.reading.phrase_at[place] if clause.first <= place < clause.last else None
    return phrase.tags if phrase is not None else frozenset()
