"""Blocks that Slack takes, whatever the words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block as SDKBlock

from bot.slack.views import (
    ActionId,
    Block,
    action_name,
    buttons,
    context,
    escape,
    fields,
    message,
    section,
    split,
)


def validate(blocks: tuple[Block, ...]) -> None:
    for parsed in SDKBlock.parse_all(list(blocks)):
        parsed.validate_json()


def test_a_receipt_looks_like_this() -> None:
    blocks = message(
        section("*Acme* moved to _Negotiation_"),
        fields([("Value", "60,000 EUR"), ("Close date", "15 May 2027")]),
        buttons([(ActionId.UNDO, "Undo", "inbound-7", None), (ActionId.CONFIRM, "Yes", "p-1", "primary")]),
        context("You can answer in your own words."),
    )
    validate(blocks)
    assert blocks == (
        {"type": "section", "text": {"type": "mrkdwn", "text": "*Acme* moved to _Negotiation_"}},
        {
            "type": "section",
            "fields": [
                {"type": "mrkdwn", "text": "*Value*\n60,000 EUR"},
                {"type": "mrkdwn", "text": "*Close date*\n15 May 2027"},
            ],
        },
        {
            "type": "actions",
            "elements": [
                {
                    "type": "button",
                    "action_id": "undo",
                    "text": {"type": "plain_text", "text": "Undo", "emoji": True},
                    "value": "inbound-7",
                },
                {
                    "type": "button",
                    "action_id": "confirm",
                    "text": {"type": "plain_text", "text": "Yes", "emoji": True},
                    "value": "p-1",
                    "style": "primary",
                },
            ],
        },
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "You can answer in your own words."}]},
    )


@pytest.mark.parametrize("word", ["<!channel>", "<!here>", "<!everyone>", "<!subteam^S1|@all>"])
def test_nobody_is_called_by_a_value(word: str) -> None:
    said: list[Any] = [*section(f"see {word}"), *context(word), *fields([("x", word)])]
    assert "<!" not in str(said)
    assert "<" not in escape(word)


def test_a_repeated_button_is_told_apart_and_still_known() -> None:
    (row,) = buttons(
        [("confirm", "Acme", "1", None), ("confirm", "Bolt", "2", None), ("decline", "None", "3", "danger")]
    )
    ids = [e["action_id"] for e in row["elements"]]
    assert ids == ["confirm", "confirm:2", "decline"]
    assert [action_name(i) for i in ids] == ["confirm", "confirm", "decline"]


@pytest.mark.parametrize(("action_id", "value"), [("undo", "x" * 2001), ("x" * 256, ""), ("undo:7", "")])
def test_a_button_that_slack_would_refuse_is_refused_here(action_id: str, value: str) -> None:
    with pytest.raises(ValueError, match="Slack refuses"):
        buttons([(action_id, "Undo", value, None)])


def test_more_than_fifty_blocks_are_refused() -> None:
    with pytest.raises(ValueError, match="51 blocks"):
        message(*(section("x") for _ in range(51)))


def test_an_entity_and_a_link_are_never_cut() -> None:
    text = "x" * 2_998 + "&amp;" + "y" * 2_990 + "<https://acme.example|offer>"
    parts = split(text, 3_000)
    assert parts == ("x" * 2_998, "&amp;" + "y" * 2_990, "<https://acme.example|offer>")


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
LONG = st.lists(st.sampled_from(["word ", "line\n", "&amp;", "<https://a.example|b>", "x" * 700, "*b* "]), max_size=40)


@given(LONG.map("".join), st.integers(40, 3_000))
def test_splitting_loses_no_words(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert all(0 < len(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@given(
    LONG.map("".join),
    st.lists(st.tuples(WORDS.filter(str.strip), WORDS), max_size=30),
    st.lists(WORDS.filter(str.strip), max_size=60),
)
def test_slack_takes_whatever_is_made(text: str, pairs: list[tuple[str, str]], labels: list[str]) -> None:
    row = [("confirm", label, label, None) for label in labels]
    validate((*section(text), *context(text), *fields(pairs), *buttons(row)))
