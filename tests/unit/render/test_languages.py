"""Every language is whole and itself: the same keys, its own quotation marks, dates, amounts and words."""

from __future__ import annotations

import re
import shutil
import tomllib
from datetime import date
from decimal import Decimal
from functools import cache

import pytest

from bot.config import LANGUAGES
from bot.domain.deals import DealField, FieldChange
from bot.domain.motions import DEFAULTS
from bot.domain.notices import EVENTS, DealList, DealView
from bot.errors import ConfigError
from bot.render import TemplateRenderer
from bot.render.markdown import literal
from bot.render.renderer import TEMPLATES
from bot.render.words import TABLES, load_words

OTHERS = [language for language in LANGUAGES if language != "en"]
QUOTES = {"en": "“”", "de": "„“", "fr": "«»", "nl": "‘’", "es": "«»", "it": "«»", "pt": "“”"}
ALL_QUOTES = set('"“”„«»‘’‚‹›')
ENGLISH = {
    "the", "your", "you", "please", "has", "been", "have", "this", "that", "with", "reply", "from", "what", "which",
    "nothing", "changed", "close", "stage", "amount", "next", "step", "until", "and", "not", "our", "message",
}  # fmt: skip
BORROWED = {"fr": {"message"}}  # words that are the language's own as well
DEAL = DealView(
    id="1",
    name="Acme",
    company="Acme GmbH",
    stage="S",
    amount=Decimal(1234567),
    currency="EUR",
    close_date=date(2027, 3, 31),
)


def tables(language: str) -> dict[str, dict[str, str]]:
    return {k: v for k, v in tomllib.loads(_file(f"words.{language}.toml")).items() if isinstance(v, dict)}


def _file(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


@cache
def prose(language: str) -> str:
    """Everything that a reader of this language may see, without values, conditions, commands and quoted samples."""
    sources = [_file(f"{event}.{language}.md") for event in EVENTS]
    sources += [text for table in tables(language).values() for text in table.values()]
    text = "\n".join(source.removeprefix("Subject:") for source in sources)
    text = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{\w+\}|\]\([^)]*\)", " ", text, flags=re.DOTALL)
    return re.sub(r"`[^`]*`|/partner \w+|\bRe: ", " ", text)


CRITERIA = sorted(e.criterion for exits in DEFAULTS.values() for e in exits)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_criterion_has_words_of_the_language_and_none_is_left_over(language):
    translated = tables(language)["criteria"]
    assert sorted(translated) == CRITERIA
    assert len(set(translated.values())) == len(CRITERIA)
    assert (translated.keys() & set(translated.values()) == set()) is (language != "en")
    assert all(text.endswith(".") and text[0].isupper() for text in translated.values())


@pytest.mark.parametrize(
    ("language", "countries"),
    [("en", "France, Austria"), ("de", "Frankreich, Österreich"), ("nl", "Frankrijk, Oostenrijk")],
)
def test_countries_are_read_by_name_by_partner_and_manager(language, countries):
    words = load_words(TEMPLATES, language)
    assert words.detail("territory", "FR, at") == literal(countries)
    assert literal(countries) in words.rule("territory", "FR, at")
    assert words.detail("territory", "DACH") == "DACH"
    assert words.detail("customer", "FR") == "FR"


def test_a_partner_reads_when_a_stage_is_complete_and_a_programmes_own_criterion_as_it_stands():
    words = load_words(TEMPLATES, "de")
    assert words.criterion("The reseller closes and delivers.") == literal("Der Reseller schließt ab und liefert.")
    assert words.criterion("Die Referenz steht.") == literal("Die Referenz steht.")


def words_of(language: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]+", prose(language).lower()))


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_has_the_keys_of_english_and_no_others(language):
    assert {t: set(words) for t, words in tables(language).items()} == {t: set(w) for t, w in tables("en").items()}


@pytest.mark.parametrize("table", TABLES)
def test_a_missing_word_is_named_before_anything_is_sent(tmp_path, table):
    key = next(iter(tables("en")[table]))
    text = _file("words.de.toml")
    head, mark, rest = text.partition(f"[{table}]")
    (tmp_path / "words.de.toml").write_text(
        head + mark + re.sub(rf'(?m)^"?{re.escape(key)}"? = .*$', "", rest, count=1)
    )
    english = load_words(TEMPLATES, "en")
    with pytest.raises(ConfigError, match=re.escape(f"[{table}] lacks '{key}'")):
        load_words(tmp_path, "de", english)


def test_a_missing_notice_is_named_before_anything_is_sent(tmp_path):
    folder = shutil.copytree(TEMPLATES, tmp_path / "templates")
    (folder / "answer.fr.md").unlink()
    with pytest.raises(ConfigError, match=r"answer\.fr\.md"):
        TemplateRenderer(LANGUAGES, programme="Desk", folder=folder)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_quotes_with_its_own_marks(language):
    assert {c for c in prose(language) if c in ALL_QUOTES} == set(QUOTES[language])


@pytest.mark.parametrize("language", OTHERS)
def test_no_english_is_left_over(language):
    assert words_of(language) & ENGLISH == BORROWED.get(language, set())


def test_the_words_looked_for_are_those_that_english_uses():
    assert words_of("en") >= ENGLISH


def test_french_signs_are_held_to_their_words_by_no_break_blanks():
    assert not re.findall(r"(?<![\u00a0\u202f])[:;?!»]|«(?!\u00a0)", prose("fr"))


@pytest.mark.parametrize(
    ("language", "day", "first", "amount"),
    [
        ("en", "31 March 2027", "1 April 2027", "1,234,567 EUR"),
        ("de", "31. März 2027", "1. April 2027", "1.234.567 EUR"),
        ("fr", "31 mars 2027", "1er avril 2027", "1\u202f234\u202f567 EUR"),
        ("nl", "31 maart 2027", "1 april 2027", "1.234.567 EUR"),
        ("es", "31 de marzo de 2027", "1 de abril de 2027", "1.234.567 EUR"),
        ("it", "31 marzo 2027", "1 aprile 2027", "1.234.567 EUR"),
        ("pt", "31 de março de 2027", "1 de abril de 2027", "1\u00a0234\u00a0567 EUR"),
    ],
)
def test_dates_and_amounts_are_written_as_their_readers_write_them(language, day, first, amount):
    renderer = TemplateRenderer([language], programme="Desk")
    text = renderer.email(DealList(partner="P", deals=(DEAL,)), language, reply_to="x@y.example").text
    assert day in text
    assert amount in text
    words = load_words(TEMPLATES, language)
    assert words.value(DealField.CLOSE_DATE, date(2027, 4, 1), None) == first.replace(".", "\\.")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_field_that_was_empty_has_no_arrow_and_an_emptied_one_a_dash(language):
    words = load_words(TEMPLATES, language)
    first = words.change(FieldChange(field=DealField.NEXT_STEP, old=None, new="Demo"), DEAL)
    assert "→" not in first
    assert first.endswith(" Demo")
    assert words.change(FieldChange(field=DealField.NEXT_STEP, old="Demo", new=None), DEAL).endswith("Demo → –")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_to_reply_with_differ_from_one_another(language):
    replies = list(tables(language)["buttons"].values())
    assert len(set(replies)) == len(replies)
