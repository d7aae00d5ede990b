"""An answer as its writer left it, before a mail program wraps it, and the ways in which programs write lines.

Knows no language and no program.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from tests.corpus.mail.made import US


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """`written` is everything that the person typed, the signature included; `disclaimer` what their server adds."""

    words: Mapping[str, Any]
    written: str
    disclaimer: str
    subject: str
    quoted_text: str
    quoted_html: str
    name: str = "Vendor Partner Team"
    card_html: str = ""  # a drawn signature below the written words; the text part has `card_text`
    card_text: str = ""

    def attribution(self, key: str) -> str:
        return self.filled(self.words[key])

    def filled(self, above: str) -> str:
        person, address = self.words["person"]
        return above.format(n=self.name, a=US, p=person, e=address, s=self.subject)

    def header(self, *, order: str = "fdts", date: str | None = None) -> list[tuple[str, str]]:
        """Label and value of the quoted header: from, date, to, subject in the client's order."""
        from_, sent, to, subject = self.words["labels"]
        person, address = self.words["person"]
        fields = {
            "f": (from_, f"{self.name} <{US}>"),
            "d": (date or sent, self.words["date"]),
            "t": (to, f"{person} <{address}>"),
            "s": (subject, self.subject),
        }
        return [fields[one] for one in order]


Body = tuple[str, str | None]  # text, and HTML where the client sends it


def as_divs(text: str, around: str = "<div>{}</div>") -> str:
    return "".join(around.format(escape(line) if line else "<br>") for line in text.split("\n"))


def as_lines(text: str) -> str:
    return escape(text).replace("\n", "<br>\n")


def header_text(header: list[tuple[str, str]]) -> str:
    return "\n".join(label + value for label, value in header)


def header_html(header: list[tuple[str, str]], around: str = "<b>{}</b>{}", between: str = "<br>\n") -> str:
    return between.join(around.format(escape(label.strip()) + " ", escape(value)) for label, value in header)


def marked(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def wrapped(text: str, width: int = 76) -> str:
    """Gmail breaks the lines of its text part, the attribution's too."""
    return "\n".join(
        "\n".join(textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False)) if line.strip() else ""
        for line in text.split("\n")
    )


def added_below(draft: Draft) -> str:
    return draft.card_text + (f"\n\n{draft.disclaimer}" if draft.disclaimer else "")


def typed_html(draft: Draft, around: str = "<div>{}</div>") -> str:
    """The written words in one element a line, a drawn signature, a disclaimer."""
    below = as_divs(f"\n{draft.disclaimer}", around) if draft.disclaimer else ""
    return as_divs(draft.written, around) + draft.card_html + below
