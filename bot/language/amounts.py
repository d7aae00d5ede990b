"""Finds sums of money, percentages and other numbers. Never decides which of several is the deal's value.

How digits are read is rule 7 of the contract: as the locale writes them; where a number can be read one way only
(a group of three, one or two decimals), that way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto
from functools import lru_cache

from bot.language.cldr import currency_names, decimal_sign
from bot.language.currencies import CURRENCIES, SYMBOLS
from bot.language.normalise import fold
from bot.language.numberwords import find_spelled
from bot.language.phrases import expand
from bot.language.schema import Vocabulary
from bot.language.spans import Spans


class Kind(Enum):
    """What a number is."""

    MONEY = auto()  # it has a currency, a multiplier or thousands separators
    PLAIN = auto()  # only the words around can tell
    PERCENT = auto()
    RANGE = auto()  # two sums, neither of them said
    CURRENCY = auto()  # a currency without a number


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberFound:
    """A number in the text at characters start..end; `currency` is an ISO 4217 code or a family ("$", "peso")."""

    start: int
    end: int
    kind: Kind
    value: Decimal = Decimal(0)
    currency: str | None = None
    doubtful: bool = False


_DIGITS = r"\d{1,3}(?:,\d\d)+,\d{3}(?!\d)|\d{1,3}(?:[.,' ]\d{3})+(?![\d])(?:[.,]\d{1,2}(?!\d))?|\d+(?:[.,]\d+)?"
_LAKHS = re.compile(r"\d{1,3}(?:,\d\d)+,\d{3}")  # 19,50,000: India groups by two above the thousand
_SEPARATED = re.compile(r"(?<=\d)[.,' ](?=\d{3}(?!\d))")
_RANGE_WORDS = "to|and|or|bis|und|oder|a|et|ou|y|o|e|en|tot|of|à"
_MAY_SPAN = re.compile(rf"\d[^\d]{{0,60}}[-–][^\d]{{0,60}}\d|\d\s(?:{_RANGE_WORDS})\s\d")  # nothing else can be a range
_PER_CENT = r"(?:%|per ?cent|prozent|pour ?cent|procent|por ?ciento|per ?cento|por ?cento|pct)"


def read_number(digits: str, *, decimal: str) -> tuple[Decimal, bool]:
    """The value of digits with separators, and whether a reader could doubt it ("1.234" where the dot is decimal).

    One separator kind before groups of three is a thousands separator in every locale: sums have two decimals.
    """
    digits = digits.replace("'", "").replace(" ", "")
    signs = [sign for sign in digits if sign in ".,"]
    if not signs or _LAKHS.fullmatch(digits):
        return Decimal(digits.replace(",", "")), False
    if len(set(signs)) == 2:  # noqa: PLR2004 - 1.234,56: the last one is decimal
        last = signs[-1]
        whole, _, part = digits.rpartition(last)
        return Decimal(re.sub(r"[.,]", "", whole) + "." + part), False
    if all(len(group) == 3 for group in re.split(r"[.,]", digits)[1:]) and not digits.startswith("0"):  # noqa: PLR2004
        value = Decimal(re.sub(r"[.,]", "", digits))
        return value, len(signs) == 1 and signs[0] == decimal
    if len(signs) > 1:
        return Decimal(re.sub(r"[.,]", "", digits)), True
    return Decimal(digits.replace(",", ".")), False


@dataclass(frozen=True, slots=True)
class _Patterns:
    """The compiled patterns of some words."""

    money: re.Pattern[str]
    bare: re.Pattern[str]
    multiplier: re.Pattern[str]  # a word that ends in one for a thousand or more
    currency_behind: re.Pattern[str]
    currency: str  # patterns for any currency and any multiplier
    multiple: str


@dataclass(frozen=True, slots=True)
class _Grammar:
    """The words of some languages for sums, what they mean, and their patterns."""

    multipliers: Mapping[str, int]
    currencies: Mapping[str, str]
    patterns: _Patterns


def _alternatives(names: Iterable[str]) -> str:
    rows = [re.escape(name).replace(r"\ ", r"\s+") for name in names]
    return "(?:" + "|".join(sorted(sorted(rows), key=len, reverse=True)) + ")"


def _spellings(phrases: Iterable[str]) -> list[str]:
    return [" ".join(fold(word) for word in key) for phrase in phrases for key in expand(phrase)]


def _currency_names(vocabulary: Vocabulary) -> dict[str, str]:
    names = {fold(name): code for name, code in currency_names(vocabulary.code).items()}
    for code, phrases in vocabulary.amounts.currencies.items():
        names.update(dict.fromkeys(_spellings(phrases), code))
    return names


@lru_cache(maxsize=512)
def _grammar(vocabularies: tuple[Vocabulary, ...]) -> _Grammar:
    multipliers = {"k": 1_000}
    currencies: dict[str, str] = {}
    for vocabulary in reversed(vocabularies):  # the main language has the last word
        table = vocabulary.amounts
        for phrases, times in (
            (table.thousand, 10**3),
            (table.lakh, 10**5),
            (table.million, 10**6),
            (table.crore, 10**7),
            (table.billion, 10**9),
        ):
            multipliers.update(dict.fromkeys(_spellings(phrases), times))
        currencies.update(_currency_names(vocabulary))
    ordinary = {code for code in CURRENCIES if vocabularies[0].lexicon.tags_of(code.lower()) - {"c:currency"}}
    currencies |= SYMBOLS | {code.lower(): code for code in CURRENCIES if code not in ordinary}
    return _Grammar(multipliers, currencies, _patterns(frozenset(multipliers), frozenset(currencies)))


@lru_cache(maxsize=128)
def _patterns(multipliers: frozenset[str], currencies: frozenset[str]) -> _Patterns:
    """Which language is the main one changes what a word means, and not the patterns, which take long to make."""
    signs = _alternatives(name for name in currencies if not name[-1].isalpha())
    letters = _alternatives(name for name in currencies if name[-1].isalpha())
    currency = rf"(?:{signs}|{letters}(?![^\W\d_]))"
    multiple = _alternatives(multipliers)
    tail = r"(?:[.,](?:-{1,2}|–)(?!\w))?"
    of = r"(?:\s*(?:de|d'|di)\s+)?"
    money = re.compile(
        rf"(?<![\w.,#])(?:(?P<tpre>[tkm])?(?P<before>{currency})\s?(?P<tpost>k)?\s?)?(?P<digits>{_DIGITS}){tail}"
        rf"(?:\s?(?P<factor>{multiple})\.?(?![^\W\d_](?<!€)))?{of}(?:\s?(?P<tmid>[tkm])?(?P<after>{currency})(?![^\W\d_]))?(?!\w)"
    )
    bare = re.compile(rf"(?<!\w)(?P<currency>{currency})(?!\w)")
    long = [name for name in multipliers if len(name) > 2]  # noqa: PLR2004 - not k, m, mn
    multiplier = re.compile(rf"(?<!\w)[^\W\d_]*{_alternatives(long)}(?!\w)")
    behind = re.compile(rf"\s?(?:de\s+|d'|di\s+)?(?P<currency>{currency})(?!\w)")
    return _Patterns(money, bare, multiplier, behind, currency, multiple)


@lru_cache(maxsize=128)
def _span(currency: str, multiple: str) -> re.Pattern[str]:
    """The pattern of a range of sums; it takes longest to make, and few texts hold one (see _MAY_SPAN)."""
    return re.compile(
        rf"(?<![\w.,#])(?:{currency}\s?)?(?:{_DIGITS})(?:\s?(?:{multiple}|{currency}))?\s?[-–]\s?(?:{currency}\s?)?(?:{_DIGITS})"
        rf"\s?(?:(?:{multiple})(?!\w)\.?\s?(?:{currency})?|{currency})(?!\w)"
        rf"|(?<![\w.,#])\d{{1,3}}\s(?:{_RANGE_WORDS})\s\d{{1,3}}\s?(?:(?:{multiple})(?!\w)\.?\s?(?:{currency})?|{currency})(?!\w)"
    )


def find_numbers(text: str, vocabularies: Sequence[Vocabulary], *, locale: str, taken: Spans) -> list[NumberFound]:
    """All numbers in a folded text outside what is taken (dates, addresses), left to right; takes what it finds."""
    grammar = _grammar(tuple(vocabularies))
    masked = taken.masked(text)
    words = grammar.patterns
    spans = _span(words.currency, words.multiple).finditer(masked) if _MAY_SPAN.search(masked) else ()
    found = [NumberFound(start=m.start(), end=m.end(), kind=Kind.RANGE) for m in spans]
    masked = _take(taken, found, text)
    found.extend(_spelled(masked, grammar, vocabularies))
    masked = _take(taken, found, text)
    found.extend(_number(match, masked, grammar, locale) for match in grammar.patterns.money.finditer(masked))
    masked = _take(taken, found, text)
    found.extend(
        NumberFound(
            start=match.start(),
            end=match.end(),
            kind=Kind.CURRENCY,
            currency=grammar.currencies[_key(match["currency"])],
        )
        for match in grammar.patterns.bare.finditer(masked)
    )
    _take(taken, found, text)
    return sorted(found, key=lambda one: one.start)


def _take(taken: Spans, found: Iterable[NumberFound], text: str) -> str:
    """Takes what was found; the text without it."""
    for one in found:
        taken.add(one.start, one.end)
    return taken.masked(text)


def _key(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _number(match: re.Match[str], text: str, grammar: _Grammar, locale: str) -> NumberFound:
    start = match.start()
    end = match.end() - match[0].endswith(".")
    digits = match["digits"]
    value, doubtful = read_number(digits, decimal=decimal_sign(locale))
    per_cent = re.compile(r"\s?" + _PER_CENT + r"(?!\w)").match(text, end)
    if per_cent and not match["before"] and not match["after"]:
        return NumberFound(start=start, end=per_cent.end(), kind=Kind.PERCENT, value=value)
    factor = 1
    for group in ("factor", "tpre", "tmid", "tpost"):
        if match[group]:
            factor = _factor(match[group], grammar)
    if factor >= 10**6 and doubtful:
        value = Decimal(digits.replace(",", "."))  # 1.250 million: nobody has a thousand of them
    currency = match["before"] or match["after"]
    money = bool(currency) or factor > 1 or _SEPARATED.search(digits) is not None
    return NumberFound(
        start=start,
        end=end,
        kind=Kind.MONEY if money else Kind.PLAIN,
        value=value * factor,
        currency=grammar.currencies[_key(currency)] if currency else None,
        doubtful=doubtful and factor > 1,
    )


def _factor(word: str, grammar: _Grammar) -> int:
    if word == "t":
        return 1_000
    return 1_000_000 if word == "m" else grammar.multipliers.get(_key(word), 1_000)


def _spelled(text: str, grammar: _Grammar, vocabularies: Sequence[Vocabulary]) -> Iterator[NumberFound]:
    """Sums in words with the currency behind them."""
    for one in find_spelled(text, grammar.patterns.multiplier, [vocabulary.code for vocabulary in vocabularies]):
        after = grammar.patterns.currency_behind.match(text, one.end)
        if one.bare and after is None:
            continue  # "grazie mille" is no thousand of anything
        yield NumberFound(
            start=one.start,
            end=after.end() if after else one.end,
            kind=Kind.MONEY,
            value=Decimal(one.value),
            currency=grammar.currencies[_key(after["currency"])] if after else None,
        )
