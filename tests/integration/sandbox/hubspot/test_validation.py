"""What HubSpot takes and refuses as values, and how it says so."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.sandbox.world import demo_world, stage_id
from tests.integration.sandbox.hubspot.rig import DATED, NUMBERED, Answer, Rig, running

PATHS = {DATED: "/crm/objects/2026-09", NUMBERED: "/crm/v3/objects"}
FAMILIES = pytest.mark.parametrize("family", [DATED, NUMBERED])


async def patch(rig: Rig, family: str, kind: str, record_id: str, **properties: Any) -> Answer:
    return await rig.ask("PATCH", f"{PATHS[family]}/{kind}/{record_id}", {"properties": properties})


def refusals(answer: Answer) -> list[tuple[str, str]]:
    """Code and property of each refusal, after checking that the answer has HubSpot's shape."""
    assert answer.status == 400
    assert set(answer.body) == {"status", "message", "correlationId", "errors", "category"}
    assert answer.body["status"] == "error"
    assert answer.body["category"] == "VALIDATION_ERROR"
    prefix, _, listed = answer.body["message"].partition(": ")
    assert prefix == "Property values were not valid"
    in_message = [(one["error"], one["name"]) for one in json.loads(listed)]
    in_errors = [(one["code"], one["context"]["propertyName"][0]) for one in answer.body["errors"]]
    assert in_message == in_errors
    return in_errors


REFUSED = [
    ("an unknown property", "deals", "9001", "no_such_thing", "x", "PROPERTY_DOESNT_EXIST"),
    ("a calculated property", "deals", "9001", "hs_is_closed", "true", "READ_ONLY_VALUE"),
    ("the id", "deals", "9001", "hs_object_id", "1", "READ_ONLY_VALUE"),
    ("a word as a number", "deals", "9001", "amount", "sixty", "INVALID_NUMBER"),
    ("a number with a separator", "deals", "9001", "amount", "60,000", "INVALID_NUMBER"),
    ("a number with a blank", "deals", "9001", "amount", "60000 ", "LEADING_TRAILING_WHITESPACE"),
    ("an option's label", "deals", "9001", "partner_source", "Sourced", "INVALID_OPTION"),
    ("an option in capitals", "deals", "9001", "partner_source", "SOURCED", "INVALID_OPTION"),
    ("a currency the portal lacks", "deals", "9001", "deal_currency_code", "JPY", "INVALID_OPTION"),
    ("an owner there is not", "deals", "9001", "hubspot_owner_id", "1", "INVALID_OPTION"),
    ("a pipeline there is not", "deals", "9001", "pipeline", "reseller", "INVALID_OPTION"),
    ("a stage's label", "deals", "9001", "dealstage", "Transact", "INVALID_OPTION"),
    ("no stage", "deals", "9001", "dealstage", "", "INVALID_OPTION"),
    ("half an additional address", "contacts", "8002", "hs_additional_emails", "x@", "INVALID_EMAIL"),
    ("a stage of another pipeline", "deals", "9001", "dealstage", "75110001", "INVALID_OPTION"),
    ("a pipeline without a stage of it", "deals", "9001", "pipeline", "751100", "INVALID_OPTION"),
    ("a zone in IANA's spelling", "contacts", "8001", "hs_timezone", "Europe/Berlin", "INVALID_OPTION"),
    ("a locale with an underscore", "contacts", "8001", "hs_language", "de_DE", "INVALID_OPTION"),
    ("half an address", "contacts", "8001", "email", "julia@", "INVALID_EMAIL"),
    ("one wrong box of two", "contacts", "8001", "partner_channels", "email;fax", "INVALID_OPTION"),
    ("a day that does not exist", "deals", "9001", "closedate", "2026-02-30", "INVALID_LONG"),
    ("a day in German", "deals", "9001", "closedate", "31.12.2026", "INVALID_LONG"),
    ("too long a text", "deals", "9001", "stage_notes", "x" * 65_537, "PROPERTY_VALUE_TOO_LONG"),
]


@FAMILIES
@pytest.mark.parametrize(
    ("kind", "record_id", "name", "value", "code"),
    [row[1:] for row in REFUSED],
    ids=[row[0] for row in REFUSED],
)
async def test_refused(rig: Rig, family: str, kind: str, record_id: str, name: str, value: str, code: str) -> None:
    before = rig.server.hands.look(kind, record_id)
    answer = await patch(rig, family, kind, record_id, **{name: value})
    wanted = "dealstage" if value == "751100" else name
    assert refusals(answer) == [(code, wanted)]
    assert rig.server.hands.look(kind, record_id) == before


