"""What every CRM does behind bot.ports.CRM."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from bot.domain.deals import DealField, FieldChange, FieldValue, ObservedChange, Outcome
from bot.domain.partners import Channel, Motion
from bot.errors import PermanentError
from bot.ports import GoneError, RefusedFieldsError
from tests.contracts.crm.names import (
    ACME,
    ASHBY,
    ASHBYS,
    BRANDT,
    CHANNEL,
    EVE,
    JULIA,
    LOST,
    NOBODY,
    NOBODYS,
    PRIYA,
    ROLLOUT,
    SECOND,
    SHARED_BY_TWO,
    STAGES,
    TOM,
)
from tests.contracts.crm.worlds import World


def change(field: DealField, new: FieldValue, old: FieldValue = None) -> FieldChange:
    return FieldChange(field=field, old=old, new=new)


async def told_within(world: World, cursor: str, count: int) -> tuple[list[ObservedChange], str]:
    """Poll until so many changes were told, two seconds at most, and once more to catch any too many."""
    told: list[ObservedChange] = []
    for _ in range(40):
        page = await world.crm.changes_since(cursor, datetime.now(UTC))
        told += page.changes
        cursor = page.cursor
        if len(told) >= count:
            break
        await asyncio.sleep(0.05)
    page = await world.crm.changes_since(cursor, datetime.now(UTC))
    return told + list(page.changes), page.cursor


# ---- reading ----------------------------------------------------------------------------------------------


async def test_a_deal_is_read_with_everything_it_holds(world: World) -> None:
    deal = await world.crm.deal(ROLLOUT)
    assert deal is not None
    assert (deal.name, deal.company, deal.partner_id) == ("Acme rollout", "Acme GmbH", BRANDT)
    assert (deal.motion, deal.stage, deal.outcome) == (Motion.RESELLER, "Qualification", Outcome.OPEN)
    assert (deal.amount, deal.currency, deal.close_date) == (Decimal(40000), "EUR", date(2026, 12, 31))
    assert (deal.registration, deal.protected_until) == ("REG-9001", date(2027, 1, 15))
    assert (deal.owner_id, deal.next_step, deal.lost_reason) == (PRIYA, None, None)
    assert deal.updated_at.tzinfo is not None


async def test_what_does_not_exist_is_none_or_left_out(world: World) -> None:
    crm = world.crm
    assert await crm.deal(NOBODY) is None
    assert await crm.deal("not a number") is None
    assert await crm.partner(NOBODY) is None
    assert await crm.contact(NOBODY) is None
    assert await crm.manager(NOBODY) is None
    assert await crm.contacts_by_email("nobody@nowhere.example") == ()
    assert await crm.contacts_by_email("not an address") == ()
    assert [d.id for d in await crm.deals([SECOND, NOBODY, ROLLOUT, SECOND])] == [SECOND, ROLLOUT]
    assert await crm.deals([]) == ()
    assert await crm.open_deals_of(NOBODY) == ()


async def test_a_partner_sees_own_open_deals_only(world: World) -> None:
    assert {d.id for d in await world.crm.open_deals_of(BRANDT)} == {ROLLOUT, SECOND}
    assert {d.id for d in await world.crm.open_deals_of(ASHBY)} == {ASHBYS}


async def test_a_partner_is_read_with_its_manager(world: World) -> None:
    partner = await world.crm.partner(BRANDT)
    assert partner is not None
    assert (partner.name, partner.tier, partner.type, partner.language) == ("Brandt IT GmbH", "gold", "reseller", "de")
    assert (partner.active, partner.manager_id, partner.slack_channel) == (True, PRIYA, CHANNEL)
    manager = await world.crm.manager(PRIYA)
    assert manager is not None
    assert (manager.name, manager.email) == ("Priya Nair", "priya.nair@meridian.example")
    assert [m.id for m in await world.crm.managers()] == [PRIYA]


async def test_a_channel_is_its_one_partners_or_nobodys(world: World) -> None:
    partner = await world.crm.partner_by_channel(CHANNEL)
    assert partner is not None
    assert partner.id == BRANDT
    assert await world.crm.partner_by_channel(SHARED_BY_TWO) is None
    assert await world.crm.partner_by_channel("C0NOBODY") is None


async def test_the_channels_that_partners_have_are_all_named(world: World) -> None:
    channels = await world.crm.slack_channels()
    assert channels.keys() == {CHANNEL, SHARED_BY_TWO}
    assert channels[CHANNEL] == "Brandt IT GmbH"


async def test_a_contact_is_read_with_language_zone_and_wishes(world: World) -> None:
    julia = await world.crm.contact(JULIA)
    assert julia is not None
    assert (julia.name, julia.email, julia.partner_id) == ("Julia Brandt", "julia@brandt-it.example", BRANDT)
    assert (julia.locale, julia.timezone, julia.role) == ("de-DE", "Europe/Berlin", "partner")
    assert julia.channels == (Channel.EMAIL, Channel.SLACK)


@pytest.mark.parametrize("address", ["julia@brandt-it.example", "Julia@Brandt-IT.example", "JB@brandt.example"])
async def test_a_contact_is_found_by_each_address_in_any_case(world: World, address: str) -> None:
    assert [c.id for c in await world.crm.contacts_by_email(address)] == [JULIA]


async def test_the_partners_people_on_a_deal_come_before_the_others(world: World) -> None:
    rollout, second = await world.crm.deal(ROLLOUT), await world.crm.deal(SECOND)
    assert rollout is not None
    assert second is not None
    assert {c.id for c in await world.crm.contacts_of(rollout)} == {JULIA}
    assert {c.id for c in await world.crm.contacts_of(second)} == {JULIA, TOM}


async def test_a_contact_of_two_companies_belongs_to_the_primary_one(world: World) -> None:
    eve = await world.crm.contact(EVE)
    assert eve is not None
    assert eve.partner_id == ASHBY


async def test_a_deal_without_partner_has_no_partner_people(world: World) -> None:
    deal = await world.crm.deal(NOBODYS)
    assert deal is not None
    assert deal.partner_id is None
    assert await world.crm.contacts_of(deal) == ()


async def test_pipelines_have_their_stages_in_order(world: World) -> None:
    pipeline = (await world.crm.pipelines())[Motion.RESELLER]
    assert tuple(s.label for s in pipeline.stages) == STAGES
    assert pipeline.open_labels() == STAGES[:3]
    assert pipeline.closing_label(Outcome.WON) == "Closed Won"
    assert pipeline.closing_label(Outcome.LOST) == "Closed Lost"


async def test_a_customer_is_no_active_partner(world: World) -> None:
    customer = await world.crm.partner(ACME)
    assert customer is None or not customer.active


async def test_a_healthy_crm_has_no_faults(world: World) -> None:
    assert await world.crm.check() == []


# ---- writing ----------------------------------------------------------------------------------------------


async def test_what_is_written_is_read_back(world: World) -> None:
    wanted: dict[DealField, FieldValue] = {
        DealField.STAGE: "Transact",
        DealField.AMOUNT: Decimal("60000.50"),
        DealField.CURRENCY: "USD",
        DealField.CLOSE_DATE: date(2027, 1, 31),
        DealField.NEXT_STEP: 'Größe klären – "sofort" <b>& 😀',
        DealField.STAGE_NOTES: "line one\nline two",
        DealField.PROTECTED_UNTIL: date(2027, 2, 28),
        DealField.LOST_REASON: "price",
        DealField.COMPETITOR: "Contoso",
    }
    before = await world.crm.deal(ROLLOUT)
    at = await world.crm.write(ROLLOUT, [change(field, value) for field, value in wanted.items()])
    after = await world.crm.deal(ROLLOUT)
    assert before is not None
    assert after is not None
    assert {field: after.value(field) for field in wanted} == wanted
    assert after.updated_at == at > before.updated_at


async def test_none_clears_a_field(world: World) -> None:
    await world.crm.write(ROLLOUT, [change(DealField.NEXT_STEP, "call")])
    await world.crm.write(ROLLOUT, [change(DealField.NEXT_STEP, None), change(DealField.AMOUNT, None)])
    deal = await world.crm.deal(ROLLOUT)
    assert deal is not None
    assert (deal.next_step, deal.amount) == (None, None)


async def test_a_deal_is_won_by_its_closing_stage_and_open_again_by_another(world: World) -> None:
    await world.crm.write(ROLLOUT, [change(DealField.STAGE, "Closed Won")])
    won = await world.crm.deal(ROLLOUT)
    assert won is not None
    assert won.outcome is Outcome.WON
    assert ROLLOUT not in {d.id for d in await world.crm.open_deals_of(BRANDT)}
    await world.crm.write(ROLLOUT, [change(DealField.STAGE, "Qualification")])
    assert ROLLOUT in {d.id for d in await world.crm.open_deals_of(BRANDT)}


async def test_one_refused_field_of_three_refuses_all_and_is_named(world: World) -> None:
    before = await world.crm.deal(ROLLOUT)
    with pytest.raises(RefusedFieldsError) as caught:
        await world.crm.write(
            ROLLOUT,
            [
                change(DealField.AMOUNT, Decimal(1)),
                change(DealField.CURRENCY, "XTS"),
                change(DealField.NEXT_STEP, "never"),
            ],
        )
    assert set(caught.value.fields) == {"currency"}
    assert "XTS" in caught.value.fields["currency"]
    assert "deal_currency_code" not in caught.value.fields["currency"]  # a partner may read it
    assert await world.crm.deal(ROLLOUT) == before


async def test_a_stage_of_no_pipeline_is_refused_by_name(world: World) -> None:
    with pytest.raises(RefusedFieldsError, match="Nowhere") as caught:
        await world.crm.write(ROLLOUT, [change(DealField.STAGE, "Nowhere")])
    assert set(caught.value.fields) == {"stage"}


async def test_a_deal_that_is_gone_cannot_be_written_or_noted(world: World) -> None:
    deal = await world.crm.deal(ROLLOUT)
    assert deal is not None
    await world.archive(ROLLOUT)
    assert await world.crm.deal(ROLLOUT) is None
    assert {d.id for d in await world.crm.open_deals_of(BRANDT)} == {SECOND}
    for changes in ([change(DealField.AMOUNT, Decimal(1))], [change(DealField.STAGE, "Transact")]):
        with pytest.raises(GoneError):
            await world.crm.write(ROLLOUT, changes)
    with pytest.raises(GoneError):
        await world.crm.note(deal, "x", at=datetime.now(UTC), key="k:1", contact_id=JULIA, look=False)


# ---- notes ------------------------------------------------------------------------------------------------


async def test_a_note_is_written_once_when_we_look_first(world: World) -> None:
    deal = await world.crm.deal(ROLLOUT)
    assert deal is not None
    at = datetime.now(UTC)
    first = await world.crm.note(deal, "Wir sind dran.", at=at, key="inbound:1", contact_id=JULIA, look=False)
    other = await world.crm.note(deal, "Und weiter.", at=at, key="inbound:12", contact_id=None, look=True)
    again = await world.crm.note(deal, "Wir sind dran.", at=at, key="inbound:1", contact_id=JULIA, look=True)
    assert first == again != other
    notes = await world.notes(ROLLOUT)
    assert len(notes) == 2
    assert sum("Wir sind dran." in body for body in notes) == 1


# ---- changes ----------------------------------------------------------------------------------------------


async def test_a_persons_change_is_told_once_with_old_and_new(world: World) -> None:
    await world.move(SECOND, {DealField.AMOUNT: Decimal(1)})  # before we began to watch
    await asyncio.sleep(0.01)
    cursor = (await world.crm.changes_since(None, datetime.now(UTC))).cursor
    await asyncio.sleep(0.01)
    await world.move(ROLLOUT, {DealField.STAGE: "Transact"})
    await asyncio.sleep(0.01)
    await world.move(ROLLOUT, {DealField.AMOUNT: Decimal("55000.25")})
    told, _ = await told_within(world, cursor, 2)
    assert [(c.deal_id, c.change) for c in told] == [
        (ROLLOUT, change(DealField.STAGE, "Transact", "Qualification")),
        (ROLLOUT, change(DealField.AMOUNT, Decimal("55000.25"), Decimal(40000))),
    ]
    assert len({c.key for c in told}) == 2
    assert all(datetime.now(UTC) - c.at < timedelta(minutes=1) for c in told)


async def test_a_change_back_and_forth_is_two_changes(world: World) -> None:
    cursor = (await world.crm.changes_since(None, datetime.now(UTC))).cursor
    for stage in ("Transact", "Qualification"):
        await asyncio.sleep(0.01)
        await world.move(ROLLOUT, {DealField.STAGE: stage})
    told, _ = await told_within(world, cursor, 2)
    assert [(c.change.old, c.change.new) for c in told] == [
        ("Qualification", "Transact"),
        ("Transact", "Qualification"),
    ]


async def test_changes_of_deals_without_partner_are_nobodys_business(world: World) -> None:
    cursor = (await world.crm.changes_since(None, datetime.now(UTC))).cursor
    await asyncio.sleep(0.01)
    await world.move(NOBODYS, {DealField.STAGE: "Transact"})
    await world.move(LOST, {DealField.STAGE: "Transact"})
    told, _ = await told_within(world, cursor, 1)
    assert {c.deal_id for c in told} == {LOST}


async def test_our_own_write_is_told_with_another_source_than_a_persons(world: World) -> None:
    cursor = (await world.crm.changes_since(None, datetime.now(UTC))).cursor
    await asyncio.sleep(0.01)
    at = await world.crm.write(ROLLOUT, [change(DealField.NEXT_STEP, "sign")])
    await asyncio.sleep(0.01)
    await world.move(ROLLOUT, {DealField.NEXT_STEP: "sign now"})
    told, _ = await told_within(world, cursor, 2)
    ours, theirs = told
    assert (ours.change.new, theirs.change.new) == ("sign", "sign now")
    assert ours.by != theirs.by
    assert ours.by.startswith("INTEGRATION")
    assert abs(ours.at - at) < timedelta(seconds=1)


async def test_the_cursor_of_another_crm_is_refused(world: World) -> None:
    with pytest.raises(PermanentError, match="is not a cursor of this CRM"):
        await world.crm.changes_since("elsewhere", datetime.now(UTC))


async def test_a_cursor_carries_on_where_it_was(world: World) -> None:
    cursor = (await world.crm.changes_since(None, datetime.now(UTC))).cursor
    await asyncio.sleep(0.01)
    await world.move(ROLLOUT, {DealField.STAGE: "Transact"})
    first, later = await told_within(world, cursor, 1)
    again, _ = await told_within(world, cursor, 1)
    assert [c.key for c in again] == [c.key for c in first]
    await asyncio.sleep(0.01)
    await world.move(SECOND, {DealField.STAGE: "Transact"})
    told, _ = await told_within(world, later, 1)
    assert [c.deal_id for c in told] == [SECOND]
