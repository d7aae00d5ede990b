"""Finds the known phrases in a row of tokens: the longest at each place. Knows no meaning of what it finds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz.distance import OSA

from bot.language.phrases import Key, spellings
from bot.language.text import Shape, Token

Tags = frozenset[str]
NONE: Tags = frozenset()
_PLACING = frozenset({"c:to", "c:from", "c:in", "c:instead", "c:because", "c:rival", "c:rival_to", "c:now", "c:move", "c:more", "c:less"})
_TYPO_MIN_LETTERS = 6
_TYPO_MAX_LOOKUPS = 60


@dataclass(slots=True)
class _Node:
    words: dict[str, _Node] = field(default_factory=dict)
    beginnings: list[tuple[str, _Node]] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)

    def child(self, word: str) -> _Node:
        if not word.endswith("*"):
            return self.words.setdefault(word, _Node())
        for beginning, node in self.beginnings:
            if beginning == word[:-1]:
                return node
        node = _Node()
        self.beginnings.append((word[:-1], node))
        return node

    def after(self, word: str) -> list[_Node]:
        nodes = [self.words[word]] if word in self.words else []
        nodes.extend(node for beginning, node in self.beginnings if word.startswith(beginning))
        return nodes


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
        self._exact = _Node()
        self._loose = _Node()
        self._typo_targets: dict[tuple[str, int], list[str]] = {}
        self.words: set[str] = set()  # folded
        self.accented: set[str] = set()
        for key, tags in entries.items():
            self.accented.update(key)
            self._add(self._exact, key, tags)
            for spelling in spellings(key):
                self._add(self._loose, spelling, tags)
                self.words.update(word for word in spelling if word[0].isalpha())
        for word in self.words:
            if len(word) >= _TYPO_MIN_LETTERS - 1 and "*" not in word:
                self._typo_targets.setdefault((word[0], len(word)), []).append(word)

    @staticmethod
    def _add(root: _Node, key: Key, tags: Iterable[str]) -> None:
        node = root
        for word in key:
            node = node.child(word)
        node.tags.update(tags)

    def longest(self, tokens: Sequence[Token], at: int, end: int) -> tuple[int, Tags]:
        """How far the longest phrase from `at` reaches (`at` when there is none), and its tags."""
        exact_end, exact = _walk(self._exact, tokens, at, end, exact=True)
        loose_end, loose = _walk(self._loose, tokens, at, end, exact=False)
        return (loose_end, loose) if loose_end > exact_end else (exact_end, exact)

    def misspelt(self, word: str) -> str | None:
        """The one known word that a misspelt one stands for: one slip away, same first letter; None when unsure."""
        if len(word) < _TYPO_MIN_LETTERS:
            return None
        found: str | None = None
        for length in (len(word) - 1, len(word), len(word) + 1):
            for target in self._typo_targets.get((word[0], length), ()):
                if _is_slip(word, target):
                    if found is not None and self._tags(found) != self._tags(target):
                        return None
                    found = target
        return found

    def tags_of(self, word: str) -> Tags:
        """The tags of a single folded word."""
        return self._tags(word)

    def _tags(self, word: str) -> Tags:
        tags: set[str] = set()
        for node in self._loose.after(word):
            tags |= node.tags
        return frozenset(tags)


def _walk(root: _Node, tokens: Sequence[Token], at: int, end: int, *, exact: bool) -> tuple[int, Tags]:
    """Depth-first over all branches; a hyphen between words without blanks is stepped over."""
    best_end, best = at, NONE
    open_nodes: list[tuple[_Node, int]] = [(root, at)]
    while open_nodes:
        node, place = open_nodes.pop()
        if node.tags and place >= best_end:
            best = frozenset(node.tags) | best if place == best_end else frozenset(node.tags)
            best_end = place
        while at < place < end and tokens[place].lower in {"-", "'"} and tokens[place].glued:
            place += 1
        if place < end and tokens[place].shape is not Shape.BREAK:
            word = tokens[place].lower if exact else tokens[place].fold
            open_nodes.extend((child, place + 1) for child in node.after(word))
    return best_end, best


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
