"""Finds names of companies and people behind the words that introduce them. Decides nothing about them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from bot.domain.actions import Draft
from bot.language.segments import Clause
from bot.language.text import Shape

Labels = dict[tuple[str, ...], str]  # the words of a label, and the field it stands for
_NAME_WORDS = 6
_LEGAL_ENDINGS = frozenset(
    {
        "gmbh", "eg", "ek", "mbh", "ag", "kg", "se", "ltd", "limited", "inc", "llc", "llp", "plc", "corp", "bv",
        "nv", "sa", "sas", "sarl", "srl", "spa", "sl", "slu", "lda", "ltda", "ug", "ohg", "ev", "oy", "ab", "as",
    }
)  # fmt: skip
_FIRM = re.compile(r"^(?:firma|fa\.?|ditta)\s+(?=\S)", re.IGNORECASE)
_TITLES = re.compile(
    r"^(?:(?:mr|mrs|ms|miss|herrn?|frau|m|mme|mlle|madame|monsieur|dhr|mevr|mevrouw|sr|sra|srta|don|doña|sig|signora?|dott|dra?)"
    r"\.?\s+)+",
    re.IGNORECASE,
)


def introductions(clause: Clause, labels: Labels) -> Iterator[tuple[int, str]]:
    """Token places behind introducing phrases, and the field each introduces; the longest phrase at a place."""
    tokens = clause.reading.text.tokens
    at = clause.first
    ordered = sorted(labels.items(), key=lambda label: -len(label[0]))
    while at < clause.last:
        for key, field in ordered:
            if tuple(token.lower for token in tokens[at : at + len(key)]) == key:
                at += len(key) - 1
                yield at + 1, field
                break
        at += 1


def name_from(clause: Clause, place: int) -> str | None:
    """A name that begins at or shortly behind a place: capitalised words in a row."""
    tokens = clause.reading.text.tokens
    slack = clause.reading.case.channel == "slack"
    while place < clause.last and not _is_name_word(clause, place, first=True, slack=slack):
        if not _is_little(clause, place):
            return None
        place += 1
    last = place
    while last < clause.last and last - place < _NAME_WORDS and _is_name_word(clause, last, first=False, slack=slack):
        last += 1
        if tokens[last - 1].fold in _LEGAL_ENDINGS and not (last < clause.last and tokens[last].fold == "&"):
            break
    while last > place and tokens[last - 1].shape is Shape.SIGN and tokens[last - 1].fold != ".":
        last -= 1
    if last == place:
        return None
    name = clause.reading.text.words(tokens[place].start, tokens[last - 1].end)
    return name if "." in name[:-1] else name.rstrip(".")


def _is_little(clause: Clause, place: int) -> bool:
    phrase = clause.reading.phrase_at[place]
    sign = clause.reading.text.tokens[place].fold in ":-–\"'"
    return sign or (phrase is not None and not phrase.tags & {"and", "but", "c:value", "c:closing"})


def _is_name_word(clause: Clause, place: int, *, first: bool, slack: bool) -> bool:
    token, phrase = clause.reading.text.tokens[place], clause.reading.phrase_at[place]
    if token.shape is Shape.SIGN:
        return not first and token.fold in {"&", "-", ".", "'", "+"} and token.fold != "," and place + 1 < clause.last
    if clause.reading.taken[place]:
        return False
    if token.fold in _LEGAL_ENDINGS and not first:
        return True
    if token.shape is Shape.NUMBER:
        return not first
    if phrase is not None and token.capital and not first and _ends_part(clause, place):
        return True  # the surname of "Mona Price (mona@…)"
    if phrase is not None and (not token.capital or phrase.tags & {"c:closing", "c:value", "is"}):
        return (
            not first
            and bool(phrase.tags & {"about_deal", "preposition", "determiner"})
            and _capital_follows(clause, place)
        )
    return token.capital or (slack and place in clause.unknown)


def _ends_part(clause: Clause, place: int) -> bool:
    """Whether a bracket opens behind a word, or the part of a list ends that it stands in."""
    tokens = clause.reading.text.tokens
    return place + 1 < len(tokens) and tokens[place + 1].fold in {"(", "<"} and place > clause.first


def _capital_follows(clause: Clause, place: int) -> bool:
    tokens = clause.reading.text.tokens
    short = len(tokens[place].fold) <= 3  # noqa: PLR2004 - de, du, la, van, von
    return short and place + 1 < clause.last and tokens[place + 1].capital and place + 1 in clause.unknown


def without_title(draft: Draft) -> Draft:
    """The names alone: Frau Petra Lang is Petra Lang, Firma Glasbau Lang is Glasbau Lang."""
    if draft.company is not None:
        draft = replace(draft, company=_FIRM.sub("", draft.company) or draft.company)
    if draft.contact_name is None:
        return draft
    return replace(draft, contact_name=_TITLES.sub("", draft.contact_name) or draft.contact_name)


def only_a_name(clause: Clause) -> bool:
    """Whether a clause is two to four capitalised words that nothing explains."""
    tokens = clause.reading.text.tokens
    words = [place for place in range(clause.first, clause.last) if tokens[place].shape is Shape.WORD]
    known = [place for place in words if place not in clause.unknown and not _is_person(clause, place)]
    return 1 < len(words) <= 4 and not known and all(tokens[place].capital for place in words)  # noqa: PLR2004


def _is_person(clause: Clause, place: int) -> bool:
    phrase = clause.reading.phrase_at[place]
    return phrase is not None and "name" in phrase.tags
