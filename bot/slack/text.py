"""From Slack's markup to the words a person wrote. Pure and total: any input gives text, none raises.

Rules: the app's own mention disappears; `:name:` stays, but common thumbs and ticks become their character (skin
tone dropped); a link becomes its label (and its address, when the label is something else); a quote keeps "> " and
struck text keeps "~", since neither is what its author asserts.
https://docs.slack.dev/messaging/formatting-message-text (2026-11)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Json = Mapping[str, Any]

_OWN = "\x00"  # stands for the app's mention until the end
_ENTITY = re.compile(r"&(amp|lt|gt);")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">"}
_ANGLE = re.compile(r"<([^<>\n]*)>")
_EMOJI = re.compile(r":([a-z0-9_+'-]+):(?::skin-tone-[2-6]:)?")
_COMMON = {
    "+1": "👍",
    "thumbsup": "👍",
    "-1": "👎",
    "thumbsdown": "👎",
    "ok_hand": "👌",
    "white_check_mark": "✅",
    "heavy_check_mark": "✔️",
    "x": "❌",
    "no_entry": "⛔",
    "tada": "🎉",
}
_FENCE = re.compile(r"```[ \t]*\n?(.*?)\n?```", re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_STYLE = re.compile(r"(?<![\w*_])([*_])(?=\S)([^*_\n]*?\S)\1(?![\w*_])")


def plain(text: str, blocks: Sequence[Json] = (), *, bot_user_id: str | None = None) -> str:
    """The words of a message: of its rich_text blocks where it has them (they are exact), else of its mrkdwn."""
    rich = [b for b in map(_map, blocks) if b.get("type") == "rich_text"]
    words = "\n".join(_rich_text(b, bot_user_id) for b in rich) if rich else _mrkdwn(text, bot_user_id)
    return _tidy(words) or (_tidy(_mrkdwn(text, bot_user_id)) if rich else "")


def mentions(text: str, user_id: str) -> bool:
    """Whether a message's raw text names this user."""
    return f"<@{user_id}>" in text or f"<@{user_id}|" in text


# ---- mrkdwn -----------------------------------------------------------------------------------------------


def _mrkdwn(text: str, bot_user_id: str | None) -> str:
    text = text.replace(_OWN, "")
    text = _FENCE.sub(r"\1", text)
    text = _CODE.sub(r"\1", text)
    text = _STYLE.sub(r"\2", _STYLE.sub(r"\2", text))
    text = _ANGLE.sub(lambda m: _angle(m[1], bot_user_id), text)
    return _emoji(_entities(text))


def _angle(inside: str, bot_user_id: str | None) -> str:
    """What stands between < and >: a user, a channel, a special word, or a link."""
    target, _, label = inside.partition("|")
    match target[:1]:
        case "@":
            return _user(target[1:], bot_user_id, label)
        case "#":
            return f"#{label or target[1:]}"
        case "!" if target.startswith("!date^"):
            return label
        case "!":
            return label or f"@{target[1:].partition('^')[0]}"
        case _:
            return _link(target, label)


def _user(user_id: str, bot_user_id: str | None, label: str = "") -> str:
    return _OWN if user_id == bot_user_id else f"@{label or user_id}"


def _link(url: str, label: str) -> str:
    bare = re.sub(r"^(?:mailto:|tel:|https?://)", "", url)
    if not label or label in (url, bare, bare.rstrip("/")):
        return label or (bare if url.startswith(("mailto:", "tel:")) else url)
    return f"{label} ({bare if url.startswith('mailto:') else url})"


def _entities(text: str) -> str:
    return _ENTITY.sub(lambda m: _ENTITIES[m[1]], text)


def _emoji(text: str) -> str:
    return _EMOJI.sub(lambda m: _COMMON.get(m[1], f":{m[1]}:"), text)


# ---- rich_text --------------------------------------------------------------------------------------------


def _rich_text(block: Json, bot_user_id: str | None) -> str:
    return "\n".join(_part(p, bot_user_id) for p in _children(block)).replace("\n\n\n", "\n\n")


def _part(part: Json, bot_user_id: str | None) -> str:
    match part.get("type"):
        case "rich_text_list":
            ordered = part.get("style") == "ordered"
            items = (_inline(p, bot_user_id) for p in _children(part))
            return "\n".join(f"{n}. {item}" if ordered else f"- {item}" for n, item in enumerate(items, 1))
        case "rich_text_quote":
            return "\n".join(f"> {line}" for line in _inline(part, bot_user_id).split("\n"))
        case _:
            return _inline(part, bot_user_id).removesuffix("\n")


def _inline(part: Json, bot_user_id: str | None) -> str:
    return "".join(_element(e, bot_user_id) for e in _children(part))


def _element(element: Json, bot_user_id: str | None) -> str:
    def said(key: str) -> str:
        value = element.get(key)
        return value.replace(_OWN, "") if isinstance(value, str) else ""

    match element.get("type"):
        case "text":
            style = element.get("style")
            struck = isinstance(style, Mapping) and style.get("strike")
            words = _entities(said("text"))
            return f"~{words}~" if struck and words else words
        case "link":
            return _link(_entities(said("url")), _entities(said("text")))
        case "user":
            return _user(said("user_id"), bot_user_id)
        case "channel":
            return f"#{said('channel_id')}"
        case "usergroup":
            return f"@{said('usergroup_id')}"
        case "broadcast":
            return f"@{said('range')}"
        case "emoji":
            return _COMMON.get(said("name"), f":{said('name')}:")
        case "date":
            return said("fallback")
        case _:
            return said("text") or said("value")


def _children(node: Json) -> Iterable[Json]:
    elements = node.get("elements")
    return map(_map, elements) if isinstance(elements, list) else ()


def _map(value: Any) -> Json:
    return value if isinstance(value, Mapping) else {}


def _tidy(words: str) -> str:
    """Take the app's mention out with the comma or colon that follows it, and the blanks it leaves."""
    words = re.sub(rf"[ \t]*{_OWN}[ \t]*[:,]?[ \t]*", " ", words)
    return "\n".join(line.strip(" \t") for line in words.split("\n")).strip()
