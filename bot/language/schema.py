"""What a vocabulary file may hold, and what it becomes. Reads nothing.

Keys are the trade's: a key of [guard] makes a clause uncertain or denied, one of [say] is what people say to each
other, one of [concept] is a thing that code asks for by name, and an intent is something that can be meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from bot.language.lexicon import Lexicon
from bot.language.phrases import Key


class VocabularyError(ValueError):
    """A vocabulary file is wrong; the message names the file and the key."""


WORD_KEYS = frozenset({"filler", "determiner", "preposition", "about_deal", "name", "is"})
GUARD_KEYS = frozenset({"not", "maybe", "if", "reported", "soon", "planned", "aside", "nearly", "mistaken"})
SAY_KEYS = frozenset(
    {
        "greeting", "signoff", "thanks", "ok", "yes", "no", "and", "but", "correction", "retract", "request",
        "please", "asks", "inverted", "nothing_new", "closer", "shield", "postscript", "injection",
        "injection_order", "injection_rules", "injection_verb", "injection_target", "that", "tells",
    }
)  # fmt: skip
LIST_KEYS = frozenset({"abbreviations", "future", "infinitive", "personal", "due"})
CONCEPTS = frozenset(
    {
        "deal", "contract", "registration", "closing", "signing", "move", "direct", "value", "change", "wrong",
        "right", "stage", "currency", "event", "side_paper", "other_money", "part", "elsewhere", "wish", "them", "time",
        "we", "soft_money", "count", "phone", "total", "per", "approx", "more", "less", "double", "half", "up_to",
        "from", "old", "to", "instead", "earlier", "longer", "later", "now", "all_deals", "both", "rival", "rival_to",
        "rival_noun", "because", "reason", "next", "back", "step", "announcements", "digest", "surveys",
        "document", "task", "until", "before", "in", "all_mail", "named", "date", "length", "describes", "regret",
        "reference", "yet", "ago", "has", "by", "raised", "lowered", "to_do", "ere", "of_things",
        "points", "off", "particle", "past", "wishful", "only", "some", "missing", "out_of",
    }
)  # fmt: skip
INTENTS = frozenset(
    {
        "won", "lost", "chose_rival", "extend", "lapse", "withdraw", "register", "complete", "accept", "decline",
        "tentative", "stop", "start", "status", "asset", "approve", "reject", "undo", "next_step", "next_stage",
        "previous_stage", "wrong_stage", "wrong_amount", "wrong_date", "wrong_currency",
    }
)  # fmt: skip
REGISTER_KEYS = (
    "company",
    "contact",
    "email",
    "amount",
    "close_date",
    "need",
    "company_before",
    "contact_before",
    "need_before",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A thing that can be meant: every group must have one of its tags in the clause, in any order."""

    name: str
    groups: tuple[frozenset[str], ...]
    ok: tuple[str, ...] = ()
    no: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DateTable:
    """Words of dates; every field is a list of phrases, see facts in the TOML comments."""

    today: tuple[str, ...] = ()
    tomorrow: tuple[str, ...] = ()
    day_after_tomorrow: tuple[str, ...] = ()
    yesterday: tuple[str, ...] = ()
    begin: tuple[str, ...] = ()
    middle: tuple[str, ...] = ()
    end: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    the: tuple[str, ...] = ()
    next: tuple[str, ...] = ()
    this: tuple[str, ...] = ()
    day: tuple[str, ...] = ()
    week: tuple[str, ...] = ()
    month: tuple[str, ...] = ()
    quarter: tuple[str, ...] = ()
    half: tuple[str, ...] = ()
    year: tuple[str, ...] = ()
    fortnight: tuple[str, ...] = ()
    week_label: tuple[str, ...] = ()
    quarter_label: tuple[str, ...] = ()
    half_label: tuple[str, ...] = ()
    week_end: tuple[str, ...] = ()
    month_end: tuple[str, ...] = ()
    quarter_end: tuple[str, ...] = ()
    year_end: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    from_now: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()
    before_day: tuple[str, ...] = ()
    before_month: tuple[str, ...] = ()
    ambiguous_months: tuple[str, ...] = ()
    short_months: tuple[tuple[str, ...], ...] = ()  # January first
    short_weekdays: tuple[tuple[str, ...], ...] = ()  # Monday first
    ordinals: tuple[tuple[str, ...], ...] = ()  # first, second …
    numbers: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountTable:
    """Words of amounts: multipliers, and currencies by ISO 4217 code (CLDR's names need not be repeated)."""

    thousand: tuple[str, ...] = ()
    lakh: tuple[str, ...] = ()  # a hundred thousand
    crore: tuple[str, ...] = ()  # ten million
    million: tuple[str, ...] = ()
    billion: tuple[str, ...] = ()
    currencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What stands in a language's file, read and checked; `phrases` are all phrases with each of their tags."""

    phrases: Sequence[tuple[Key, str]]
    intents: tuple[Intent, ...]
    dates: DateTable
    amounts: AmountTable
    stages: tuple[str, ...]
    register: Mapping[str, tuple[str, ...]]
    lists: Mapping[str, tuple[str, ...]]


class Vocabulary:
    """One language's words.

    Every reply asks every language which of its words it knows, and few languages for more: so the words are there
    at once, and the rest is read when it is first asked for. Raises VocabularyError then.

    Args:
        code: the language, ISO 639.
        words: the words of all phrases without a star, lower case, accents kept.
        mail: the file's [mail] table, which bot.language does not read.
        read: gives the rest; called once.
    """

    def __init__(
        self, code: str, *, words: Iterable[str], mail: Mapping[str, Any], read: Callable[[], Content]
    ) -> None:
        self.code = code
        self.mail = mail
        self.lexicon = Lexicon(words, lambda: self.content.phrases)
        self._read = read

    @cached_property
    def content(self) -> Content:
        return self._read()

    @property
    def intents(self) -> tuple[Intent, ...]:
        return self.content.intents

    @property
    def dates(self) -> DateTable:
        return self.content.dates

    @property
    def amounts(self) -> AmountTable:
        return self.content.amounts

    @property
    def stages(self) -> tuple[str, ...]:
        return self.content.stages

    @property
    def register(self) -> Mapping[str, tuple[str, ...]]:
        return self.content.register

    @property
    def lists(self) -> Mapping[str, tuple[str, ...]]:
        return self.content.lists
