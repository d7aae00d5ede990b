"""Where a message may go, depending on who reads there."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.audience import Audience, audience_of_channel, audience_of_person, why_not_post

OWN = frozenset({"T0VENDOR", "E0VENDOR"})
BRANDT, ASHBY = frozenset({"T0BRANDT"}), frozenset({"T0ASHBY"})


@pytest.mark.parametrize(
    ("channel", "audience"),
    [
        ({}, Audience()),
        ({"is_ext_shared": False, "shared_team_ids": ["T0VENDOR"]}, Audience()),
        ({"shared_team_ids": ["T0VENDOR", "T0SISTER"], "internal_team_ids": ["T0SISTER"]}, Audience()),
        ({"is_ext_shared": True, "connected_team_ids": ["T0BRANDT"]}, Audience(foreign=BRANDT)),
        ({"is_ext_shared": True, "shared_team_ids": ["T0VENDOR", "T0BRANDT"]}, Audience(foreign=BRANDT)),
        ({"is_ext_shared": True, "connected_team_ids": ["T0BRANDT", "T0ASHBY"]}, Audience(foreign=BRANDT | ASHBY)),
        ({"is_ext_shared": True}, Audience(unnamed=True)),
        ({"is_ext_shared": True, "connected_team_ids": ["E0VENDOR"]}, Audience(unnamed=True)),
        ({"is_pending_ext_shared": True}, Audience(unnamed=True)),
        ({"is_pending_ext_shared": True, "pending_shared": ["T0ASHBY"]}, Audience(foreign=ASHBY)),
        (
            {"is_ext_shared": True, "connected_team_ids": ["T0BRANDT"], "is_pending_ext_shared": True},
            Audience(foreign=BRANDT, unnamed=True),
        ),
    ],
)  # fmt: skip
def test_who_reads_a_channel_is_what_slack_says(channel: dict[str, Any], audience: Audience) -> None:
    assert audience_of_channel(channel, OWN) == audience


@pytest.mark.parametrize(
    ("user", "audience"),
    [
        ({"team_id": "T0VENDOR"}, Audience(direct=True)),
        ({"team_id": "T0SISTER", "enterprise_user": {"enterprise_id": "E0VENDOR"}}, Audience(direct=True)),
        ({"team_id": "T0VENDOR", "is_restricted": True}, Audience(direct=True, guest=True)),
        ({"team_id": "T0VENDOR", "is_ultra_restricted": True}, Audience(direct=True, guest=True)),
        ({"team_id": "T0BRANDT"}, Audience(direct=True, foreign=BRANDT)),
        ({"team_id": "T0BRANDT", "is_stranger": True}, Audience(direct=True, foreign=BRANDT)),
        ({"team_id": "T0VENDOR", "is_stranger": True}, Audience(direct=True, unnamed=True)),
        ({}, Audience(direct=True, unnamed=True)),
    ],
)
def test_who_reads_a_direct_message_is_the_persons_organisation(user: dict[str, Any], audience: Audience) -> None:
    assert audience_of_person(user, OWN) == audience


BRANDT_IS_7 = {"T0BRANDT": "7"}
ASHBY_IS_8 = {"T0ASHBY": "8"}
NOBODY_KNOWN: dict[str, str] = {}


@pytest.mark.parametrize(
    ("word", "foreign", "partner_id", "known", "named_for", "may"),
    [
        ("ours to ours", frozenset(), None, NOBODY_KNOWN, None, "post"),
        ("ours to a shared channel", BRANDT, None, BRANDT_IS_7, None, "not post"),
        ("a partner's to ours", frozenset(), "7", BRANDT_IS_7, None, "post"),
        ("a partner's to their organisation", BRANDT, "7", BRANDT_IS_7, None, "post"),
        ("a partner's to their channel", BRANDT, "7", BRANDT_IS_7, "7", "post"),
        ("a partner's to an unknown organisation", ASHBY, "7", BRANDT_IS_7, None, "not post"),
        ("a partner's to an unknown organisation, though the CRM says so", ASHBY, "7", BRANDT_IS_7, "7", "not post"),
        ("a partner's where another reads too", BRANDT | ASHBY, "7", BRANDT_IS_7 | ASHBY_IS_8, "7", "not post"),
        ("a partner's to a channel named for another", BRANDT, "7", BRANDT_IS_7, "8", "not post"),
        ("a partner's to our channel named for another", frozenset(), "7", BRANDT_IS_7, "8", "not post"),
        ("unknown organisation, channel in the CRM", BRANDT, "7", NOBODY_KNOWN, "7", "post"),
        ("unknown organisation, channel nowhere", BRANDT, "7", NOBODY_KNOWN, None, "not post"),
        ("two unknown organisations, channel in the CRM", BRANDT | ASHBY, "7", NOBODY_KNOWN, "7", "not post"),
        ("another's organisation, channel in the CRM", ASHBY, "7", ASHBY_IS_8, "7", "not post"),
    ],
)
def test_a_channel_gets_a_message_only_when_every_reader_may_see_it(
    word: str, foreign: frozenset[str], partner_id: str | None, known: dict[str, str], named_for: str | None, may: str
) -> None:
    audience = Audience(foreign=foreign)
    reason = why_not_post(audience, partner_id=partner_id, partner_of_team=known, named_for=named_for)
    assert ("post" if reason is None else "not post") == may, word


@pytest.mark.parametrize(
    ("word", "audience", "partner_id", "known", "may"),
    [
        ("ours to a colleague", Audience(direct=True), None, NOBODY_KNOWN, "post"),
        ("ours to a guest", Audience(direct=True, guest=True), None, NOBODY_KNOWN, "not post"),
        ("ours to an external", Audience(direct=True, foreign=BRANDT), None, BRANDT_IS_7, "not post"),
        ("a partner's to a guest, who is linked", Audience(direct=True, guest=True), "7", NOBODY_KNOWN, "post"),
        ("a partner's to theirs", Audience(direct=True, foreign=BRANDT), "7", BRANDT_IS_7, "post"),
        ("a partner's to a linked unknown", Audience(direct=True, foreign=BRANDT), "7", NOBODY_KNOWN, "post"),
        ("a partner's to another's", Audience(direct=True, foreign=ASHBY), "7", ASHBY_IS_8, "not post"),
        ("a partner's to an unknown one", Audience(direct=True, foreign=ASHBY), "7", BRANDT_IS_7, "not post"),
        ("a partner's to nobody knows whose", Audience(direct=True, unnamed=True), "7", BRANDT_IS_7, "not post"),
    ],
)  # fmt: skip
def test_a_person_gets_a_message_only_when_they_may_see_it(
    word: str, audience: Audience, partner_id: str | None, known: dict[str, str], may: str
) -> None:
    reason = why_not_post(audience, partner_id=partner_id, partner_of_team=known, named_for=None)
    assert ("post" if reason is None else "not post") == may, word


TEAMS = st.sampled_from(["T1", "T2", "T3"])
PARTNERS = st.sampled_from(["7", "8"])


@given(
    st.builds(Audience, foreign=st.frozensets(TEAMS), unnamed=st.booleans(), guest=st.booleans()),
    st.none() | PARTNERS,
    st.dictionaries(TEAMS, PARTNERS),
    st.none() | PARTNERS,
)
def test_no_organisation_reads_what_is_another_partners(
    audience: Audience, partner_id: str | None, known: dict[str, str], named_for: str | None
) -> None:
    if why_not_post(audience, partner_id=partner_id, partner_of_team=known, named_for=named_for) is None:
        assert not audience.unnamed
        assert {known.get(team, named_for) for team in audience.foreign} <= {partner_id}
