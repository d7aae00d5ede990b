"""The states of a registration: what the one table allows, and that nothing leaves it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.protection import HAPPENED
from bot.domain.registrations import LIVE, TRANSITIONS, Event, State, after

FIRST = (State.DRAFT, State.SUBMITTED)
ENDS = {State.DROPPED, State.WITHDRAWN}


@given(first=st.sampled_from(FIRST), happened=st.lists(st.sampled_from(Event), max_size=30))
def test_no_sequence_of_events_leaves_the_table(first, happened):
    state = first
    for event in happened:
        following = after(state, event)
        assert (following is None) == ((state, event) not in TRANSITIONS)
        if following is not None:
            assert state not in ENDS
            state = following
    assert state in State


def test_every_state_is_reached_from_the_first_ones():
    reached = set(FIRST)
    while more := {to for (state, _), to in TRANSITIONS.items() if state in reached} - reached:
        reached |= more
    assert reached == set(State)


def test_every_event_can_happen():
    assert {event for _, event in TRANSITIONS} == set(Event)


@pytest.mark.parametrize("state", sorted(ENDS))
def test_nothing_follows_on_an_end(state):
    assert [after(state, event) for event in Event] == [None] * len(Event)


@given(st.sampled_from([s for s in State if s not in LIVE]), st.lists(st.sampled_from(Event), max_size=10))
def test_only_a_renewal_or_an_objection_brings_a_registration_back_to_life(state, happened):
    for event in happened:
        state = after(state, event) or state
    back = {Event.RENEWED, Event.TAKEN_UP, Event.FREED}
    assert state not in LIVE or back & set(happened)


@given(st.sampled_from(FIRST), st.lists(st.sampled_from(Event), max_size=10))
def test_nothing_is_protected_that_was_never_approved(state, happened):
    for event in happened:
        state = after(state, event) or state
    assert state is not State.APPROVED or Event.APPROVED in happened


@pytest.mark.parametrize("stands", list(HAPPENED))
@pytest.mark.parametrize("state", [State.APPROVED, State.EXPIRED])
def test_whatever_the_crm_does_to_a_protected_deal_has_a_place_in_the_table(state, stands):
    if state is not stands or stands is State.APPROVED:
        assert after(state, HAPPENED[stands]) is stands
