"""What HubSpot works out by itself from what others set. Pure; never overrides a value that people own."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from bot.sandbox.hubspot.kinds import CONTACTS, DEALS, Kind
from bot.sandbox.hubspot.pipelines import Pipelines
from bot.sandbox.hubspot.records import CALCULATED, Edit

_TAG = re.compile(r"<[^>]{0,2000}>")


def derive(kind: Kind, properties: Mapping[str, str], pipelines: Pipelines) -> Edit:
    """The calculated properties that follow from the others."""
    if kind is DEALS:
        values = _derive_deal(properties, pipelines)
    elif kind is CONTACTS:
        email = properties.get("email", "")
        values = {"hs_email_domain": email.rpartition("@")[2]} if email else {}
    elif kind.is_activity:
        body = next((properties[n] for n in ("hs_note_body", "hs_email_text", "hs_task_body") if n in properties), "")
        values = {"hs_body_preview": html.unescape(_TAG.sub("", body))[:512]} if body else {}
    else:
        values = {}
    return Edit(values=values, keys={name: _number(value) for name, value in values.items()}, actor=CALCULATED)


def _derive_deal(properties: Mapping[str, str], pipelines: Pipelines) -> dict[str, str]:
    stage = pipelines.find_stage(properties.get("dealstage", ""))
    if stage is None:
        return {}
    amount = _number(properties.get("amount", ""))
    values = {
        "hs_is_closed": _bool(stage.closed),
        "hs_is_closed_won": _bool(stage.won),
        "hs_is_closed_lost": _bool(stage.closed and not stage.won),
        "hs_deal_stage_probability": stage.probability,
        "hs_closed_amount": f"{amount or 0:g}" if stage.won else "0",
    }
    if amount is not None:
        values["hs_projected_amount"] = f"{amount * float(stage.probability):.2f}"
    return values


def _bool(value: bool) -> str:  # noqa: FBT001 -- it is the thing converted
    return "true" if value else "false"


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
