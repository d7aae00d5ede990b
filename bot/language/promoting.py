"""A learnt phrase becomes a pattern of its language's vocabulary: judged against all examples before it is kept.

Pure: gets the file's text and gives a new one. Refuses what the examples speak against.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT

from bot.domain.actions import Certainty
from bot.language.case import About, Case, CaseDeal, Speaker
from bot.language.learning import Learnt, kind_of
from bot.language.phrases import expand
from bot.language.schema import Vocabulary, VocabularyError
from bot.language.text import key_of
from bot.language.understanding import understand
from bot.language.vocabulary import vocabulary_of

PROMOTABLE = ("won", "lost", "extend", "withdraw")
"""Kinds of actions that are said by a phrase alone. What sets a value is read by the grammars of dates and sums."""
_SLOT = re.compile(r"\{(\w+)\}")
_MARKUP = re.compile(r"[()\[\]|*,{}]")
_FILLED = {"deal": "Acme", "name": "Petra", "stage": "Transact", "date": "", "length": "", "amount": ""}


class NotPromotedError(ValueError):
    """The phrase does not become a pattern; the message says why."""


def promoted(text: str, learnt: Learnt, others: Sequence[Vocabulary]) -> str:
    """A vocabulary file with the phrase as one more pattern, its comments and order kept.

    Args:
        text: the file as it is.
        learnt: the phrase.
        others: the other languages, which are read along.

    Raises:
        NotPromotedError: the kind of action is not said by a phrase, no words are left, the phrase would not be
            understood even as a pattern (it is hedged, denied or asked), all its words are ordinary ones, or what an
            example of the file means would change.
        VocabularyError: the file is wrong as it is.
    """
    if learnt.kind not in PROMOTABLE:
        kinds = ", ".join(PROMOTABLE)
        raise NotPromotedError(f"{learnt.kind!r} is not said by a phrase alone; that can be done for {kinds}")
    groups, example = _groups(learnt), _example(learnt)
    before = vocabulary_of(learnt.language, text)
    if not any(_is_telling(word, before) for group in groups for word in key_of(group)):
        raise NotPromotedError(f"{learnt.words!r} holds ordinary words alone, and would be seen everywhere")
    if learnt.kind in _kinds(example, before, others):
        raise NotPromotedError(f"{example!r} is taken for {learnt.kind} already")
    changed = _with_pattern(text, learnt.kind, groups, example)
    after = vocabulary_of(learnt.language, changed)
    if learnt.kind not in _kinds(example, after, others):
        raise NotPromotedError(f"{example!r} would still not be taken for {learnt.kind}: it is hedged, denied or asked")
    for spoken in dict.fromkeys(one for intent in before.intents for one in (*intent.ok, *intent.no)):
        was, becomes = _kinds(spoken, before, others), _kinds(spoken, after, others)
        if was != becomes:
            raise NotPromotedError(
                f"the example {spoken!r} would be taken for {_listed(becomes)} instead of {_listed(was)}"
            )
    return changed


def _is_telling(word: str, vocabulary: Vocabulary) -> bool:
    """Whether a word means nothing by itself yet."""
    return word[0].isalpha() and not vocabulary.lexicon.tags_of(word)


def _listed(kinds: Iterable[str]) -> str:
    return ", ".join(sorted(kinds)) or "nothing"


def _groups(learnt: Learnt) -> list[str]:
    """The words between the slots; each has to stand in the clause."""
    parts = [" ".join(_MARKUP.sub(" ", part).split()).strip(" .;:!?-") for part in _SLOT.split(learnt.words)[::2]]
    groups = [part for part in parts if part]
    if not groups:
        raise NotPromotedError(f"{learnt.words!r} has no words")
    for group in groups:
        try:
            expand(group)
        except ValueError as exc:
            raise NotPromotedError(str(exc)) from exc
    return groups


def _example(learnt: Learnt) -> str:
    filled = _SLOT.sub(lambda slot: _FILLED.get(slot[1], ""), learnt.words)
    return " ".join(filled.split())


def _with_pattern(text: str, kind: str, groups: Sequence[str], example: str) -> str:
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as exc:
        raise VocabularyError(f"the file is not readable TOML: {exc}") from exc
    patterns = document.setdefault("intent", tomlkit.table()).setdefault(kind, tomlkit.aot())
    if not isinstance(patterns, AoT):
        raise VocabularyError(f"intent.{kind}: must be a list of tables [[intent.…]]")
    pattern = tomlkit.table()
    pattern["all"] = list(groups)
    pattern["ok"] = [example]
    pattern.add(tomlkit.nl())
    patterns.append(pattern)
    return tomlkit.dumps(document)


def _kinds(text: str, vocabulary: Vocabulary, others: Sequence[Vocabulary]) -> frozenset[str]:
    """The kinds of actions that a text is taken for without a yes being asked first."""
    case = replace(_CASE, text=text, speaker=replace(_CASE.speaker, locale=vocabulary.code))
    result = understand(case, (vocabulary, *(one for one in others if one.code != vocabulary.code)))
    return frozenset(kind_of(action) for action in result.actions if action.certainty is not Certainty.CONFIRM)


_CASE = Case(
    id="promoting",
    today=date(2026, 11, 24),
    channel="slack",
    speaker=Speaker(name="Tom Ashby", email="tom@ashby.example", org="Ashby Digital"),
    deals=(
        CaseDeal(
            id="D1",
            name="Acme rollout",
            company="Acme GmbH",
            motion="reseller",
            stage="Qualification",
            amount=Decimal(40000),
            currency="EUR",
            close_date=date(2026, 12, 31),
            registration="REG-1042",
            protected_until=date(2026, 12, 7),
        ),
    ),
    stages={"reseller": ("Deal Registration", "Qualification", "Configure & Quote", "Transact", "Launch & Activate")},
    text="",
    about=About(kind="update_request", deal="D1"),
)
