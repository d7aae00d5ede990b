"""What handlers are given of a stored event."""

from __future__ import annotations

import pytest

from bot.ports import ChatKind, IncomingChat
from bot.slack.events import Kind, SlackEvent
from bot.slack.reader import HANDLED, SlackReader


def test_a_reply_in_a_thread_is_handed_on_in_plain_words() -> None:
    event = SlackEvent(
        kind=Kind.MENTION, key="k", team_id="T0BRANDT", user_id="U0JULIA", channel="C1", channel_type="group",
        ts="2.0", thread_ts="1.0", text="<@U0BOT> *won*", plain="won",
    )  # fmt: skip
    assert SlackReader().read(event.to_json()) == IncomingChat(
        kind=ChatKind.MENTION,
        team_id="T0BRANDT",
        user_id="U0JULIA",
        channel="C1",
        ts="2.0",
        thread_ts="1.0",
        text="won",
    )


def test_a_corrected_message_is_said_anew_in_its_thread() -> None:
    event = SlackEvent(kind=Kind.EDITED, key="k", channel="C1", ts="2.0", plain="lost")
    chat = SlackReader().read(event.to_json())
    assert (chat.kind, chat.thread_ts, chat.text) == (ChatKind.MESSAGE, "2.0", "lost")


def test_a_direct_message_is_known_as_one() -> None:
    assert SlackReader().read(SlackEvent(kind=Kind.MESSAGE, key="k", channel_type="im").to_json()).is_direct


@pytest.mark.parametrize("kind", sorted(set(Kind) - HANDLED))
def test_a_kind_without_a_handler_is_refused(kind: Kind) -> None:
    with pytest.raises(ValueError, match="nobody handles"):
        SlackReader().read(SlackEvent(kind=kind, key="k").to_json())
