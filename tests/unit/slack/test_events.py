"""An event goes into the inbox and comes out the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.events import Kind, SlackEvent

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
EVENTS = st.builds(
    SlackEvent,
    kind=st.sampled_from(Kind),
    key=TEXT,
    team_id=st.none() | TEXT.filter(bool),
    channel=st.none() | TEXT.filter(bool),
    text=TEXT,
    plain=TEXT,
    files=st.integers(0, 10),
    is_ext_shared=st.none() | st.booleans(),
    values=st.dictionaries(TEXT, TEXT, max_size=3),
    response_url=st.none() | TEXT.filter(bool),
)


@given(EVENTS)
def test_an_event_survives_the_inbox(event: SlackEvent) -> None:
    assert SlackEvent.from_json(event.to_json()) == event


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"[]", b"7", b'{"kind":"shout","key":"k"}', b'{"kind":"message"}', b"\xff"]
)
def test_bytes_that_are_no_event_are_refused(raw: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any ValueError is the promise
        SlackEvent.from_json(raw)


def test_an_event_of_a_later_version_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="mood"):
        SlackEvent.from_json(b'{"kind":"message","key":"k","mood":"good"}')
