"""Tells what of a reply is only its frame: greeting, sign-off, signature, quoted lines. Never needs one to be there."""

from __future__ import annotations

from collections.abc import Iterator

from bot.language.normalise import name_key
from bot.language.reading import Reading
from bot.language.text import Shape

_GREETED_AT_MOST = 4
_CARD_LINES = 8
_CARD_LINE_WORDS = 12
_NAME_WORDS = 4


def dropped(reading: Reading) -> list[bool]:
    """For every token, whether it belongs to the frame."""
    return _Frame(reading).drop()


class _Frame:
    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._tokens = reading.text.tokens
        self._gone = [False] * len(self._tokens)
        speaker = reading.case.speaker
        self._names = {name_key(word) for word in speaker.name.replace(".", " ").split()}
        self._org = {name_key(word) for word in speaker.org.replace(".", " ").split()}

    def drop(self) -> list[bool]:
        lines = list(self._lines())
        self._quotes(lines)
        self._closing_lines(lines)
        self._thanked()
        self._last_words()
        self._greetings([line for line in lines if not self._gone[line[0]]][:2])
        return self._gone

    def _lines(self) -> Iterator[tuple[int, int]]:
        first = 0
        for place in range(len(self._tokens) + 1):
            if place == len(self._tokens) or self._tokens[place].shape is Shape.BREAK:
                if place > first:
                    yield first, place
                first = place + 1

    def _mark(self, first: int, last: int) -> None:
        self._gone[first:last] = [True] * (last - first)

    def _quotes(self, lines: list[tuple[int, int]]) -> None:
        """Lines that a mail program or Slack has marked as somebody else's, and all behind `-- `."""
        raw = self._reading.text.raw
        for first, last in lines:
            line = raw[self._tokens[first].start : self._tokens[last - 1].end]
            if line in {"--", "—"} or line.startswith(("-----", "_____")):
                self._mark(first, len(self._tokens))
                return
            if line.startswith((">", "|>")):
                self._mark(first, last)

    def _closing_lines(self, lines: list[tuple[int, int]]) -> None:
        """A sign-off line, or the writer's own name, and the card below it; a postscript is kept."""
        for number, (first, last) in enumerate(lines):
            if self._gone[first]:
                continue
            signs_off = self._signs_off(first, last) and (number > 0 or not self._begins_with(first, "greeting"))
            if not signs_off and not (number and self._is_own_name(first, last)):
                continue
            rest = lines[number + 1 :]
            if not signs_off and any(not self._is_card(line) for line in rest):
                continue
            self._mark(first, last)
            for start, end in rest[:_CARD_LINES]:
                if self._begins_with(start, "postscript"):
                    return
                self._mark(start, end)

    def _signs_off(self, first: int, last: int) -> bool:
        phrase = self._reading.phrase_at[first]
        if phrase is None or "signoff" not in phrase.tags:
            return False
        return self._only_names(phrase.last, last, at_most=_NAME_WORDS)

    def _only_names(self, first: int, last: int, *, at_most: int) -> bool:
        """Whether nothing but the writer's name, unknown capitalised words and signs stand there."""
        words = 0
        for place in range(first, last):
            token, phrase = self._tokens[place], self._reading.phrase_at[place]
            if token.shape is Shape.SIGN:
                continue
            if token.shape is Shape.NUMBER or self._reading.taken[place]:
                return False
            words += 1
            own = name_key(token.fold) in self._names | self._org
            framing = phrase is not None and not phrase.tags.isdisjoint({"signoff", "name", "thanks", "and"})
            if not (own or framing or (token.capital and phrase is None) or len(token.fold) == 1):
                return False
        return words <= at_most

    def _is_own_name(self, first: int, last: int) -> bool:
        words = [token for token in self._tokens[first:last] if token.shape is not Shape.SIGN]
        return (
            0 < len(words) <= _NAME_WORDS
            and any(name_key(word.fold) in self._names for word in words)
            and all(name_key(word.fold) in self._names | self._org or len(word.fold) == 1 for word in words)
        )

    def _is_card(self, line: tuple[int, int]) -> bool:
        first, last = line
        return self._gone[first] or last - first <= 3 * _CARD_LINE_WORDS

    def _begins_with(self, place: int, tag: str) -> bool:
        phrase = self._reading.phrase_at[place]
        return phrase is not None and tag in phrase.tags

    def _thanked(self) -> None:
        """The name behind thanks: "Thanks Robin, …"."""
        for phrase in self._reading.phrases:
            if "thanks" not in phrase.tags:
                continue
            last = phrase.last
            while last < min(len(self._tokens), phrase.last + 2) and self._is_unknown_name(last):
                last += 1
            if last == len(self._tokens) or self._tokens[last].fold in {",", "!", ".", "\n", "–", "-", ":"}:
                self._mark(phrase.last, last)

    def _is_unknown_name(self, place: int) -> bool:
        token = self._tokens[place]
        unknown = self._reading.phrase_at[place] is None and not self._reading.taken[place]
        return token.shape is Shape.WORD and token.capital and unknown

    def _last_words(self) -> None:
        """A sign-off at the end of the last line: "…, lg Nico", "Thanks, Tom", or the bare name."""
        last = len(self._tokens)
        while last and (self._gone[last - 1] or self._tokens[last - 1].shape is Shape.BREAK):
            last -= 1
        if not self._farewell(last):
            self._last_name(last)

    def _farewell(self, last: int) -> bool:
        """Whether a sign-off, or thanks with a name, ends at `last`; drops it (the thanks stay)."""
        for phrase in reversed(self._reading.phrases):
            if phrase.first >= last:
                continue
            if phrase.last < last - 2 * _NAME_WORDS:
                return False
            ends = not phrase.tags.isdisjoint({"signoff", "thanks"})
            if ends and self._only_names(phrase.last, last, at_most=_NAME_WORDS):
                named = any(token.shape is Shape.WORD for token in self._tokens[phrase.last : last])
                if "signoff" in phrase.tags or named:
                    self._mark(phrase.first if "signoff" in phrase.tags else phrase.last, last)
                    return True
        return False

    def _last_name(self, last: int) -> None:
        """The writer's own name behind the last sign."""
        first = last
        while first and last - first < _NAME_WORDS and self._is_sign_or_own_name(first - 1):
            first -= 1
        while first < last and self._tokens[first].shape is Shape.SIGN:
            first += 1
        before = self._tokens[first - 1] if first else None
        if first < last and before is not None and before.shape is not Shape.WORD:
            self._mark(first, last)

    def _is_sign_or_own_name(self, place: int) -> bool:
        token = self._tokens[place]
        return token.shape is Shape.SIGN or (token.shape is Shape.WORD and name_key(token.fold) in self._names)

    def _greetings(self, lines: list[tuple[int, int]]) -> None:
        """A greeting and whom it greets, at the beginning of one of the first two lines."""
        for first, last in lines:
            place = first
            while place < last and self._begins_with(place, "greeting"):
                phrase = self._reading.phrase_at[place]
                assert phrase is not None  # noqa: S101 - _begins_with has seen it
                place = self._greeted(phrase.last, last)
                self._mark(first, place)

    def _greeted(self, first: int, last: int) -> int:
        """Where the greeting ends: at a sign behind a few names, else behind names that are certain."""
        for place in range(first, min(last, first + _GREETED_AT_MOST + 1)):
            token = self._tokens[place]
            if token.shape is Shape.SIGN and token.fold in ",!.:;–-":
                return place + 1
            if self._reading.taken[place] or not self._may_be_greeted(place):
                return self._certain_names(first, place)
        reached = min(last, first + _GREETED_AT_MOST + 1)
        return reached if reached == last else self._certain_names(first, reached)

    def _may_be_greeted(self, place: int) -> bool:
        phrase = self._reading.phrase_at[place]
        tags = phrase.tags if phrase is not None else frozenset()
        return phrase is None or not tags.isdisjoint({"name", "filler", "determiner", "greeting", "and"})

    def _certain_names(self, first: int, last: int) -> int:
        """Behind names that are certain; an unknown one only when a deal's name follows ("Hi Priya Acme is …")."""
        place = first
        while place < last and self._begins_with(place, "name"):
            place += 1
        unknown = place < last and self._tokens[place].capital and self._reading.phrase_at[place] is None
        if unknown and place + 1 < len(self._tokens) and self._reading.taken[place + 1]:
            place += 1
        return place
