"""Finds the known phrases in a row of tokens. Knows no meaning of what it finds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from bot.language.phrases import Key, spellings
from bot.language.text import Shape, Token

Tags = frozenset[str]
NONE: Tags = frozenset()
_PLACING = frozenset(
    {
        "c:to",
        "c:from",
        "c:in",
        "c:instead",
        "c:because",
        "c:rival",
        "c:rival_to",
        "c:now",
        "c:move",
        "c:more",
        "c:less",
    }
)
_TYPO_MIN_LETTERS = 6
_TYPO_MAX_LOOKUPS = 60


def _is_slip(word: str, target: str) -> bool:
    """Two letters swapped, one too many or one missing; another letter in place of one often is another word."""
    if OSA.distance(word, target, score_cutoff=1) != 1:
        return False
    return len(word) != len(target) or sorted(word) == sorted(target)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A known phrase found: tokens `first` up to, not including, `last`."""

    first: int
    last: int
    tags: Tags
    slip: bool = False  # a misspelt word, taken for the known one


class Lexicon:
    """The phrases of one language with their tags."""

    def __init__(self, entries: Mapping[Key, Iterable[str]]) -> None:
        self._exact: dict[str, Tags] = {}
        self._loose: dict[str, Tags] = {}  # without accents, only of phrases that have some
        self._reach: dict[str, int] = {}  # first word -> words in the longest phrase that it begins
        self._starred: list[tuple[Key, Tags]] = []
        self.words: set[str] = set()  # folded
        self.accented: set[str] = set()
        for key, tags in entries.items():
            self._add(key, frozenset(tags))
        self._typo_targets: dict[tuple[str, int], list[str]] = {}
        for word in self._exact.keys() | self._loose.keys():
            if len(word) >= _TYPO_MIN_LETTERS - 1 and " " not in word:
                self._typo_targets.setdefault((word[0], len(word)), []).append(word)

    def _add(self, key: Key, tags: Tags) -> None:
        phrase = " ".join(key)
        if "*" in phrase:
            self._starred.extend((spelling, tags) for spelling in {key, *spellings(key)})
            return
        self.accented.update(key)
        self._exact[phrase] = tags
        self._note(key)
        if phrase.isascii():
            return
        for spelling in spellings(key):
            loose = " ".join(spelling)
            self._loose[loose] = self._loose.get(loose, NONE) | tags
            self._note(spelling)

    def _note(self, key: Key) -> None:
        self.words.update(key)
        if len(key) > self._reach.get(key[0], 0):
            self._reach[key[0]] = len(key)

    def phrases(self) -> Iterator[tuple[str, Tags]]:
        """All phrases without a star, as they were written, with their tags."""
        yield from self._exact.items()

    def at(self, tokens: Sequence[Token], first: int, end: int) -> dict[int, Tags]:
        """All phrases that begin at a token, by where they end."""
        found: dict[int, Tags] = {}
        token = tokens[first]
        reach = max(self._reach.get(token.lower, 0), self._reach.get(token.fold, 0))
        if reach:
            lower, fold, ends = _row(tokens, first, end, reach)
            for count, stop in enumerate(ends, start=1):
                tags = self._exact.get(" ".join(lower[:count])) or self._loose.get(" ".join(fold[:count]))
                if tags is not None and not _splits_negation(tokens, stop):
                    found[stop] = tags
        for key, tags in self._starred:
            stop = _starred_end(key, tokens, first, end)
            if stop > first and stop not in found:
                found[stop] = tags
        return found

    def misspelt(self, word: str) -> str | None:
        """The one known word that a misspelt one stands for: one slip away, same first letter; None when unsure."""
        if len(word) < _TYPO_MIN_LETTERS:
            return None
        found: str | None = None
        for length in (len(word) - 1, len(word), len(word) + 1):
            for target in self._typo_targets.get((word[0], length), ()):
                if _is_slip(word, target):
                    if found is not None and self.tags_of(found) != self.tags_of(target):
                        return None
                    found = target
        return found

    def tags_of(self, word: str) -> Tags:
        """The tags of a single word."""
        return self._exact.get(word, NONE) | self._loose.get(word, NONE)


def _splits_negation(tokens: Sequence[Token], end: int) -> bool:
    """Whether an English "n't" would be cut off: "we won" is not said in "we won't"."""
    return end + 1 < len(tokens) and tokens[end].lower == "'" and tokens[end].glued and tokens[end + 1].lower == "t"


