"""The question for the rules, as the help in each language suggests it."""

from __future__ import annotations

import re

import pytest

from bot.config import LANGUAGES
from bot.render.renderer import TEMPLATES
from handlers.rules import asks_for_rules


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_question_that_the_help_suggests_is_one_for_the_rules(language):
    text = (TEMPLATES / f"help.{language}.md").read_text(encoding="utf-8")
    (question,) = re.findall(r"(?<!\*)\*([^*\n]+)\*(?!\*)", text)
    assert asks_for_rules(question)


@pytest.mark.parametrize("words", ["the rules have changed", "which rules do you mean?", "", "rule", "won"])
def test_other_words_are_not(words):
    assert not asks_for_rules(words)
