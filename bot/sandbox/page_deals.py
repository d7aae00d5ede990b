"""The sandbox CRM's deals as the page shows them: values in words, who changed what, the timeline. Changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from html import unescape
from typing import Any

from bot.sandbox.hubspot.control import Hands

Shown = dict[str, Any]

FIELDS = {
    "dealstage": "Stage",
    "amount": "Amount",
    "closedate": "Close date",
    "hs_next_step": "Next step",
    "protected_until": "Protected until",
}
"""The deal's properties that are shown, by HubSpot's name."""

_BREAK = re.compile(r"<br\s*/?>|</(?:p|li|div|blockquote)>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_OUR_MARK = re.compile(r"^\[offportal [0-9a-f]+\]$", re.MULTILINE)


def deals(hands: Hands, seed: Mapping[str, Any]) -> list[Shown]:
    """Every deal with what it takes to show it; `seed` names stages and owners, which do not change."""
    names = _Names(seed, hands.look_at_all("companies"))
    notes = hands.look_at_all("notes")
    return [_deal(record, names, notes) for record in hands.look_at_all("deals")]


def pipelines(seed: Mapping[str, Any]) -> Shown:
    """Stages in order, by pipeline id."""
    return {
        pipeline["id"]: {
            "label": pipeline["label"],
            "stages": [{"id": stage["id"], "label": stage["label"]} for stage in pipeline["stages"]],
        }
        for pipeline in seed["pipelines"]
    }


class _Names:
    """What ids mean."""

    def __init__(self, seed: Mapping[str, Any], companies: Iterable[Shown]) -> None:
        self.owners = {owner["id"]: owner for owner in seed["owners"]}
        self.users = {owner["user_id"]: _full(owner) for owner in seed["owners"]}
        self.companies = {company["id"]: company["properties"].get("name", "") for company in companies}
        self.stages: dict[str, str] = {
            stage["id"]: stage["label"] for pipeline in seed["pipelines"] for stage in pipeline["stages"]
        }


def _deal(record: Shown, names: _Names, notes: Iterable[Shown]) -> Shown:
    held = record["properties"]
    owner = names.owners.get(held.get("hubspot_owner_id", ""))
    partner_id = held.get("partner_account", "")
    customers = [i for i in record.get("associations", {}).get("companies", []) if i != partner_id]
    return {
        "id": record["id"],
        "name": held["dealname"],
        "customer": names.companies.get(customers[0], "") if customers else "",
        "partner": names.companies.get(partner_id, ""),
        "partner_id": partner_id,
        "pipeline": held["pipeline"],
        "stage": held["dealstage"],
        "amount": held.get("amount", ""),
        "currency": held.get("deal_currency_code", ""),
        "close_date": held.get("closedate", "")[:10],
        "next_step": held.get("hs_next_step", ""),
        "registration": held.get("registration_id", ""),
        "registration_status": held.get("registration_status", ""),
        "protected_until": held.get("protected_until", "")[:10],
        "owner": _full(owner) if owner else "",
        "owner_id": owner["id"] if owner else "",
        "changes": _changes(record, names),
        "notes": [_note(n) for n in notes if record["id"] in n.get("associations", {}).get("deals", [])],
    }


def _changes(record: Shown, names: _Names) -> list[Shown]:
    """What has been changed since the deal was made, oldest first."""
    found = []
    for field, label in FIELDS.items():
        history = list(reversed(record["propertiesWithHistory"].get(field, [])))
        was_there = bool(history) and history[0]["timestamp"] == record["createdAt"]
        earlier = "" if not was_there else history[0]["value"]
        for entry in history[1:] if was_there else history:
            found.append(
                {
                    "field": field,
                    "label": label,
                    "old": _value(field, earlier, names),
                    "new": _value(field, entry["value"], names),
                    "at": entry["timestamp"],
                }
                | _who(entry, names)
            )
            earlier = entry["value"]
    return sorted(found, key=lambda change: datetime.fromisoformat(change["at"]))


def _who(entry: Shown, names: _Names) -> Shown:
    if entry["sourceType"] == "INTEGRATION":
        return {"who": entry.get("sourceLabel", "offportal"), "by_app": True}
    return {"who": names.users.get(entry.get("updatedByUserId"), "a colleague"), "by_app": False}


def _value(field: str, value: str, names: _Names) -> str:
    if field == "dealstage":
        return names.stages.get(value, value)
    return value[:10] if field in {"closedate", "protected_until"} else value


def _note(record: Shown) -> Shown:
    held = record["properties"]
    return {"id": record["id"], "at": held["hs_timestamp"], "text": plain(held.get("hs_note_body") or "")}


def plain(html: str) -> str:
    """A note's words, without markup and without the mark by which offportal knows its own."""
    text = unescape(_TAG.sub("", _BREAK.sub("\n", html)))
    return re.sub(r"\n{3,}", "\n\n", _OUR_MARK.sub("", text)).strip()


def _full(owner: Mapping[str, Any]) -> str:
    return f"{owner['first_name']} {owner['last_name']}"
