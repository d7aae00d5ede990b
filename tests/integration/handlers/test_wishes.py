"""Who wants to hear less, or more, is heard in their own words: at once here, and in the CRM."""

from __future__ import annotations

import pytest

from bot.domain.preferences import Cadence, Preferences, Topic
from bot.errors import TransientError
from bot.ports import Disposition, RefusedFieldsError
from tests.integration.handlers.desk import PRIYA, Desk, desk

JULIA_ID = "C1"


@pytest.fixture
async def office(tmp_path):
    async with desk(tmp_path) as one:
        yield one


async def kept(office: Desk) -> Preferences:
    async with office.store.unit() as unit:
        return await unit.preferences(JULIA_ID) or Preferences()


async def in_the_crm(office: Desk) -> Preferences:
    reader = await office.crm.reader(JULIA_ID)
    assert reader is not None
    return reader.preferences


async def test_a_stop_is_kept_told_and_put_into_the_crm(office: Desk):
    inbound = await office.mail("Please stop the announcements")
    assert inbound.disposition is Disposition.APPLIED
    preferences = await in_the_crm(office)
    assert preferences.cadence(Topic.PRODUCT) is Cadence.OFF
    assert preferences.cadence(Topic.SURVEYS) is Cadence.IMMEDIATE
    assert preferences.cadence(Topic.POLICY) is Cadence.DIGEST
    assert await kept(office) == Preferences()
    said = office.last().text
    assert "Unsubscribed from: announcements" in said.replace("*", "")
    assert "start" in said
    assert not [m for m in office.post.sent if m.to_address == PRIYA]


@pytest.mark.parametrize("word", ["STOP", "stop.", "Unsubscribe", "Please stop all emails"])
async def test_one_word_is_enough_and_another_brings_it_back(office: Desk, word: str):
    await office.mail(word)
    assert (await in_the_crm(office)).cadence(Topic.INCENTIVE) is Cadence.OFF
    await office.mail("Start", to=office.last())
    assert (await in_the_crm(office)).cadence(Topic.INCENTIVE) is Cadence.IMMEDIATE
    assert "again" in office.last().text


async def test_a_fact_beside_a_wish_is_written_too(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    await office.mail("The amount is 60k. No more surveys please.", to=notice)
    assert str((await office.deal()).amount) == "60000"
    assert (await in_the_crm(office)).cadence(Topic.SURVEYS) is Cadence.OFF
    assert "Unsubscribed from: surveys" in office.last().text.replace("*", "")


async def test_what_the_vendors_people_set_in_the_crm_stays(office: Desk):
    await office.crm.save_preferences(JULIA_ID, Preferences(language="fr", cadences={Topic.SURVEYS: Cadence.OFF}))
    await office.mail("Please stop the announcements")
    after = await in_the_crm(office)
    assert (after.language, after.cadence(Topic.SURVEYS), after.cadence(Topic.PRODUCT)) == (
        "fr",
        Cadence.OFF,
        Cadence.OFF,
    )


async def test_what_the_crm_refuses_stays_in_force_here(office: Desk):
    refusal = RefusedFieldsError("no such subscription", fields={"product": "unknown"})
    office.crm.fail_next("save_preferences", refusal, after=True)
    await office.mail("Please stop the announcements")
    assert (await kept(office)).cadences == {Topic.PRODUCT: Cadence.OFF}


async def test_a_crm_that_is_away_gets_it_when_it_is_back(office: Desk):
    office.crm.fail_next("save_preferences", TransientError("away"), after=True)
    await office.mail("Please stop the announcements")
    assert (await in_the_crm(office)).cadence(Topic.PRODUCT) is Cadence.OFF
    assert await kept(office) == Preferences()
