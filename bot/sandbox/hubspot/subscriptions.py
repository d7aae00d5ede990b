"""Operations on email subscriptions, v4 and 2026-09. Knows the channel EMAIL alone, as the published API does.

Source: HubSpot/HubSpot-public-api-spec-collection, Communication Preferences, 2026-09 (subscriptions.json); how an
unknown type or a broken address is refused is not published, and made up here.
"""

from __future__ import annotations

from bot.sandbox.hubspot.bodies import required_text, text_of
from bot.sandbox.hubspot.call import Call, Reply, Route
from bot.sandbox.hubspot.errors import Json, bad_request, not_found
from bot.sandbox.hubspot.subscribed import STATES
from bot.sandbox.hubspot.times import iso_of

LEGAL_BASES = frozenset(
    {
        "CONSENT_WITH_NOTICE",
        "LEGITIMATE_INTEREST_CLIENT",
        "LEGITIMATE_INTEREST_OTHER",
        "LEGITIMATE_INTEREST_PQL",
        "NON_GDPR",
        "PERFORMANCE_OF_CONTRACT",
        "PROCESS_AND_STORE",
    }
)


def read_definitions(call: Call) -> Reply:
    return _answer(call, [type_.json() for type_ in call.portal.schema.subscriptions.values()])


def read(call: Call) -> Reply:
    if call.text("channel") != "EMAIL":
        raise bad_request("channel must be EMAIL")
    email = _email(call)
    types = call.portal.schema.subscriptions.values()
    return _answer(call, [call.portal.subscriptions.of(email, t.id).json(t.name) for t in types])


def update(call: Call) -> Reply:
    body = call.json()
    channel, state, id_ = required_text(body, "channel", "statusState", "subscriptionId")
    if channel != "EMAIL" or state not in STATES:
        raise bad_request(f"{channel} and {state} are not a channel and a status")
    if text_of(body.get("legalBasis")) not in LEGAL_BASES | {""}:
        raise bad_request(f"{body['legalBasis']} is not a legal basis")
    type_ = call.portal.schema.subscriptions.get(id_)
    if type_ is None or not type_.active:
        raise not_found(f"Subscription {id_} does not exist", subscriptionId=[id_])
    status, happened = call.portal.subscribe(_email(call), id_, state, source="API")
    return _answer(call, [status.json(type_.name) | {"setStatusSuccessReason": happened}])


def _email(call: Call) -> str:
    email = call.path["email"]
    if "@" not in email:
        raise bad_request(f"{email} is not an email address")
    return email


def _answer(call: Call, results: list[Json]) -> Reply:
    """The published schemas `ActionResponseWithResults…`."""
    at = iso_of(call.portal.now_ms())
    return Reply(body={"completedAt": at, "results": results, "startedAt": at, "status": "COMPLETE"})


_V4, _DATED = "/communication-preferences/v4", "/communication-preferences/2026-09"
_SCOPES = ("communication_preferences.read_write",)
_ONE = "statuses/{email}"

ROUTES = (
    Route(
        method="GET",
        handler=read_definitions,
        numbered=f"{_V4}/definitions",
        dated=f"{_DATED}/definitions",
        scopes=_SCOPES,
    ),
    Route(method="GET", handler=read, numbered=f"{_V4}/{_ONE}", dated=f"{_DATED}/{_ONE}", scopes=_SCOPES),
    Route(method="POST", handler=update, numbered=f"{_V4}/{_ONE}", dated=f"{_DATED}/{_ONE}", scopes=_SCOPES),
)
