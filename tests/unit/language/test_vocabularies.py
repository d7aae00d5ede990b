"""The vocabulary files hold what they promise: their examples are run, their words do not contradict each other."""

from __future__ import annotations

import pytest

from bot.language.schema import GUARD_KEYS, INTENTS, Vocabulary
from bot.language.vocabulary import default
from tests.unit.language.cases import LOCALES, told

DO = {
    "won": "won", "lost": "lost", "chose_rival": "lost", "extend": "extend", "withdraw": "withdraw", "stop": "stop",
    "start": "start", "status": "status", "asset": "asset", "undo": "undo", "next_step": "set", "next_stage": "set",
    "previous_stage": "set",
}  # fmt: skip
WRITES = ("won", "lost", "chose_rival", "extend", "withdraw")


def _examples(*, ok: bool) -> list[tuple[str, str, str]]:
    return [
        (vocabulary.code, intent.name, text)
        for vocabulary in default()
        for intent in vocabulary.intents
        for text in (intent.ok if ok else intent.no)
    ]


def _does(code: str, intent: str, text: str) -> bool:
    lines = told(text, locale=LOCALES[code])
    return any(
        line.startswith(DO[intent] + " ") or line == f"{DO[intent]} apply" for line in lines if "confirm" not in line
    )


@pytest.mark.parametrize(("code", "intent", "text"), _examples(ok=True))
def test_what_a_pattern_calls_ok_is_done_or_asked(code: str, intent: str, text: str) -> None:
    assert _does(code, intent, text)


@pytest.mark.parametrize(("code", "intent", "text"), _examples(ok=False))
def test_what_a_pattern_calls_no_is_not_done(code: str, intent: str, text: str) -> None:
    assert not _does(code, intent, text)


@pytest.mark.parametrize("vocabulary", default(), ids=lambda vocabulary: vocabulary.code)
def test_no_language_lacks_an_intent(vocabulary: Vocabulary) -> None:
    assert INTENTS - {intent.name for intent in vocabulary.intents} == set()


@pytest.mark.parametrize("vocabulary", default(), ids=lambda vocabulary: vocabulary.code)
def test_no_trigger_of_a_write_is_filler(vocabulary: Vocabulary) -> None:
    triggers = {
        tag
        for intent in vocabulary.intents
        if intent.name in WRITES and len(intent.groups) == 1
        for tag in intent.groups[0]
        if not tag.startswith("c:")
    }
    both = [phrase for phrase, tags in vocabulary.lexicon.phrases() if "filler" in tags and tags & triggers]
    assert both == []


@pytest.mark.parametrize("vocabulary", default(), ids=lambda vocabulary: vocabulary.code)
def test_no_guard_is_filler(vocabulary: Vocabulary) -> None:
    little = {"filler", "determiner", "name"}
    both = [phrase for phrase, tags in vocabulary.lexicon.phrases() if tags & little and tags & GUARD_KEYS]
    assert both == []


@pytest.mark.parametrize("vocabulary", default(), ids=lambda vocabulary: vocabulary.code)
def test_every_pattern_of_a_write_has_examples_of_both_kinds(vocabulary: Vocabulary) -> None:
    for name in ("won", "lost", "extend", "withdraw"):
        patterns = [intent for intent in vocabulary.intents if intent.name == name]
        assert sum(len(pattern.ok) for pattern in patterns) >= 2
        assert sum(len(pattern.no) for pattern in patterns) >= 2
