"""HubSpot failing in its ways, on a socket: nothing is lost, nothing is written twice, nobody is left guessing."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import structlog

from bot.domain.deals import DealField, FieldChange
from bot.errors import SetupError, TransientError, UnknownOutcomeError
from bot.ports import RefusedFieldsError
from bot.sandbox.hubspot import Effect, Failure, Limits
from tests.contracts.crm.names import BRANDT, EVE, JULIA, ROLLOUT, TOKEN
from tests.contracts.crm.seed import hubspot_seed
from tests.contracts.crm.worlds import HubSpotWorld, hubspot_world

AMOUNT = [FieldChange(field=DealField.AMOUNT, old=None, new=Decimal(77))]


@pytest.fixture
async def world():
    async with hubspot_world("2026-09", read_s=0.3) as found:
        await found.crm.deal(ROLLOUT)  # pipelines and account are known from now on
        yield found


def amount_in_hubspot(world: HubSpotWorld) -> str:
    return str(world.server.hands.look("deals", ROLLOUT)["properties"]["amount"])


@pytest.mark.parametrize("effect", [Effect.TIMEOUT, Effect.RESET, Effect.GARBAGE, Effect.STATUS])
async def test_a_write_that_was_applied_before_the_failure_is_an_unknown_outcome(world, effect) -> None:
    world.server.failures.order(Failure(method="PATCH", effect=effect, applied=True))
    with pytest.raises(UnknownOutcomeError, match="write deals 9001"):
        await world.crm.write(ROLLOUT, AMOUNT)
    assert amount_in_hubspot(world) == "77"
    assert world.server.requests["PATCH /crm/objects/2026-09/{kind}/{id}"] == 1


async def test_a_note_that_was_written_before_the_failure_is_found_by_looking(world) -> None:
    deal = await world.crm.deal(ROLLOUT)
    world.server.failures.order(Failure(method="POST", path="notes$", effect=Effect.TIMEOUT, applied=True))
    now = datetime.now(UTC)
    with pytest.raises(UnknownOutcomeError):
        await world.crm.note(deal, "Hallo", at=now, key="inbound:5", contact_id=JULIA, look=False)
    await world.crm.note(deal, "Hallo", at=now, key="inbound:5", contact_id=JULIA, look=True)
    assert len(await world.notes(ROLLOUT)) == 1


@pytest.mark.parametrize(
    "failure",
    [
        Failure(path="batch/read", effect=Effect.RESET, times=2),
        Failure(path="batch/read", effect=Effect.GARBAGE, times=2),
        Failure(path="batch/read", status=503, times=2),
        Failure(path="batch/read", status=429, headers={"Retry-After": "0.1"}, times=2),
        Failure(path="batch/read", effect=Effect.TIMEOUT),
    ],
    ids=["reset", "garbage", "unavailable", "too fast", "silent"],
)
async def test_a_read_gets_over_two_passing_failures(world, failure) -> None:
    world.server.failures.order(failure)
    assert await world.crm.deal(ROLLOUT) is not None


async def test_a_read_that_keeps_failing_is_left_to_the_caller_after_three_tries(world) -> None:
    world.server.failures.order(Failure(path="batch/read", effect=Effect.GARBAGE, times=9))
    before = world.server.requests.total()
    with pytest.raises(TransientError, match="502"):
        await world.crm.deal(ROLLOUT)
    assert world.server.requests.total() - before == 3


@pytest.mark.parametrize("status", [423, 429])
async def test_a_write_that_was_surely_not_carried_out_is_tried_again(world, status: int) -> None:
    world.server.failures.order(Failure(method="PATCH", status=status, headers={"Retry-After": "0.1"}))
    await world.crm.write(ROLLOUT, AMOUNT)
    assert amount_in_hubspot(world) == "77"


async def test_a_long_wait_is_left_to_the_caller_with_its_length(world) -> None:
    world.server.failures.order(Failure(method="PATCH", status=429, headers={"Retry-After": "30"}))
    with pytest.raises(TransientError) as caught:
        await world.crm.write(ROLLOUT, AMOUNT)
    assert caught.value.retry_after == timedelta(seconds=30)
    assert not isinstance(caught.value, UnknownOutcomeError)


async def test_after_too_fast_nobody_asks_before_its_time(world) -> None:
    world.server.failures.order(Failure(path="batch/read", status=429, headers={"Retry-After": "30"}))
    with pytest.raises(TransientError, match="429"):
        await world.crm.deal(ROLLOUT)
    before = world.server.requests.total()
    with pytest.raises(TransientError, match="no room for 30 s") as caught:
        await world.crm.write(ROLLOUT, AMOUNT)
    assert caught.value.retry_after is not None
    assert caught.value.retry_after > timedelta(seconds=28)
    assert world.server.requests.total() == before


async def test_nobody_listening_is_transient_even_for_a_write(world) -> None:
    await world.server.stop()
    with pytest.raises(TransientError) as caught:
        await world.crm.write(ROLLOUT, AMOUNT)
    assert not isinstance(caught.value, UnknownOutcomeError)


async def test_a_success_of_another_kind_is_no_success(world) -> None:
    deal = await world.crm.deal(ROLLOUT)
    world.server.failures.order(Failure(method="POST", path="notes$", status=200, body={"id": "1"}))
    with pytest.raises(UnknownOutcomeError, match="answered 200"):
        await world.crm.note(deal, "x", at=datetime.now(UTC), key="k", contact_id=None, look=False)


async def test_a_refused_token_is_said_once_and_never_shown(capsys, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    structlog.reset_defaults()
    async with hubspot_world("2026-09", access_token="pat-wrong") as world:
        with pytest.raises(SetupError, match="401: the access token is refused") as caught:
            await world.crm.deal(ROLLOUT)
        assert await world.crm.check() == [str(caught.value).replace("read 1 deals", "read the deal pipelines")]
    async with hubspot_world("2026-09") as world:
        await world.crm.deal(ROLLOUT)
    captured = capsys.readouterr()
    told = captured.out + captured.err + caplog.text + str(caught.value)
    assert "hubspot.answered" in told
    assert TOKEN not in told
    assert "pat-wrong" not in told


async def test_missing_scopes_are_all_named_at_once() -> None:
    scopes = frozenset({"crm.objects.deals.read", "crm.objects.contacts.read", "crm.schemas.deals.read"})
    async with hubspot_world("2026-09", scopes=scopes) as world:
        faults = "\n".join(await world.crm.check())
    for scope in ("companies.read", "owners.read", "deals.write", "companies.write", "contacts.write"):
        assert f"crm.objects.{scope}" in faults


async def test_an_account_that_may_not_be_read_is_a_fault_until_the_settings_say_it() -> None:
    async def faults(**settings: Any) -> list[str]:
        async with hubspot_world("2026-09", **settings) as world:
            world.server.failures.order(Failure(path="account-info", status=403))
            return await world.crm.check()

    (fault,) = await faults()
    assert "set crm.portal_id and crm.timezone" in fault
    assert await faults(portal_id="4711", timezone="America/New_York") == []


async def test_a_rule_that_wants_another_field_refuses_the_stage_and_names_it() -> None:
    seed = hubspot_seed()
    seed["rules"] = [
        {"kind": "deals", "property": "dealstage", "values": ["7514"], "requires": ["closed_lost_reason", "dealtype"]}
    ]
    seed["deals"].pop()  # it is lost already, without what the rule wants
    lost = [FieldChange(field=DealField.STAGE, old=None, new="Closed Lost"), *AMOUNT]
    async with hubspot_world("2026-09", seed=seed) as world:
        with pytest.raises(RefusedFieldsError) as caught:
            await world.crm.write(ROLLOUT, lost)
        assert set(caught.value.fields) == {"lost_reason", "stage"}
        assert "dealtype" in caught.value.fields["stage"]  # not one of our words: a manager has to fill it in
        assert "closed_lost_reason" not in str(caught.value.fields)
        assert caught.value.code == "MISSING_CONDITIONAL_REQUIRED_PROPERTY"
        assert amount_in_hubspot(world) == "40000"


async def test_a_stage_that_was_made_anew_is_written_though_we_remember_the_old(world) -> None:
    pipelines = world.server.portal.schema.pipelines
    await world.crm.write(ROLLOUT, [FieldChange(field=DealField.STAGE, old=None, new="Transact")])
    pipeline = next(p for p in pipelines.all() if p.id == "751")
    stage = pipeline.stages.pop("7511")  # Qualification, whose id we remember
    stage.id = "7599"
    pipeline.stages["7599"] = stage
    await world.crm.write(ROLLOUT, [FieldChange(field=DealField.STAGE, old=None, new="Qualification")])
    assert world.server.hands.look("deals", ROLLOUT)["properties"]["dealstage"] == "7599"


async def test_a_note_is_written_though_its_contact_is_gone(world) -> None:
    deal = await world.crm.deal(ROLLOUT)
    world.server.hands.archive("contacts", EVE)
    await world.crm.note(deal, "Hallo", at=datetime.now(UTC), key="k", contact_id=EVE, look=False)
    assert len(await world.notes(ROLLOUT)) == 1
    assert world.server.hands.look("companies", BRANDT)["associations"]["notes"]


@pytest.mark.parametrize(("calls_per_10_s", "searches_per_s", "refused"), [(100, 5.0, False), (9_000, 900.0, True)])
async def test_our_pace_is_what_keeps_us_below_the_portals_limits(
    calls_per_10_s: int, searches_per_s: float, *, refused: bool
) -> None:
    limits = Limits(per_ten_seconds=100, searches_per_second=5)
    async with hubspot_world(
        "2026-09", limits=limits, calls_per_10_s=calls_per_10_s, searches_per_s=searches_per_s
    ) as world:
        with structlog.testing.capture_logs() as logs:
            await asyncio.gather(*(world.crm.partner_by_channel(f"C{n}") for n in range(8)))
            await asyncio.gather(*(world.crm.deal(ROLLOUT) for _ in range(30)))
    assert (429 in {line.get("status") for line in logs}) is refused
