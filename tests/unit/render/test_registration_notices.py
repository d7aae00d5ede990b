"""What is said about registrations: numbers, promises and reasons are right in every language, and leak nothing."""

from __future__ import annotations

import inspect
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example as example_of
from hypothesis import given
from hypothesis import strategies as st

from bot.config import LANGUAGES
from bot.domain import eligibility
from bot.domain.actions import Draft
from bot.domain.credits import Source
from bot.domain.deals import DealField, RegistrationStatus
from bot.domain.motions import REQUIRABLE
from bot.domain.notices import (
    Answer,
    Claimed,
    ProtectionEnded,
    ProtectionEnding,
    RegistrationClosed,
    RegistrationDecided,
    RegistrationRequest,
)
from bot.domain.partners import Motion
from bot.domain.registrations import State
from bot.examples import example
from bot.render import TemplateRenderer
from bot.render.renderer import TEMPLATES
from bot.render.words import load_words
from tests.unit.render.registrations import AT, CLOSED, REQUIRED, RULES, registration_notices

ENGLISH = load_words(TEMPLATES, "en")
REPLY_TO = "partners+abc@meridian.example"


@pytest.fixture(scope="module")
def renderer() -> TemplateRenderer:
    return TemplateRenderer(LANGUAGES, programme="Meridian Partner Desk")


