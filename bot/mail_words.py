"""The words by which mails are cut and sorted, out of the vocabulary files. Reads only the package's own files."""

from __future__ import annotations

from bot.language.vocabulary import shipped_tables
from mailer.words import Words


def mail_words() -> Words:
    """The `[mail]` tables of every language there is a vocabulary for."""
    return Words.merge(table.get("mail", {}) for table in shipped_tables().values())
