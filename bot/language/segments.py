"""Cuts a reading into sentences and clauses. Drops greeting, sign-off and quoted lines; loses no other word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.language.amounts import Kind, NumberFound
from bot.language.dates import DateFound, LengthFound
from bot.language.deals import DealFound
from bot.language.lexicon import Phrase, Tags
from bot.language.reading import Reading
from bot.language.stages import StageFound
from bot.language.text import Shape

_ENDS = frozenset(".!?…")
_CUTS = frozenset(",;()[]–\u2022|")
_SOFT_WRAP = 50


@dataclass(eq=False)
class Clause:
    """Tokens `first` up to, not including, `last` of a reading, with all that stands in them."""

    reading: Reading
    first: int
    last: int
    sentence: int
    line: int
    asked: bool = False  # its sentence ends with a question mark
    after_but: bool = False

    @cached_property
    def phrases(self) -> list[Phrase]:
        """The known phrases in the clause."""
        return [phrase for phrase in self.reading.phrases if self.first <= phrase.first < self.last]

    @cached_property
    def tags(self) -> Tags:
        """All tags of its phrases; `c:named`, `c:date`, `c:length` when such a value stands in it."""
        values = (("c:named", self.deals), ("c:date", self.dates), ("c:length", self.lengths))
        own = [tag for tag, found in values if found]
        return frozenset([*own, *(tag for phrase in self.phrases for tag in phrase.tags)])

    def has(self, *tags: str) -> bool:
        """Whether any of the tags stands in the clause."""
        return not self.tags.isdisjoint(tags)

    def places(self, *tags: str) -> list[Phrase]:
        """The phrases that carry any of the tags."""
        return [phrase for phrase in self.phrases if not phrase.tags.isdisjoint(tags)]

    @property
    def start(self) -> int:
        """The first character."""
        return self.reading.text.tokens[self.first].start

    @property
    def end(self) -> int:
        """The character behind the last one."""
        return self.reading.text.tokens[self.last - 1].end

    @property
    def words(self) -> str:
        """The partner's own words."""
        return self.reading.text.words(self.start, self.end)

    @cached_property
    def dates(self) -> list[DateFound]:
        """The dates in it."""
        return [one for one in self.reading.dates if self.start <= one.start < self.end and isinstance(one, DateFound)]

    @cached_property
    def lengths(self) -> list[LengthFound]:
        """The lengths of time in it."""
        return [
            one for one in self.reading.dates if self.start <= one.start < self.end and isinstance(one, LengthFound)
        ]

    @property
    def spans_of_time(self) -> list[tuple[int, int]]:
        """First and last character of every date and length of time in it."""
        return [*((one.start, one.end) for one in self.dates), *((one.start, one.end) for one in self.lengths)]

    @cached_property
    def numbers(self) -> list[NumberFound]:
        """The numbers in it."""
        return [one for one in self.reading.numbers if self.start <= one.start < self.end]

    @cached_property
    def deals(self) -> list[DealFound]:
        """The deals named in it."""
        return [one for one in self.reading.deals if self.first <= one.first < self.last]

    @cached_property
    def stages(self) -> list[StageFound]:
        """The stage labels in it."""
        return [one for one in self.reading.stages if self.first <= one.first < self.last]

    @cached_property
    def unknown(self) -> list[int]:
        """The places of words that nothing explains: no phrase, no name, no date, no number."""
        stages = {place for stage in self.stages for place in range(stage.first, stage.last)}
        return [
            place
            for place in range(self.first, self.last)
            if self.reading.text.tokens[place].shape is Shape.WORD
            and not self.reading.taken[place]
            and self.reading.phrase_at[place] is None
            and place not in stages
        ]

    @property
    def has_trigger(self) -> bool:
        """Whether a word stands in it that can mean an action."""
        return any(":" in tag and not tag.startswith("c:") for tag in self.tags)

    @property
    def has_slot(self) -> bool:
        """Whether a value stands in it that some field could take."""
        return bool(self.dates or self.lengths or self.stages or any(n.kind is not Kind.CURRENCY for n in self.numbers))


def cut(reading: Reading, dropped: Sequence[bool]) -> list[Clause]:
    """The clauses of a reading in order; `dropped` are the tokens of greeting, sign-off and quotes."""
    clauses: list[Clause] = []
    for number, (line, first, last) in enumerate(_sentences(reading, dropped)):
        asked = any(reading.text.tokens[place].fold == "?" for place in range(max(first, last - 3), last))
        for start, end, after_but in _clauses(reading, first, last):
            if any(_counts(reading, place) for place in range(start, end)):
                clauses.append(
                    Clause(reading, start, end, sentence=number, line=line, asked=asked, after_but=after_but)
                )
    return clauses


def _counts(reading: Reading, place: int) -> bool:
    return reading.text.tokens[place].shape in {Shape.WORD, Shape.NUMBER} or reading.phrase_at[place] is not None


def _sentences(reading: Reading, dropped: Sequence[bool]) -> Iterator[tuple[int, int, int]]:
    """Line number and token range of every sentence."""
    tokens = reading.text.tokens
    line, first = 0, 0
    for place in range(len(tokens) + 1):
        if place < len(tokens) and not dropped[place] and not _ends_sentence(reading, place):
            continue
        end = place + 1 if place < len(tokens) and tokens[place].fold in _ENDS and not dropped[place] else place
        if end > first:
            yield line, first, end
        first = place + 1
        if place < len(tokens) and tokens[place].shape is Shape.BREAK:
            line += 1


