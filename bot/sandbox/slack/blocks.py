"""Block Kit as Slack judges it: what is wrong with blocks or a view, and the ids Slack adds. Pure; sends nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ContextBlock,
    HeaderBlock,
    ImageBlock,
    InputBlock,
    MarkdownBlock,
    SectionBlock,
)
from slack_sdk.models.views import View

from bot.sandbox.slack import elements
from bot.sandbox.slack.schema import Anything, Bool, List, Obj, Rule, Str, Text, Typed, fault
from bot.sandbox.slack.state import Json

Surface = Literal["message", "modal", "home"]

MESSAGE_BLOCKS_MAX = 50
VIEW_SIZE_MAX_BYTES = 250_000


def _block(name: str, **fields: Rule) -> dict[str, Rule]:
    return {
        "type": Str(one_of=(name,), required=True),
        "block_id": Str(max=Block.block_id_max_length),
        **fields,
    }


def _section_says_something(value: Mapping[str, Any], at: str) -> Iterator[str]:
    if not value.get("text") and not value.get("fields"):
        yield fault("missing required field: text", at)


class _BySlackSdk:
    """A block that is rare with us: judged by slack_sdk's own validator, which says less than Slack does."""

    required = False

    def faults(self, value: Any, at: str) -> Iterator[str]:
        try:
            parsed = Block.parse(value)
            if parsed is not None:
                parsed.validate_json()
        except (SlackObjectFormationError, TypeError, AttributeError) as exc:
            yield fault(str(exc), at)


_EVERYWHERE: dict[str, Rule] = {
    "section": Obj(
        fields=_block(
            "section",
            text=Text(max=SectionBlock.text_max_length),
            fields=List(of=Text(max=2000), max=SectionBlock.fields_max_length),
            accessory=elements.ACCESSORY,
            expand=Bool(),
        ),
        more=_section_says_something,
    ),
    "divider": Obj(fields=_block("divider")),
    "header": Obj(fields=_block("header", text=Text(max=HeaderBlock.text_max_length, plain=True, required=True))),
    "context": Obj(
        fields=_block(
            "context",
            elements=List(of=elements.CONTEXT, max=ContextBlock.elements_max_length, required=True),
        )
    ),
    "actions": Obj(
        fields=_block(
            "actions",
            elements=List(of=elements.ACTION, max=ActionsBlock.elements_max_length, required=True),
        )
    ),
    "input": Obj(
        fields=_block(
            "input",
            label=Text(max=InputBlock.label_max_length, plain=True, required=True),
            element=elements.INPUT,
            hint=Text(max=InputBlock.hint_max_length, plain=True),
            optional=Bool(),
            dispatch_action=Bool(),
        )
    ),
    "image": Obj(
        fields=_block(
            "image",
            image_url=Str(max=ImageBlock.image_url_max_length),
            slack_file=Anything(),
            alt_text=Str(max=ImageBlock.alt_text_max_length, required=True),
            title=Text(max=ImageBlock.title_max_length, plain=True),
        )
    ),
    "rich_text": Obj(fields=_block("rich_text", elements=List(of=Anything(), max=10_000, min=0, required=True))),
    "video": _BySlackSdk(),
}
_IN_MESSAGES: dict[str, Rule] = {
    "markdown": Obj(
        fields=_block("markdown", text=Str(max=MarkdownBlock.text_max_length, required=True)),
    ),
    **dict.fromkeys(("table", "file", "context_actions", "card", "alert", "carousel"), _BySlackSdk()),
}
_BLOCK = {
    "message": Typed(by_type=_EVERYWHERE | _IN_MESSAGES),
    "modal": Typed(by_type=_EVERYWHERE),
    "home": Typed(by_type=_EVERYWHERE),
}
_VIEW_FIELDS: dict[str, Rule] = {
    "type": Str(one_of=("modal", "home"), required=True),
    "private_metadata": Str(max=View.private_metadata_max_length, min=0),
    "callback_id": Str(max=View.callback_id_max_length, min=0),
    "external_id": Str(max=255, min=0),
}
_MODAL_FIELDS: dict[str, Rule] = _VIEW_FIELDS | {
    "title": Text(max=View.title_max_length, plain=True, required=True),
    "submit": Text(max=View.submit_max_length, plain=True),
    "close": Text(max=View.close_max_length, plain=True),
    "clear_on_close": Bool(),
    "notify_on_close": Bool(),
    "submit_disabled": Bool(),
}


