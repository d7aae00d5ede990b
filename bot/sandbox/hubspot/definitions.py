"""Operations on properties, property groups, pipelines, owners and the account: what an admin sets up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.sandbox.hubspot.bodies import flag_in, required_text, text_of, whole_in
from bot.sandbox.hubspot.call import Call, Reply, Route
from bot.sandbox.hubspot.errors import HubSpotError, Json, already_exists, bad_request, not_found
from bot.sandbox.hubspot.properties import Property, PropertyGroup, changes_of, check_shape, parse_property
from bot.sandbox.hubspot.render import batch_json, paging_json
from bot.sandbox.hubspot.times import moment_of

MAX_OWNERS = 500

# ---- properties


def read_properties(call: Call) -> Reply:
    wanted = call.flag("archived")
    found = call.portal.schema.properties[call.kind.name].values()
    return Reply(body={"results": [p.json() for p in found if (p.archived_ms is not None) is wanted]})


def read_property(call: Call) -> Reply:
    property_ = call.portal.schema.property_or_404(call.kind.name, call.path["name"], archived=call.flag("archived"))
    return Reply(body=property_.json())


def create_property(call: Call) -> Reply:
    return Reply(status=201, body=_add_property(call, call.json()).json())


def update_property(call: Call) -> Reply:
    schema, kind = call.portal.schema, call.kind.name
    property_ = schema.property_or_404(kind, call.path["name"])
    if property_.hubspot_defined:
        raise bad_request(f"Property {property_.name} is defined by HubSpot and cannot be changed.")
    changed = replace(property_, **changes_of(call.json(), now_ms=call.portal.now_ms()))
    check_shape(changed)
    schema.group_or_404(kind, changed.group)
    schema.properties[kind][property_.name] = changed
    return Reply(body=changed.json())


def archive_property(call: Call) -> Reply:
    _archive_property(call, call.path["name"])
    return Reply(status=204)


def batch_read_properties(call: Call) -> Reply:
    schema, kind, started = call.portal.schema, call.kind.name, call.portal.now_ms()
    archived = flag_in(call.json(), "archived")
    results, errors = [], []
    for item in call.inputs():
        (name,) = required_text(item, "name")
        try:
            results.append(schema.property_or_404(kind, name, archived=archived).json())
        except HubSpotError as error:
            errors.append(error.within_batch())
    body = batch_json(results, started_ms=started, now_ms=call.portal.now_ms(), errors=errors)
    return Reply(status=207 if errors else 200, body=body)


def batch_create_properties(call: Call) -> Reply:
    started = call.portal.now_ms()
    results, errors = [], []
    for item in call.inputs():
        try:
            results.append(_add_property(call, item).json())
        except HubSpotError as error:
            errors.append(error.within_batch())
    body = batch_json(results, started_ms=started, now_ms=call.portal.now_ms(), errors=errors)
    return Reply(status=207 if errors else 201, body=body)


def batch_archive_properties(call: Call) -> Reply:
    for item in call.inputs():
        _archive_property(call, required_text(item, "name")[0])
    return Reply(status=204)


def _add_property(call: Call, body: Json) -> Property:
    schema, kind = call.portal.schema, call.kind.name
    property_ = parse_property(body, now_ms=call.portal.now_ms())
    schema.group_or_404(kind, property_.group)
    if schema.property(kind, property_.name) is not None:
        raise already_exists(f"A property named '{property_.name}' already exists.")
    schema.properties[kind][property_.name] = property_
    return property_


def _archive_property(call: Call, name: str) -> None:
    schema, kind = call.portal.schema, call.kind.name
    property_ = schema.property(kind, name)
    if property_ is None:
        return
    if property_.hubspot_defined:
        raise bad_request(f"Property {name} is defined by HubSpot and cannot be archived.")
    schema.properties[kind][name] = replace(property_, archived_ms=call.portal.now_ms())


# ---- property groups


def read_groups(call: Call) -> Reply:
    return Reply(body={"results": [group.json() for group in call.portal.schema.groups[call.kind.name].values()]})


def read_group(call: Call) -> Reply:
    return Reply(body=call.portal.schema.group_or_404(call.kind.name, call.path["name"]).json())


def create_group(call: Call) -> Reply:
    body = call.json()
    name, label = required_text(body, "name", "label")
    groups = call.portal.schema.groups[call.kind.name]
    if name in groups:
        raise already_exists(f"A property group named '{name}' already exists.")
    groups[name] = PropertyGroup(name=name, label=label, display_order=whole_in(body, "displayOrder", default=-1))
    return Reply(status=201, body=groups[name].json())


def update_group(call: Call) -> Reply:
    body = call.json()
    group = call.portal.schema.group_or_404(call.kind.name, call.path["name"])
    changed = replace(
        group,
        label=text_of(body.get("label", group.label)),
        display_order=whole_in(body, "displayOrder", default=group.display_order),
    )
    call.portal.schema.groups[call.kind.name][group.name] = changed
    return Reply(body=changed.json())


def archive_group(call: Call) -> Reply:
    schema, kind, name = call.portal.schema, call.kind.name, call.path["name"]
    if any(p.group == name and p.archived_ms is None for p in schema.properties[kind].values()):
        raise bad_request(f"Property group {name} still holds properties.")
    schema.groups[kind].pop(name, None)
    return Reply(status=204)


# ---- owners and account


def read_owners(call: Call) -> Reply:
    limit = call.number("limit", default=100, most=MAX_OWNERS)
    after, email, archived = call.text("after"), call.text("email").lower(), call.flag("archived")
    if after and not after.isdecimal():
        raise bad_request(f"after is not a cursor of this API: {after}")
    owners = [
        owner
        for owner in sorted(call.portal.schema.owners.values(), key=lambda owner: int(owner.id))
        if owner.archived is archived
        and (not email or owner.email.lower() == email)
        and int(owner.id) > int(after or 0)
    ]
    page = owners[:limit]
    body: Json = {"results": [owner.json() for owner in page]}
    return Reply(body=body | (paging_json(page[-1].id) if len(owners) > limit else {}))


def read_owner(call: Call) -> Reply:
    by_user, wanted, archived = call.text("idProperty") == "userId", call.path["id"], call.flag("archived")
    for owner in call.portal.schema.owners.values():
        if owner.archived is archived and wanted == (str(owner.user_id) if by_user else owner.id):
            return Reply(body=owner.json())
    raise not_found(f"Owner {wanted} does not exist", ownerId=[wanted])


def read_account(call: Call) -> Reply:
    """The published schema `PortalInformationResponse`."""
    account = call.portal.schema.account
    moment = moment_of(call.portal.now_ms()).astimezone(ZoneInfo(account.time_zone))
    offset = moment.utcoffset() or timedelta(0)
    body: dict[str, Any] = {
        "portalId": account.portal_id,
        "accountType": "STANDARD",
        "timeZone": account.time_zone,
        "companyCurrency": account.currency,
        "additionalCurrencies": list(account.more_currencies),
        "utcOffset": f"{moment:%z}"[:3] + ":" + f"{moment:%z}"[3:],
        "utcOffsetMilliseconds": offset // timedelta(milliseconds=1),
        "uiDomain": "app.hubspot.example",
        "dataHostingLocation": "eu1",
    }
    return Reply(body=body)


_PROPERTY_SCOPES = ("crm.objects.{scope}.read", "crm.schemas.{scope}.read")
_SCHEMA_SCOPES = ("crm.schemas.{scope}.write",)


def _route(method: str, api: str, path: str, handler: Any, scopes: tuple[str, ...]) -> Route:
    return Route(
        method=method,
        handler=handler,
        numbered=f"/crm/v3/{api}{path}",
        dated=f"/crm/{api}/2026-09{path}",
        scopes=scopes,
    )


ROUTES = (
    _route("POST", "properties", "/{kind}/batch/read", batch_read_properties, _PROPERTY_SCOPES),
    _route("POST", "properties", "/{kind}/batch/create", batch_create_properties, _SCHEMA_SCOPES),
    _route("POST", "properties", "/{kind}/batch/archive", batch_archive_properties, _SCHEMA_SCOPES),
    _route("GET", "properties", "/{kind}/groups", read_groups, _PROPERTY_SCOPES),
    _route("POST", "properties", "/{kind}/groups", create_group, _SCHEMA_SCOPES),
    _route("GET", "properties", "/{kind}/groups/{name}", read_group, _PROPERTY_SCOPES),
    _route("PATCH", "properties", "/{kind}/groups/{name}", update_group, _SCHEMA_SCOPES),
    _route("DELETE", "properties", "/{kind}/groups/{name}", archive_group, _SCHEMA_SCOPES),
    _route("GET", "properties", "/{kind}", read_properties, _PROPERTY_SCOPES),
    _route("POST", "properties", "/{kind}", create_property, _SCHEMA_SCOPES),
    _route("GET", "properties", "/{kind}/{name}", read_property, _PROPERTY_SCOPES),
    _route("PATCH", "properties", "/{kind}/{name}", update_property, _SCHEMA_SCOPES),
    _route("DELETE", "properties", "/{kind}/{name}", archive_property, _SCHEMA_SCOPES),
    _route("GET", "owners", "", read_owners, ("crm.objects.owners.read",)),
    _route("GET", "owners", "/", read_owners, ("crm.objects.owners.read",)),
    _route("GET", "owners", "/{id}", read_owner, ("crm.objects.owners.read",)),
    Route(
        method="GET",
        handler=read_account,
        numbered="/account-info/v3/details",
        dated="/account-info/2026-09/details",
    ),
)
