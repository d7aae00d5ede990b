"""HubSpot's texts as values and back."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.crm.hubspot.fields import (
    contact_from,
    decode,
    encode,
    instant,
    language_tag,
    manager_from,
    millis,
    partner_from,
    stamp,
    time_zone,
)
from bot.crm.hubspot.settings import HubSpotSettings
from bot.domain.deals import DealField
from bot.domain.partners import Channel, Motion
from bot.errors import PermanentError

SETTINGS = HubSpotSettings(access_token="t", pipelines={Motion.RESELLER: "Reseller"})
ZONES = st.sampled_from(sorted(available_timezones())).map(ZoneInfo)
DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2090, 1, 1))
AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**12), max_value=10**12)


@given(day=DAYS, zone=ZONES)
def test_a_close_date_is_the_same_day_when_read_back_in_any_portal(day: date, zone: ZoneInfo) -> None:
    text = encode(DealField.CLOSE_DATE, day, property_name="closedate", zone=zone)
    assert decode(DealField.CLOSE_DATE, text, zone=zone) == day


@given(day=DAYS, zone=ZONES)
def test_a_close_date_starts_with_its_day_whatever_the_zone(day: date, zone: ZoneInfo) -> None:
    assert encode(DealField.CLOSE_DATE, day, property_name="closedate", zone=zone).startswith(day.isoformat())


@given(day=DAYS, zone=ZONES)
def test_a_date_property_holds_the_day_alone(day: date, zone: ZoneInfo) -> None:
    text = encode(DealField.PROTECTED_UNTIL, day, property_name="protected_until", zone=zone)
    assert text == day.isoformat()
    assert decode(DealField.PROTECTED_UNTIL, text, zone=zone) == day


@given(amount=AMOUNTS)
def test_an_amount_is_exact_both_ways(amount: Decimal) -> None:
    text = encode(DealField.AMOUNT, amount, property_name="amount", zone=UTC)
    assert "E" not in text
    assert decode(DealField.AMOUNT, text, zone=UTC) == amount


@given(text=st.text(max_size=40))
def test_a_text_is_a_value_or_a_permanent_error(text: str) -> None:
    for field in DealField:
        with suppress(PermanentError):
            assert isinstance(decode(field, text, zone=UTC), str | Decimal | date | None)


@given(text=st.text(max_size=40))
def test_what_is_sent_can_be_encoded_and_has_no_outer_blanks(text: str) -> None:
    sent = encode(DealField.NEXT_STEP, text, property_name="hs_next_step", zone=UTC)
    assert sent == sent.strip()
    assert sent.encode().decode() == sent


def test_half_a_character_does_not_stop_a_write() -> None:
    assert encode(DealField.NEXT_STEP, "call \ud83d now", property_name="x", zone=UTC) == "call ? now"


def test_none_clears_a_property() -> None:
    assert encode(DealField.LOST_REASON, None, property_name="closed_lost_reason", zone=UTC) == ""


@pytest.mark.parametrize(
    ("text", "zone", "day"),
    [
        ("2026-12-31T00:00:00Z", "Europe/Berlin", date(2026, 12, 31)),
        ("2027-01-01T01:30:00Z", "America/New_York", date(2026, 12, 31)),  # evening of the 31st there
        ("1798675200000", "UTC", date(2026, 12, 31)),
        ("2026-12-31", "America/Los_Angeles", date(2026, 12, 31)),
    ],
)
def test_a_moment_is_the_day_that_the_portal_shows(text: str, zone: str, day: date) -> None:
    assert decode(DealField.CLOSE_DATE, text, zone=ZoneInfo(zone)) == day


@given(moment=st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 hypothesis wants bounds without a zone
def test_moments_survive_as_milliseconds_and_as_iso(moment: datetime) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    assert instant(str(millis(moment))) == moment
    assert instant(stamp(moment)) == moment


@pytest.mark.parametrize(
    ("hubspot", "tag"),
    [("de-ch", "de-CH"), ("pt_BR", "pt-BR"), ("fr", "fr"), ("zh-hant-tw", "zh-Hant-TW"), ("", None), (None, None)],
)
def test_a_language_becomes_a_bcp_47_tag(hubspot: str | None, tag: str | None) -> None:
    assert language_tag(hubspot) == tag


@pytest.mark.parametrize(
    ("hubspot", "iana"),
    [
        ("europe_slash_berlin", "Europe/Berlin"),
        ("america_slash_argentina_slash_buenos_aires", "America/Argentina/Buenos_Aires"),
        ("america_slash_port_hyphen_au_hyphen_prince", "America/Port-au-Prince"),
        ("Europe/Paris", "Europe/Paris"),
        ("somewhere", None),
        (None, None),
    ],
)
def test_a_time_zone_becomes_an_iana_name(hubspot: str | None, iana: str | None) -> None:
    assert time_zone(hubspot) == iana


def test_only_a_company_with_an_active_status_is_an_active_partner() -> None:
    def active(status: str | None) -> bool:
        return partner_from({"id": "1", "properties": {"name": "A", "partner_status": status}}, SETTINGS).active

    assert [active(s) for s in ("active", "Active", "paused", "", None)] == [True, True, False, False, False]


def test_a_contact_has_its_wishes_and_addresses() -> None:
    record = {
        "id": "7",
        "properties": {
            "email": "Julia@Brandt-IT.example",
            "firstname": "Julia",
            "lastname": None,
            "associatedcompanyid": "9",
            "hs_additional_emails": "jb@brandt.example; ;j.b@brandt.example",
            "hs_language": "de-de",
            "hs_timezone": "europe_slash_berlin",
            "partner_channels": "slack;email",
            "partner_role": "",
        },
    }
    contact = contact_from(record, SETTINGS)
    assert (contact.partner_id, contact.name, contact.role) == ("9", "Julia", "partner")
    assert contact.other_emails == ("jb@brandt.example", "j.b@brandt.example")
    assert contact.channels == (Channel.EMAIL, Channel.SLACK)
    assert (contact.locale, contact.timezone) == ("de-DE", "Europe/Berlin")


def test_an_archived_owner_is_no_active_manager() -> None:
    assert not manager_from({"id": 5, "email": "a@x.example", "archived": True}).active
    assert manager_from({"id": 5, "email": "a@x.example"}).name == "a@x.example"