def _shown(text: str) -> str:
    """Markdown as its reader sees it."""
    return text.replace("\\", "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_a_registration_can_be_or_lack_has_a_word(language):
    words = load_words(TEMPLATES, language)
    assert set(words.states) == {*State, *RegistrationStatus, *Source}
    assert set(words.motions) == set(Motion)
    assert set(REQUIRED) == {"company", "contact", *Draft.__dataclass_fields__}
    assert set(words.required) == {*REQUIRED, *REQUIRABLE}
    assert set(words.rules) == set(words.findings) == {rule for rule, _ in RULES}


def test_each_rule_that_can_stand_in_the_way_has_a_sentence():
    named = set(re.findall(r'rule="(\w+)"', inspect.getsource(eligibility)))
    assert named
    assert named <= {rule for rule, _ in RULES}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mail_about_a_registration_names_it_in_its_subject(renderer, language):
    about = [n for n in registration_notices() if getattr(n, "number", None) and getattr(n, "company", None)]
    assert {type(n) for n in about} >= {RegistrationDecided, RegistrationRequest, RegistrationClosed}
    for notice in about:
        assert renderer.email(notice, language, reply_to=REPLY_TO).subject.startswith("REG-1042 · Nordwind AG")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_received_registration_is_acknowledged_with_its_number_and_the_promise(renderer, language):
    claimed = Claimed(number="REG-1042", company="Nordwind AG", state=State.SUBMITTED, decided_by=AT)
    mail = renderer.email(Answer(claimed=(claimed,)), language, reply_to=REPLY_TO)
    assert mail.subject.startswith("REG-1042 · Nordwind AG")
    for said in ("REG-1042", "Nordwind AG", "26", "2026", "9:12", "UTC+5:30"):
        assert said in mail.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_missing_is_asked_for_in_one_list(renderer, language):
    claimed = Claimed(number="REG-1042", company="", state=State.DRAFT, missing=("contact", "amount"))
    text = renderer.email(Answer(claimed=(claimed,)), language, reply_to=REPLY_TO).text
    words = load_words(TEMPLATES, language)
    assert f"• {words.required['contact']}\n• {words.required['amount']}\n" in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("decision", CLOSED)
def test_a_manager_is_told_each_outcome_in_words_of_its_own(renderer, language, decision):
    def text(what: str) -> str:
        notice = RegistrationClosed(number="REG-1042", decision=what, company="Nordwind AG")
        return str(renderer.email(notice, language, reply_to=REPLY_TO).text)

    assert all(text(decision) != text(other) for other in CLOSED if other != decision)


def test_a_rules_own_value_is_written_as_its_reader_writes_it():
    words = load_words(TEMPLATES, "de")
    assert _shown(words.rule("past_close_date", "2026-11-01")).endswith("(1. November 2026)")
    assert _shown(words.rule("minimum_amount", "5000.00 EUR")).endswith("(5.000 EUR)")
    assert _shown(words.rule("territory", "CH, Nordics")).endswith("(Schweiz, Nordics)")
    assert _shown(words.rule("certification", "AI")).endswith("(AI)")  # not Anguilla
    assert _shown(words.rule("own_domain", "meridian.example")).endswith("(meridian.example)")
    assert not words.rule("other_claim", "").endswith(")")


@given(rule=st.sampled_from([rule for rule, _ in RULES]), shown=st.text(max_size=60))
@example_of(rule="amount_out_of_range", shown="1E+999999999 EUR")
@example_of(rule="amount_out_of_range", shown="NaN EUR")
@example_of(rule="past_close_date", shown="2026-02-31")
def test_no_value_of_a_rule_breaks_its_sentence(rule, shown):
    assert ENGLISH.rule(rule, shown).startswith(ENGLISH.rule(rule, ""))


@pytest.mark.parametrize(
    ("offset", "zone"),
    [
        (timedelta(), "UTC"),
        (timedelta(hours=1), "UTC+1"),
        (timedelta(hours=-3, minutes=-30), "UTC-3:30"),
        (timedelta(hours=12, minutes=45), "UTC+12:45"),
    ],
)
def test_a_moment_says_its_weekday_and_its_zone(offset, zone):
    moment = datetime(2026, 11, 26, 9, 5, tzinfo=timezone(offset))
    assert _shown(ENGLISH.moment(moment)) == f"Thursday, 26 November 2026, 09:05 ({zone})"


def test_a_promise_on_the_first_of_a_month_is_french():
    moment = datetime(2027, 4, 1, 9, 5, tzinfo=UTC)
    assert _shown(load_words(TEMPLATES, "fr").moment(moment)) == "jeudi 1er avril 2027 à 09:05 (UTC)"


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_a_registration_stands_is_a_word_and_a_strange_value_is_shown_as_it_is(language):
    words = load_words(TEMPLATES, language)
    assert words.value(DealField.REGISTRATION_STATUS, "expired", None) == words.states["expired"]
    assert words.value(DealField.REGISTRATION_STATUS, "on_hold", None) == "on\\_hold"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_request_offers_its_three_answers_in_each_shape(renderer, language):
    notice = example("registration_request")
    words = load_words(TEMPLATES, language)
    mail = renderer.email(notice, language, reply_to=REPLY_TO)
    assert mail.html.count(f"mailto:{REPLY_TO}?subject=") == 3
    assert mail.html.count("&amp;body=&") + mail.html.count('&amp;body="') == 1  # the question begins empty
    assert [words.buttons["approve"] in mail.text, words.buttons["reject"] in mail.text] == [True, True]
    assert mail.text.count("→ ") == 2
    buttons = [e for b in renderer.slack(notice, language).blocks if b["type"] == "actions" for e in b["elements"]]
    assert [(b["action_id"], b["value"]) for b in buttons] == [
        ("approve", "REG-1042"),
        ("reject", "REG-1042"),
        ("ask", "REG-1042"),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_warning_offers_more_time_and_giving_back(renderer, language):
    notice = example("protection_ending")
    words = load_words(TEMPLATES, language)
    text = renderer.email(notice, language, reply_to=REPLY_TO).text
    assert "30" in text
    assert words.buttons["withdraw"] in text
    buttons = [e for b in renderer.slack(notice, language).blocks if b["type"] == "actions" for e in b["elements"]]
    assert [b["action_id"] for b in buttons] == ["confirm", "withdraw"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_decides_is_said_where_a_yes_does_not_suffice(renderer, language):
    plain = example("protection_ending")
    assert isinstance(plain, ProtectionEnding)
    asking = replace(plain, needs_manager=True)
    assert renderer.email(plain, language, reply_to="x@y.example") != renderer.email(
        asking, language, reply_to="x@y.example"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_partners_name_is_told_to_managers_alone(renderer, language):
    ended = example("protection_ended")
    assert isinstance(ended, ProtectionEnded)
    told = renderer.email(replace(ended, partner="Brandt IT GmbH"), language, reply_to=REPLY_TO).text
    assert "Brandt IT GmbH" in told
    assert renderer.email(replace(ended, partner=""), language, reply_to=REPLY_TO).text.count("30") == 0  # a manager


LONG = "Nord\N{LATIN SMALL LETTER SHARP S} “wind” <!channel> *_`[x](https://evil.example)\N{ROCKET} " * 6


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_company_with_a_long_and_odd_name_is_shown_as_it_is(renderer, language):
    notice = RegistrationDecided(decision="refused", number="REG-1042", company=LONG, rules=RULES)
    mail = renderer.email(notice, language, reply_to=REPLY_TO)
    assert " ".join(LONG.split()) in mail.text
    assert 'href="https://evil.example' not in mail.html
    assert "<!channel>" not in str(renderer.slack(notice, language))