async def test_every_bad_value_is_named_at_once_and_the_good_ones_are_not_written(rig: Rig) -> None:
    answer = await patch(rig, DATED, "deals", "9001", amount="x", hs_next_step="Call", no_such="1", dealtype="new")
    assert refusals(answer) == [
        ("INVALID_NUMBER", "amount"),
        ("PROPERTY_DOESNT_EXIST", "no_such"),
        ("INVALID_OPTION", "dealtype"),
    ]
    assert "hs_next_step" not in rig.server.hands.look("deals", "9001")["properties"]


async def test_a_refused_stage_lists_those_of_the_pipeline(rig: Rig) -> None:
    answer = await patch(rig, DATED, "deals", "9001", dealstage="closedwon")
    assert (
        "closedwon is not a valid pipeline stage ID. Valid options are: pipelineId=751200 : [75120001, "
        in (answer.body["message"])
    )


TAKEN = [
    ("deals", "9001", "amount", 60000, "60000"),
    ("deals", "9001", "amount", "-0.5", "-0.5"),
    ("deals", "9001", "closedate", "1798675200000", "2026-12-31T00:00:00Z"),
    ("deals", "9001", "closedate", "2026-12-31T23:30:00.250+01:00", "2026-12-31T22:30:00.250Z"),
    ("deals", "9001", "closedate", "2026-12-31", "2026-12-31T00:00:00Z"),
    ("deals", "9001", "protected_until", "2027-03-31", "2027-03-31"),
    ("deals", "9001", "protected_until", "1806451200000", "2027-03-31"),
    ("deals", "9001", "stage_notes", "  kept as it is \n", "  kept as it is \n"),
    ("contacts", "8001", "email", "J.Brandt@Brandt-IT.example", "j.brandt@brandt-it.example"),
    ("contacts", "8001", "hs_timezone", "europe_slash_vienna", "europe_slash_vienna"),
    ("contacts", "8001", "partner_channels", "slack", "slack"),
    ("contacts", "8004", "partner_channels", ";slack", "email;slack"),
]


@FAMILIES
@pytest.mark.parametrize(("kind", "record_id", "name", "value", "kept"), TAKEN)
async def test_taken_and_shown_as(
    rig: Rig, family: str, kind: str, record_id: str, name: str, value: Any, kept: str
) -> None:
    answer = await patch(rig, family, kind, record_id, **{name: value})
    assert answer.status == 200
    assert answer.body["properties"][name] == kept
    assert "warnings" not in answer.body


@pytest.mark.parametrize(
    ("name", "sent", "kept", "ms"),
    [
        ("protected_until", "1798675200001", "2026-12-31", "1798675200000"),
        ("protected_until", "2026-12-31T15:00:00Z", "2026-12-31", "1798675200000"),
        ("protected_until", "1798675200", "2026-12-31", "1798675200000"),
        ("closedate", "1798675200", "2026-12-31T00:00:00Z", "1798675200000"),
    ],
)
async def test_the_dated_family_puts_days_right_and_warns(rig: Rig, name: str, sent: str, kept: str, ms: str) -> None:
    dated = await patch(rig, DATED, "deals", "9001", **{name: sent})
    assert dated.body["properties"][name] == kept
    context = {"propertyName": name, "rawValue": sent, "normalizedValue": ms}
    warning = {
        "category": "PROPERTY_VALUE_NORMALIZED",
        "message": f"{name} was normalized",
        "context": context,
    }
    assert dated.body["warnings"] == [warning]


@pytest.mark.parametrize(
    ("sent", "code", "message"),
    [
        ("1798675200001", "INVALID_DATE", "1798675200001 is at 00:00:00.001 UTC, not midnight!"),
        ("2026-12-31T15:00:00Z", "INVALID_LONG", "2026-12-31T15:00:00Z was not a valid long."),
    ],
)
async def test_the_numbered_family_wants_midnight(rig: Rig, sent: str, code: str, message: str) -> None:
    answer = await patch(rig, NUMBERED, "deals", "9001", protected_until=sent)
    assert refusals(answer) == [(code, "protected_until")]
    assert answer.body["errors"][0]["message"] == message


