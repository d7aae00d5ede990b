"""The parts that forms are made of, within Slack's limits (https://docs.slack.dev/reference/block-kit, 2026-11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.slack.views.place import Place

Block = dict[str, Any]

_TITLE_CHARS = 24  # of a title, and of the words on submit and close
_LABEL_CHARS, _OPTION_CHARS, _HINT_CHARS = 2000, 75, 2000
#: A plain_text_input takes 3,000 characters at most.
LONG_TEXT = 3000


@dataclass(frozen=True, slots=True, kw_only=True)
class FormWords:
    """What forms say in one language: `labels` (words.<language>.toml, [forms]), the sentences of `rules`, the names
    of `motions`."""

    labels: Mapping[str, str]
    rules: Mapping[str, str]
    motions: Mapping[str, str]


def modal(callback_id: str, words: FormWords, place: Place, blocks: Sequence[Block]) -> Block:
    """A form whose title and button are the labels `<callback_id>_title` and `<callback_id>_submit`."""
    return {
        "type": "modal",
        "callback_id": callback_id,
        "private_metadata": place.to_json(),
        "title": _plain(words.labels[f"{callback_id}_title"][:_TITLE_CHARS]),
        "submit": _plain(words.labels[f"{callback_id}_submit"][:_TITLE_CHARS]),
        "close": _plain(words.labels["close"][:_TITLE_CHARS]),
        "blocks": list(blocks),
    }


def field(name: str, label: str, element: Mapping[str, Any], *, optional: bool = False, hint: str = "") -> Block:
    """An input whose block and action bear the field's name, so that an error finds it."""
    block: Block = {
        "type": "input",
        "block_id": name,
        "optional": optional,
        "label": _plain(label[:_LABEL_CHARS]),
        "element": {"action_id": name, **element},
    }
    return block | ({"hint": _plain(hint[:_HINT_CHARS])} if hint else {})


def text(*, most: int, several_lines: bool = False) -> Block:
    return {"type": "plain_text_input", "max_length": most, "multiline": several_lines}


def select(options: Mapping[str, str], chosen: str) -> Block:
    """A choice of one: what it carries, and what it is called."""
    made = {value: {"text": _plain(name[:_OPTION_CHARS]), "value": value} for value, name in options.items()}
    first = {"initial_option": made[chosen]} if chosen in made else {}
    return {"type": "static_select", "options": list(made.values()), **first}


def _plain(words: str) -> Block:
    return {"type": "plain_text", "text": words}
