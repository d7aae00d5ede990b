"""Slack's markup becomes the words a person wrote."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.text import mentions, plain

BOT = "U0BOT"


@pytest.mark.parametrize(
    ("mrkdwn", "words"),
    [
        ("close moves to 15 May", "close moves to 15 May"),
        ("<@U0BOT> we won", "we won"),
        ("<@U0BOT>: we won", "we won"),
        ("we won, <@U0BOT>", "we won,"),
        ("we won <@U0BOT> today", "we won today"),
        ("<@U0BOT|offportal> we won", "we won"),
        ("ask <@U0JULIA>", "ask @U0JULIA"),
        ("ask <@U0JULIA|julia>", "ask @julia"),
        ("see <#C0ACME|acme-deal>", "see #acme-deal"),
        ("see <#C0ACME>", "see #C0ACME"),
        ("<!channel> we won", "@channel we won"),
        ("<!subteam^S012|@sales> we won", "@sales we won"),
        ("<!date^1392734382^{date}|18 Feb 2014> it is", "18 Feb 2014 it is"),
        ("<https://acme.example|the offer>", "the offer (https://acme.example)"),
        ("<http://acme.example|acme.example>", "acme.example"),
        ("<https://acme.example/x>", "https://acme.example/x"),
        ("<mailto:julia@brandt-it.example|julia@brandt-it.example>", "julia@brandt-it.example"),
        ("<mailto:julia@brandt-it.example>", "julia@brandt-it.example"),
        ("<mailto:julia@brandt-it.example|Julia>", "Julia (julia@brandt-it.example)"),
        ("<tel:+4930123|+49 30 123>", "+49 30 123 (tel:+4930123)"),
        ("Müller &amp; Söhne &lt;GmbH&gt;", "Müller & Söhne <GmbH>"),
        ("&amp;lt;", "&lt;"),
        ("value is `60k`", "value is 60k"),
        ("```\nclose: 15 May\n```", "close: 15 May"),
        ("*won*, _really_", "won, really"),
        ("value 2*3*4 and a_b_c", "value 2*3*4 and a_b_c"),
        ("~lost~ won", "~lost~ won"),
        ("&gt; when does it close?\nend of May", "> when does it close?\nend of May"),
        (":+1:", "👍"),
        (":+1::skin-tone-3:", "👍"),
        (":-1: no", "👎 no"),
        (":white_check_mark: done", "✅ done"),
        (":rocket: done", ":rocket: done"),
        ("at 10:30:00", "at 10:30:00"),
        ("", ""),
        ("<@U0BOT>", ""),
    ],
)
def test_mrkdwn_becomes_plain_words(mrkdwn: str, words: str) -> None:
    assert plain(mrkdwn, bot_user_id=BOT) == words


def rich(*parts: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"type": "rich_text", "elements": list(parts)}]


def section(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text_section", "elements": list(elements)}


def said(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": text, **more}


@pytest.mark.parametrize(
    ("blocks", "words"),
    [
        (rich(section({"type": "user", "user_id": BOT}, said(" we won"))), "we won"),
        (rich(section(said("won "), {"type": "emoji", "name": "+1", "skin_tone": 3})), "won 👍"),
        (rich(section(said("on "), {"type": "emoji", "name": "rocket"})), "on :rocket:"),
        (rich(section(said("lost", style={"strike": True}), said(" won", style={"bold": True}))), "~lost~ won"),
        (rich(section({"type": "link", "url": "https://acme.example", "text": "offer"})), "offer (https://acme.example)"),
        (rich(section({"type": "link", "url": "mailto:j@acme.example", "text": "j@acme.example"})), "j@acme.example"),
        (rich(section({"type": "channel", "channel_id": "C1"}, {"type": "broadcast", "range": "here"})), "#C1@here"),
        (
            rich(
                section(said("two things:\n")),
                {"type": "rich_text_list", "elements": [section(said("Acme won")), section(said("Bolt lost"))]},
            ),
            "two things:\n- Acme won\n- Bolt lost",
        ),
        (
            rich({"type": "rich_text_list", "style": "ordered", "elements": [section(said("a")), section(said("b"))]}),
            "1. a\n2. b",
        ),
        (
            rich({"type": "rich_text_quote", "elements": [said("when?\nhow?")]}, section(said("end of May"))),
            "> when?\n> how?\nend of May",
        ),
        (rich({"type": "rich_text_preformatted", "elements": [said("close: 15 May")]}), "close: 15 May"),
        (rich(section({"type": "date", "timestamp": 1, "fallback": "15 May"})), "15 May"),
    ],
)  # fmt: skip
def test_rich_text_becomes_plain_words(blocks: list[dict[str, Any]], words: str) -> None:
    assert plain("the fallback", blocks, bot_user_id=BOT) == words


def test_words_come_from_the_text_when_there_is_no_rich_text() -> None:
    assert plain("we won", [{"type": "section", "text": {"type": "mrkdwn", "text": "other"}}]) == "we won"


def test_words_come_from_the_text_when_the_rich_text_holds_none() -> None:
    assert plain("we won", rich(section({"type": "color", "value": ""}))) == "we won"


def test_a_mention_is_seen_with_and_without_a_name() -> None:
    assert mentions("hi <@U0BOT>", BOT)
    assert mentions("hi <@U0BOT|offportal>", BOT)
    assert not mentions("hi <@U0BOTTOM>", BOT)
    assert not mentions("hi @offportal", BOT)


KEYS = st.sampled_from(["type", "elements", "text", "style", "url", "name", "user_id"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


@given(st.text(), st.lists(JSON, max_size=3))
def test_any_message_gives_words(text: str, blocks: list[Any]) -> None:
    assert isinstance(plain(text, blocks, bot_user_id=BOT), str)


@given(st.text(alphabet=st.characters(exclude_characters="&<>:`*_~\x00\r\n \t", exclude_categories=["Cs", "Zs"])))
def test_words_without_markup_stay_as_they_are(words: str) -> None:
    assert plain(words) == words.strip()


@given(st.text(alphabet="ab<>@U0BOT|:, \n`*"))
def test_the_apps_own_mention_never_remains(text: str) -> None:
    assert "\x00" not in plain(text, bot_user_id=BOT)
