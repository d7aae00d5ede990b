"""The values the Slack adapter is given at start. Reads no file and no environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackSettings:
    """`signing_secret` is needed over HTTP only (Socket Mode requests are not signed). `partner_teams` maps a
    partner's id to the Slack organisations (T… or E… ids) that are theirs; see bot/slack/audience.py. `sorry` is
    what a person reads when their command or button could not be stored."""

    command: str = "/partner"
    signing_secret: str | None = None
    partner_teams: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sorry: str = "Sorry, that did not reach us and nothing was changed. Please try again in a moment."
