"""The score that answers a survey, in digits or words, and the comment beside it. Guesses no number."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.domain.actions import AnyAction, Ask, Certainty, Score
from bot.language.datewords import date_words
from bot.language.doubts import is_light
from bot.language.mood import Mood
from bot.language.segments import Clause
from bot.language.text import Shape
from bot.language.view import View

_RANGES = {"nps": range(11), "csat": range(1, 6)}
_OUT_OF = re.compile(
    r"(?<![\d.,])(\d{1,3})\s?(?:/|\\|out of|of|von|sur|van de|van|de|su|sobre|em|op|op de|op een|uit)"
    r"\s?(?:5|10)(?![\d.,%])"
)
_PLAIN = re.compile(r"(?<![\d.,/+-])(-?\d{1,3})(?:\+|\b)(?![.,/]?\d|\s?%)")


def score(views: Sequence[View], survey: str) -> AnyAction:
    """The score of a survey with the rest of the words as its comment; asked when it is missing or out of range."""
    found = _scores(views)
    values = {value for value, _, _ in found}
    because = views[0].clause.words
    if len(values) != 1 or not values <= set(_RANGES.get(survey, range(11))):
        return Score(survey=survey, score=None, certainty=Certainty.ASK, ask=Ask.SCORE, because=because)
    value, start, end = found[0]
    return Score(
        survey=survey, score=value, comment=_comment(views, start, end), certainty=Certainty.APPLY, because=because
    )


def _scores(views: Sequence[View]) -> list[tuple[int, int, int]]:
    """Value and character span of every number that can be a score."""
    found: list[tuple[int, int, int]] = []
    for view in views:
        clause = view.clause
        if view.mood is Mood.DENIED and clause.phrases and "not" in clause.phrases[0].tags:
            continue  # "I cannot give you a 10"
        fold = clause.reading.text.fold[clause.start : clause.end]
        matches = list(_OUT_OF.finditer(fold)) or list(_PLAIN.finditer(fold))
        free = [m for m in matches if not _counts_something(clause, clause.start + m.end())]
        if not free or not clause.has("c:count"):
            matches = free  # else what is counted competes, and is asked: "of my 3 tickets 2 are open"
        found.extend(
            (int(m[1]), clause.start + m.start(), _with_points(clause, clause.start + m.end())) for m in matches
        )
        if not matches:
            found.extend(_spelled(clause))
    outright = [one for one in found if _OUT_OF.fullmatch(views[0].clause.reading.text.fold[one[1] : one[2]])]
    return outright or found


def _with_points(clause: Clause, end: int) -> int:
    """Where a score ends that a unit may follow: "7 points"."""
    tokens = clause.reading.text.tokens
    points = [phrase for phrase in clause.places("c:points") if 0 <= tokens[phrase.first].start - end <= 1]
    return tokens[points[0].last - 1].end if points else end


def _counts_something(clause: Clause, end: int) -> bool:
    """Whether a unit follows: "2 days" is no score, "4 stars" and "7 points" are."""
    tokens = clause.reading.text.tokens
    behind = next((place for place in range(clause.first, clause.last) if tokens[place].start >= end), None)
    if behind is None:
        return False
    phrase = clause.reading.phrase_at[behind]
    inside_length = any(one.start < end <= one.end and one.end > end for one in clause.lengths)
    return inside_length or (phrase is not None and "c:count" in phrase.tags and "c:points" not in phrase.tags)


def _spelled(clause: Clause) -> list[tuple[int, int, int]]:
    """Numbers written as words, from the vocabulary's date numbers ("nine")."""
    found: list[tuple[int, int, int]] = []
    tokens = clause.reading.text.tokens
    most = {phrase.first: phrase.last for phrase in clause.places("c:out_of") if phrase.last < clause.last}
    for vocabulary in clause.reading.vocabularies[:1]:
        numbers = date_words(vocabulary).numbers
        for place in range(clause.first, clause.last):
            token = tokens[place]
            if place in most.values():
                continue  # "six out of ten" says six
            phrase = clause.reading.phrase_at[place]
            little = phrase is not None and ("determiner" in phrase.tags or phrase.last - phrase.first > 1)  # "un po'"
            if token.fold in numbers and not little:
                end = tokens[most[place + 1]].end if place + 1 in most else token.end
                found.append((numbers[token.fold], token.start, end))
    return found


def _comment(views: Sequence[View], start: int, end: int) -> str | None:
    """What was said beside the score, when it says something."""
    text = views[0].clause.reading.text
    before = text.words(views[0].clause.start, start)
    after = text.words(end, views[-1].clause.end)
    after = re.sub(r"^[\s/\\]*(?:10|5)?[\s:;,.!–-]*", "", after)
    telling_after = any(view.clause.end > end and _tells(view.clause, end) for view in views)
    if telling_after:
        return after.strip(" .") if after.count(".") < 2 else after.strip()  # noqa: PLR2004
    tokens = text.tokens
    unknown = [at for view in views for at in view.clause.unknown if tokens[at].start < start]
    telling_before = len(unknown) > 1
    return before.strip(" .:,;–-") if telling_before else None


def _tells(clause: Clause, end: int) -> bool:
    tokens = clause.reading.text.tokens
    places = [p for p in range(clause.first, clause.last) if tokens[p].start >= end and tokens[p].shape is Shape.WORD]
    telling = [p for p in places if p in clause.unknown or not is_light(clause)]
    return len(telling) > 1 or any(place in clause.unknown for place in places)
