"""Email subscriptions, in the words of HubSpot's specification of 2026-09 (subscriptions.json); v4 is the same."""

from __future__ import annotations

import pytest

from tests.integration.sandbox.hubspot.rig import MARKS, Rig

pytestmark = MARKS
BASES = pytest.mark.parametrize("base", ["2026-09", "v4"])

JULIA = "8001"
# The required members of the published schemas.
ACTION = {"completedAt", "results", "startedAt", "status"}
STATUS = {"channel", "source", "status", "subscriberIdString", "subscriptionId", "timestamp"}
DEFINITION = {"createdAt", "description", "id", "isActive", "isDefault", "isInternal", "name", "updatedAt"}
OFF = {"subscriptionId": 5302, "statusState": "UNSUBSCRIBED", "channel": "EMAIL"}


def path(base: str, tail: str) -> str:
    return f"/communication-preferences/{base}/{tail}"


@BASES
async def test_the_types_are_listed(rig: Rig, base: str) -> None:
    answer = await rig.ask("GET", path(base, "definitions"))
    assert answer.status == 200
    assert answer.body.keys() >= ACTION
    assert all(one.keys() >= DEFINITION for one in answer.body["results"])
    assert [one["id"] for one in answer.body["results"]] == ["5301", "5302"]


@BASES
async def test_a_status_is_set_once_and_shown_on_the_contact(rig: Rig, base: str) -> None:
    where = path(base, "statuses/julia%40brandt-it.example")
    before = await rig.ask("GET", f"{where}?channel=EMAIL")
    assert [(one["subscriptionId"], one["status"]) for one in before.body["results"]] == [
        (5301, "NOT_SPECIFIED"),
        (5302, "NOT_SPECIFIED"),
    ]
    for happened in ("REQUESTED_CHANGE_OCCURRED", "NO_STATUS_CHANGE"):
        (one,) = (await rig.ask("POST", where, OFF)).body["results"]
        assert one.keys() >= STATUS
        assert (one["status"], one["setStatusSuccessReason"]) == ("UNSUBSCRIBED", happened)
    held = rig.server.hands.look("contacts", JULIA)["properties"]
    assert held["hs_email_optout_5302"] == "true"
    (back,) = (await rig.ask("POST", where, OFF | {"statusState": "SUBSCRIBED"})).body["results"]
    assert back["setStatusSuccessReason"] == "RESUBSCRIBE_OCCURRED"
    assert rig.server.hands.look("contacts", JULIA)["properties"]["hs_email_optout_5302"] == "false"


@BASES
async def test_an_address_without_a_contact_has_a_status_too(rig: Rig, base: str) -> None:
    where = path(base, "statuses/nobody%40elsewhere.example")
    assert (await rig.ask("POST", where, OFF)).status == 200
    found = await rig.ask("GET", f"{where}?channel=EMAIL")
    assert found.body["results"][1]["status"] == "UNSUBSCRIBED"


@BASES
@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"channel": "SMS"}, 400),
        ({"statusState": "OFF"}, 400),
        ({"statusState": None}, 400),
        ({"legalBasis": "BECAUSE"}, 400),
        ({"subscriptionId": 1}, 404),
    ],
)
async def test_what_is_not_published_is_refused(rig: Rig, base: str, change, status: int) -> None:
    answer = await rig.ask("POST", path(base, "statuses/julia%40brandt-it.example"), OFF | change)
    assert answer.status == status


@BASES
async def test_a_channel_must_be_named(rig: Rig, base: str) -> None:
    assert (await rig.ask("GET", path(base, "statuses/julia%40brandt-it.example"))).status == 400


async def test_nobody_sets_the_property_by_hand(rig: Rig) -> None:
    answer = await rig.ask("PATCH", f"/crm/v3/objects/contacts/{JULIA}", {"properties": {"hs_email_optout_5302": ""}})
    assert answer.status == 400
