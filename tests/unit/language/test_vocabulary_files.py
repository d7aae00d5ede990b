"""One file adds a language; a wrong file is refused with its name and key."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.language import understand
from bot.language.codec import action_to_json
from bot.language.phrases import expand
from bot.language.schema import VocabularyError
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
