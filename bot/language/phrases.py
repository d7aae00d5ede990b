"""The small language that vocabulary files write phrases in. Refuses nesting deeper than a bracket in a bracket.

    signed                      one word
    close date                  words in a row; hyphens and apostrophes count as blanks
    (sent|gave) it back         one of several
    sign [the|a] contract       may be left out
    verläng*                    a word that begins so

Case never matters; accents may be left out by the writer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress

from bot.language.normalise import fold
from bot.language.text import key_of, keys_of, words_of

Key = tuple[str, ...]
_BRACKETS = frozenset("()[]|")
_AS_BLANKS = dict.fromkeys(map(ord, _BRACKETS), " ")
_REFERENCE = re.compile(r"\{[^{}]*\}")
_GLUED = re.compile(r"[^\s(\[|][(\[]|[)\]][^\s)\]|]")  # a bracket inside a word
_SPECIAL = _BRACKETS | {"*"}
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_SHARP = str.maketrans({"ß": "ss"})


def expand_all(phrases: Sequence[str]) -> list[list[Key]]:
    """What `expand` gives for each phrase; many at once are read much faster.

    Raises:
        ValueError: a bracket is not closed, or a phrase can stand for nothing; the message tells which.
    """
    plain = [phrase for phrase in phrases if _SPECIAL.isdisjoint(phrase)]
    keys = dict(zip(plain, keys_of(plain), strict=True))
    return [[keys[phrase]] if keys.get(phrase) else expand(phrase) for phrase in phrases]


def words_in(texts: Iterable[str]) -> set[str]:
    """The words of all rows without a star that texts of phrases stand for, commas or line ends between phrases.

    References to concepts ("{deal}") are no words. What is wrong with a phrase is left for `expand` to tell.
    """
    words: set[str] = set()
    plain: list[str] = []
    for phrase in _REFERENCE.sub("", ",".join(texts)).replace("\n", ",").split(","):
        if _SPECIAL.isdisjoint(phrase):
            plain.append(phrase)
        elif "*" not in phrase and not _GLUED.search(phrase):
            plain.append(phrase.translate(_AS_BLANKS))
        else:
            with suppress(ValueError):
                words.update(word for key in expand(phrase) if "*" not in "".join(key) for word in key)
    return words | words_of("\n".join(plain))


def expand(phrase: str) -> list[Key]:
    """Every row of words that a phrase stands for.

    Raises:
        ValueError: a bracket is not closed, or nothing is left.
    """
    if _BRACKETS.isdisjoint(phrase):
        key = _key(phrase)
        if not key:
            raise ValueError(f"{phrase!r} can stand for nothing at all")
        return [key]
    rows, rest = _alternatives(phrase, 0, closing="")
    if rest != len(phrase):
        raise ValueError(f"a bracket is closed that was not opened, in {phrase!r}")
    keys = list(dict.fromkeys(_key(row) for row in rows))
    if () in keys:
        raise ValueError(f"{phrase!r} can stand for nothing at all")
    return keys


def _alternatives(phrase: str, at: int, *, closing: str) -> tuple[list[str], int]:
    """The texts from `at` to the closing sign (or the end), and where that is."""
    finished: list[str] = []
    rows = [""]
    while at < len(phrase):
        sign = phrase[at]
        if sign == closing and closing:
            return [*finished, *rows], at
        if sign == "|":
            finished.extend(rows)
            rows, at = [""], at + 1
        elif sign in "([":
            inner, at = _alternatives(phrase, at + 1, closing=")" if sign == "(" else "]")
            if at >= len(phrase):
                raise ValueError(f"a bracket is not closed in {phrase!r}")
            options = inner if sign == "(" else ["", *inner]
            rows = [row + option for row in rows for option in options]
            at += 1
        elif sign in ")]":
            return [*finished, *rows], at
        else:
            rows = [row + sign for row in rows]
            at += 1
    return [*finished, *rows], at


def _key(row: str) -> Key:
    """Words of a row; a star stays with the word before it."""
    words: list[str] = []
    for word in key_of(row):
        if word == "*" and words:
            words[-1] += "*"
        else:
            words.append(word)
    return tuple(words)


def spellings(key: Key) -> set[Key]:
    """The spellings without accents under which a key is also recognised."""
    phrase = " ".join(key)
    rows = {fold(phrase), fold(phrase.translate(_UMLAUTS)), fold(phrase.translate(_SHARP))}
    return {tuple(row.split(" ")) for row in rows}
