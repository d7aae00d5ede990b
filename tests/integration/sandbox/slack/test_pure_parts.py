"""The sandbox's pure parts: typed words, Block Kit rules, limits, forms."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from bot.sandbox.slack import blocks, elements, forms, richtext
from bot.sandbox.slack.ids import Mint
from bot.sandbox.slack.limits import Limiter, Limits, Tier

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "text", "elements", "options", "accessory", "fields", "element", "x"])
            | st.text(max_size=5),
            inner | st.sampled_from(["section", "actions", "input", "button", "static_select", "mrkdwn", "plain_text"]),
            max_size=5,
        )
    ),
    max_leaves=25,
)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("<@U0OFFPORTAL> status", "<@U0OFFPORTAL> status"),
        ("<@here> is no user id", "&lt;@here&gt; is no user id"),
        ("see https://acme.example/x?a=1&b=2.", "see <https://acme.example/x?a=1&amp;b=2>."),
        (
            "mail julia@brandt-it.example, please",
            "mail <mailto:julia@brandt-it.example|julia@brandt-it.example>, please",
        ),
        ("acme.com is ours", "<http://acme.com|acme.com> is ours"),
        ("40.000 EUR", "40.000 EUR"),
        ("", ""),
    ],
)
def test_typed_words_become_slacks_text(words: str, text: str) -> None:
    assert richtext.typed(words, "b")[0] == text


@given(st.text(alphabet="ab@.<>&:/| U", max_size=40))
def test_what_was_typed_is_what_is_read(words: str) -> None:
    assume("<@U" not in words)  # a mention
    text, block = richtext.typed(words, "b")
    assert richtext.plain(text) == words
    spoken = "".join(e.get("text") or e.get("url") or "" for e in block["elements"][0]["elements"])
    assert spoken == words


@given(JSON)
def test_judging_blocks_and_views_never_raises(value: Any) -> None:
    assert isinstance(blocks.why_not_blocks(value), list)
    assert isinstance(blocks.why_not_view(value), list)


SAMPLES = [
    {"type": "divider"},
    {"type": "header", "text": {"type": "plain_text", "text": "Deals"}},
    {"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}, {"type": "plain_text", "text": "y"}]},
    {"type": "section", "text": {"type": "mrkdwn", "text": "x"}, "fields": [{"type": "mrkdwn", "text": "y"}]},
    {"type": "markdown", "text": "**x**"},
    {"type": "image", "image_url": "https://acme.example/a.png", "alt_text": "a"},
    {
        "type": "actions",
        "elements": [
            {"type": "button", "action_id": "1", "text": {"type": "plain_text", "text": "x"}, "style": "danger"},
            {"type": "datepicker", "action_id": "2", "initial_date": "2026-12-31"},
            {
                "type": "overflow",
                "action_id": "3",
                "options": [{"text": {"type": "plain_text", "text": "x"}, "value": "x"}],
            },
            {"type": "users_select", "action_id": "4", "placeholder": {"type": "plain_text", "text": "Who"}},
            {"type": "multi_conversations_select", "action_id": "5", "max_selected_items": 2},
            {"type": "timepicker", "action_id": "6", "initial_time": "09:30"},
        ],
    },
]


@pytest.mark.parametrize("block", SAMPLES, ids=lambda b: str(b["type"]))
def test_good_blocks_are_good_to_slack_sdk_too(block: dict[str, Any]) -> None:
    parsed = Block.parse(block)
    assert parsed is not None
    parsed.validate_json()
    assert blocks.why_not_blocks([block]) == []
    assert blocks.why_not_blocks([parsed.to_dict()]) == []


@given(st.lists(st.sampled_from(SAMPLES), min_size=1, max_size=8))
def test_what_is_taken_gets_ids_and_is_still_taken(value: list[Any]) -> None:
    mint = Mint(lambda: datetime(2026, 11, 24, tzinfo=UTC))
    stored = blocks.with_ids(value, lambda: mint.key(5))
    assert all(block["block_id"] for block in stored)
    assert blocks.why_not_blocks(stored) == []


def test_timestamps_rise_though_the_clock_stands_still_or_goes_back() -> None:
    times = iter([datetime(2026, 11, 24, 12, tzinfo=UTC), datetime(2026, 11, 24, 12, tzinfo=UTC)])
    mint = Mint(lambda: next(times, datetime(2026, 11, 24, 11, tzinfo=UTC)))
    made = [mint.ts() for _ in range(5)]
    assert made == sorted(set(made))


@given(st.lists(st.floats(min_value=0, max_value=2), max_size=60))
@example([1.3003908856464668, 0.0, 0.0, 0.0, 0.0])  # a wait that floats make a hair too short
def test_no_channel_takes_more_than_its_burst_and_one_a_second(pauses: list[float]) -> None:
    limiter, now_s, taken = Limiter(Limits()), 0.0, 0
    for pause in pauses:
        now_s += pause
        wait_s = limiter.wait_s("chat.postMessage", Tier.POST, "T1", channel="C1", now_s=now_s)
        if wait_s == 0:
            taken += 1
        else:
            assert limiter.wait_s("chat.postMessage", Tier.POST, "T1", channel="C1", now_s=now_s + wait_s) == 0
            now_s += wait_s
            taken += 1
    assert taken <= 4 + now_s + 1e-6


@given(st.lists(st.floats(min_value=0, max_value=20), max_size=80))
def test_no_minute_holds_more_calls_than_the_tier(pauses: list[float]) -> None:
    limiter, now_s, taken = Limiter(Limits()), 0.0, list[float]()
    for pause in pauses:
        now_s += pause
        if limiter.wait_s("users.list", Tier.TWO, "T1", now_s=now_s) == 0:
            taken.append(now_s)
    for at in taken:
        assert sum(at <= other < at + 60 for other in taken) <= 20


def test_every_input_has_a_value_key() -> None:
    known = set(elements.INPUT.by_type)
    assert known == set(forms._VALUE_KEY)
