"""Whom an announcement reaches: over which channel, in which language, when; and why somebody is left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.domain.announcements import Announcement, RecipientState
from bot.domain.audience import Reader
from bot.domain.partners import Channel, Contact, Partner
from bot.domain.preferences import Cadence, Preferences, QuietHours, Topic
from bot.domain.routing import Reach, Route, Skip, Standing, Why, is_quiet, not_quiet, quieter, route, starts_at

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)  # a Tuesday
NONE = QuietHours(starts=time(), ends=time(), weekends=False)
REACH = Reach(languages=("en", "de"), default_language="en", timezone="Europe/Berlin")
PARTNER = Partner(id="P1", name="Brandt IT", language="de")
JULIA = Contact(id="C1", partner_id="P1", name="Julia", email="julia@brandt.example", timezone="Europe/Berlin")
NEWS = Announcement(
    id=1, slug="q1", topic=Topic.PRODUCT, texts={}, segment="all", author="priya@meridian.example", created_at=NOW
)
NOBODY_SAID = Standing()


def routed(
    reader: Reader | None = None,
    news: Announcement = NEWS,
    standing: Standing = NOBODY_SAID,
    reach: Reach = REACH,
    now: datetime = NOW,
) -> Route | Skip:
    return route(reader or Reader(contact=JULIA, partner=PARTNER), news, standing, reach, now=now)


def wishing(**wishes: object) -> Reader:
    return Reader(contact=JULIA, partner=PARTNER, preferences=Preferences(**wishes))  # type: ignore[arg-type]


def test_somebody_without_wishes_gets_it_by_mail_in_the_partners_language_at_once():
    assert routed() == Route(
        channel=Channel.EMAIL,
        to="julia@brandt.example",
        name="Julia",
        language="de",
        not_before=None,
        state=RecipientState.QUEUED,
    )


@pytest.mark.parametrize(
    ("reader", "standing", "why"),
    [
        (Reader(contact=JULIA, partner=replace(PARTNER, active=False)), NOBODY_SAID, Why.PARTNER_ENDED),
        (Reader(contact=replace(JULIA, active=False), partner=PARTNER), NOBODY_SAID, Why.INACTIVE),
        (wishing(cadences={Topic.PRODUCT: Cadence.OFF}), NOBODY_SAID, Why.OFF),
        (wishing(paused_until=date(2027, 1, 1)), NOBODY_SAID, Why.PAUSED),
        (wishing(channel=Channel.SLACK), Standing(suppressed="bounce 5.1.1"), Why.BOUNCED),
        (wishing(), Standing(suppressed="complaint "), Why.COMPLAINED),
        (wishing(), Standing(wishes=Preferences(cadences={Topic.PRODUCT: Cadence.OFF})), Why.OFF),
        (Reader(contact=replace(JULIA, email=""), partner=PARTNER), NOBODY_SAID, Why.NO_ADDRESS),
    ],
)
def test_who_is_left_out_and_why(reader: Reader, standing: Standing, why: Why):
    assert routed(reader, standing=standing) == Skip(why=why, language="de")


def test_a_wish_for_another_channel_than_the_announcements_is_respected():
    only_slack = replace(NEWS, channels=(Channel.SLACK,))
    assert routed(wishing(channel=Channel.EMAIL), only_slack) == Skip(why=Why.OTHER_CHANNEL, language="de")
    assert routed(news=only_slack) == Skip(why=Why.NO_ADDRESS, language="de")
    assert getattr(routed(news=only_slack, standing=Standing(slack_user="U1")), "to", None) == "U1"


def test_who_wishes_slack_gets_it_there_or_by_mail_when_slack_does_not_reach_them():
    reader = wishing(channel=Channel.SLACK)
    in_channel = replace(reader, partner=replace(PARTNER, slack_channel="C9"))
    assert [(r.to, r.name) for r in (routed(in_channel),) if isinstance(r, Route)] == [("C9", "Brandt IT")]
    assert [(r.to, r.name) for r in (routed(reader, standing=Standing(slack_user="U1")),) if isinstance(r, Route)] == [
        ("U1", "Julia")
    ]
    assert getattr(routed(reader), "to", None) == "julia@brandt.example"


def test_nobody_gets_mail_where_there_is_none():
    slack_only = replace(REACH, ways=frozenset({Channel.SLACK}))
    assert routed(reach=slack_only) == Skip(why=Why.NO_ADDRESS, language="de")
    wished = wishing(channel=Channel.EMAIL)
    assert getattr(routed(wished, reach=slack_only, standing=Standing(slack_user="U1")), "to", None) == "U1"


def test_a_policy_change_reaches_those_who_switched_all_off_with_the_digest_and_waits_for_the_end_of_a_pause():
    policy = replace(NEWS, topic=Topic.POLICY)
    off = routed(wishing(cadences={Topic.POLICY: Cadence.OFF}), policy)
    assert isinstance(off, Route)
    assert off.state is RecipientState.DIGEST
    paused = routed(wishing(paused_until=date(2026, 12, 1)), policy)
    assert isinstance(paused, Route)
    assert paused.not_before == datetime(2026, 12, 1, 7, tzinfo=UTC)  # 08:00 in Berlin


@pytest.mark.parametrize(
    ("now", "at"),
    [
        (datetime(2026, 11, 24, 6, 59, tzinfo=UTC), datetime(2026, 11, 24, 7, tzinfo=UTC)),  # 07:59, until 08:00
        (datetime(2026, 11, 24, 19, tzinfo=UTC), datetime(2026, 11, 25, 7, tzinfo=UTC)),  # 20:00
        (datetime(2026, 11, 27, 19, tzinfo=UTC), datetime(2026, 11, 30, 7, tzinfo=UTC)),  # Friday night, until Monday
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 26, 7, tzinfo=UTC)),  # clocks go back
        (datetime(2026, 11, 24, 12, tzinfo=UTC), None),
    ],
)
def test_quiet_hours_are_kept_by_the_readers_clock(now: datetime, at: datetime | None):
    found = routed(now=now)
    assert isinstance(found, Route)
    assert found.not_before == at


def test_in_their_time_zone_the_hour_is_each_readers_own():
    news = replace(NEWS, at=datetime(2027, 1, 11, 9, tzinfo=UTC), their_time=True)
    there = {}
    for zone in ("Asia/Tokyo", "Europe/Berlin", "America/New_York"):
        found = routed(Reader(contact=replace(JULIA, timezone=zone), partner=PARTNER), news)
        assert isinstance(found, Route)
        assert found.not_before is not None
        there[zone] = found.not_before.hour
    assert there == {"Asia/Tokyo": 0, "Europe/Berlin": 8, "America/New_York": 14}
    assert starts_at(news) == datetime(2027, 1, 10, 19, tzinfo=UTC)


def test_the_quieter_of_two_cadences_counts_and_the_crms_other_wishes_go_first():
    in_crm = Preferences(cadences={Topic.PRODUCT: Cadence.IMMEDIATE, Topic.POLICY: Cadence.DIGEST}, language="de")
    ours = Preferences(
        cadences={Topic.PRODUCT: Cadence.OFF, Topic.INCENTIVE: Cadence.DIGEST}, language="fr", quiet=NONE
    )
    both = quieter(in_crm, ours)
    assert both.cadences == {
        Topic.PRODUCT: Cadence.OFF,
        Topic.POLICY: Cadence.DIGEST,
        Topic.INCENTIVE: Cadence.DIGEST,
    }
    assert (both.language, both.quiet) == ("de", NONE)


MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
HOURS = st.builds(QuietHours, starts=st.times(), ends=st.times(), weekends=st.booleans())
ZONES = st.sampled_from(sorted(available_timezones()))


@settings(max_examples=500)
@given(moment=MOMENTS, quiet=HOURS, zone=ZONES)
@example(datetime(2026, 3, 29, 0, 59, tzinfo=UTC), QuietHours(starts=time(1), ends=time(2, 30)), "Europe/Berlin")
@example(datetime(2026, 10, 25, 1, 10, tzinfo=UTC), QuietHours(starts=time(1), ends=time(2, 30)), "Europe/Berlin")
def test_nothing_comes_in_quiet_hours_and_nothing_waits_longer_than_it_must(
    moment: datetime, quiet: QuietHours, zone: str
):
    there = ZoneInfo(zone)
    at = not_quiet(moment, quiet, there)
    assert at >= moment
    assert not is_quiet(at.astimezone(there), quiet)
    assert at - moment < timedelta(days=5)
    if at > moment:  # only an hour that the clocks jump over may make it later than the first moment that is free
        before = at - timedelta(seconds=1)
        jumped = before.astimezone(there).utcoffset() != (at - timedelta(hours=25)).astimezone(there).utcoffset()
        assert is_quiet(before.astimezone(there), quiet) or jumped


@given(moment=MOMENTS, quiet=HOURS, zone=ZONES)
def test_what_may_come_now_may_come_now_again(moment: datetime, quiet: QuietHours, zone: str):
    at = not_quiet(moment, quiet, ZoneInfo(zone))
    assert not_quiet(at, quiet, ZoneInfo(zone)) == at
