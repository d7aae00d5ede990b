"""The contract's JSON to and from a Case and a Result. Refuses an invalid case with what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from bot.domain.actions import (
    Action,
    AnyAction,
    Approve,
    Ask,
    Asset,
    Certainty,
    Complete,
    Draft,
    Extend,
    Field,
    Lost,
    Question,
    Register,
    Reject,
    Rsvp,
    Score,
    Set,
    Start,
    Status,
    Stop,
    Undo,
    Withdraw,
    Won,
)
from bot.language.case import About, Case, CaseDeal, Result, Speaker

_Value = TypeVar("_Value")
_NAMES: Mapping[str, type[Action]] = {
    "set": Set, "won": Won, "lost": Lost, "extend": Extend, "withdraw": Withdraw, "register": Register,
    "complete": Complete, "score": Score, "rsvp": Rsvp, "stop": Stop, "start": Start, "status": Status, "asset": Asset,
    "approve": Approve, "reject": Reject, "undo": Undo, "question": Question,
}  # fmt: skip
_KINDS = {kind: name for name, kind in _NAMES.items()}
_ALWAYS = {(Status, "deal"), (Lost, "competitor")}  # null is a value there, not an absence


def case_from_json(table: object, *, text: str | None = None) -> Case:
    """A case of the contract.

    Args:
        table: the decoded JSON object.
        text: the new words, when the case holds a whole `mail` and the caller has extracted them.

    Raises:
        ValueError: the table is no valid case; the message names the key and what is wrong with it.
    """
    case = _table(table, "the case")
    about = case.get("about")
    words = text if text is not None else case.get("text")
    if not isinstance(words, str):
        raise ValueError("text: must be a string, or the case must hold a mail")  # noqa: TRY004 - see _table
    stages = _table(case.get("stages", {}), "stages")
    policy = _table(case.get("policy") or {}, "policy")
    days = policy.get("extension_days", 30)
    if not isinstance(days, int) or isinstance(days, bool) or not 0 < days < 10_000:  # noqa: PLR2004
        raise ValueError("policy.extension_days: must be a whole number of days above 0")
    channel = case.get("channel", "email")
    if channel not in {"email", "slack"}:
        raise ValueError(f"channel: {channel!r} is not one of email, slack")
    return Case(
        id=str(case.get("id", "")),
        today=_date(case.get("today"), "today"),
        channel=channel,
        speaker=_speaker(_table(case.get("partner"), "partner")),
        deals=tuple(
            _deal(_table(deal, f"deals[{at}]"), f"deals[{at}]")
            for at, deal in enumerate(_list(case.get("deals", []), "deals"))
        ),
        stages={str(motion): tuple(_strings(labels, f"stages.{motion}")) for motion, labels in stages.items()},
        text=words,
        about=_about(_table(about, "about")) if about else None,
        extension_days=days,
    )


def result_to_json(result: Result, *, id: str, verdict: str = "human") -> dict[str, Any]:  # noqa: A002 - the contract's key
    """A result of the contract; absent slots are left out."""
    return {
        "id": id,
        "verdict": verdict,
        "language": result.language,
        "actions": [action_to_json(action) for action in result.actions],
    }


def action_to_json(action: AnyAction) -> dict[str, Any]:
    """One action of the contract."""
    table: dict[str, Any] = {"do": _KINDS[type(action)]}
    for field in action.__dataclass_fields__:
        value = getattr(action, field)
        if field in {"certainty", "because", "ask"}:
            continue
        if field == "draft":
            table |= {
                name: _plain(part) for name in Draft.__dataclass_fields__ if (part := getattr(value, name)) is not None
            }
        elif (value is not None and value != () and value is not False) or (type(action), field) in _ALWAYS:
            table[field] = _plain(value)
    table["decision"] = action.certainty.value
    if action.ask is not None:
        table["ask"] = action.ask.value
    table["because"] = action.because
    return table


def action_from_json(table: object) -> AnyAction:
    """An action of the contract, as it stands in `about.pending`; without a decision it is one to apply.

    Raises:
        ValueError: it is none of the contract's actions.
    """
    fields = _table(table, "action")
    kind = _NAMES.get(str(fields.get("do")))
    if kind is None:
        raise ValueError(f"do: {fields.get('do')!r} is not one of {', '.join(_NAMES)}")
    values: dict[str, Any] = {
        "certainty": _enum(Certainty, fields.get("decision", "apply"), "decision"),
        "because": str(fields.get("because", "")),
        "ask": _enum(Ask, fields["ask"], "ask") if fields.get("ask") else None,
    }
    for name in kind.__dataclass_fields__:
        if name == "draft":
            values[name] = _draft(fields)
        elif name == "missing":
            values[name] = tuple(_strings(fields.get("missing") or [], "missing"))
        elif name == "lead":
            values[name] = fields.get("lead") is True
        elif name not in values:
            values[name] = _slot(name, fields)
    action: AnyAction = kind(**values)  # type: ignore[assignment]
    return action


def _slot(name: str, fields: Mapping[str, Any]) -> Any:
    value = fields.get(name)
    if value is None:
        return None
    if name == "field":
        return _enum(Field, value, "field")
    if name == "until":
        return _date(value, "until")
    if name == "value":
        field = fields.get("field")
        if field == "amount":
            return _decimal(value, "value")
        return _date(value, "value") if field == "close_date" else str(value)
    return value if name == "score" else str(value)


def _plain(value: object) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else getattr(value, "value", value)


def _speaker(table: Mapping[str, Any]) -> Speaker:
    role = table.get("role", "partner")
    if role not in {"partner", "manager"}:
        raise ValueError(f"partner.role: {role!r} is not one of partner, manager")
    return Speaker(
        name=str(table.get("contact") or ""),
        email=str(table.get("email") or ""),
        org=str(table.get("org") or ""),
        locale=str(table.get("locale") or "en-GB"),
        timezone=str(table.get("timezone") or "UTC"),
        role=role,
    )


def _deal(table: Mapping[str, Any], at: str) -> CaseDeal:
    for key in ("id", "name"):
        if not isinstance(table.get(key), str):
            raise ValueError(f"{at}.{key}: must be a string")  # noqa: TRY004 - every fault of a case is a ValueError
    return CaseDeal(
        id=table["id"],
        name=table["name"],
        company=str(table.get("company") or table["name"]),
        motion=str(table.get("motion") or ""),
        stage=str(table.get("stage") or ""),
        amount=_optional(_decimal, table.get("amount"), f"{at}.amount"),
        currency=str(table["currency"]) if table.get("currency") else None,
        close_date=_optional(_date, table.get("close_date"), f"{at}.close_date"),
        registration=str(table["registration"]) if table.get("registration") else None,
        protected_until=_optional(_date, table.get("protected_until"), f"{at}.protected_until"),
    )


def _about(table: Mapping[str, Any]) -> About | None:
    if not table.get("kind"):
        return None
    texts = {key: str(table[key]) for key in ("deal", "registration", "survey", "task") if table.get(key) is not None}
    return About(
        kind=str(table["kind"]),
        draft=_draft(_table(table["draft"], "about.draft")) if table.get("draft") else None,
        pending=tuple(action_from_json(action) for action in _list(table.get("pending") or [], "about.pending")),
        **texts,
    )


def _draft(table: Mapping[str, Any]) -> Draft:
    texts = {
        key: str(table[key])
        for key in ("company", "contact_name", "contact_email", "currency", "need")
        if table.get(key) is not None
    }
    return Draft(
        amount=_optional(_decimal, table.get("amount"), "amount"),
        close_date=_optional(_date, table.get("close_date"), "close_date"),
        **texts,
    )


def _table(value: object, at: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{at}: must be an object")  # noqa: TRY004
    return value


def _list(value: object, at: str) -> Sequence[Any]:
    if not isinstance(value, list):
        raise ValueError(f"{at}: must be a list")  # noqa: TRY004
    return value


def _strings(value: object, at: str) -> list[str]:
    return [str(one) for one in _list(value, at)]


def _optional(read: Callable[[object, str], _Value], value: object, at: str) -> _Value | None:
    return None if value is None else read(value, at)


def _date(value: object, at: str) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError as exc:
        raise ValueError(f"{at}: {value!r} is no ISO date") from exc


def _decimal(value: object, at: str) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation as exc:
        raise ValueError(f"{at}: {value!r} is no number") from exc
    if isinstance(value, bool) or not number.is_finite():
        raise ValueError(f"{at}: {value!r} is no number")
    return number


def _enum(kind: type[_Value], value: object, at: str) -> _Value:
    try:
        return kind(value)  # type: ignore[call-arg]
    except ValueError as exc:
        raise ValueError(f"{at}: {value!r} is not known") from exc
