"""A next step given alone, as the answer to "what is the next step?": one line an action, see cases.line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.actions import Ask, Certainty, Field, Set
from bot.language import About
from bot.language.normalise import clean
from tests.unit.language.cases import ACME, LOCALES, MUELLER, said, told

STAGE = Set(deal="D1", field=Field.STAGE, value="Transact", certainty=Certainty.APPLY)
STEP = Set(deal="D1", field=Field.NEXT_STEP, certainty=Certainty.ASK, ask=Ask.NEXT_STEP)
DAY = Set(deal="D1", field=Field.CLOSE_DATE, certainty=Certainty.ASK, ask=Ask.CLOSE_DATE)
ONE = About(kind="confirmation", deal="D1", pending=(STAGE, STEP))
BOTH = About(kind="confirmation", deal="D1", pending=(STAGE, DAY, STEP))
MOVES = "set D1 stage Transact apply"
ASKED = "set D1 next_step ask next_step"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "Demo with the CTO on Friday"),
        ("de", "Demo mit dem CTO am Freitag"),
        ("fr", "Démo avec le DSI vendredi"),
        ("nl", "Demo met de CTO op vrijdag"),
        ("es", "Demo con el CTO el viernes"),
        ("it", "Demo con il CTO venerdì"),
        ("pt", "Demonstração com o CTO na sexta-feira"),
    ],
)
def test_what_happens_on_a_day_to_come_is_the_step(code: str, text: str) -> None:
    assert told(f"{text}.", locale=LOCALES[code], about=ONE) == [MOVES, f"set D1 next_step {text} apply"]


@pytest.mark.parametrize(
    "text",
    [
        "Contract review with legal",
        "Call on Monday",
        "Probably a demo on Friday",
        "Vacation until Monday",
        "The revised offer will be sent on Friday",
        "workshop",
    ],
)
def test_what_may_be_the_step_waits_for_a_yes(text: str) -> None:
    assert told(text, about=ONE) == [MOVES, f"set D1 next_step {text} confirm"]


@pytest.mark.parametrize(
    "text",
    [
        "I don't know yet",
        "We had a demo yesterday",
        "Demo on Friday?",
        "please call me on Friday",
        "What do you mean?",
        "nothing planned",
        "the customer is thinking about it",
        "Müller demo on Friday",
    ],
)
def test_no_question_wish_past_or_other_deal_is_a_step(text: str) -> None:
    assert told(text, about=ONE, deals=(ACME, MUELLER)) == [f"question {text} route"]


def test_where_the_close_date_is_asked_too_each_clause_answers_its_own_question() -> None:
    step, day = "set D1 next_step Demo with the CTO on Friday apply", "set D1 close_date 2027-03-31 apply"
    assert told("Demo with the CTO on Friday. Close date is 31 March 2027.", about=BOTH) == [MOVES, day, step]
    assert told("31 March 2027.", about=BOTH) == [MOVES, day, ASKED]
    assert told("Demo with the CTO on Friday", about=BOTH) == [MOVES, "set D1 close_date ask close_date", step]


def test_other_facts_keep_their_words() -> None:
    assert told("Demo on Friday, amount is 60k", about=ONE) == [
        MOVES,
        "set D1 next_step Demo on Friday apply",
        "set D1 amount 60000 apply",
    ]
    assert told("We lost it to Globex on price", about=ONE)[-1].startswith("lost D1")


def test_a_stage_that_the_step_only_suggests_is_not_set() -> None:
    text = "Demo with the CTO on Friday, then the offer goes out"
    assert told(text, about=ONE) == [MOVES, f"set D1 next_step {text} apply"]


def test_several_steps_become_one_that_waits_for_a_yes() -> None:
    text = "- demo on Friday\n- offer by 3 December"
    assert told(text, about=ONE) == [MOVES, "set D1 next_step demo on Friday; offer by 3 December confirm"]


def test_doubt_about_the_cut_waits_for_a_yes() -> None:
    assert told("Demo on Friday", about=ONE, cut_is_certain=False)[-1] == "set D1 next_step Demo on Friday confirm"


@given(st.text(max_size=60))
def test_a_step_is_the_partners_own_words(text: str) -> None:
    steps = [a for a in said(text, about=ONE) if isinstance(a, Set) and a.field is Field.NEXT_STEP and a.value]
    for step in steps:
        read = clean(text, channel="slack")
        assert all(word in read for part in str(step.value).split("; ") for word in part.split())