def _row(tokens: Sequence[Token], at: int, end: int, reach: int) -> tuple[list[str], list[str], list[int]]:
    """The next words, exact and folded, and where each ends; a hyphen between words without blanks is stepped over."""
    lower: list[str] = []
    fold: list[str] = []
    ends: list[int] = []
    place = at
    while place < end and len(ends) < reach:
        token = tokens[place]
        if token.shape is Shape.BREAK:
            break
        place += 1
        if ends and token.glued and token.lower in {"-", "'"}:
            continue
        lower.append(token.lower)
        fold.append(token.fold)
        ends.append(place)
    return lower, fold, ends


def _starred_end(key: Key, tokens: Sequence[Token], at: int, end: int) -> int:
    place = at
    for part in key:
        if place >= end:
            return at
        word = tokens[place].fold if part.isascii() else tokens[place].lower
        if not (word.startswith(part[:-1]) if part.endswith("*") else word == part):
            return at
        place += 1
    return place


def find_phrases(tokens: Sequence[Token], lexicons: Sequence[Lexicon], *, taken: Sequence[bool]) -> list[Phrase]:
    """The phrases that explain a text best: those that together cover most words in the longest pieces.

    Long pieces count by the square of their length, so that "we" + "lost it to" beats "we lost" + "it" + "to".

    Args:
        tokens: the whole text's tokens.
        lexicons: one a language, the main language first; a phrase of an earlier one hides the same of a later one.
        taken: tokens that are part of a name, a date or an amount and are left out.
    """
    slips: set[int] = set()
    candidates = _candidates(tokens, lexicons, taken, slips)
    best = [0] * (len(tokens) + 1)
    choice = [0] * len(tokens)
    for at in range(len(tokens) - 1, -1, -1):
        best[at], choice[at] = best[at + 1], at + 1
        for end in candidates[at]:
            score = (end - at) ** 2 + best[end]
            if score > best[at] or (score == best[at] and end > choice[at]):
                best[at], choice[at] = score, end
    found: list[Phrase] = []
    at = 0
    while at < len(tokens):
        end = choice[at]
        phrase = candidates[at].get(end)
        if phrase is not None:
            slip = end == at + 1 and at in slips
            found.append(Phrase(at, end, _with_inner(candidates, phrase, at, end), slip=slip))
        at = end
    return found


def _candidates(
    tokens: Sequence[Token], lexicons: Sequence[Lexicon], taken: Sequence[bool], slips: set[int]
) -> list[Mapping[int, Tags]]:
    """For every token the phrases that begin there, by where they end; a misspelt word stands for the known one, and
    its place is noted in `slips`."""
    ends = _free_until(taken)
    lookups = _TYPO_MAX_LOOKUPS
    candidates: list[Mapping[int, Tags]] = []
    for at, token in enumerate(tokens):
        found: dict[int, Tags] = {}
        if not taken[at] and token.shape is not Shape.BREAK:
            for lexicon in reversed(lexicons):
                found |= lexicon.at(tokens, at, ends[at])
            named = token.capital and at > 0 and tokens[at - 1].shape is Shape.WORD
            if not found and token.shape is Shape.WORD and lookups and not named:
                lookups -= 1
                found = _as_typo(token, lexicons[0], at)
                slips.update({at} if found else ())
        candidates.append(found)
    return candidates


def _with_inner(candidates: Sequence[Mapping[int, Tags]], tags: Tags, first: int, last: int) -> Tags:
    """A longer phrase that means something still speaks of what its words speak of ("registration for")."""
    if last - first < 2 or not any(":" in tag for tag in tags):  # noqa: PLR2004
        return tags
    inner: set[str] = set()
    for at in range(first, last):
        for end, found in candidates[at].items():
            if end <= last and (at, end) != (first, last):
                inner.update(tag for tag in found if tag.startswith("c:") and tag not in _PLACING)
    return tags | inner


def _as_typo(token: Token, lexicon: Lexicon, at: int) -> dict[int, Tags]:
    word = lexicon.misspelt(token.fold)
    return {at + 1: lexicon.tags_of(word)} if word is not None else {}


def _free_until(taken: Sequence[bool]) -> list[int]:
    """For every token the next taken one (or the end)."""
    ends = [len(taken)] * len(taken)
    stop = len(taken)
    for at in range(len(taken) - 1, -1, -1):
        if taken[at]:
            stop = at
        ends[at] = stop
    return ends
