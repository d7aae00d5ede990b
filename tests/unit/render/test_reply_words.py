"""What our mails invite people to write is understood: the buttons' words, and every sentence given as an example."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from bot.config import LANGUAGES
from bot.domain.actions import (
    Approve,
    Certainty,
    Extend,
    Field,
    Lost,
    Question,
    Reject,
    Set,
    Status,
    Undo,
    Withdraw,
    Won,
)
from bot.domain.credits import Wish, wish_in
from bot.language import understand
from bot.language.case import About, Case, CaseDeal, Result, Speaker
from bot.render.renderer import TEMPLATES
from bot.render.words import load_words

VOCABULARY = Path(__file__).parents[3] / "bot" / "language" / "vocabulary"


def _is_understood(language: str) -> bool:
    return "intent" in tomllib.loads((VOCABULARY / f"{language}.toml").read_text(encoding="utf-8"))


UNDERSTOOD = [language for language in LANGUAGES if _is_understood(language)]
PENDING = Set(certainty=Certainty.CONFIRM, deal="D1", field=Field.AMOUNT, value=Decimal(60000))


def read(text: str, language: str, about: About, role: str = "partner") -> Result:
    deal = CaseDeal(
        id="D1",
        name="Acme rollout",
        company="Acme GmbH",
        motion="reseller",
        stage="Qualification",
        amount=Decimal(40000),
        currency="EUR",
        close_date=date(2026, 12, 31),
        registration="REG-1",
        protected_until=date(2026, 12, 8),
    )
    locale = load_words(TEMPLATES, language).locale.replace("_", "-")
    speaker = Speaker(name="Julia Brandt", email="j@brandt-it.example", org="Brandt IT", locale=locale, role=role)
    stages = {"reseller": ("Deal Registration", "Qualification", "Configure & Quote", "Transact", "Launch & Activate")}
    return understand(
        Case(
            id="1",
            today=date(2026, 11, 24),
            channel="email",
            speaker=speaker,
            deals=(deal,),
            stages=stages,
            text=text,
            about=about,
        )
    )


def samples(language: str, event: str) -> list[str]:
    """The sentences between quotation marks in a template, without the word for taking back."""
    text = (TEMPLATES / f"{event}.{language}.md").read_text(encoding="utf-8")
    found = re.findall(r"[“„«‘]\s*(.+?)\s*[”“»’]", text)
    return [sample for sample in found if sample != load_words(TEMPLATES, language).buttons["undo"]]


@pytest.mark.parametrize("language", UNDERSTOOD)
def test_the_word_for_taking_back_takes_back(language):
    word = load_words(TEMPLATES, language).buttons["undo"]
    actions = read(word, language, About(kind="receipt", deal="D1")).actions
    assert [type(a) for a in actions] == [Undo]


@pytest.mark.parametrize("language", UNDERSTOOD)
@pytest.mark.parametrize(("button", "answered"), [("confirm", True), ("decline", False)])
def test_the_words_for_yes_and_no_answer_what_is_pending(language, button, answered):
    word = load_words(TEMPLATES, language).buttons[button]
    about = About(kind="confirm", deal="D1", pending=(PENDING,))
    assert read(word, language, about).answered is answered


@pytest.mark.parametrize("language", UNDERSTOOD)
@pytest.mark.parametrize(("button", "action"), [("approve", Approve), ("reject", Reject)])
def test_the_words_for_a_managers_decision_decide(language, button, action):
    word = load_words(TEMPLATES, language).buttons[button]
    about = About(kind="approval_request", deal="D1", registration="REG-1")
    assert [type(a) for a in read(word, language, about, role="manager").actions] == [action]


@pytest.mark.parametrize("language", UNDERSTOOD)
def test_each_sentence_of_the_help_is_understood_as_what_it_shows(language):
    about = About(kind="status_changed", deal="D1")
    got = [read(sample, language, about).actions for sample in samples(language, "help")]
    stage, closing, step, won, lost, status = got
    assert [type(actions[0]) for actions in (won, lost, status)] == [Won, Lost, Status]
    assert [a.field for actions in (stage, step) for a in actions if isinstance(a, Set)] == [
        Field.STAGE,
        Field.NEXT_STEP,
    ]
    values = {a.field: a.value for a in closing if isinstance(a, Set)}
    assert values == {Field.CLOSE_DATE: date(2027, 3, 31), Field.AMOUNT: Decimal(60000)}
    assert not any(isinstance(a, Question) for actions in got for a in actions)


@pytest.mark.parametrize("language", UNDERSTOOD)
def test_a_notices_own_example_is_a_close_date_and_an_amount(language):
    (sample,) = samples(language, "deal_changed")
    actions = read(sample, language, About(kind="status_changed", deal="D1")).actions
    assert [a.field for a in actions if isinstance(a, Set)] == [Field.CLOSE_DATE, Field.AMOUNT]


@pytest.mark.parametrize("language", UNDERSTOOD)
def test_the_words_under_a_protections_end_extend_it_or_give_it_back(language):
    words = load_words(TEMPLATES, language).buttons
    about = About(kind="protection_ending", deal="D1", registration="REG-1")
    longer, back = (read(words[button], language, about).actions for button in ("confirm", "withdraw"))
    assert [(type(a), a.certainty) for a in longer + back] == [
        (Extend, Certainty.APPLY),
        (Withdraw, Certainty.APPLY),
    ]


@pytest.mark.parametrize("language", UNDERSTOOD)
@pytest.mark.parametrize("event", ["protection_ending", "protection_ended"])
def test_what_a_warning_suggests_to_write_extends_the_protection(language, event):
    about = About(kind="protection_ending", deal="D1", registration="REG-1")
    suggested = samples(language, event)
    assert suggested
    for sample in suggested:
        (action,) = read(sample, language, about).actions
        assert isinstance(action, Extend)
        assert action.until in {date(2027, 1, 7), date(2026, 12, 22)}


@pytest.mark.parametrize("language", UNDERSTOOD)
def test_what_a_manager_is_told_to_write_decides(language):
    about = About(kind="approval_request", registration="REG-1")
    decided = [
        read(sample, language, about, role="manager").actions for sample in samples(language, "registration_closed")
    ]
    assert [type(a) for actions in decided for a in actions] == [Approve, Approve, Reject]


@pytest.mark.parametrize("language", UNDERSTOOD)
def test_what_a_manager_is_told_to_write_names_a_share(language):
    about = About(kind="approval_request", registration="REG-1")
    (sample,) = [s for s in samples(language, "registration_request") if "%" in s]
    (action,) = read(sample, language, about, role="manager").actions
    assert (type(action), action.certainty) == (Approve, Certainty.APPLY)
    assert wish_in(sample, action.because) == Wish(share=Decimal(10))


@pytest.mark.parametrize("language", UNDERSTOOD)
def test_what_a_nudge_suggests_to_write_is_the_next_step(language):
    suggested = [sample for sample in samples(language, "nudge") if "{{" not in sample]
    assert suggested
    for sample in suggested:
        (action,) = read(sample, language, About(kind="update_request", deal="D1")).actions
        assert isinstance(action, Set)
        assert (action.field, action.certainty) == (Field.NEXT_STEP, Certainty.APPLY)
