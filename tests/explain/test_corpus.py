"""Every example of the contract, and the project's own, understood as expected."""

from __future__ import annotations

from typing import Any

import pytest

from bot.language import understand
from bot.language.codec import case_from_json, result_to_json
from tests.explain.compare import HERE, differences, examples, new_words
from tests.unit.language.cases import told

EXAMPLES = [*examples("examples.jsonl"), *examples("own.jsonl"), *examples("own_romance.jsonl")]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: str(example["case"]["id"]))
def test_an_example_is_understood_as_expected(example: dict[str, Any]) -> None:
    case = example["case"]
    text = new_words(case["mail"]) if "mail" in case else None
    result = result_to_json(understand(case_from_json(case, text=text)), id=case["id"])
    assert differences(result["actions"], example["expect"]) == []


def test_a_third_of_our_own_examples_has_nothing_to_apply() -> None:
    own = list(examples("own.jsonl"))
    idle = [e for e in own if all(action["decision"] != "apply" for action in e["expect"]["actions"])]
    assert len(own) >= 40
    assert len(idle) * 3 >= len(own)


NOT_APPLIED = [line.split("\t") for line in (HERE / "not_applied.tsv").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(("locale", "text"), NOT_APPLIED)
def test_what_sounds_like_a_fact_and_is_none_is_not_applied(locale: str, text: str) -> None:
    writes = {"set", "won", "lost", "extend", "withdraw", "register"}
    assert [line for line in told(text, locale=locale) if line.split()[0] in writes and line.endswith(" apply")] == []


READ = [line.split("\t") for line in (HERE / "read.tsv").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(("locale", "text", "lines"), READ)
def test_a_sentence_is_read_as_it_was_found_right(locale: str, text: str, lines: str) -> None:
    assert " | ".join(told(text, locale=locale)) == lines
