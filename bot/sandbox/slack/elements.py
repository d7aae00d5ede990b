"""What Slack accepts inside a block: buttons, selects, inputs, options. Sizes are slack_sdk's where it has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from slack_sdk.models.blocks import (
    ButtonElement,
    ConfirmObject,
    ImageElement,
    InputInteractiveElement,
    InteractiveElement,
    Option,
    OptionGroup,
    OverflowMenuElement,
    StaticSelectElement,
)

from bot.sandbox.slack.schema import Anything, Bool, Int, List, Obj, Rule, Str, Text, Typed, fault

_DATE = r"\d{4}-\d{2}-\d{2}"
_TIME = r"([01]\d|2[0-3]):[0-5]\d"
_PLACES = "users", "conversations", "channels"

CONFIRM = Obj(
    fields={
        "title": Text(max=ConfirmObject.title_max_length, plain=True, required=True),
        "text": Text(max=ConfirmObject.text_max_length, required=True),
        "confirm": Text(max=ConfirmObject.confirm_max_length, plain=True, required=True),
        "deny": Text(max=ConfirmObject.deny_max_length, plain=True, required=True),
        "style": Str(one_of=("primary", "danger")),
    }
)


def option(*, markdown: bool = False) -> Obj:
    """One choice; only checkboxes and radio buttons may use mrkdwn in it."""
    return Obj(
        fields={
            "text": Text(max=Option.label_max_length, plain=not markdown, required=True),
            "value": Str(max=Option.value_max_length, required=True),
            "description": Text(max=Option.label_max_length, plain=not markdown),
            "url": Str(max=3000),
        }
    )


def _options(limit: int, *, markdown: bool = False, required: bool = True) -> List:
    return List(of=option(markdown=markdown), max=limit, required=required)


def _element(name: str, *, is_input: bool, **fields: Rule) -> Obj:
    shared: dict[str, Rule] = {
        "type": Str(one_of=(name,), required=True),
        "action_id": Str(max=InteractiveElement.action_id_max_length),
        "confirm": CONFIRM,
    }
    if is_input:
        shared["focus_on_load"] = Bool()
        shared["placeholder"] = Text(max=InputInteractiveElement.placeholder_max_length, plain=True)
    return Obj(fields=shared | fields)


def _one_source_of_options(value: Mapping[str, Any], at: str) -> Iterator[str]:
    if ("options" in value) == ("option_groups" in value):
        yield fault("must define either `options` or `option_groups`", at)


def _static(name: str, **more: Rule) -> Obj:
    limit = StaticSelectElement.options_max_length
    group = Obj(
        fields={
            "label": Text(max=OptionGroup.label_max_length, plain=True, required=True),
            "options": _options(OptionGroup.options_max_length),
        }
    )
    rule = _element(
        name,
        is_input=True,
        options=_options(limit, required=False),
        option_groups=List(of=group, max=StaticSelectElement.option_groups_max_length),
        **more,
    )
    return Obj(fields=rule.fields, more=_one_source_of_options)


def _selects() -> dict[str, Rule]:
    rules: dict[str, Rule] = {
        "static_select": _static("static_select", initial_option=option()),
        "multi_static_select": _static(
            "multi_static_select", initial_options=_options(100, required=False), max_selected_items=Int()
        ),
        "external_select": _element("external_select", is_input=True, initial_option=option(), min_query_length=Int()),
    }
    for place in _PLACES:
        one = place.removesuffix("s")
        extra: dict[str, Rule] = {"response_url_enabled": Bool()} if place != "users" else {}
        if place == "conversations":
            extra |= {"default_to_current_conversation": Bool(), "filter": Anything()}
        rules[f"{place}_select"] = _element(f"{place}_select", is_input=True, **{f"initial_{one}": Str()}, **extra)
        rules[f"multi_{place}_select"] = _element(
            f"multi_{place}_select",
            is_input=True,
            max_selected_items=Int(),
            **{f"initial_{place}": List(of=Str(), max=100)},
            **{k: v for k, v in extra.items() if k != "response_url_enabled"},
        )
    return rules


def _typed_input(name: str, **more: Rule) -> Obj:
    return _element(name, is_input=True, dispatch_action_config=Anything(), initial_value=Str(min=0), **more)


SELECTS: Mapping[str, Rule] = _selects()

CHOICES: Mapping[str, Rule] = {
    "checkboxes": _element(
        "checkboxes",
        is_input=True,
        options=_options(10, markdown=True),
        initial_options=_options(10, markdown=True, required=False),
    ),
    "radio_buttons": _element(
        "radio_buttons",
        is_input=True,
        options=_options(10, markdown=True),
        initial_option=option(markdown=True),
    ),
    "datepicker": _element("datepicker", is_input=True, initial_date=Str(pattern=_DATE)),
    "timepicker": _element("timepicker", is_input=True, initial_time=Str(pattern=_TIME), timezone=Str(max=100)),
    "datetimepicker": _element("datetimepicker", is_input=True, initial_date_time=Int()),
}

BUTTONS: Mapping[str, Rule] = {
    "button": _element(
        "button",
        is_input=False,
        text=Text(max=ButtonElement.text_max_length, plain=True, required=True),
        value=Str(max=ButtonElement.value_max_length, min=0),
        url=Str(max=ButtonElement.url_max_length),
        style=Str(one_of=("primary", "danger")),
        accessibility_label=Str(max=ButtonElement.text_max_length),
    ),
    "overflow": _element("overflow", is_input=False, options=_options(OverflowMenuElement.options_max_length)),
    "workflow_button": _element(
        "workflow_button",
        is_input=False,
        text=Text(max=75, plain=True, required=True),
        workflow=Anything(required=True),
        style=Str(one_of=("primary", "danger")),
        accessibility_label=Str(max=75),
    ),
}

IMAGE = Obj(
    fields={
        "type": Str(required=True),
        "image_url": Str(max=ImageElement.image_url_max_length),
        "slack_file": Anything(),
        "alt_text": Str(max=ImageElement.alt_text_max_length, required=True),
    }
)

INPUTS: Mapping[str, Rule] = {
    "plain_text_input": _typed_input("plain_text_input", multiline=Bool(), min_length=Int(), max_length=Int()),
    "email_text_input": _typed_input("email_text_input"),
    "url_text_input": _typed_input("url_text_input"),
    "number_input": _typed_input(
        "number_input",
        is_decimal_allowed=Bool(required=True),
        min_value=Str(),
        max_value=Str(),
    ),
    "rich_text_input": _element(
        "rich_text_input", is_input=True, dispatch_action_config=Anything(), initial_value=Anything()
    ),
    "file_input": _element("file_input", is_input=True, filetypes=Anything(), max_files=Int()),
}

ACCESSORY = Typed(by_type={**SELECTS, **CHOICES, **BUTTONS, "image": IMAGE})
ACTION = Typed(by_type={**SELECTS, **CHOICES, **BUTTONS})
INPUT = Typed(by_type={**SELECTS, **CHOICES, **INPUTS}, required=True)
CONTEXT = Typed(by_type={"image": IMAGE, "mrkdwn": Text(max=3000), "plain_text": Text(max=3000)})
