"""What every CRM does for deals that several partners share."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bot.domain.credits import Credit, Split, credits_in, granted, total
from bot.domain.deals import Deal, DealField
from bot.domain.sharing import seen_by
from bot.ports import GoneError
from tests.contracts.crm.names import ASHBY, BRANDT, EVE, JULIA, ROLLOUT, SECOND
from tests.contracts.crm.worlds import World

PART = Credit(partner_id=ASHBY, share=Decimal("12.5"), registration="REG-1043")


async def shared(world: World) -> Deal:
    """Brandt's rollout, of which Ashby has a part."""
    changes = granted(await deal(world), PART, Split())
    assert changes is not None
    await world.crm.write(ROLLOUT, changes)
    await world.crm.add_partner(ROLLOUT, ASHBY, contact_id=EVE)
    return await deal(world)


async def deal(world: World, deal_id: str = ROLLOUT) -> Deal:
    found = await world.crm.deal(deal_id)
    assert found is not None
    return found


async def test_the_shares_are_read_as_they_were_written(world: World):
    found = await shared(world)
    assert (found.partner_id, found.share) == (BRANDT, Decimal("87.5"))
    assert credits_in(found.credits) == (PART,)
    assert total(found) == 100


async def test_a_shared_deal_is_among_the_open_ones_of_each_partner(world: World):
    await shared(world)
    for partner in (BRANDT, ASHBY):
        assert ROLLOUT in {d.id for d in await world.crm.open_deals_of(partner)}
    assert SECOND not in {d.id for d in await world.crm.open_deals_of(ASHBY)}


async def test_a_share_that_a_person_typed_in_is_found_by_the_search(world: World):
    await world.move(ROLLOUT, {DealField.CREDITS: f"{ASHBY} sourced 10 %"})
    await asyncio.sleep(0.1)  # the search lags
    assert ROLLOUT in {d.id for d in await world.crm.open_deals_of(ASHBY)}


async def test_the_customer_is_none_of_the_partners(world: World):
    assert (await shared(world)).company == "Acme GmbH"


async def test_each_partners_own_people_are_on_the_deal(world: World):
    found = await shared(world)
    sides = {partner: seen_by(found, partner) for partner in (BRANDT, ASHBY)}
    people = {p: {c.id for c in await world.crm.contacts_of(s)} for p, s in sides.items() if s is not None}
    assert JULIA in people[BRANDT]
    assert people[ASHBY] == {EVE}


async def test_people_see_a_further_partner_once_and_no_more_when_it_is_gone(world: World):
    await shared(world)
    await world.crm.add_partner(ROLLOUT, ASHBY, contact_id=EVE)
    assert await world.companies(ROLLOUT) == {ASHBY}
    for _ in range(2):
        await world.crm.remove_partner(ROLLOUT, ASHBY)
        assert await world.companies(ROLLOUT) == set()
    assert (await deal(world)).company == "Acme GmbH"


async def test_a_partner_or_a_deal_that_is_not_there_is_said(world: World):
    with pytest.raises(GoneError):
        await world.crm.add_partner("999999", ASHBY, contact_id=None)


async def test_changed_shares_are_reported(world: World):
    began = await world.crm.changes_since(None, datetime.now(UTC))
    await asyncio.sleep(0.01)
    await world.move(ROLLOUT, {DealField.SHARE: Decimal(60), DealField.CREDITS: f"{ASHBY} influenced 40"})
    await asyncio.sleep(0.1)  # the search lags
    page = await world.crm.changes_since(began.cursor, datetime.now(UTC))
    assert {(c.change.field, c.change.new) for c in page.changes} == {
        (DealField.SHARE, Decimal(60)),
        (DealField.CREDITS, f"{ASHBY} influenced 40"),
    }
