"""What is learnt from a phrase holds no name and no value."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.actions import AnyAction, Certainty, Field, Set, Won
from bot.language.learning import Learnt, learnt
from tests.unit.language.cases import BASE, MUELLER, SPEAKER


def taught(because: str, *, locale: str = "en-GB") -> Learnt | None:
    case = replace(BASE, speaker=replace(SPEAKER, locale=locale), deals=(*BASE.deals, MUELLER))
    return learnt(Won(certainty=Certainty.CONFIRM, because=because, deal="D1"), case)


@pytest.mark.parametrize(
    ("because", "locale", "language", "words"),
    [
        ("Acme is in the bag", "en-GB", "en", "{deal} is in the bag"),
        (
            "Petra Lang told us it is ours, 60k on 15 March",
            "en-GB",
            "en",
            "{name} told us it is ours, {amount} on {date}",
        ),
        ("Tom says Müller & Söhne is done!", "en-GB", "en", "{name} says {deal} is done"),
        ("the deal is sealed, write to p.lang@acme.example", "en-GB", "en", "the deal is sealed, write to {address}"),
        (
            "Acme haben wir am 3.12. in trockenen Tüchern",
            "de-DE",
            "de",
            "{deal} haben wir am {date} in trockenen tüchern",
        ),
        ("in Transact, 30 Tage länger", "de-DE", "de", "in {stage}, {length} länger"),
    ],
)
def test_names_and_values_are_masked(because: str, locale: str, language: str, words: str) -> None:
    assert taught(because, locale=locale) == Learnt(language=language, kind="won", words=words)


@pytest.mark.parametrize("because", ["", "Acme", "60k", "15 March 2027", "Petra Lang", "so " * 100])
def test_a_phrase_without_words_teaches_nothing(because: str) -> None:
    assert taught(because) is None


def test_what_a_set_action_sets_is_told() -> None:
    action: AnyAction = Set(certainty=Certainty.CONFIRM, because="it is 60k", deal="D1", field=Field.AMOUNT)
    found = learnt(action, BASE)
    assert found is not None
    assert (found.kind, found.words) == ("set amount", "it is {amount}")


@given(st.text(max_size=40), st.sampled_from(["60k", "15 March", "Petra", "a@b.example", "0171 2345678"]))
def test_no_digit_of_a_partner_is_kept(words: str, value: str) -> None:
    found = taught(f"it is done {words} {value}")
    assert found is None or not any(sign.isdecimal() for sign in found.words)
