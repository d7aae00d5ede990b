"""The words that offportal ships, for the tests."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from mailer.words import Words

FOLDER = Path(__file__).parents[3] / "bot" / "language" / "vocabulary"


@cache
def shipped_words() -> Words:
    tables = [tomllib.loads(file.read_text(encoding="utf-8")) for file in sorted(FOLDER.glob("*.toml"))]
    return Words.merge(table["mail"] for table in tables if "mail" in table)
