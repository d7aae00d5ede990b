"""Holds results against expectations the way people would: a text slot may be a little longer or shorter."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
_TEXTS = frozenset({"reason", "text", "query", "comment", "need", "value"})


def examples(name: str) -> Iterator[dict[str, Any]]:
    """The examples of a file, those of automatic mails left out (the mailer decides them)."""
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        example: dict[str, Any] = json.loads(line)
        if example["expect"]["verdict"] == "human":
            yield example


def new_words(mail: str) -> str:
    """A mail's text up to the first quoted or attributed line: enough for the mails of the examples."""
    message = message_from_bytes(mail.encode("utf-8", "surrogateescape"), policy=policy.default)
    body = message.get_body(("plain", "html"))
    assert body is not None
    kept: list[str] = []
    for line in body.get_content().splitlines():
        if line.startswith(">") or "Meridian Partner Desk" in line:
            break
        kept.append(line)
    return "\n".join(kept)


def differences(got: list[Mapping[str, Any]], expect: Mapping[str, Any]) -> list[str]:
    """What is missing and what is too much; nothing when the result is as expected."""
    rest = list(got)
    faults: list[str] = []
    for wanted in expect["actions"]:
        match = next((action for action in rest if _same(action, wanted)), None)
        if match is None:
            faults.append(f"missing {dict(wanted)}")
        else:
            rest.remove(match)
    rest = [action for action in rest if not any(_same(action, allowed) for allowed in expect.get("may", ()))]
    return faults + [f"too much {dict(action)}" for action in rest]


def _same(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    keys = {key for key in (*first, *second) if key != "because"}
    return all(key in first and key in second and _alike(key, first[key], second[key]) for key in keys)


def _alike(key: str, first: object, second: object) -> bool:
    if first == second:
        return True
    if key not in _TEXTS or not isinstance(first, str) or not isinstance(second, str):
        return False
    one, other = (text.strip(" .?!").lower() for text in (first, second))
    return bool(one) and bool(other) and (one in other or other in one)
