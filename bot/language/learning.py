"""What can be learnt from words that a partner confirmed or corrected: the phrase without names and values.

Keeps nothing by which a person, a company or a sum could be told; what it does not know to be a plain word and is
written like a name is masked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.domain.actions import AnyAction, Set
from bot.language.case import Case
from bot.language.codec import action_to_json
from bot.language.datefound import DateFound
from bot.language.detect import languages
from bot.language.normalise import clean
from bot.language.reading import Reading, read
from bot.language.schema import Vocabulary
from bot.language.text import Shape, Text
from bot.language.vocabulary import default

MAX_CHARS = 160
SLOTS = ("deal", "stage", "date", "length", "amount", "number", "name", "address")


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """A phrase in lower case with its names and values as slots ("{deal} is in the bag"), its language (ISO 639),
    and the kind of action that it led to ("won", "set close_date")."""

    language: str
    kind: str
    words: str


def learnt(action: AnyAction, case: Case, vocabularies: Sequence[Vocabulary] | None = None) -> Learnt | None:
    """What the words behind an action teach; None when no word is left once names and values are masked."""
    text = Text(clean(action.because, channel=case.channel))
    if not text.tokens or len(text.raw) > MAX_CHARS:
        return None
    spoken = tuple(vocabularies) if vocabularies is not None else default()
    _, order = languages(text, case.speaker.locale, spoken)
    reading = read(replace(case, text=action.because), text, order)
    words = " ".join("".join(_masked(reading)).split()).strip(" .,;:!-")
    if not any(Text(part).tokens for part in _without_slots(words).split()):
        return None
    return Learnt(language=order[0].code, kind=kind_of(action), words=words)


def kind_of(action: AnyAction) -> str:
    """The action's name in `offportal explain`, with the field that it sets."""
    does = str(action_to_json(action)["do"])
    return f"{does} {action.field.value}" if isinstance(action, Set) else does


def _without_slots(words: str) -> str:
    for slot in SLOTS:
        words = words.replace(f"{{{slot}}}", " ")
    return words


def _masked(reading: Reading) -> Iterator[str]:
    """The text's pieces, each slot once where several of its tokens stand in a row."""
    before, end = "", 0
    for place, token in enumerate(reading.text.tokens):
        slot = _slot(reading, place)
        if not slot or slot != before:
            yield reading.text.raw[end : token.start].replace("{", " ").replace("}", " ")
            yield f"{{{slot}}}" if slot else "" if token.lower in {"{", "}"} else token.lower
        before, end = slot, token.end


def _slot(reading: Reading, place: int) -> str:
    """What stands at a token that must not be kept; empty for a plain word."""
    token = reading.text.tokens[place]
    for slot, found in (("deal", reading.deals), ("stage", reading.stages)):
        if any(one.first <= place < one.last for one in found):
            return slot
    for one in reading.dates:
        if one.start <= token.start < one.end:
            return "date" if isinstance(one, DateFound) else "length"
    if any(one.start <= token.start < one.end for one in reading.numbers):
        return "amount"
    if reading.taken[place]:
        return "address"
    if token.shape is Shape.NUMBER:
        return "number"
    return "name" if token.shape is Shape.WORD and _is_name(reading, place) else ""


def _is_name(reading: Reading, place: int) -> bool:
    token, phrase = reading.text.tokens[place], reading.phrase_at[place]
    speaker = reading.case.speaker
    if token.fold in {one.fold for one in Text(f"{speaker.name} {speaker.org}").tokens}:
        return True
    return "name" in phrase.tags if phrase is not None else token.capital
