"""Answers that are not simply above the quote: below it, between its lines, stamped by a gateway, drawn.

Knows no language: every word comes in a Draft.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from html import escape
from typing import Any

from tests.corpus.mail.replying.draft import Body, Draft, added_below, as_lines, header_text, marked, wrapped


def below(draft: Draft, key: str) -> Body:
    """Posted below the quote, as Thunderbird and the text of Gmail and Apple Mail have it."""
    attribution = draft.attribution(key)
    text = f"{attribution}\n{marked(draft.quoted_text)}\n\n{draft.written}"
    cite = '<div class="gmail_quote"><div class="gmail_attr">' if key == "gmail" else '<div class="moz-cite-prefix">'
    html = (
        f"<html><body>{cite}{escape(attribution)}</div>"
        f'<blockquote type="cite">{draft.quoted_html}</blockquote><p>{as_lines(draft.written)}</p></body></html>'
    )
    return text, (None if key == "thunderbird" else html)


def between(draft: Draft, key: str, answers: list[str]) -> Body:
    """Answers between the lines of a plain mail: one below each question."""
    left = iter(answers)
    lines: list[str] = []
    for line in draft.quoted_text.split("\n"):
        lines.append(f"> {line}".rstrip())
        if line.endswith("?"):
            lines += ["", next(left), ""]
    lines += ["", draft.written] if draft.written else []
    return "\n".join([draft.attribution(key), *lines]), None


def outlook_plain(draft: Draft) -> Body:
    """Outlook answering a plain text mail."""
    divider = f"-----{draft.words['original']}-----"
    return (
        f"{draft.written}{added_below(draft)}\n\n{divider}\n{header_text(draft.header())}\n\n{draft.quoted_text}",
        None,
    )


def plain_above(draft: Draft, above: str, *, is_marked: bool) -> Body:
    """A text mail with these lines above the quote."""
    quoted = marked(draft.quoted_text) if is_marked else f"\n{draft.quoted_text}"
    return f"{draft.written}\n\n{wrapped(draft.filled(above))}\n{quoted}", None


def drawn(draft: Draft) -> Draft:
    """With a signature of pictures and tables, as firms roll them out."""
    person, address = draft.words["person"]
    logo = '<td style="padding-right:12px"><img src="cid:logo@x" alt="Logo" width="90" height="40"></td>'
    rows = "".join(
        f'<tr><td style="font:10pt Arial">{escape(line)}</td></tr>'
        for line in (person, "Partner Solutions", "+49 30 7654321 | www.drawn.example", address)
    )
    return replace(
        draft,
        card_text=f"\n\n[cid:logo@x]\n{person}\nPartner Solutions\n+49 30 7654321 | www.drawn.example\n{address}",
        card_html=f"<br><table><tr>{logo}<td><table>{rows}</table></td></tr></table>",
    )


def stamped(body: Body, words: Mapping[str, Any]) -> Body:
    """With the card and the disclaimer that a gateway puts at the very end, below the quote."""
    text, html = body
    card = words["sign_off"][1].split("\n\n", 1)[1]
    stamp = f"{card}\n\n{words['disclaimer']}"
    end = f"<hr><div>{as_lines(stamp)}</div></body>"
    return f"{text}\n\n{'_' * 30}\n{stamp}", html.replace("</body>", end) if html else None