@FAMILIES
@pytest.mark.parametrize(
    ("kind", "properties", "missing"),
    [
        ("deals", {"amount": "1"}, ["dealname", "dealstage"]),
        ("companies", {"city": "Köln"}, ["name"]),
        ("contacts", {"phone": "1"}, ["email"]),
        ("notes", {"hs_note_body": "x"}, ["hs_timestamp"]),
        ("emails", {"hs_timestamp": "2026-11-24T09:00:00Z"}, ["hs_email_direction"]),
    ],
)
async def test_a_create_needs_what_the_kind_needs(
    rig: Rig, family: str, kind: str, properties: dict[str, str], missing: list[str]
) -> None:
    answer = await rig.ask("POST", f"{PATHS[family]}/{kind}", {"properties": properties})
    assert answer.status == 400
    assert answer.body["message"].endswith(". Some required properties were not set.")
    assert answer.body["context"] == {"properties": missing}


@FAMILIES
async def test_two_contacts_cannot_have_one_address(rig: Rig, family: str) -> None:
    made = await rig.ask("POST", f"{PATHS[family]}/contacts", {"properties": {"email": "J.Brandt@brandt-it.example"}})
    moved = await patch(rig, family, "contacts", "8002", email="julia@brandt-it.example")
    for answer in (made, moved):
        assert answer.status == 409
        assert answer.body["message"] == "Contact already exists. Existing ID: 8001"
        assert answer.body["category"] == "CONFLICT"
    added = await patch(rig, family, "contacts", "8002", hs_additional_emails="x@y.example;JULIA@brandt-it.example")
    assert added.status == 409
    own = await patch(rig, family, "contacts", "8001", email="julia@brandt-it.example")
    assert own.status == 200


@FAMILIES
async def test_a_unique_value_is_free_again_once_it_is_given_up(rig: Rig, family: str) -> None:
    clash = await patch(rig, family, "deals", "9002", registration_id="reg-9001")
    assert clash.status == 400
    assert "9001 already has that value." in clash.body["message"]
    assert (await patch(rig, family, "deals", "9001", registration_id="REG-1")).status == 200
    assert (await patch(rig, family, "deals", "9002", registration_id="REG-9001")).status == 200
    rig.server.hands.archive("deals", "9002")
    assert (await patch(rig, family, "deals", "9003", registration_id="REG-9001")).status == 200


async def test_the_dated_family_enforces_an_admins_rules() -> None:
    lost = stage_id("reseller", "Closed lost")
    rule = {"kind": "deals", "property": "dealstage", "values": [lost], "requires": ["closed_lost_reason"]}
    seed = demo_world() | {"rules": [rule], "required_on_create": {"deals": ["closedate"]}}
    async with running(seed=seed) as rig:
        numbered = await patch(rig, NUMBERED, "deals", "9002", dealstage=lost)
        assert numbered.status == 200
        dated = await patch(rig, DATED, "deals", "9001", dealstage=lost)
        assert (dated.status, dated.body["category"]) == (400, "VALIDATION_ERROR")
        assert dated.body["errors"] == [
            {
                "code": "MISSING_CONDITIONAL_REQUIRED_PROPERTY",
                "message": "closed_lost_reason is required because of a conditional property rule based on [dealstage]",
                "context": {"propertyName": ["closed_lost_reason"]},
            }
        ]
        both = await patch(rig, DATED, "deals", "9001", dealstage=lost, closed_lost_reason="Budget")
        assert both.status == 200
        unrelated = await patch(rig, DATED, "deals", "9002", amount="5")
        assert unrelated.status == 200
        body = {"properties": {"dealname": "New", "dealstage": stage_id("reseller", "Transact"), "pipeline": "751200"}}
        created = await rig.ask("POST", f"{PATHS[DATED]}/deals", body)
        assert created.body["errors"][0]["code"] == "MISSING_REQUIRED_PROPERTY"
        assert (await rig.ask("POST", f"{PATHS[NUMBERED]}/deals", body)).status == 201


@FAMILIES
@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "Some required fields were not set: [properties]"),
        ([], "Cannot deserialize"),
        ({"properties": ["amount"]}, "properties is not an object"),
        ({"properties": {"amount": {"value": "1"}}}, "from an array or an object"),
    ],
)
async def test_a_body_of_another_shape_is_400(rig: Rig, family: str, body: Any, words: str) -> None:
    answer = await rig.ask("PATCH", f"{PATHS[family]}/deals/9001", body)
    assert answer.status == 400
    assert words in answer.body["message"]


async def test_a_portal_without_a_seed_has_what_every_portal_has() -> None:
    async with running(seed={}) as rig:
        schema = rig.server.portal.schema
        assert schema.pipelines.ids() == ["default"]
        assert {"hs_next_step", "deal_currency_code", "closed_lost_reason"} <= schema.properties["deals"].keys()
        assert {"hs_language", "hs_timezone", "hs_additional_emails"} <= schema.properties["contacts"].keys()
        assert "hubspot_owner_id" in schema.properties["companies"]
