"""What the sections of config.toml are made of: tables that know their keys, addresses, ports, patterns, secrets."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator


def _address(value: str) -> str:
    local, at, domain = value.partition("@")
    if not (local and at and "." in domain) or any(c.isspace() for c in value):
        raise ValueError(f"{value!r} is not a mail address such as partners@vendor.example")
    return value


Address = Annotated[str, AfterValidator(_address)]


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as exc:
        raise ValueError(f"is no regular expression ({exc}); see docs.python.org/3/library/re.html") from exc
    return value


def _said(value: str) -> str:
    if not value.strip():
        raise ValueError("is empty: partners see it at the end of every mail")
    return value


Said = Annotated[str, AfterValidator(_said)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Port = Annotated[int, Field(ge=1, le=65535)]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Secret(Section):
    """Where a secret is: {env = "NAME"} or {file = "/path"}; `value` is filled in when the file is loaded."""

    env: str | None = None
    file: Path | None = None
    value: SecretStr = SecretStr("")

    @model_validator(mode="before")
    @classmethod
    def _never_in_the_file(cls, raw: Any) -> Any:
        if isinstance(raw, str):
            raise ValueError('secrets never stand in the file: write { env = "NAME" } or { file = "/path" }')  # noqa: TRY004
        return raw

    def reveal(self) -> str:
        return self.value.get_secret_value()
