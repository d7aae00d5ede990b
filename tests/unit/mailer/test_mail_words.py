"""The words are checked when they are read, and every language brings what a cut needs."""

from __future__ import annotations

import re
import tomllib

import pytest

from bot.errors import ConfigError
from mailer.words import Words, pattern
from tests.unit.mailer.mail_vocabulary import FOLDER, shipped_words

SPOKEN = ("en", "de", "fr", "nl", "es", "it", "pt")


def test_languages_are_merged_without_doubles_and_in_lower_case() -> None:
    words = Words.merge([
        {"extract": {"from": ["Von"], "subject": ["Betreff"]}, "automatic": {"subject": ["Abwesend:"]}},
        {"extract": {"from": ["von", "de"]}},
    ])  # fmt: skip
    assert words.from_ == ("von", "de")
    assert words.automatic == ("abwesend:",)


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(ConfigError) as raised:
        Words.merge([
            {"extract": {"form": ["von"], "to": "an", "cc": ["", 7, "{*}", "a {b}"]}, "automatic": []},
            {"extrakt": {}},
        ])  # fmt: skip
    assert len(raised.value.faults) == 8
    assert "mail.extract of table 1: 'form' is not one of from, sent, to" in raised.value.faults[0]
    assert "mail of table 2: 'extrakt' is not one of extract, automatic" in raised.value.faults[-1]


@pytest.mark.parametrize("language", SPOKEN)
def test_a_spoken_language_has_words_for_every_purpose(language: str) -> None:
    table = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))["mail"]
    words = Words.merge([table])
    for name in Words.__dataclass_fields__:
        assert getattr(words, name), f"{language} has no words for {name}"


def test_no_sign_off_is_also_a_mere_thanks() -> None:
    words = shipped_words()
    assert not set(words.sign_off) & set(words.thanks)


@pytest.mark.parametrize(
    ("phrase", "text", "fits"),
    [
        ("am {*} schrieb {*}", "am 24.11. schrieb jan", True),
        ("message d'origine", "message d’origine", True),
        ("best regards", "best   regards", True),
        ("best regards", "bestregards", False),
        ("a.b", "axb", False),
    ],
)
def test_a_phrase_fits_all_forms_of_blanks_and_apostrophes(phrase: str, text: str, *, fits: bool) -> None:
    assert (re.fullmatch(pattern([phrase]), text) is not None) is fits


def test_no_phrases_fit_nothing() -> None:
    assert re.search(pattern([]), "") is None
