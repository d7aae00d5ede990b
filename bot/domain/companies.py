"""Whether two names, or two domains, mean the same company. Pure. Refuses to decide by likeness: names that are merely
alike make a person look.

A name is folded to a key: case, accents and umlauts (Müller, Mueller and Muller are one), legal forms, punctuation,
quotes and emoji do not count. The price is that Poet and Pot have one key too; such pairs of companies are rare, and
whoever is refused can object.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache

from rapidfuzz import fuzz

from bot.domain import legal_forms
from bot.domain.accounts import Account
from bot.domain.domains import web_domain
from bot.domain.registrations import Registration

LONGEST_KEY = 200  # characters; what is longer is cut
_LONGEST_NAME = 1000
_ALIKE = 88  # of 100: one letter of nine
_SHORTEST_PART = 4  # letters of a name that may be the beginning of a longer one

_LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i", "ħ": "h", "ŧ": "t"}
)
_INVISIBLE = re.compile("['’‘ʼ`´\u00ad\u200b-\u200f\u2060\ufeff]")  # within words: McDonald's is McDonalds
_MARKS = re.compile("[\u0300-\u036f\u20d0-\u20f0\ufe00-\ufe0f\U000e0100-\U000e01ef]")  # accents; parts of emoji
_ABBREVIATED = re.compile(r"(?<=\w)\.(?=\w(?!\w))")  # S.p.A. is SpA, but Booking.com keeps its dot
_NEITHER = re.compile("[^a-z0-9]+")
_UMLAUT = re.compile(r"(?<![aeiouq])([aou])e+(?=[^\We])")  # as in Mueller; not as in Bauer, Queen or Blue


class Match(StrEnum):
    """By what two are the same company. Domain and name are sure; alike only makes a manager look."""

    DOMAIN = "domain"
    NAME = "name"
    ALIKE = "alike"
    NONE = "none"

    @property
    def is_sure(self) -> bool:
        return self in {Match.DOMAIN, Match.NAME}


@lru_cache(maxsize=8192)
def company_key(name: str) -> str:
    """What remains of a name when only what tells companies apart is kept: words in small letters, one blank between
    them, at most LONGEST_KEY characters. The key of a key is itself. Never empty for a name with a letter or a digit
    of any script."""
    key = _folded(name[:_LONGEST_NAME])
    while (again := _folded(key)) != key:
        key = again
    return key


def same_company(claim: Registration, account: Account) -> Match:
    """Whether a company in the CRM is the claimed one."""
    return compare(claim.company_key, claim.domain, company_key(account.name), account.domain)


def same_claim(claim: Registration, other: Registration) -> Match:
    """Whether two claims are on one company."""
    return compare(claim.company_key, claim.domain, other.company_key, other.domain)


def compare(key: str, domain: str | None, other_key: str, other_domain: str | None) -> Match:
    """By domain, then by key, then by likeness; keys are those of company_key. One name at two domains that have
    nothing in common (delta.example, deltafaucet.example) is merely alike: many companies are called the same."""
    mine = web_domain(domain)
    theirs = web_domain(other_domain) if mine is not None else None
    if mine is not None and mine == theirs:
        return Match.DOMAIN
    if not key or not other_key:
        return Match.NONE
    if key == other_key:
        apart = mine is not None and theirs is not None and _label(mine) != _label(theirs)
        return Match.ALIKE if apart else Match.NAME
    return Match.ALIKE if _alike(key, other_key) else Match.NONE


def _alike(key: str, other: str) -> bool:
    """One begins with all words of the other (Acme, Acme Deutschland), or hardly a letter differs."""
    short, long = sorted((key, other), key=len)
    if len(short) >= _SHORTEST_PART and long.startswith(short + " "):
        return True
    return fuzz.ratio(key.replace(" ", ""), other.replace(" ", ""), score_cutoff=_ALIKE) > 0


def _label(domain: str) -> str:
    return domain.partition(".")[0]


def _folded(name: str) -> str:
    words = _words(name)
    if not words:  # letters that are written as marks
        return "".join(c for c in name.casefold() if c.isalnum())[:LONGEST_KEY]
    words = [w for n, w in enumerate(words) if w not in _JOINING or n in {0, len(words) - 1}]
    words = _spelled_together([w for w in words if w not in _ANYWHERE] or words[:1])
    while len(words) > 1 and words[0] in _ARTICLES:
        words = words[1:]
    while len(words) > 1 and (form := _form_at_end(words)):
        words = words[:-form]
    return " ".join(words)[:LONGEST_KEY].rstrip()


def _words(name: str) -> list[str]:
    """The words of a name in small letters without accents; symbols and emoji part them as blanks do."""
    text = _INVISIBLE.sub("", name)
    if text.isascii():  # most are, and this is five times as fast
        kept = _NEITHER.sub(" ", _ABBREVIATED.sub("", text.lower()))
    else:
        text = _ABBREVIATED.sub("", _without_accents(text))
        kept = "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in text)
    return [_UMLAUT.sub(r"\1", word) for word in kept.split() if any(map(str.isalnum, word))]


def _without_accents(text: str) -> str:
    text = "".join(" " if unicodedata.category(c) == "So" else c for c in text)  # before ™ becomes TM
    text = unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)
    return unicodedata.normalize("NFKC", _MARKS.sub("", unicodedata.normalize("NFKD", text)))


def _spelled_together(words: list[str]) -> list[str]:
    """S A, A/S, H & M: letters that stand alone side by side are one word."""
    joined: list[str] = []
    alone = False
    for word in words:
        before, alone = alone, len(word) == 1 and word.isalpha()
        if alone and before:
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def _form_at_end(words: list[str]) -> int:
    """How many words at the end are a legal form or an article; 0 for none, and never all."""
    if words[-1] in _ARTICLES:
        return 1
    longest = min(_LONGEST_FORM, len(words) - 1)
    return next((n for n in range(longest, 0, -1) if tuple(words[-n:]) in _FORMS), 0)


def _each(table: str) -> list[tuple[str, ...]]:
    return [tuple(_spelled_together(_words(form))) for form in table.split(",")]


_FORMS = frozenset(_each(legal_forms.FORMS))
_LONGEST_FORM = max(map(len, _FORMS))
_ANYWHERE = frozenset(form[0] for form in _each(legal_forms.ANYWHERE))
_JOINING = frozenset(form[0] for form in _each(legal_forms.JOINING))
_ARTICLES = frozenset(form[0] for form in _each(legal_forms.ARTICLES))
