"""One file adds a language; a wrong file is refused with its name and key."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language import cldr, understand
from bot.language.codec import action_to_json
from bot.language.phrases import expand, expand_all, words_in
from bot.language.schema import Vocabulary, VocabularyError
from bot.language.vocabulary import default, load
from tests.unit.language.cases import BASE, SPEAKER

POLISH = Path(__file__).parent / "vocabularies" / "pl.toml"


@pytest.mark.parametrize(
    ("text", "do"),
    [
        ("Cześć, klient podpisał dziś rano. Pozdrawiam, Tom", [("won", "apply")]),
        ("jeszcze nie podpisali", []),
        ("chyba podpisali", [("won", "confirm")]),
        ("kwota wynosi teraz 60 tys. zł", [("set", "apply"), ("set", "apply")]),
        ("data zamknięcia: 15 marca 2027", [("set", "apply")]),
    ],
)
def test_a_language_is_one_file(text: str, do: list[tuple[str, str]]) -> None:
    vocabularies = (*default(), *load([POLISH]))
    speaker = replace(SPEAKER, locale="pl-PL")
    result = understand(replace(BASE, text=text, speaker=speaker), vocabularies)
    assert result.language == "pl"
    assert [(action_to_json(action)["do"], action.certainty.value) for action in result.actions] == do


def test_the_mail_table_is_handed_on_unread() -> None:
    (polish,) = load([POLISH])
    assert polish.mail == {"extract": {"from": ["od"]}}


@pytest.mark.parametrize("vocabulary", [*default(), *load([POLISH])], ids=lambda vocabulary: vocabulary.code)
def test_the_words_told_at_once_are_those_of_the_phrases(vocabulary: Vocabulary) -> None:
    keys = [key for key, _ in vocabulary.content.phrases if not any("*" in word for word in key)]
    assert vocabulary.lexicon.accented == {word for key in keys for word in key}


def test_a_bracket_inside_a_word_makes_words() -> None:
    phrases = [
        "contract[s]",
        "(sign|signed) it",
        "verläng*",
        "[dis]like* it",
        "{deal}",
        "(new*|old)",
        "(pon|di)(lo|la)",
    ]
    assert words_in([", ".join(phrases)]) == {
        "contract",
        "contracts",
        "sign",
        "signed",
        "it",
        "old",
        "ponlo",
        "ponla",
        "dilo",
        "dila",
    }


@given(st.lists(st.text("ab(|)[]* é'-", min_size=1), max_size=4))
def test_many_phrases_are_expanded_as_each_is(phrases: list[str]) -> None:
    try:
        singly = [expand(phrase) for phrase in phrases]
    except ValueError:
        with pytest.raises(ValueError):  # noqa: PT011 - the message is that of expand
            expand_all(phrases)
    else:
        assert expand_all(phrases) == singly
        assert words_in(phrases) == {word for keys in singly for key in keys if "*" not in "".join(key) for word in key}


def test_what_is_kept_of_cldr_is_what_babel_says() -> None:
    assert json.loads(cldr._FILE.read_text(encoding="utf-8")) == cldr.shipped(), "run: python -m bot.language.cldr"


def test_a_language_that_is_not_kept_is_asked_of_babel() -> None:
    assert cldr.names("pl", "months", "wide")["marca"] == 3
    assert cldr.decimal_sign("pl-PL") == ","
    assert not cldr.month_first("pl-PL")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[words", "xx.toml: is not readable TOML"),
        ("[wrods]\nfiller = 'a'", "xx.toml: wrods: is not a known key"),
        ("[words]\nfillers = 'a'", "xx.toml: words.fillers: is not a known key"),
        ("[words]\nfiller = ['a']", "xx.toml: words.filler: must be one string of words"),
        ("[guard]\nnot = 3", "xx.toml: guard.not: must be a string of phrases"),
        ("[guard]\nnot = 'never (ever'", "xx.toml: guard.not: a bracket is not closed"),
        ("[concept]\ncolour = 'red'", "xx.toml: concept.colour: is not a known key"),
        ("[[intent.win]]\nall = ['won']", "xx.toml: intent.win: is not a known key"),
        ("[[intent.won]]\nok = ['won']", "xx.toml: intent.won[0]: has no 'all'"),
        ("[[intent.won]]\nall = ['{colour}']", "xx.toml: intent.won[0]: {colour} is neither a concept nor"),
        ("[date]\neaster = 'easter'", "xx.toml: date.easter: is not a known key"),
        ("[stages.transact]\nlike = 'a'", "xx.toml: stages.'transact'.like: is not a known key"),
        ("words = 3", "xx.toml: words: must be a table"),
    ],
)
def test_a_fault_names_the_file_and_the_key(tmp_path: Path, text: str, fault: str) -> None:
    path = tmp_path / "xx.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(VocabularyError) as error:
        load([path])
    assert fault in str(error.value)


@pytest.mark.parametrize(
    ("phrase", "keys"),
    [
        ("signed", [("signed",)]),
        ("close-date", [("close", "date")]),
        ("don't", [("don", "t")]),
        ("(sent|gave) it back", [("sent", "it", "back"), ("gave", "it", "back")]),
        ("sign [the|a] contract", [("sign", "contract"), ("sign", "the", "contract"), ("sign", "a", "contract")]),
        ("verläng*", [("verläng*",)]),
    ],
)
def test_the_phrase_language(phrase: str, keys: list[tuple[str, ...]]) -> None:
    assert expand(phrase) == keys


@pytest.mark.parametrize("phrase", ["(a", "a)", "[]", "(a|", ""])
def test_a_broken_phrase_is_refused(phrase: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the message is checked through load above
        expand(phrase)
