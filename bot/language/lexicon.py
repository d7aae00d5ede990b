"""Finds the known phrases in a row of tokens: the longest at each place. Knows no meaning of what it finds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
    typo: bool = False


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
        for word in self.words:
            if len(word) >= _TYPO_MIN_LETTERS - 1:
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

    def longest(self, tokens: Sequence[Token], at: int, end: int) -> tuple[int, Tags]:
        """How far the longest phrase from `at` reaches (`at` when there is none), and its tags."""
        reach = max(self._reach.get(tokens[at].lower, 0), self._reach.get(tokens[at].fold, 0))
        best, tags = at, NONE
        if reach:
            lower, fold, ends = _row(tokens, at, end, reach)
            for count in range(len(ends), 0, -1):
                found = self._exact.get(" ".join(lower[:count])) or self._loose.get(" ".join(fold[:count]))
                if found is not None:
                    best, tags = ends[count - 1], found
                    break
        for key, starred in self._starred:
            stop = _starred_end(key, tokens, at, end)
            if stop > best:
                best, tags = stop, starred
        return best, tags

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


def find_phrases(
    tokens: Sequence[Token], lexicons: Sequence[Lexicon], *, taken: Sequence[bool], typos: bool = True
) -> list[Phrase]:
    """All phrases from left to right, the longest first, ties to the earlier lexicon.

    Args:
        tokens: the whole text's tokens.
        lexicons: one a language, the main language first.
        taken: tokens that are part of a name, a date or an amount and are left out.
        typos: also read words that are one slip away from a known one.
    """
    found: list[Phrase] = []
    ends = _free_until(taken)
    lookups = _TYPO_MAX_LOOKUPS
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if taken[at] or token.shape is Shape.BREAK:
            at += 1
            continue
        end, tags = _best(tokens, lexicons, at, ends[at])
        typo = False
        if end == at and typos and token.shape is Shape.WORD and lookups:
            lookups -= 1
            end, tags = _as_typo(token, lexicons, at)
            typo = end > at
        if end > at:
            found.append(Phrase(at, end, _with_inner(tokens, lexicons, at, end, tags), typo))
        at = max(end, at + 1)
    return found


def _with_inner(tokens: Sequence[Token], lexicons: Sequence[Lexicon], first: int, last: int, tags: Tags) -> Tags:
    """A longer phrase that means something still speaks of what its words speak of ("registration for")."""
    if last - first < 2 or not any(":" in tag for tag in tags):  # noqa: PLR2004
        return tags
    inner: set[str] = set()
    at = first
    while at < last:
        end, found = _best(tokens, lexicons, at, last if at > first else last - 1)
        inner.update(tag for tag in found if tag.startswith("c:") and tag not in _PLACING)
        at = max(end, at + 1)
    return tags | inner


def _best(tokens: Sequence[Token], lexicons: Sequence[Lexicon], at: int, end: int) -> tuple[int, Tags]:
    best_end, best = at, NONE
    for lexicon in lexicons:
        reach, tags = lexicon.longest(tokens, at, end)
        if reach > best_end:
            best_end, best = reach, tags
    return best_end, best


def _as_typo(token: Token, lexicons: Sequence[Lexicon], at: int) -> tuple[int, Tags]:
    for lexicon in lexicons[:1]:
        word = lexicon.misspelt(token.fold)
        if word is not None:
            return at + 1, lexicon.tags_of(word)
    return at, NONE


def _free_until(taken: Sequence[bool]) -> list[int]:
    """For every token the next taken one (or the end)."""
    ends = [len(taken)] * len(taken)
    stop = len(taken)
    for at in range(len(taken) - 1, -1, -1):
        if taken[at]:
            stop = at
        ends[at] = stop
    return ends
