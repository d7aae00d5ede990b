"""What a name may hold, and what is left of it in each shape."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.render.markdown import SECTION_CHARS, as_html, as_slack, as_text, blocks_of, literal, quoted

OVERRIDE, ISOLATE, ZERO_WIDTH, TAG = "\u202e", "\u2066", "\u200b", "\U000e0041"


@pytest.mark.parametrize("sign", [OVERRIDE, ISOLATE, ZERO_WIDTH, "\u200d", "\u2060", "\ufeff", "\u00ad", TAG])
def test_signs_that_nobody_sees_are_taken_out_of_names_and_quotations(sign: str):
    for source in (literal(f"Ac{sign}me"), quoted(f"Ac{sign}me")):
        blocks = blocks_of(source)
        for said in (as_text(blocks, {}, ""), as_html(blocks, {}, "x@y.test"), str(as_slack(blocks, {}))):
            assert "Acme" in said


def test_arabic_and_hebrew_names_stay_as_they_are():
    for name in ("שלום", "شركة النور", "München", "日本"):
        assert as_text(blocks_of(literal(name)), {}, "").strip() == name


@settings(max_examples=30)  # of thousands of characters each
@given(st.text(alphabet="&<>ab ;", min_size=SECTION_CHARS - 8, max_size=2 * SECTION_CHARS + 20))
def test_a_long_line_is_split_between_entities_and_nothing_is_lost(words: str):
    sections = as_slack(blocks_of(literal(words)), {})
    texts = [s["text"]["text"] for s in sections]
    assert all(len(t) <= SECTION_CHARS for t in texts)
    assert not [t for t in texts if re.search(r"&(?!(?:amp|lt|gt);)", t)]
    assert "".join(unescape(t) for t in texts).replace(" ", "") == words.replace(" ", "")


def test_a_link_is_not_split():
    link = "[here](https://crm.example/deals/1)"
    texts = [s["text"]["text"] for s in as_slack(blocks_of("a" * (SECTION_CHARS - 20) + link), {})]
    assert texts == ["a" * (SECTION_CHARS - 20), "<https://crm.example/deals/1|here>"]
