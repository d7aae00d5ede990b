"""What every CRM does for announcements (bot.ports.AudienceDesk)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from bot.domain.audience import Reader
from bot.domain.partners import Channel, Motion
from bot.domain.preferences import ANNOUNCEMENTS, Cadence, Preferences, QuietHours, Topic, Wish, wished
from bot.domain.segments import matches, parse
from bot.ports import GoneError
from tests.contracts.crm.names import ASHBY, BRANDT, EVE, JULIA, NOBODY, OLGA, TOM
from tests.contracts.crm.worlds import World

AT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


async def everybody(world: World) -> dict[str, Reader]:
    found = [reader async for page in world.crm.readers() for reader in page]
    assert len(found) == len({reader.contact.id for reader in found})
    return {reader.contact.id: reader for reader in found}


async def reader_of(world: World, contact_id: str) -> Reader:
    reader = await world.crm.reader(contact_id)
    assert reader is not None
    return reader


# ---- reading ----------------------------------------------------------------------------------------------


async def test_every_contact_of_every_partner_comes_once_with_their_partner(world: World) -> None:
    readers = await everybody(world)
    partners = {id_: reader.partner.id for id_, reader in readers.items() if reader.partner.active}
    assert partners == {JULIA: BRANDT, TOM: BRANDT, EVE: ASHBY}
    assert not readers[OLGA].partner.active  # whoever sends says why they are skipped


async def test_a_reader_has_what_a_segment_may_ask_for(world: World) -> None:
    julia = (await everybody(world))[JULIA]
    assert (julia.contact.name, julia.contact.email) == ("Julia Brandt", "julia@brandt-it.example")
    assert (julia.partner.tier, julia.partner.type, julia.partner.territories) == ("gold", "reseller", ("DE", "DACH"))
    assert julia.partner.certifications == ("Sales", "Technical")
    assert julia.motions == {Motion.RESELLER, Motion.SERVICES}
    assert julia.manager == "priya.nair@meridian.example"
    assert julia.facts == {"size": ("40",)}
    text = "tier:gold motion:services region:DE language:de manager:priya.nair@meridian.example size:40"
    assert matches(parse(text, facts=["size"]), julia, today=AT.date())


async def test_a_reader_alone_is_as_in_the_page(world: World) -> None:
    for contact_id, reader in (await everybody(world)).items():
        assert await world.crm.reader(contact_id) == reader


async def test_who_is_nobodys_contact_is_no_reader(world: World) -> None:
    assert await world.crm.reader(NOBODY) is None
    assert await world.crm.reader("no id") is None


# ---- wishes -----------------------------------------------------------------------------------------------

WISHES = {
    "nothing of one kind": Preferences(cadences={Topic.PRODUCT: Cadence.OFF}),
    "all in a digest": Preferences(cadences=dict.fromkeys(Topic, Cadence.DIGEST)),
    "one at once, another never": Preferences(
        cadences={Topic.POLICY: Cadence.IMMEDIATE, Topic.SURVEYS: Cadence.OFF, Topic.INCENTIVE: Cadence.DIGEST}
    ),
    "everything": Preferences(
        cadences=dict.fromkeys(ANNOUNCEMENTS, Cadence.OFF),
        channel=Channel.SLACK,
        language="fr",
        quiet=QuietHours(starts=time(18, 30), ends=time(9), weekends=False),
        timezone="America/Argentina/Buenos_Aires",
        paused_until=date(2027, 1, 4),
    ),
}


@pytest.mark.parametrize("wish", WISHES.values(), ids=WISHES.keys())
async def test_saved_wishes_are_read_back_and_can_be_taken_back(world: World, wish: Preferences) -> None:
    before = (await reader_of(world, TOM)).preferences
    assert before == Preferences()
    for _ in range(2):
        await world.crm.save_preferences(TOM, wish)
        assert (await reader_of(world, TOM)).preferences == wish
    await world.crm.save_preferences(TOM, before)
    assert (await reader_of(world, TOM)).preferences == before
    assert (await reader_of(world, JULIA)).preferences.cadences == {}


async def test_saved_wishes_are_soon_seen_by_a_walk(world: World) -> None:
    await world.crm.save_preferences(TOM, WISHES["everything"])
    await asyncio.sleep(0.1)  # a search lags
    assert (await everybody(world))[TOM].preferences == WISHES["everything"]


async def test_channel_language_and_zone_hold_for_all_that_the_contact_is_sent(world: World) -> None:
    assert await world.crm.contact(JULIA)  # and may remember how she is now
    now = (await reader_of(world, JULIA)).preferences
    assert (now.channel, now.language, now.timezone) == (None, "de", "Europe/Berlin")
    wish = Wish(channel=Channel.SLACK, language="en", timezone="Europe/London")
    await world.crm.save_preferences(JULIA, wished(now, wish))
    julia = await world.crm.contact(JULIA)
    assert julia is not None
    assert (julia.channels, julia.locale, julia.timezone) == ((Channel.SLACK,), "en", "Europe/London")


async def test_another_wish_leaves_channels_and_the_region_of_the_language_alone(world: World) -> None:
    now = (await reader_of(world, JULIA)).preferences
    await world.crm.save_preferences(JULIA, replace(now, paused_until=date(2027, 1, 4)))
    julia = await world.crm.contact(JULIA)
    assert julia is not None
    assert (julia.channels, julia.locale) == ((Channel.EMAIL, Channel.SLACK), "de-DE")


async def test_the_wishes_of_somebody_who_is_gone_are_refused(world: World) -> None:
    with pytest.raises(GoneError):
        await world.crm.save_preferences(NOBODY, Preferences())


# ---- engagement -------------------------------------------------------------------------------------------


async def test_engagement_is_noted_once_when_we_look_first(world: World) -> None:
    for _ in range(2):
        await world.crm.log_engagement(TOM, "Asked for the deck.", at=AT, key="engaged:1", look=True)
    await world.crm.log_engagement(TOM, "Clicked.", at=AT, key="engaged:12", look=False)
    notes = await world.timeline(TOM)
    assert len(notes) == 2
    assert "Asked for the deck." in notes[0]
    assert not any("Asked" in note for note in await world.timeline(JULIA))


async def test_engagement_is_activity_and_never_goes_back(world: World) -> None:
    active, later = parse("activity:30d"), datetime.now(UTC) + timedelta(days=20)
    assert not matches(active, await reader_of(world, TOM), today=later.date())
    await world.crm.log_engagement(TOM, "Clicked.", at=later, key="engaged:2", look=False)
    await world.crm.log_engagement(TOM, "Replied.", at=later - timedelta(days=9), key="engaged:1", look=False)
    tom = await reader_of(world, TOM)
    assert tom.last_activity == later.date()
    assert matches(active, tom, today=later.date() + timedelta(days=30))
    assert not matches(active, tom, today=later.date() + timedelta(days=31))


async def test_the_engagement_of_somebody_who_is_gone_is_refused(world: World) -> None:
    with pytest.raises(GoneError):
        await world.crm.log_engagement(NOBODY, "Clicked.", at=AT, key="engaged:1", look=True)
