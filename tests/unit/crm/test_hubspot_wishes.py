"""Wishes as properties of a HubSpot contact and back."""

from __future__ import annotations

from datetime import date, time
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.crm.hubspot.settings import HubSpotSettings
from bot.crm.hubspot.wishes import OPTIONAL, changed, preferences_from, quiet_hours, quiet_text, wish_names
from bot.domain.partners import Channel, Motion
from bot.domain.preferences import Cadence, Preferences, QuietHours, Topic

SETTINGS = HubSpotSettings(
    access_token="t", pipelines={Motion.RESELLER: "R"}, subscriptions={Topic.INCENTIVE: "5301", Topic.SURVEYS: "7"}
)
HOURS = st.times().map(lambda t: t.replace(second=0, microsecond=0))
PREFERENCES = st.builds(
    Preferences,
    cadences=st.dictionaries(st.sampled_from(Topic), st.sampled_from(Cadence)),
    channel=st.none() | st.sampled_from(Channel),
    language=st.none() | st.sampled_from(["en", "de", "fr", "nl", "es", "it", "pt"]),
    quiet=st.none() | st.builds(QuietHours, starts=HOURS, ends=HOURS, weekends=st.booleans()),
    timezone=st.none() | st.sampled_from(sorted(available_timezones())),
    paused_until=st.none() | st.dates(),
)
LISTS = st.lists(st.sampled_from([*Topic, "unknown"])).map(";".join)
HELD = st.fixed_dictionaries(
    {},
    optional={name: st.none() | LISTS | st.text(max_size=20) for name in wish_names(SETTINGS) if "optout" not in name},
)


@given(wish=PREFERENCES, held=HELD, managed=st.sets(st.sampled_from(OPTIONAL)))
def test_what_is_written_reads_as_what_was_wished_and_then_nothing_is_left_to_write(wish, held, managed) -> None:
    out = {t for t in managed if wish.cadences.get(t) is Cadence.OFF}  # the subscriptions' part
    after = {**held, **changed(wish, held, SETTINGS, managed)}
    assert preferences_from(after, SETTINGS, out) == wish
    assert changed(wish, after, SETTINGS, managed) == {}


@given(held=st.dictionaries(st.sampled_from(wish_names(SETTINGS)), st.none() | st.text()))
def test_reading_wishes_never_fails(held) -> None:
    assert isinstance(preferences_from(held, SETTINGS, ()), Preferences)


@given(quiet=st.builds(QuietHours, starts=HOURS, ends=HOURS, weekends=st.booleans()))
def test_quiet_hours_are_read_as_they_are_written(quiet) -> None:
    assert quiet_hours(quiet_text(quiet)) == quiet


@pytest.mark.parametrize(
    ("text", "quiet"),
    [
        ("20:00-08:00", QuietHours(starts=time(20), ends=time(8))),
        (" 20 – 8 ", QuietHours(starts=time(20), ends=time(8))),
        ("18:30 to 9", QuietHours(starts=time(18, 30), ends=time(9))),
        ("20-8, Weekends like weekdays", QuietHours(starts=time(20), ends=time(8), weekends=False)),
        ("24:00-08:00", None),
        ("20:60-08:00", None),
        ("evenings", None),
        ("", None),
    ],
)
def test_quiet_hours_are_read_as_people_write_them(text: str, quiet: QuietHours | None) -> None:
    assert quiet_hours(text) == quiet


def test_who_ticked_a_topic_twice_hears_the_less_of_it() -> None:
    held = {
        "offportal_topics_off": "product",
        "offportal_topics_digest": "product;policy",
        "offportal_topics_immediate": "policy;deals",
    }
    cadences = preferences_from(held, SETTINGS, ()).cadences
    assert cadences == {Topic.PRODUCT: Cadence.OFF, Topic.POLICY: Cadence.DIGEST, Topic.DEALS: Cadence.IMMEDIATE}


def test_who_is_out_of_all_email_hears_of_nothing_that_can_be_switched_off() -> None:
    cadences = preferences_from({"hs_email_optout": "true"}, SETTINGS, ()).cadences
    assert cadences == dict.fromkeys(OPTIONAL, Cadence.OFF)


def test_the_end_of_hubspots_list_of_all_who_are_out_brings_back_no_more_than_was_wished() -> None:
    held = {"hs_email_optout": "true", "offportal_topics_off": "product"}
    now = preferences_from(held, SETTINGS, ())
    wish = Preferences(cadences=now.cadences, paused_until=date(2027, 1, 4))
    assert changed(wish, held, SETTINGS, OPTIONAL) == {"offportal_paused_until": "2027-01-04"}