def why_not_blocks(blocks: Any, *, surface: Surface = "message", at: str = "/blocks") -> list[str]:
    """What Slack would say against these blocks; empty when it takes them."""
    limit = MESSAGE_BLOCKS_MAX if surface == "message" else View.blocks_max_length
    rule = List(of=_BLOCK[surface], max=limit, min=0 if surface == "message" else 1)
    found = list(rule.faults(blocks, at))
    return found or list(_repeated_ids(blocks, at))


def why_not_view(view: Any) -> list[str]:
    """What Slack would say against this modal or App Home; empty when it takes it."""
    if not isinstance(view, dict):
        return [fault("must provide an object", "/view")]
    kind: Surface = "home" if view.get("type") == "home" else "modal"
    fields = (_VIEW_FIELDS if kind == "home" else _MODAL_FIELDS) | {"blocks": Anything(required=True)}
    found = list(Obj(fields=fields).faults(view, "/view"))
    if "blocks" in view:
        found += why_not_blocks(view["blocks"], surface=kind, at="/view/blocks")
    if not found and kind == "modal" and "submit" not in view:
        found = [
            fault("must define `submit` to use an `input` block in modals", f"/view/blocks/{n}/input")
            for n, block in enumerate(view["blocks"])
            if block["type"] == "input"
        ]
    return found


def is_view_too_large(view: Mapping[str, Any]) -> bool:
    """Slack's view_too_large: more than 250 kB as JSON."""
    return len(json.dumps(view, ensure_ascii=False).encode()) > VIEW_SIZE_MAX_BYTES


def actionable(block: Mapping[str, Any]) -> Iterator[Json]:
    """The elements of a block that a person can press, choose or fill in."""
    accessory, element = block.get("accessory"), block.get("element")
    candidates = [accessory, element, *(block.get("elements") or ())]
    if block.get("type") in {"actions", "input", "section", "context_actions"}:
        yield from (e for e in candidates if isinstance(e, dict) and e.get("type") != "image")


def with_ids(blocks: Sequence[Mapping[str, Any]], new_id: Callable[[], str]) -> list[Json]:
    """The blocks as Slack stores them: each with a block_id, each element with an action_id, texts complete."""
    stored: list[Json] = json.loads(json.dumps(blocks))
    for block in stored:
        block.setdefault("block_id", new_id())
        for element in actionable(block):
            element.setdefault("action_id", new_id())
        for text in _texts(block):
            if text["type"] == "plain_text":
                text.setdefault("emoji", True)
            else:
                text.setdefault("verbatim", False)
    return stored


def _texts(value: Any) -> Iterator[Json]:
    if isinstance(value, dict):
        if value.get("type") in {"plain_text", "mrkdwn"} and isinstance(value.get("text"), str):
            yield value
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _repeated_ids(blocks: Sequence[Mapping[str, Any]], at: str) -> Iterator[str]:
    seen_blocks: set[str] = set()
    for number, block in enumerate(blocks):
        if (block_id := block.get("block_id")) in seen_blocks:
            yield fault(f'`block_id` "{block_id}" already exists', f"{at}/{number}/block_id")
        elif block_id:
            seen_blocks.add(block_id)
        seen: set[str] = set()
        for place, element in enumerate(actionable(block)):
            if (action_id := element.get("action_id")) in seen:
                where = f"{at}/{number}/elements/{place}/action_id"
                yield fault(f'`action_id` "{action_id}" already exists', where)
            elif action_id:
                seen.add(action_id)
