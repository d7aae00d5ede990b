"""The forms: within Slack's limits in every language, asked for by the right buttons, and checked before they close."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.config import LANGUAGES
from bot.domain.partners import Motion
from bot.domain.terms import Terms
from bot.ports import Json
from bot.render.renderer import TEMPLATES
from bot.render.words import load_words
from bot.sandbox.slack.blocks import why_not_view
from bot.slack.events import Kind, SlackEvent
from bot.slack.forms import Forms, FormSettings
from bot.slack.views.decide import ask_view, reject_view
from bot.slack.views.form import FormWords
from bot.slack.views.place import Place
from bot.slack.views.register import register_view

PLACE = Place(channel="C1", ts="1.0", thread_ts="0.9", number="REG-1042", language="de")
ALL = tuple(Motion)


def words_of(language: str) -> FormWords:
    words = load_words(TEMPLATES, language)
    return FormWords(labels=words.forms, rules=words.rules, motions=words.motions)


async def never(_trigger: str, _view: Json) -> str:
    raise AssertionError("nothing is to be opened")


def forms(terms: Terms | None = None, motions: tuple[Motion, ...] = ALL) -> Forms:
    settings = FormSettings(
        words={language: words_of(language) for language in ("en", "de")},
        language="en",
        manager_language="de",
        terms=terms or Terms(),
        motions=motions,
    )
    return Forms(settings, never, lambda: datetime(2026, 11, 24, 11, 0, tzinfo=UTC))


def command(text: str) -> SlackEvent:
    return SlackEvent(kind=Kind.COMMAND, key="k", channel="C1", plain=text, trigger_id="t")


def button(action: str, value: str) -> SlackEvent:
    return SlackEvent(kind=Kind.ACTION, key="k", channel="C1", ts="1.0", action_id=action, value=value, trigger_id="t")


def sent(callback_id: str, values: dict[str, str], language: str = "en") -> SlackEvent:
    metadata = Place(language=language).to_json()
    return SlackEvent(
        kind=Kind.VIEW_SUBMISSION, key="k", callback_id=callback_id, private_metadata=metadata, values=values
    )


def fields(view: Json) -> dict[str, dict[str, Any]]:
    return {block["block_id"]: block for block in view["blocks"]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_form_is_one_that_slack_accepts_and_its_words_are_not_cut(language):
    words = words_of(language)
    views = [
        register_view(words, PLACE, Terms(currency="XAF"), ALL),
        reject_view(words, PLACE),
        ask_view(words, PLACE),
    ]
    for view in views:
        assert why_not_view(view) == []
        name = view["callback_id"]
        shown = [view[part]["text"] for part in ("title", "submit", "close")]
        assert shown == [words.labels[f"{name}_title"], words.labels[f"{name}_submit"], words.labels["close"]]
        assert all(block["block_id"] == block["element"]["action_id"] for block in view["blocks"])


def test_the_form_asks_for_what_the_terms_ask_for():
    terms = Terms(required=("company", "amount"), required_by_motion={Motion.SERVICES: ("need",)})
    several = fields(register_view(words_of("en"), PLACE, terms, ALL))
    assert {name for name, block in several.items() if not block["optional"]} == {
        "company", "amount", "currency", "motion",
    }  # fmt: skip
    own = Terms(required=("company",), required_by_motion={Motion.RESELLER: ("need",)})
    one = fields(register_view(words_of("en"), PLACE, own, (Motion.RESELLER,)))
    assert "motion" not in one
    assert one["need"]["optional"] is False


def test_the_programmes_own_currency_and_motion_are_chosen_already():
    shown = fields(register_view(words_of("en"), PLACE, Terms(currency="CHF"), ALL))
    assert shown["currency"]["element"]["initial_option"]["value"] == "CHF"
    assert shown["motion"]["element"]["initial_option"]["value"] == "reseller"


@pytest.mark.parametrize(
    ("event", "form"),
    [
        (command("register"), "register"),
        (command(" Register "), "register"),
        (command("register Nordwind, 85k"), None),
        (command("deals"), None),
        (button("register", "de"), "register"),
        (button("reject", "REG-1042"), "reject"),
        (button("ask", "REG-1042"), "ask"),
        (button("approve", "REG-1042"), None),
        (button("reject", "CHG-17"), None),
        (button("undo", "17"), None),
        (SlackEvent(kind=Kind.MESSAGE, key="k", plain="register"), None),
    ],
)
def test_a_form_is_opened_for_what_asks_for_one_and_all_else_is_stored(event, form):
    view = forms().wanted(event)
    assert (view["callback_id"] if view else None) == form


def test_a_form_remembers_where_it_was_opened_and_what_it_is_about():
    view = forms().wanted(button("reject", "REG-1042"))
    assert view is not None
    place = Place.from_json(view["private_metadata"])
    assert (place.channel, place.ts, place.number) == ("C1", "1.0", "REG-1042")


def test_a_partner_reads_the_form_in_the_language_of_its_button_and_managers_in_theirs():
    german = forms().wanted(button("register", "de"))
    english = forms().wanted(button("register", "xx"))
    managers = forms().wanted(button("ask", "REG-1"))
    assert german is not None
    assert english is not None
    assert managers is not None
    assert german["title"]["text"] == "Deal registrieren"
    assert english["title"]["text"] == "Register a deal"
    assert managers["title"]["text"] == "Den Partner fragen"


WHOLE = {"company": "Nordwind", "contact_name": "K", "amount": "85000", "currency": "EUR", "close_date": "2027-03-31"}


def test_a_whole_form_may_close():
    assert forms().errors(sent("register", WHOLE)) == {}
    assert forms().errors(sent("reject", {"reason": "no budget"})) == {}
    assert forms().errors(sent("something_else", {})) == {}


@pytest.mark.parametrize(("day", "stays"), [("2026-11-22", True), ("2026-11-23", False), ("2026-11-24", False)])
def test_a_day_is_past_when_it_is_past_everywhere(day, stays):
    assert ("close_date" in forms().errors(sent("register", {**WHOLE, "close_date": day}))) is stays


def test_errors_are_sentences_in_the_forms_language():
    found = forms().errors(sent("register", {**WHOLE, "amount": "-1", "close_date": "2020-01-01"}, language="de"))
    rules = load_words(TEMPLATES, "de").rules
    assert found == {"amount": rules["amount_out_of_range"], "close_date": rules["past_close_date"]}


def test_a_blank_reason_or_question_is_asked_for():
    assert set(forms().errors(sent("reject", {"reason": "  "}))) == {"reason"}
    assert set(forms().errors(sent("ask", {}))) == {"question"}


@pytest.mark.parametrize("metadata", ["", "c-7", "[]", "null", '{"channel": 7, "x": "y"}'])
def test_metadata_that_is_not_ours_is_no_place(metadata):
    assert Place.from_json(metadata) == Place()


def test_a_place_comes_back_as_it_went():
    assert Place.from_json(PLACE.to_json()) == PLACE
