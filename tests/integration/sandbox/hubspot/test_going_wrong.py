"""Credentials, limits, and failures on order."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
import urllib3
from hubspot.crm.deals.exceptions import ApiException

from bot.sandbox.hubspot import Effect, Failure, Limits, Settings
from tests.integration.sandbox.hubspot.rig import DATED, FAMILIES, MARKS, NUMBERED, Rig, running

pytestmark = MARKS
DEAL = "/crm/objects/2026-09/deals/9001"
AMOUNT = {"properties": {"amount": "1"}}


@pytest.mark.parametrize(
    "headers", [{"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"}, {"Authorization": ""}]
)
async def test_without_the_right_token_it_is_401(rig: Rig, headers: dict[str, str]) -> None:
    answer = await rig.ask("GET", DEAL, headers=headers)
    assert answer.status == 401
    assert answer.body["category"] == "INVALID_AUTHENTICATION"
    assert answer.body["correlationId"] == answer.headers["X-HubSpot-Correlation-Id"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "wanted"),
    [
        ("GET", DEAL, None, 200, None),
        ("PATCH", DEAL, AMOUNT, 403, ["crm.objects.deals.write"]),
        ("GET", "/crm/objects/2026-09/contacts/8001", None, 403, ["crm.objects.contacts.read"]),
        ("POST", "/crm/objects/2026-09/deals/search", {}, 200, None),
        ("GET", "/crm/owners/2026-09/", None, 403, ["crm.objects.owners.read"]),
        ("GET", "/crm/properties/2026-09/deals", None, 200, None),
        ("GET", "/crm/pipelines/2026-09/deals", None, 200, None),
        (
            "POST",
            "/crm/associations/2026-09/deals/contacts/batch/read",
            {"inputs": []},
            403,
            ["crm.objects.contacts.read"],
        ),
        ("GET", "/account-info/2026-09/details", None, 200, None),
    ],
)
async def test_a_missing_scope_is_403_and_named(
    method: str, path: str, body: Any, status: int, wanted: list[str] | None
) -> None:
    async with running(settings=Settings(scopes=frozenset({"crm.objects.deals.read"}))) as rig:
        answer = await rig.ask(method, path, body)
        assert answer.status == status
        if wanted is not None:
            assert answer.body["category"] == "MISSING_SCOPES"
            assert answer.body["errors"][0]["context"]["requiredGranularScopes"] == wanted


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/crm/v3/nothing", 404),
        ("GET", "/crm/objects/2099-01/deals/9001", 404),
        ("GET", "/crm/v1/deals", 404),
        ("PUT", DEAL, 405),
    ],
)
async def test_what_is_not_there_answers_in_hubspots_shape(rig: Rig, method: str, path: str, status: int) -> None:
    answer = await rig.ask(method, path, {} if method == "PUT" else None)
    assert answer.status == status
    assert {"status", "message", "correlationId", "category"} <= answer.body.keys()


async def test_a_body_that_is_not_json_is_415_and_broken_json_400(rig: Rig) -> None:
    form = await rig.ask("PATCH", DEAL, AMOUNT, headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert form.status == 415
    broken = rig.pool.request
    answer = await rig.call(
        broken,
        "PATCH",
        rig.server.url + DEAL,
        body=b'{"properties": {',
        headers={"Authorization": "Bearer pat-eu1-sandbox", "Content-Type": "application/json"},
    )
    assert answer.status == 400
    assert b"Invalid input JSON" in answer.data


@FAMILIES
async def test_too_many_requests_in_ten_seconds_are_429(family: str) -> None:
    async with running(settings=Settings(limits=Limits(per_ten_seconds=3))) as rig:
        path = DEAL if family == DATED else "/crm/v3/objects/deals/9001"
        answers = [await rig.ask("GET", path) for _ in range(4)]
        assert [answer.status for answer in answers] == [200, 200, 200, 429]
        assert [answer.headers.get("X-HubSpot-RateLimit-Remaining") for answer in answers[:3]] == ["2", "1", "0"]
        assert answers[0].headers["X-HubSpot-RateLimit-Max"] == "3"
        assert answers[0].headers["X-HubSpot-RateLimit-Interval-Milliseconds"] == "10000"
        assert answers[0].headers["X-HubSpot-RateLimit-Daily-Remaining"] == "624999"
        refused = answers[3].body
        assert refused["policyName"] == "TEN_SECONDLY_ROLLING"
        assert refused["errorType"] == "RATE_LIMIT"
        assert refused["message"] == "You have reached your ten_secondly_rolling limit."
        rig.clock.pass_time(10)
        assert (await rig.ask("GET", path)).status == 200


@FAMILIES
async def test_a_sixth_search_in_a_second_is_429(rig: Rig, family: str) -> None:
    api = rig.client(family).crm.deals.search_api
    for _ in range(5):
        _, _, headers = await rig.call(api.do_search_with_http_info, {"limit": 1})
        assert "X-HubSpot-RateLimit-Remaining" not in headers
    with pytest.raises(ApiException) as caught:
        await rig.call(api.do_search, {"limit": 1})
    assert caught.value.status == 429
    assert '"policyName":"SECONDLY"' in caught.value.body
    assert (await rig.ask("GET", DEAL)).status == 200
    rig.clock.pass_time(1)
    await rig.call(api.do_search, {"limit": 1})


async def test_the_day_has_its_limit_too() -> None:
    async with running(settings=Settings(limits=Limits(per_day=1))) as rig:
        assert (await rig.ask("GET", DEAL)).status == 200
        assert (await rig.ask("GET", DEAL)).body["policyName"] == "DAILY"


@FAMILIES
@pytest.mark.parametrize(
    ("status", "words"), [(500, "internal error"), (423, "LOCKED"), (429, "TEN_SECONDLY_ROLLING"), (477, "MIGRATION")]
)
async def test_a_status_on_order(rig: Rig, family: str, status: int, words: str) -> None:
    rig.server.failures.order(Failure(method="PATCH", path="/deals/", times=2, status=status))
    api = rig.client(family).crm.deals.basic_api
    for _ in range(2):
        with pytest.raises(ApiException) as caught:
            await rig.call(api.update, "9001", AMOUNT)
        assert caught.value.status == status
        assert words in caught.value.body
    assert rig.server.hands.look("deals", "9001")["properties"]["amount"] == "40000"
    await rig.call(api.get_by_id, "9001")
    assert (await rig.call(api.update, "9001", AMOUNT)).properties["amount"] == "1"


@FAMILIES
async def test_a_502_that_is_not_utf_8(rig: Rig, family: str) -> None:
    rig.server.failures.order(Failure(effect=Effect.GARBAGE))
    with pytest.raises(UnicodeDecodeError):
        await rig.call(rig.client(family).crm.deals.basic_api.get_by_id, "9001")


@pytest.mark.parametrize("applied", [True, False])
@pytest.mark.parametrize("effect", [Effect.RESET, Effect.TIMEOUT])
async def test_a_connection_dies_before_or_after_the_write(rig: Rig, effect: Effect, *, applied: bool) -> None:
    rig.server.failures.order(Failure(method="PATCH", effect=effect, applied=applied, delay_s=0.2))
    with pytest.raises(urllib3.exceptions.ProtocolError):
        await rig.ask("PATCH", DEAL, AMOUNT)
    amount = rig.server.hands.look("deals", "9001")["properties"]["amount"]
    assert amount == ("1" if applied else "40000")


async def test_silence_outlasts_the_client_and_ends_with_the_server(rig: Rig) -> None:
    rig.server.failures.order(Failure(effect=Effect.TIMEOUT, delay_s=600))
    with pytest.raises(urllib3.exceptions.ReadTimeoutError):
        await rig.ask("GET", DEAL, timeout_s=0.2)
    async with asyncio.timeout(60):  # the silence lasts ten times as long
        await rig.server.stop()


async def test_slowness_on_order(rig: Rig) -> None:
    rig.server.failures.order(Failure(effect=Effect.SLOW, delay_s=0.2))
    started = time.monotonic()
    assert (await rig.ask("PATCH", DEAL, AMOUNT)).status == 200
    assert time.monotonic() - started >= 0.2


async def test_an_answer_of_ones_own_making(rig: Rig) -> None:
    failure = Failure(status=429, body={"message": "slow down"}, headers={"Retry-After": "2"})
    rig.server.failures.order(failure)
    answer = await rig.ask("GET", DEAL)
    assert (answer.status, answer.body, answer.headers["Retry-After"]) == (429, {"message": "slow down"}, "2")


@pytest.mark.parametrize("family", [DATED, NUMBERED])
async def test_nothing_but_loopback_is_spoken_to(rig: Rig, family: str) -> None:
    # pytest-socket refuses every other address, so that a client that forgot its host would fail here.
    with pytest.raises(Exception, match=r"getaddrinfo|connect|resolve|allowed") as caught:
        await rig.call(rig.pool.request, "GET", "http://192.0.2.1:1/", timeout=0.2)
    assert "192.0.2.1" in str(caught.value)
    assert (await rig.call(rig.client(family).crm.deals.basic_api.get_by_id, "9001")).id == "9001"
