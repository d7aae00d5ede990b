"""Reads config.toml, with its secrets filled in: every fault is named with what would be right. Guesses no value."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from bot.config.whole import Config
from bot.errors import ConfigError


def load(path: Path, environ: Mapping[str, str], overrides: Mapping[str, Any] | None = None) -> Config:
    """Read and check config.toml.

    Args:
        path: The file.
        environ: Where secrets named by `env` are looked up.
        overrides: Nested tables that replace keys of the file (the demo's ports).

    Raises:
        ConfigError: Every fault of the file at once, with the key, what is wrong and what would be right.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as exc:
        raise ConfigError([f"{path}: there is no such file; copy config.toml from the project and edit it"]) from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise ConfigError([f"{path}: {exc}"]) from exc
    raw = _merged(raw, overrides or {})
    faults: list[str] = []
    filled = _with_secrets(raw, environ, path.parent, "", faults)
    try:
        config = Config.model_validate(filled)
    except ValidationError as exc:
        faults += [_sentence(error) for error in exc.errors()]
        raise ConfigError(faults) from exc
    if faults:
        raise ConfigError(faults)
    return config


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = _merged(below, value) if isinstance(below, dict) and isinstance(value, Mapping) else value
    return merged


def _with_secrets(raw: Any, environ: Mapping[str, str], folder: Path, where: str, faults: list[str]) -> Any:
    """Fill in the values of {env=…} and {file=…} tables."""
    if isinstance(raw, list):
        return [_with_secrets(v, environ, folder, where, faults) for v in raw]
    if not isinstance(raw, dict):
        return raw
    match raw:
        case {"env": str(name)} if len(raw) == 1:
            if not environ.get(name):
                faults.append(f"{where}: the environment variable {name} is not set; set it to the secret")
            return {"env": name, "value": environ.get(name, "")}
        case {"file": str(name)} if len(raw) == 1:
            try:
                return {"file": name, "value": (folder / name).read_text(encoding="utf-8").strip()}
            except OSError as exc:
                faults.append(f"{where}: the file {name} cannot be read ({exc.strerror}); put the secret there")
                return {"file": name, "value": ""}
    return {k: _with_secrets(v, environ, folder, f"{where}.{k}".lstrip("."), faults) for k, v in raw.items()}


def _sentence(error: Any) -> str:
    """A fault in words: where, what is wrong, what would be right."""
    path = [str(p) for p in error["loc"]]
    where = ".".join(path) or "config"
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(path[-1], list(_keys_at(path[:-1])), n=1, cutoff=0.5)
        hint = f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(sorted(_keys_at(path[:-1])))}"
        return f"{where}: unknown key{hint}"
    if error["type"] == "missing":
        return f"{where}: is missing"
    given, message = error.get("input"), error["msg"].removeprefix("Value error, ")
    plain = isinstance(given, str | int | float) and not message.startswith("secrets never")
    return f"{where}: {given!r}: {message}" if plain else f"{where}: {message}"


def _keys_at(path: list[str]) -> Iterator[str]:
    """The keys that the table at this path knows."""
    model: Any = Config
    within = False  # a table of sections or a list of them: its key or place comes next
    for part in path:
        if within:
            within = False
            continue
        field = model.model_fields.get(part) if isinstance(model, type) and issubclass(model, BaseModel) else None
        model = _section_of(field.annotation) if field is not None else None
        within = field is not None and get_origin(field.annotation) in {dict, tuple}
    if isinstance(model, type) and issubclass(model, BaseModel):
        yield from (name for name in model.model_fields if name != "value")


def _section_of(annotation: Any) -> Any:
    if get_origin(annotation) is None:
        return annotation
    return next((a for a in get_args(annotation) if isinstance(a, type) and issubclass(a, BaseModel)), None)
