"""A reply as it was read: tokens with what is known of each. Decides nothing and cuts nothing.

Order matters and is this: names of deals and stages, dates, numbers, then the phrases of the vocabularies in what is
left.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from bot.language.amounts import NumberFound, find_numbers
from bot.language.case import Case
from bot.language.dates import DateFound, LengthFound, find_dates, month_first
from bot.language.dates import Reading as DateReading
from bot.language.deals import DealFound, DealNames
from bot.language.lexicon import Phrase, find_phrases
from bot.language.schema import Vocabulary
from bot.language.spans import Spans
from bot.language.stages import StageFound, StageNames, all_labels
from bot.language.text import Shape, Text

EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_ADDRESS = re.compile(r"https?://\S+|www\.\S+|" + EMAIL.pattern)
_Found = TypeVar("_Found", NumberFound, DateFound | LengthFound)
_PHONE = re.compile(
    r"(?<![\w.,])(?:\+\d[\d ()/.-]{6,}\d|\(?0\d[\d ()/-]{5,}\d|\d{3}[-/ ]\d{3}[-/ ]\d{4}|\d{3}-\d{4})(?![\w])"
)
_TIME = re.compile(r"(?<![\w.,:])(?:\d{1,2}:\d{2}(?: ?[ap]m)?|\d{1,2} ?(?:am|pm|uhr|uur)|\d{1,2}h(?:[0-5]\d)?)(?![\w])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What stands in a reply. `taken` marks the tokens that belong to a name, date, number or address."""

    case: Case
    text: Text
    vocabularies: Sequence[Vocabulary]
    deals: Sequence[DealFound]
    stages: Sequence[StageFound]
    dates: Sequence[DateFound | LengthFound]
    numbers: Sequence[NumberFound]
    phrases: Sequence[Phrase]
    taken: Sequence[bool]
    phrase_at: Sequence[Phrase | None]

    @property
    def language(self) -> str:
        """The code of the main language."""
        return self.vocabularies[0].code


def read(case: Case, text: Text, vocabularies: Sequence[Vocabulary]) -> Reading:
    """Reads a cleaned text with the vocabularies of its languages, the main one first."""
    tokens = text.tokens
    ordinary = frozenset().union(*(vocabulary.lexicon.words for vocabulary in vocabularies))
    spans = Spans(len(text.raw), (match.span() for match in _ADDRESS.finditer(text.fold)))
    deals = [
        found
        for found in DealNames(case.deals).find(text, ordinary=ordinary)
        if not spans.overlaps(tokens[found.first].start, tokens[found.last - 1].end)
    ]
    for deal in deals:
        spans.add(tokens[deal.first].start, tokens[deal.last - 1].end)
    how = DateReading(case.today, month_first(case.speaker.locale))
    dates = [one for one in find_dates(text.fold, vocabularies, how) if not spans.overlaps(one.start, one.end)]
    wished = _polite(text, vocabularies, dates)
    dates = [one for one in dates if one not in wished]
    for one in dates:
        spans.add(one.start, one.end)
    for pattern in (_PHONE, _TIME):
        for match in pattern.finditer(text.fold):
            if not spans.overlaps(*match.span()):
                spans.add(*match.span())
    numbers = find_numbers(text.fold, vocabularies, locale=case.speaker.locale, taken=spans)
    polite = _polite(text, vocabularies, [one for one in numbers if _is_spelled(text, one)])
    for courtesy in polite:
        spans.free(courtesy.start, courtesy.end)
    numbers = [number for number in numbers if number not in polite]
    taken = [token.shape is not Shape.BREAK and spans.overlaps(token.start, token.end) for token in tokens]
    stages = StageNames([*all_labels(case.stages), *_other_labels(case, vocabularies)]).find(text, taken=taken)
    named = _with_labels(text, vocabularies, taken, stages)
    phrases = find_phrases(tokens, [vocabulary.lexicon for vocabulary in vocabularies], taken=named)
    phrase_at: list[Phrase | None] = [None] * len(tokens)
    for phrase in phrases:
        phrase_at[phrase.first : phrase.last] = [phrase] * (phrase.last - phrase.first)
    return Reading(
        case=case,
        text=text,
        vocabularies=vocabularies,
        deals=deals,
        stages=stages,
        dates=dates,
        numbers=numbers,
        phrases=phrases,
        taken=taken,
        phrase_at=phrase_at,
    )


def _with_labels(
    text: Text, vocabularies: Sequence[Vocabulary], taken: Sequence[bool], stages: Sequence[StageFound]
) -> list[bool]:
    """What is taken together with whole labels of several words: "Close" in "Close & Disburse" closes nothing. A
    label that is a thing of its own ("deal registration") stays open."""
    named = list(taken)
    for stage in stages:
        words = " ".join(token.lower for token in text.tokens[stage.first : stage.last])
        thing = any(tag.startswith("c:") for v in vocabularies for tag in v.lexicon.tags_of(words))
        if stage.whole and stage.last - stage.first > 1 and not thing:
            named[stage.first : stage.last] = [True] * (stage.last - stage.first)
    return named


def _is_spelled(text: Text, number: NumberFound) -> bool:
    return not any(sign.isdigit() for sign in text.fold[number.start : number.end])


def _polite(text: Text, vocabularies: Sequence[Vocabulary], found: Sequence[_Found]) -> list[_Found]:
    """The sums and dates that belong to thanks, an apology or a goodbye: "mil gracias", "have a good Friday"."""
    if not found:
        return []
    free = [False] * len(text.tokens)
    phrases = find_phrases(text.tokens, [vocabulary.lexicon for vocabulary in vocabularies], taken=free)
    spans = [
        (text.tokens[phrase.first].start, text.tokens[phrase.last - 1].end)
        for phrase in phrases
        if phrase.tags & {"thanks", "closer", "signoff", "greeting"}
    ]
    return [one for one in found if any(start <= one.start and one.end <= end for start, end in spans)]


def _other_labels(case: Case, vocabularies: Sequence[Vocabulary]) -> list[str]:
    """Labels of the usual motions that this case does not list: named, they are another motion's stages."""
    here = {label.lower() for label in all_labels(case.stages)}
    labels = dict.fromkeys(label for vocabulary in vocabularies for label in vocabulary.stages)
    return [label for label in labels if label.lower() not in here]
