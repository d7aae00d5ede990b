"""What a person presses, chooses and fills in: element values and a view's state. Pure; opens no view."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.sandbox.slack.blocks import actionable
from bot.sandbox.slack.state import Json, SandboxError

Chosen = Mapping[str, Mapping[str, Json]]

_VALUE_KEY = {
    "plain_text_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "number_input": "value",
    "rich_text_input": "rich_text_value",
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "multi_static_select": "selected_options",
    "checkboxes": "selected_options",
    "users_select": "selected_user",
    "multi_users_select": "selected_users",
    "conversations_select": "selected_conversation",
    "multi_conversations_select": "selected_conversations",
    "channels_select": "selected_channel",
    "multi_channels_select": "selected_channels",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "file_input": "files",
}
"""Under which name an element's value stands in state.values and in an action."""


def value_of(element: Json, given: Any) -> Json:
    """An element's entry in state.values when a person gave `given`.

    For selects and checkboxes `given` is an option's value (or a list of them), or its label; raises SandboxError
    for an option that the element does not offer.
    """
    kind = element["type"]
    key = _VALUE_KEY[kind]
    if key == "selected_options":
        return {"type": kind, key: [_option(element, one) for one in given]}
    if key == "selected_option":
        return {"type": kind, key: None if given is None else _option(element, given)}
    return {"type": kind, key: given}


def values(blocks: Sequence[Json], chosen: Chosen) -> dict[str, dict[str, Json]]:
    """state.values: what was chosen, else what the app set as initial, else nothing."""
    found: dict[str, dict[str, Json]] = {}
    for block in blocks:
        for element in actionable(block):
            if element["type"] in _VALUE_KEY:
                given = chosen.get(block["block_id"], {}).get(element["action_id"]) or _initial(element)
                found.setdefault(block["block_id"], {})[element["action_id"]] = given
    return found


def chosen_from(blocks: Sequence[Json], given: Mapping[str, Any]) -> dict[str, dict[str, Json]]:
    """What a person filled in. Keys of `given` are block ids (with {action_id: value}) or, shorter, action ids or
    block ids with the value itself; raises SandboxError for a field that is not there."""
    chosen: dict[str, dict[str, Json]] = {}
    left = dict(given)
    for block, element in _fields(blocks):
        block_id, action_id = block["block_id"], element["action_id"]
        if isinstance(inner := given.get(block_id), Mapping) and action_id in inner:
            value = inner[action_id]
            left.pop(block_id, None)
        elif action_id in given or block_id in given:
            name = action_id if action_id in given else block_id
            value = given[name]
            left.pop(name, None)
        else:
            continue
        chosen.setdefault(block_id, {})[action_id] = value_of(element, value)
    if left:
        raise SandboxError(f"fields {sorted(left)}: the view has none of these names")
    return chosen


def why_not_submit(blocks: Sequence[Json], state: Chosen) -> dict[str, str]:
    """What Slack's own client says before it lets a form go: block id to complaint."""
    wrong: dict[str, str] = {}
    for block, element in _fields(blocks):
        if block["type"] != "input":
            continue
        given = state[block["block_id"]][element["action_id"]][_VALUE_KEY[element["type"]]]
        if given in (None, "", []) and not block.get("optional", False):
            wrong[block["block_id"]] = "Please complete this required field."
        elif isinstance(given, str) and len(given) > element.get("max_length", 3000):
            wrong[block["block_id"]] = f"Must be at most {element['max_length']} characters."
    return wrong


def find_element(blocks: Sequence[Json], action_id: str, block_id: str = "") -> tuple[Json, Json]:
    """The block and element that a person presses, by action id (or a button's label); raises SandboxError."""
    for block in blocks:
        if block_id and block.get("block_id") != block_id:
            continue
        for element in actionable(block):
            label = element.get("text")
            if element["action_id"] == action_id or (isinstance(label, dict) and label.get("text") == action_id):
                return block, element
    raise SandboxError(f"element {action_id!r}: the message or view has no such action_id or label")


def action(block: Json, element: Json, given: Any, *, action_ts: str) -> Json:
    """The entry of `actions` when an element was pressed or chosen in."""
    kind = element["type"]
    pressed: Json = {"type": kind, "action_id": element["action_id"], "block_id": block["block_id"]}
    if kind in {"button", "workflow_button"}:
        kept = ("text", "value", "url", "style", "accessibility_label")
        pressed |= {name: element[name] for name in kept if name in element}
    elif kind == "overflow":
        pressed["selected_option"] = _option(element, given)
    else:
        pressed |= value_of(element, given)
        if "placeholder" in element:
            pressed["placeholder"] = element["placeholder"]
    return pressed | {"action_ts": action_ts}


def _fields(blocks: Sequence[Json]) -> Iterator[tuple[Json, Json]]:
    for block in blocks:
        for element in actionable(block):
            if element["type"] in _VALUE_KEY:
                yield block, element


def _initial(element: Json) -> Json:
    kind = element["type"]
    key = _VALUE_KEY[kind]
    name = "initial_value" if key in {"value", "rich_text_value"} else key.replace("selected_", "initial_")
    empty: list[str] | None = [] if key in {"selected_options", "files"} or kind.startswith("multi_") else None
    return {"type": kind, key: element.get(name, empty)}


def _option(element: Json, given: Any) -> Json:
    groups = element.get("option_groups") or ()
    options = [*(element.get("options") or ()), *(o for g in groups for o in g["options"])]
    for option in options:
        if given in (option["value"], option["text"]["text"]):
            return {"text": option["text"], "value": option["value"]}
    if element["type"] == "external_select" and isinstance(given, str):
        return {"text": {"type": "plain_text", "text": given, "emoji": True}, "value": given}
    offered = ", ".join(str(o["value"]) for o in options)
    raise SandboxError(f"option {given!r}: {element['action_id']} offers {offered}")
