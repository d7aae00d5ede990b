"""The body of a note and its mark."""

from __future__ import annotations

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from bot.crm.hubspot.notes import LIMIT, holds, note_body

KEYS = st.from_regex(r"[a-z]{1,8}:[0-9]{1,9}", fullmatch=True)


@given(words=st.text(max_size=300), key=KEYS)
def test_a_note_is_found_by_its_key(words: str, key: str) -> None:
    assert holds(note_body(words, key), key)


@given(words=st.text(max_size=100), key=KEYS, other=KEYS)
def test_a_note_is_not_found_by_another_key(words: str, key: str, other: str) -> None:
    assert holds(note_body(words, key), other) == (key == other)


def test_words_that_look_like_a_mark_are_no_mark() -> None:
    body = note_body("[offportal inbound:1]", "inbound:2")
    assert not holds(body, "inbound:1")


def test_the_mark_is_found_though_hubspot_wrote_other_tags() -> None:
    assert holds("<div><p>Hi</p></div><p><span>[offportal in:1]</span></p>\n", "in:1")


@given(words=st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs"]), max_size=300))
def test_nobodys_words_are_html(words: str) -> None:
    shown = re.fullmatch(r"<p>(.*)</p><p style=.*</p>", note_body(words, "k"), re.DOTALL)
    assert shown is not None
    assert "<" not in shown[1]
    assert html.unescape(shown[1]) == words.strip()


def test_lines_stay_lines() -> None:
    assert note_body("a\r\nb\n\nc", "k").startswith("<p>a<br>b<br><br>c</p>")


def test_a_note_never_exceeds_hubspots_limit_and_is_cut_between_characters() -> None:
    for words in ("&" * 70_000, "😀" * 40_000, "a" * LIMIT):
        body = note_body(words, "k")
        assert len(body.encode("utf-16-le")) // 2 <= LIMIT
        assert "[…]</p>" in body
        assert re.search(r"&(?!amp;)", body) is None
        assert holds(body, "k")
