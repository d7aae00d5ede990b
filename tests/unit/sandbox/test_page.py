"""What the demo's page makes of mails, notes and Slack's markup."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.page_deals import plain
from bot.sandbox.page_mail import own_words
from bot.sandbox.page_slack import lines
from bot.sandbox.slack.state import Channel, Kind, User, World

WORLD = World(app_id="A1", app_name="offportal")
WORLD.users["U1"] = User(id="U1", team_id="T1", name="julia", real_name="Julia Brandt")
WORLD.channels["C1"] = Channel(
    id="C1", name="brandt-it", kind=Kind.PUBLIC, host_team_id="T1", creator_id="U1", created_s=0
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Yes.\n\nOn 1 May, Desk wrote:\n\n> Is it?\n", "Yes."),
        ("Yes.\nand more\n\n> Is it?\n", "Yes.\nand more"),
        ("My list:\n- one", "My list:\n- one"),
        ("> only a quote", ""),
        ("", ""),
    ],
)
def test_a_replys_own_words_stand_above_the_quote(text, words):
    assert own_words(text) == words


@pytest.mark.parametrize(
    ("html", "words"),
    [
        (
            "<p>Julia by email<br><br>60k &amp; more</p><p>[offportal 8904d4729eb9bc2f]</p>",
            "Julia by email\n\n60k & more",
        ),
        ("a &lt;b&gt; c", "a <b> c"),
        ("<p>[offportal 12ab]</p>", ""),
    ],
)
def test_a_note_is_shown_as_words(html, words):
    assert plain(html) == words


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("*Stage*: a &amp; b", [{"text": "Stage", "bold": True}, {"text": ": a & b"}]),
        ("<@U1> hi", [{"text": "@Julia Brandt", "mention": True}, {"text": " hi"}]),
        ("see <#C1|old>", [{"text": "see "}, {"text": "#brandt-it", "mention": True}]),
        ("<https://x.example/a|the deal>", [{"text": "the deal", "href": "https://x.example/a"}]),
        ("<https://x.example/?a=1&amp;b>", [{"text": "https://x.example/?a=1&b", "href": "https://x.example/?a=1&b"}]),
        ("2*3*4 and snake_case_name", [{"text": "2*3*4 and snake_case_name"}]),
        ("_*both*_", [{"text": "both", "bold": True, "italic": True}]),
        ("`*code*`", [{"text": "*code*", "code": True}]),
        ("&lt;script&gt;", [{"text": "<script>"}]),
    ],
)
def test_slacks_markup_becomes_runs_of_text(text, runs):
    assert lines(WORLD, text) == [{"style": "", "runs": runs}]


@pytest.mark.parametrize(
    ("text", "style", "words"),
    [("• one", "bullet", "one"), ("&gt; said", "quote", "said"), ("> said", "quote", "said")],
)
def test_bullets_and_quotes_are_styles_of_their_line(text, style, words):
    assert lines(WORLD, text) == [{"style": style, "runs": [{"text": words}]}]


@given(st.text(alphabet="*_~`<>@#|&; \nabU1C"))
def test_any_markup_is_shown_without_a_fault(text):
    assert len(lines(WORLD, text)) == text.count("\n") + 1


@given(st.text(alphabet=st.characters(exclude_characters="*_~`<>&•\r\n"), min_size=1))
def test_plain_words_stay_as_they_are(text):
    (line,) = lines(WORLD, text)
    assert "".join(run["text"] for run in line["runs"]) == text
