"""Finds the known phrases in a row of tokens. Knows no meaning of what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from bot.language.phrases import Key, spellings
from bot.language.slips import slips
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
    if len(word) == len(target) and sorted(word) != sorted(target):
        return False
    return slips(word, target, most=1) == 1


@dataclass(frozen=True, slots=True)
class Phrase:
    """A known phrase found: tokens `first` up to, not including, `last`."""

    first: int
    last: int
    tags: Tags
    slip: bool = False  # a misspelt word, taken for the known one


@dataclass(slots=True)
class _Index:
    """The phrases of one language, prepared for finding."""

    exact: dict[str, Tags] = field(default_factory=dict)
    loose: dict[str, Tags] = field(default_factory=dict)  # without accents, only of phrases that have some
    reach: dict[str, int] = field(default_factory=dict)  # first word -> words in the longest phrase that it begins
    starred: dict[Key, Tags] = field(default_factory=dict)
    spelled: list[tuple[Key, Tags]] = field(default_factory=list)  # those with a star, in all their spellings
    typo_targets: dict[tuple[str, int], list[str]] = field(default_factory=dict)

    def add(self, key: Key, tag: Tags) -> None:
        phrase = " ".join(key)
        if "*" in phrase:
            self.starred[key] = self.starred.get(key, NONE) | tag
            return
        self.exact[phrase] = self.exact[phrase] | tag if phrase in self.exact else tag
        self._note(key)
        if phrase.isascii():
            return
        for spelling in spellings(key):
            loose = " ".join(spelling)
            self.loose[loose] = self.loose.get(loose, NONE) | tag
            self._note(spelling)

    def _note(self, key: Key) -> None:
        if len(key) > self.reach.get(key[0], 0):
            self.reach[key[0]] = len(key)

    def settle(self) -> None:
        self.spelled.extend((one, tags) for key, tags in self.starred.items() for one in {key, *spellings(key)})
        for word in self.exact.keys() | self.loose.keys():
            if len(word) >= _TYPO_MIN_LETTERS - 1 and " " not in word:
                self.typo_targets.setdefault((word[0], len(word)), []).append(word)


class Lexicon:
    """The phrases of one language with their tags.

    Every reply asks every language whether it knows a word, and few languages for their phrases: so the words are
    gathered apart, and the phrases prepared when they are asked for.

    Args:
        words: the words of all phrases without a star, lower case, accents kept.
        entries: gives every phrase with each of its tags; called once, when first needed.
    """

    def __init__(self, words: Iterable[str], entries: Callable[[], Iterable[tuple[Key, str]]]) -> None:
        self.accented = frozenset(words)
        accents = tuple(word for word in self.accented if not word.isascii())
        self.words = self.accented.union(*spellings(accents))
        self._entries = entries

    @cached_property
    def _index(self) -> _Index:
        index, tags = _Index(), dict[str, Tags]()
        for key, tag in self._entries():
            index.add(key, tags.get(tag) or tags.setdefault(tag, frozenset({tag})))
        index.settle()
        return index

    def prepare(self) -> None:
        """Prepare the phrases now; what is wrong with them is raised here and not at the first reply."""
        _ = self._index

    def phrases(self) -> Iterator[tuple[str, Tags]]:
        """All phrases without a star, as they were written, with their tags."""
        yield from self._index.exact.items()

    def at(self, tokens: Sequence[Token], first: int, end: int) -> dict[int, Tags]:
        """All phrases that begin at a token, by where they end."""
        found: dict[int, Tags] = {}
        token, index = tokens[first], self._index
        reach = max(index.reach.get(token.lower, 0), index.reach.get(token.fold, 0))
        if reach:
            lower, fold, ends = _row(tokens, first, end, reach)
            for count, stop in enumerate(ends, start=1):
                tags = index.exact.get(" ".join(lower[:count])) or index.loose.get(" ".join(fold[:count]))
                if tags is not None and not _splits_negation(tokens, stop):
                    found[stop] = tags
        for key, tags in index.spelled:
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
            for target in self._index.typo_targets.get((word[0], length), ()):
                if _is_slip(word, target):
                    if found is not None and self.tags_of(found) != self.tags_of(target):
                        return None
                    found = target
        return found

    def tags_of(self, word: str) -> Tags:
        """The tags of a single word."""
        return self._index.exact.get(word, NONE) | self._index.loose.get(word, NONE)


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
    """A longer phrase that means something still speaks of what its words speak of ("registration for"); what answers
    an invitation ("could be") stays a doubt wherever nobody was invited."""
    if last - first < 2 or not any(":" in tag for tag in tags):  # noqa: PLR2004
        return tags
    invited = all(tag.split(":")[1:2] == ["tentative"] for tag in tags)
    inner: set[str] = set()
    for at in range(first, last):
        for end, found in candidates[at].items():
            if end <= last and (at, end) != (first, last):
                inner.update(tag for tag in found if tag.startswith("c:") and tag not in _PLACING)
                inner.update({"maybe"} & found if invited else ())
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
