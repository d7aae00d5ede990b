"""Facts in frames that do not state them: nothing of them is written at once; plainly said, each of them is.

Drawn from the grammar of each language and not from the vocabularies: a table in unsaid/<lang>.toml holds facts in the
forms that a frame needs, frames by what they do to a fact, and whole sentences about something else.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from bot.domain.actions import Certainty, Won
from bot.language import About
from tests.unit.language.cases import LOCALES, told

_TABLES = Path(__file__).parent / "unsaid"
CODES = sorted(path.stem for path in _TABLES.glob("*.toml"))
_WRITES = ("set ", "won ", "lost ", "extend ", "withdraw ", "register", "approve", "reject")
_ABOUT: dict[str, dict[str, Any]] = {
    "partner": {},
    "manager": {"role": "manager", "about": About(kind="approval_request", registration="REG-1042")},
    "pending": {
        "about": About(
            kind="confirmation", pending=(Won(deal="D1", certainty=Certainty.CONFIRM, because="we should have won it"),)
        )
    },
}


@cache
def table(code: str) -> dict[str, Any]:
    return tomllib.loads((_TABLES / f"{code}.toml").read_text(encoding="utf-8"))


def written(text: str, code: str, asked_as: str = "partner") -> list[str]:
    """The actions that would be written at once."""
    lines = told(text, locale=LOCALES[code], **_ABOUT[asked_as])
    return [line for line in lines if line.startswith(_WRITES) and line.endswith(" apply")]


def framed(frames: list[str], facts: dict[str, dict[str, str]]) -> Iterator[tuple[str, str]]:
    """Every frame with every fact that has the form which the frame needs."""
    for frame, (name, forms) in product(frames, facts.items()):
        if all("{" + form + "}" not in frame for form in {"ind", "sub", "inf", "cond", "part"} - forms.keys()):
            yield name, frame.format(**forms)


def _cases(section: str) -> list[tuple[str, str]]:
    return [(code, name) for code in CODES for name in table(code)[section]]


@pytest.mark.parametrize(("code", "name"), _cases("frames"))
def test_no_fact_in_a_frame_is_written_at_once(code: str, name: str) -> None:
    said = [text for _, text in framed(table(code)["frames"][name], table(code)["facts"])]
    assert len(said) > 20
    assert {text: lines for text in said if (lines := written(text, code))} == {}


@pytest.mark.parametrize(("code", "name"), _cases("never"))
def test_nothing_is_written_from_words_about_something_else(code: str, name: str) -> None:
    assert {text: lines for text in table(code)["never"][name] if (lines := written(text, code))} == {}


@pytest.mark.parametrize(("code", "name"), _cases("never_as"))
def test_no_answer_is_taken_from_words_that_withhold_it(code: str, name: str) -> None:
    said = table(code)["never_as"][name]["said"]
    assert {text: lines for text in said if (lines := written(text, code, name))} == {}


@pytest.mark.parametrize("code", CODES)
def test_every_fact_is_written_when_it_is_plainly_said(code: str) -> None:
    said = list(framed(table(code)["plain"]["frames"], table(code)["facts"]))
    assert [text for _, text in said if not written(text, code)] == []
