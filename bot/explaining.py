"""What `offportal explain` answers: a case of the contract (docs/explain.md) read the way the worker reads a reply.
No network, no configuration, no store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.language import understand
from bot.language.codec import case_from_json, result_to_json
from mailer.extract import Extracted, extract, extract_text
from mailer.words import Words


def explain_case(raw: Any, words: Words, eml: bytes | None) -> dict[str, Any]:
    """The result for one case; `eml` is the reply as a mail, instead of the case's own `text` or `mail`.

    Raises:
        ValueError: The case is not as the contract says; the message names what is wrong.
    """
    if not isinstance(raw, dict):
        raise ValueError("a case is a JSON object")  # noqa: TRY004  the contract's error, not a bug
    number = str(raw.get("id", ""))
    if eml is None and isinstance(raw.get("mail"), str):
        eml = raw["mail"].encode("utf-8", "surrogateescape")
    if eml is None:
        text = raw.get("text")
        if raw.get("channel") == "email" and isinstance(text, str):
            return _understood(raw, extract_text(text, words), number)
        return result_to_json(understand(case_from_json(raw)), id=number)
    return _mail_explained(raw, eml, words, number)


def _mail_explained(raw: Mapping[str, Any], eml: bytes, words: Words, number: str) -> dict[str, Any]:
    from mailer.classify import Kind, classify  # noqa: PLC0415  a reply without a mail around it starts sooner
    from mailer.parse import parse  # noqa: PLC0415

    mail = parse(eml)
    kind = classify(mail, words).kind
    if kind is Kind.HUMAN:
        return _understood(raw, extract(mail, words), number)
    case_from_json(raw, text="")
    verdict = "auto_reply" if kind is Kind.AUTO_REPLY else "bounce"
    return {"id": number, "verdict": verdict, "language": None, "actions": []}


def _understood(raw: Mapping[str, Any], cut: Extracted, number: str) -> dict[str, Any]:
    case = replace(case_from_json(raw, text=cut.new), cut_is_certain=cut.certain)
    return result_to_json(understand(case), id=number)


def readable(raw: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    """A result for a person: each action with the words it came from, and why it is not simply done."""
    names = {d.get("id"): d.get("name") for d in raw.get("deals", []) if isinstance(d, dict)}
    lines = [f"{result['verdict']}, language {result.get('language') or 'not recognised'}"]
    if result["verdict"] == "human" and not result["actions"]:
        lines.append("  nothing to do: no fact, no wish, no question")
    for action in result["actions"]:
        slots = {k: v for k, v in action.items() if k not in {"do", "decision", "because", "ask"}}
        if "deal" in slots:
            slots["deal"] = names.get(slots["deal"], slots["deal"])
        shown = ", ".join(f"{k}: {v}" for k, v in slots.items() if v is not None)
        lines.append(f"  {action['do']} ({shown})" if shown else f"  {action['do']}")
        lines.append(f"    → {_WHY[action['decision']]}" + (f": {action['ask']}" if action.get("ask") else ""))
        if action.get("because"):
            lines.append(f"    from: “{action['because']}”")
    return "\n".join(lines)


_WHY = {
    "apply": "done at once, with a receipt that can undo it",
    "confirm": "shown and done after a yes, because it was hedged or not wholly understood",
    "ask": "asked back, because something is missing or contradicts itself",
    "route": "handed to the partner manager",
}
