"""Slack channels as the page shows them: who wrote what to whom, and Block Kit as plain runs of text. Pure.

Knows the blocks that offportal sends and a person types; of any other it shows the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from html import unescape
from typing import Any

from bot.sandbox.slack.state import Channel, Message, User, World

Shown = dict[str, Any]

_TOKEN = re.compile(
    r"<@(?P<user>[UW][A-Z0-9]+)(?:\|[^>]*)?>"
    r"|<#(?P<channel>[CG][A-Z0-9]+)(?:\|[^>]*)?>"
    r"|<(?P<url>[^<>|@#!][^<>|]*)(?:\|(?P<label>[^<>]*))?>"
    r"|(?<![\w*])\*(?P<bold>[^*\n]+)\*(?![\w*])"
    r"|(?<![\w_])_(?P<italic>[^_\n]+)_(?![\w_])"
    r"|(?<![\w~])~(?P<strike>[^~\n]+)~(?![\w~])"
    r"|`(?P<code>[^`\n]+)`"
)
_QUOTE = re.compile(r"(?:&gt;|>)\s?")
_SELECTS = frozenset({"static_select", "overflow"})


def channels(world: World) -> list[Shown]:
    """Every conversation with its people and messages, whispers included: `only_for` says who sees one."""
    return [
        {
            "id": place.id,
            "name": f"#{place.name}" if place.name else _pair(world, place),
            "shared": place.is_ext_shared,
            "members": [_member(world, world.users[id_]) for id_ in place.members if not world.users[id_].bot_id],
            "messages": [_message(world, message) for message in _in_order(place)],
        }
        for place in world.channels.values()
    ]


def _pair(world: World, place: Channel) -> str:
    """The name of a direct conversation."""
    return "@ " + ", ".join(world.users[id_].real_name for id_ in place.members if not world.users[id_].bot_id)


def _in_order(place: Channel) -> list[Message]:
    """Parents by time, each followed by its replies."""
    found: list[Message] = []
    hidden = sorted(place.ephemerals.values(), key=lambda m: m.ts)
    roots = [m for m in [*place.messages.values(), *hidden] if not m.thread_ts or m.thread_ts not in place.messages]
    for root in sorted(roots, key=lambda m: m.ts):
        whispers = [m for m in hidden if m.thread_ts == root.ts and m is not root]
        found += [root, *sorted([*place.replies(root.ts), *whispers], key=lambda m: m.ts)]
    return found


def _member(world: World, user: User) -> Shown:
    return {"id": user.id, "name": user.real_name, "team": world.teams[user.team_id].name, "email": user.email}


def _message(world: World, message: Message) -> Shown:
    blocks = [shown for block in message.blocks for shown in _block(world, block)]
    return {
        "ts": message.ts,
        "at": datetime.fromtimestamp(float(message.ts), tz=UTC).isoformat(),
        "author": world.users[message.user_id].real_name,
        "is_app": bool(message.bot_id),
        "thread": message.thread_ts if message.thread_ts != message.ts else "",
        "only_for": message.ephemeral_for,
        "text": unescape(message.text),
        "blocks": blocks or [{"kind": "text", "lines": lines(world, message.text)}],
        "reactions": [f":{name}: {len(users)}" for name, users in message.reactions.items()],
    }


def _block(world: World, block: Mapping[str, Any]) -> Iterator[Shown]:
    match block["type"]:
        case "section":
            texts = [block["text"]] if "text" in block else []
            for text in [*texts, *block.get("fields", ())]:
                yield {"kind": "text", "lines": _text(world, text)}
            if "accessory" in block:
                yield {
                    "kind": "actions",
                    "block": block.get("block_id", ""),
                    "elements": [_element(block["accessory"])],
                }
        case "context":
            words = [line for e in block["elements"] if "text" in e for line in _text(world, e)]
            yield {"kind": "context", "lines": words}
        case "header":
            yield {"kind": "header", "lines": _text(world, block["text"])}
        case "divider":
            yield {"kind": "divider", "lines": []}
        case "actions":
            yield _actions(block, block["elements"])
        case "rich_text":
            yield {"kind": "text", "lines": _rich(world, block)}


def _text(world: World, text: Mapping[str, Any]) -> list[Shown]:
    if text["type"] == "mrkdwn":
        return lines(world, text["text"])
    return [{"style": "", "runs": [{"text": line}]} for line in str(text["text"]).split("\n")]


def _actions(block: Mapping[str, Any], elements: Iterable[Mapping[str, Any]]) -> Shown:
    return {"kind": "actions", "block": block.get("block_id", ""), "elements": [_element(e) for e in elements]}


def _element(element: Mapping[str, Any]) -> Shown:
    options = [{"label": o["text"]["text"], "value": o["value"]} for o in element.get("options", ())]
    label = element.get("text") or element.get("placeholder") or {"text": element["type"]}
    return {
        "kind": "select" if element["type"] in _SELECTS else "button",
        "action": element.get("action_id", ""),
        "label": label["text"],
        "style": element.get("style", ""),
        "options": options,
    }


def lines(world: World, text: str) -> list[Shown]:
    """Slack's mrkdwn as lines of runs: `style` is "", "quote" or "bullet"; a run has its text and how it looks."""
    return [{"style": style, "runs": list(_runs(world, words))} for style, words in map(_styled, text.split("\n"))]


def _styled(line: str) -> tuple[str, str]:
    if quote := _QUOTE.match(line):
        return "quote", line[quote.end() :]
    return ("bullet", line[2:]) if line.startswith("• ") else ("", line)


def _runs(world: World, line: str) -> Iterator[Shown]:
    at = 0
    for token in _TOKEN.finditer(line):
        if token.start() > at:
            yield {"text": unescape(line[at : token.start()])}
        yield from _token(world, token)
        at = token.end()
    if at < len(line):
        yield {"text": unescape(line[at:])}


def _token(world: World, token: re.Match[str]) -> Iterator[Shown]:
    kind = token.lastgroup or ""
    match kind:
        case "user":
            yield {"text": _user(world, token["user"]), "mention": True}
        case "channel":
            name = world.channels[token["channel"]].name if token["channel"] in world.channels else token["channel"]
            yield {"text": f"#{name}", "mention": True}
        case "url" | "label":
            yield {"text": unescape(token["label"] or token["url"]), "href": unescape(token["url"])}
        case "code":
            yield {"text": unescape(token["code"]), "code": True}
        case _:
            yield from (run | {kind: True} for run in _runs(world, token[kind]))


def _user(world: World, user_id: str) -> str:
    return f"@{world.users[user_id].real_name}" if user_id in world.users else f"@{user_id}"


def _rich(world: World, block: Mapping[str, Any]) -> list[Shown]:
    """What a person typed, line by line."""
    found: list[Shown] = [{"style": "", "runs": []}]
    for section in block["elements"]:
        for element in section.get("elements", ()):
            if element["type"] == "user":
                found[-1]["runs"].append({"text": _user(world, element["user_id"]), "mention": True})
                continue
            first, *more = str(element.get("text") or element.get("url") or "").split("\n")
            found[-1]["runs"].append({"text": first})
            found += [{"style": "", "runs": [{"text": line}]} for line in more]
    return found
