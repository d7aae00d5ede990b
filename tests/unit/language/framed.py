"""Sentences made of facts and frames: every plain fact, and every way of saying it that takes its plainness away. One
table a language (frames/<code>.toml), written from the language and not from its vocabulary."""

from __future__ import annotations

import string
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from bot.domain.actions import Certainty, Field, Set
from bot.language import About
from tests.unit.language.cases import LOCALES, line, said

HERE = Path(__file__).parent / "frames"
_WRITES = ("won", "lost", "set", "extend", "withdraw", "register", "approve", "reject")
_PENDING = Set(deal="D1", field=Field.AMOUNT, value=Decimal(60000), certainty=Certainty.CONFIRM, because="60k")
_CONTEXTS: Mapping[str, Mapping[str, Any]] = {
    "update": {},
    "approval": {"about": About(kind="approval_request", registration="REG-7"), "role": "manager"},
    "pending": {"about": About(kind="confirmation", pending=(_PENDING,))},
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is written, and in answer to what."""

    text: str
    context: str = "update"

    def came(self, code: str) -> list[str]:
        """The actions in one line each."""
        return [line(action) for action in said(self.text, locale=LOCALES[code], **_CONTEXTS[self.context])]

    def writes(self, code: str) -> list[str]:
        """Those that would be written without a yes."""
        return [one for one in self.came(code) if one.endswith(" apply") and one.split()[0] in _WRITES]


def codes() -> list[str]:
    """The languages that have a table."""
    return sorted(path.stem for path in HERE.glob("*.toml"))


@cache
def table(code: str) -> dict[str, dict[str, Any]]:
    """A language's facts, frames, sentences that only look like facts, honest exceptions, and faults that are open."""
    return tomllib.loads((HERE / f"{code}.toml").read_text(encoding="utf-8"))


def facts(code: str) -> Iterator[tuple[Sentence, str]]:
    """Every plain fact and the action it is."""
    for fact in table(code)["facts"].values():
        yield Sentence(fact.get("said") or fact["ask"], fact.get("context", "update")), fact["comes"]


def framed(code: str) -> Iterator[tuple[str, Sentence]]:
    """Every fact in every frame that takes a form it has; the reason first."""
    for reason, frames in table(code)["frames"].items():
        for frame in frames:
            forms = {name for _, name, _, _ in string.Formatter().parse(frame) if name}
            for fact in table(code)["facts"].values():
                if forms <= fact.keys():
                    yield reason, Sentence(frame.format(**fact), fact.get("context", "update"))


def alike(code: str) -> Iterator[tuple[str, Sentence]]:
    """Every sentence that only looks like a fact; the reason first."""
    for reason, sentences in table(code)["only_looks_like"].items():
        for text in sentences:
            yield reason, Sentence(text)
    for context, sentences in table(code).get("withheld", {}).items():
        for text in sentences:
            yield f"withheld {context}", Sentence(text, context)


def _show(code: str) -> Iterator[str]:
    for plain, comes in facts(code):
        if comes not in plain.came(code):
            yield f"plain      {plain.text} → {plain.came(code)}"
    listed = {**table(code).get("honest", {}), **table(code).get("open", {})}
    for reason, sentence in [*framed(code), *alike(code)]:
        if sentence.writes(code) and sentence.text not in listed:
            yield f"{reason:16}{sentence.text} → {sentence.writes(code)}"


if __name__ == "__main__":
    for chosen in sys.argv[1:] or codes():
        sys.stdout.write("\n".join(_show(chosen)) + "\n")
