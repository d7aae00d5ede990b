"""Whatever is written: understanding never raises, says the same twice, and takes no longer than it may."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.actions import Certainty, Question
from bot.language import About, understand
from bot.language.normalise import clean, fold, lower
from tests.unit.language.cases import ACME, BASE, MUELLER, told

WORDS = st.sampled_from(
    [
        "signed", "lost", "not", "if", "maybe", "60k", "Acme", "Müller", "moved", "to", "Transact", "please",
        "extend", "?", ".", ",", "\n", "-", "30", "days", "31/02", "unterschrieben", "nicht", "verloren", "an",
        "Globex", "Ende", "März", "50.000", "€", "register", "contact:", "a@b.example", "yes", "no", "thanks",
        "sorry", "👍", "and", "but", ":", "", ">", "10", "%", "more",
    ]
)  # fmt: skip
ABOUTS = st.sampled_from(
    [
        None,
        About(kind="update_request", deal="D1"),
        About(kind="protection_ending", deal="D1"),
        About(kind="digest"),
        About(kind="survey", survey="nps"),
        About(kind="qbr_invite"),
        About(kind="onboarding_task", task="t"),
        About(kind="registration_incomplete"),
        About(kind="confirmation", deal="D1"),
        About(kind="approval_request", registration="R"),
    ]
)


@given(st.text(max_size=200), ABOUTS)
@settings(max_examples=150)
def test_understanding_never_raises(text: str, about: About | None) -> None:
    understand(replace(BASE, text=text, about=about))


@given(st.lists(WORDS, max_size=25), ABOUTS, st.sampled_from(["email", "slack"]))
@settings(max_examples=200)
def test_any_words_of_the_trade_give_the_same_result_twice(words: list[str], about: About | None, channel: str) -> None:
    case = replace(BASE, text=" ".join(words), about=about, channel=channel, deals=(ACME, MUELLER))
    assert understand(case) == understand(case)


@given(st.lists(WORDS, max_size=20))
@settings(max_examples=150)
def test_nothing_is_applied_when_the_cut_is_uncertain(words: list[str]) -> None:
    result = understand(replace(BASE, text=" ".join(words), cut_is_certain=False))
    writes = {"Set", "Won", "Lost", "Extend", "Withdraw", "Register"}
    assert not [a for a in result.actions if type(a).__name__ in writes and a.certainty is Certainty.APPLY]


@given(st.lists(WORDS, max_size=20))
@settings(max_examples=150)
def test_a_partner_never_approves_and_only_questions_are_routed(words: list[str]) -> None:
    about = About(kind="approval_request", registration="R")
    for action in understand(replace(BASE, text=" ".join(words), about=about)).actions:
        assert type(action).__name__ not in {"Approve", "Reject"}
        assert (action.certainty is Certainty.ROUTE) == isinstance(action, Question)


@given(st.text(max_size=120))
def test_shadows_are_as_long_as_the_text(text: str) -> None:
    seen = clean(text)
    assert len(fold(seen)) == len(lower(seen)) == len(seen)
    assert clean(seen) == seen


@pytest.mark.parametrize(
    "piece",
    [
        "signed 60k ",
        "1 2 3 4.5,6",
        "\n",
        "a",
        "x. ",
        "12.12. ",
        "€",
        "(",
        "- ",
        "1.000 ",
        "thousand ",
        "a@b.c ",
        "signed and ",
        "? ",
        "next week ",
    ],
)
def test_a_hundred_kilobytes_of_anything_take_less_than_a_second(piece: str) -> None:
    case = replace(BASE, text=(piece * 100_000)[:100_000])
    start = time.process_time()
    result = understand(case)
    assert time.process_time() - start < 1.0
    assert all(action.certainty is not Certainty.APPLY for action in result.actions)


def test_an_empty_reply_says_nothing() -> None:
    assert told("") == told("  \n ") == told("\u200b") == []