def _ends_sentence(reading: Reading, place: int) -> bool:
    tokens = reading.text.tokens
    token = tokens[place]
    if token.shape is Shape.BREAK:
        return not _wrapped(reading, place)
    if reading.taken[place] or token.shape is not Shape.SIGN:
        return False
    following = tokens[place + 1] if place + 1 < len(tokens) else None
    if token.fold in _ENDS:
        if following is not None and following.fold in _ENDS and following.glued:
            return False  # the last of "?!" or "..." ends it
        return token.fold != "." or not _abbreviation(reading, place)
    return not token.fold.isascii() and _pictograph(token.fold) and following is not None


def _pictograph(sign: str) -> bool:
    return ord(sign) >= 0x2600 and not 0x3000 <= ord(sign) < 0xA000  # noqa: PLR2004 - dingbats, emoji


def _abbreviation(reading: Reading, place: int) -> bool:
    tokens = reading.text.tokens
    if place == 0:
        return False
    before = tokens[place - 1]
    following = tokens[place + 1] if place + 1 < len(tokens) else None
    if following is not None and following.glued and following.shape is not Shape.SIGN:
        return True  # v2.0, b.v.
    goes_on = following is not None and following.shape is Shape.WORD and not following.capital
    if before.shape is Shape.NUMBER and goes_on:
        return True  # am 20. unterschrieben
    if before.shape is Shape.WORD and len(before.fold) == 1 and before.fold not in {"i", "k", "m"}:
        return True
    if before.fold == "m" and before.capital and following is not None and following.capital and not before.glued:
        return all(token.shape is not Shape.NUMBER for token in tokens[: place - 1][-1:])  # not "3 M."
    known = {word for vocabulary in reading.vocabularies for word in vocabulary.lists.get("abbreviations", ())}
    return before.fold in known and following is not None and following.shape is not Shape.BREAK


def _wrapped(reading: Reading, place: int) -> bool:
    """Whether a line end is a mail program's and not the writer's: a long line goes on in lower case."""
    tokens = reading.text.tokens
    if place == 0 or place + 1 >= len(tokens):
        return False
    before, following = tokens[place - 1], tokens[place + 1]
    raw = reading.text.raw
    line = raw.rfind("\n", 0, tokens[place].start) + 1
    return (
        tokens[place].start - line > _SOFT_WRAP
        and before.fold not in _ENDS | {":", ";"}
        and following.shape is not Shape.SIGN
        and following.shape is not Shape.BREAK
        and not following.capital
    )


def _clauses(reading: Reading, first: int, last: int) -> Iterator[tuple[int, int, bool]]:
    """Cut at signs, at "but", and at "and" when both sides carry something."""
    start, after_but, place = first, False, first
    inside = {at for stage in reading.stages for at in range(stage.first + 1, stage.last - 1)}
    while place < last:
        phrase = reading.phrase_at[place]
        if place in inside:
            place += 1
            continue
        if phrase is not None and phrase.first == place and "but" in phrase.tags and not _is_particle(reading, phrase):
            yield start, place, after_but
            start, after_but, place = phrase.last, True, phrase.last
            continue
        joins = phrase is not None and phrase.first == place and "and" in phrase.tags
        if (
            joins
            and not _lists_deals(reading, place, last)
            and _carries(reading, start, place)
            and _carries(reading, place + 1, _until_sign(reading, place + 1, last))
        ) or _is_cut(reading, place):
            yield start, place, after_but
            start, after_but = place + 1, False
        place += 1
    yield start, last, after_but


def _is_particle(reading: Reading, but: Phrase) -> bool:
    """Whether a "but" only softens a separable verb: "keur maar goed", "trek de registratie maar in"."""
    tokens, tags = reading.text.tokens, reading.phrase_at
    if but.last >= len(tokens) or (but.first and tokens[but.first - 1].shape is Shape.SIGN):
        return False
    following = tags[but.last]
    if following is None or "c:particle" not in following.tags:
        return False
    behind = but.last + 1
    if behind >= len(tokens) or tokens[behind].shape is not Shape.WORD:
        return True
    after = tags[behind]
    return after is not None and bool(after.tags & {"preposition", "please"}) and not reading.taken[behind]


def _lists_deals(reading: Reading, place: int, last: int) -> bool:
    """Whether an "and" only stands between two deals that the same is said of: "extend Acme and Globex by a month"."""
    behind = next((deal for deal in reading.deals if place < deal.first <= place + 2), None)
    if behind is None or not any(deal.last == place for deal in reading.deals):
        return False
    rest = Clause(reading, behind.last, _until_sign(reading, behind.last, last), sentence=0, line=0)
    if rest.first >= rest.last:
        return True
    little = {"filler", "please", "preposition"}
    says = any(
        phrase.tags & {"is", "c:move", "c:value", "c:closing", "c:has", "c:change", "not", "maybe"}
        or (any(":" in tag for tag in phrase.tags) and not phrase.tags & little)
        for phrase in rest.phrases
    )
    return not (says or rest.numbers or rest.stages or rest.unknown)


def _until_sign(reading: Reading, place: int, last: int) -> int:
    while place < last and not _is_cut(reading, place):
        place += 1
    return place


def _is_cut(reading: Reading, place: int) -> bool:
    tokens = reading.text.tokens
    if reading.taken[place] or tokens[place].shape is not Shape.SIGN:
        return False
    if reading.phrase_at[place] is not None:
        return False
    sign = tokens[place].fold
    if sign in _CUTS:
        return True
    if sign == "." and not _abbreviation(reading, place):
        return True
    following = tokens[place + 1] if place + 1 < len(tokens) else None
    return sign == "-" and not (tokens[place].glued and following is not None and following.glued)


def _carries(reading: Reading, first: int, last: int) -> bool:
    """Whether a part would mean something by itself: it holds a value or a trigger."""
    if first >= last:
        return False
    clause = Clause(reading, first, last, sentence=0, line=0)
    return clause.has_slot or clause.has_trigger
