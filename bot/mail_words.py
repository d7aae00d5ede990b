"""The words by which mails are cut and sorted, out of the vocabulary files. Reads only the package's own files."""

from __future__ import annotations

import tomllib
from importlib import resources

from mailer.words import Words


def mail_words() -> Words:
    """The `[mail]` tables of every language there is a vocabulary for."""
    files = (f for f in resources.files("bot.language").joinpath("vocabulary").iterdir() if f.name.endswith(".toml"))
    return Words.merge(tomllib.loads(f.read_text(encoding="utf-8")).get("mail", {}) for f in files)
