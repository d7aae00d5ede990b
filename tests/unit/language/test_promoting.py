"""A learnt phrase becomes a pattern only when no example speaks against it."""

from __future__ import annotations

import pytest

from bot.language.learning import Learnt
from bot.language.promoting import NotPromotedError, promoted
from bot.language.schema import VocabularyError
from bot.language.vocabulary import default, file_of, vocabulary_of
from tests.unit.language.cases import told

NEW = Learnt(language="en", kind="won", words="{deal} is snug in the cellar")


def text_of(language: str) -> str:
    return file_of(language).read_text(encoding="utf-8")


def test_a_promoted_phrase_is_understood_and_the_rest_of_the_file_stays():
    before = text_of("en")
    after = promoted(before, NEW, default())
    added = after.splitlines()
    for line in before.splitlines():
        added.remove(line)
    assert [line for line in added if line] == [
        "[[intent.won]]",
        'all = ["is snug in the cellar"]',
        'ok = ["Acme is snug in the cellar"]',
    ]
    assert told("Acme is snug in the cellar") != ["won D1 apply"]
    taught = vocabulary_of("en", after)
    assert any("Acme is snug in the cellar" in intent.ok for intent in taught.intents)
    with pytest.raises(NotPromotedError, match=r"ordinary words|already"):
        promoted(after, NEW, default())


def test_a_phrase_around_a_name_becomes_two_groups():
    after = promoted(
        text_of("de"), Learnt(language="de", kind="won", words="{name} jubiliert bei {deal} kräftig"), default()
    )
    assert 'all = ["jubiliert bei", "kräftig"]' in after


@pytest.mark.parametrize(
    ("kind", "words", "why"),
    [
        ("set amount", "it is {amount} wolkig", "not said by a phrase alone"),
        ("won", "{deal} {date}", "has no words"),
        ("won", "the contract", "ordinary words alone"),
        ("won", "not {deal}", "ordinary words alone"),
        ("won", "probably {deal} snugly", "hedged, denied or asked"),
    ],
)
def test_what_speaks_against_a_phrase_is_said(kind: str, words: str, why: str):
    with pytest.raises(NotPromotedError) as refused:
        promoted(text_of("en"), Learnt(language="en", kind=kind, words=words), default())
    assert why in str(refused.value)


def test_a_phrase_that_an_example_forbids_is_refused():
    forbidding = '[[intent.won]]\nall = ["zonked"]\nno = ["Acme zorbed today"]\n\n[[intent.lost]]'
    text = text_of("en").replace("[[intent.lost]]", forbidding, 1)
    with pytest.raises(NotPromotedError, match="'Acme zorbed today' would be taken for won instead of"):
        promoted(text, Learnt(language="en", kind="won", words="{deal} zorbed"), default())


def test_a_file_that_is_wrong_already_is_not_written():
    with pytest.raises(VocabularyError):
        promoted("[wrods]\nfiller = 'a'", NEW, default())
